"""Search in a town that people rename: one hit a road, found by every spelling, and edits are found at once by everybody."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, text

from gis.db import make_engine, transaction
from gis.search import search
from tests.support import smalltown
from tests.support.databases import Database
from tests.support.smalltown import SOUTH, STEP, WEST

ROADS = (
    ("A", "文昌路", "Wenchang Road", 0.0, 0.0005, '{"old_name": "书院街"}'),
    ("B", "文昌路", "Wenchang Road", 0.0005, 0.0010, "{}"),
    ("C", "文昌路", "Wenchang Road", 0.05, 0.0505, "{}"),
    ("D", "和平里东街", "", 0.001, 0.0012, "{}"),
    ("E", "Avenida João Pessoa", "", 0.0014, 0.0016, "{}"),
)
"""Reference, name, English, from and to in degrees east of the corner, attributes."""


def add_road(db: Connection, ref: str, name: str, name_en: str, start: float, end: float, attributes: str) -> None:
    """A road running east through the town."""
    db.execute(
        text(
            "insert into gis.asset (kind, name, name_en, geom, attributes, source, source_ref) values ('road', :name, :name_en,"
            " st_geomfromtext(:wkt, 4326), cast(:attributes as jsonb), 'test', :ref)"
        ),
        {
            "name": name,
            "name_en": name_en,
            "wkt": f"LINESTRING({WEST + start} {SOUTH + 0.0007}, {WEST + end} {SOUTH + 0.0007})",
            "attributes": attributes,
            "ref": ref,
        },
    )


@pytest.fixture
def db(database: Database) -> Iterator[Connection]:
    """The small town with more roads, in a transaction of which nothing stays."""
    with make_engine(database.app_url, pool_size=1).connect() as connection, connection.begin() as outer:
        smalltown.build(connection)
        for road in ROADS:
            add_road(connection, *road)
        yield connection
        outer.rollback()


def first(db: Connection, q: str, locale: str = "zh") -> dict[str, Any]:
    """The best hit."""
    return search(db, q, locale)[0]


@pytest.mark.parametrize(
    ("typed", "name", "how"),
    [
        ("文昌路", "文昌路", "exact"),
        ("文昌", "文昌路", "begun"),
        ("文唱路", "文昌路", "slip"),
        ("昌文路", "文昌路", "slip"),
        ("wenchanglu", "文昌路", "exact"),
        ("wen chang lu", "文昌路", "exact"),
        ("wencang lu", "文昌路", "slip"),
        ("wcl", "文昌路", "exact"),
        ("Wenchang Road", "文昌路", "exact"),
        ("书院街", "文昌路", "exact"),
        ("东街", "和平里东街", "inside"),
        ("和平李东", "和平里东街", "begun_slip"),
        ("joao pessoa", "Avenida João Pessoa", "inside"),
        ("pesoa avenida", "Avenida João Pessoa", "words"),
        ("试验区", "试验区", "exact"),
    ],
)
def test_found_by_every_spelling(db: Connection, typed: str, name: str, how: str) -> None:
    hit = first(db, typed)
    assert (hit["name"], hit["how"]) == (name, how)


def test_one_hit_for_a_road_and_one_for_its_namesake_elsewhere(db: Connection) -> None:
    near, far = (hit for hit in search(db, "文昌路", "zh") if hit["kind"] == "road")
    assert {near["parts"], far["parts"]} == {1, 2}
    whole = near if near["parts"] == 2 else far
    assert whole["detail"] == "一社区 · 一街道"
    assert whole["extent"][0] == pytest.approx(WEST)
    assert whole["extent"][2] == pytest.approx(WEST + 0.001)


def test_shown_in_the_readers_language_with_what_it_was_found_by(db: Connection) -> None:
    hit = first(db, "书院街", "en")
    assert (hit["name"], hit["found_by"]) == ("Wenchang Road", "书院街")


def test_codes_come_first_whole_or_begun(db: Connection) -> None:
    assert first(db, "C-LAMP-2")["how"] == "code"
    assert {hit["detail"] for hit in search(db, "990101001001", "zh")} == {"990101001001"}
    assert len([hit for hit in search(db, "99010100100100", "zh") if hit["kind"] == "unit_grid"]) == 4


@pytest.mark.parametrize("nothing", ["", "   ", "%", "__", "🙂", "'; drop table gis.asset --", "\\"])
def test_nothing_is_found_by_nothing(db: Connection, nothing: str) -> None:
    assert search(db, nothing, "zh") == []


def test_a_new_name_is_found_at_once_and_the_old_one_still(db: Connection) -> None:
    assert first(db, "和平里东街")["name"] == "和平里东街"
    db.execute(text("update gis.asset set name = '青松巷', version = version + 1 where source_ref = 'D'"))
    db.execute(
        text(
            "insert into gis.asset_history (asset_id, version, change, before, after)"
            " select id, version, 'changed', jsonb_build_object('name', '和平里东街'), jsonb_build_object('name', name)"
            " from gis.asset where source_ref = 'D'"
        )
    )
    assert first(db, "青松巷")["name"] == "青松巷"
    by_old = first(db, "和平里东街")
    assert (by_old["name"], by_old["found_by"]) == ("青松巷", "和平里东街")


def test_what_was_removed_is_not_found(db: Connection) -> None:
    db.execute(text("update gis.asset set status = 'removed' where source_ref = 'D'"))
    assert [hit for hit in search(db, "和平里东街", "zh") if hit["kind"] == "road"] == []
    db.execute(text("update gis.asset set status = 'intact' where source_ref = 'D'"))
    assert first(db, "和平里东街")["name"] == "和平里东街"


def test_a_renamed_area_is_found_at_once(db: Connection) -> None:
    assert first(db, "一街道")["kind"] == "area"
    db.execute(text("update gis.area set name = '望岳街道' where code = '990101001'"))
    assert first(db, "望岳街道")["kind"] == "area"
    assert all(hit["kind"] != "area" for hit in search(db, "一街道", "zh"))


def test_two_processes_that_search_after_an_edit_make_each_name_once(new_database: Any) -> None:
    """Both catch up at the same time: the second waits for the first, and neither makes the name twice."""
    from threading import Thread

    made = new_database()
    engines = [make_engine(made.app_url, pool_size=1) for _ in range(2)]
    with transaction(engines[0]) as db:
        smalltown.build(db)
        for road in ROADS:
            add_road(db, *road)
    found: list[list[dict[str, Any]]] = []

    def ask(engine: Any) -> None:
        with transaction(engine) as db:
            found.append(search(db, "和平里东街", "zh"))

    askers = [Thread(target=ask, args=(engine,)) for engine in engines]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    with transaction(engines[0]) as db:
        count = db.execute(text("select count(*) from gis.named_place where name = '和平里东街'")).scalar_one()
    for engine in engines:
        engine.dispose()
    assert [hits[0]["name"] for hits in found] == ["和平里东街"] * 2
    assert count == 1


def test_a_step_east_of_the_town(db: Connection) -> None:
    hit = next(hit for hit in search(db, "文昌路", "zh") if hit["parts"] == 1)
    assert hit["lon"] > WEST + 2 * STEP
    assert hit["detail"] == ""
