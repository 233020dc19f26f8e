"""`import divisions`: official codes and names are found by code, given to areas, and compared with theirs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, text

from config.errors import ImportInUse, InvalidInput, UnmappedForm
from gis.db import make_engine
from gis.importing import difference, run_list, runs, steps, undo
from gis.importing.area_files import import_areas
from gis.importing.city import import_osm
from gis.importing.division_lists import import_divisions
from gis.search import search
from tests.support.databases import Database
from tests.support.osm_xml import OsmXml
from tests.support.real_data import real

CITIES = "code,name,provinceCode\n9101,云澜市,91\n"
OTHERS = """code,name
91,云州
910103,"南城区"
910107,北城区
910103001,河沿街道
910103001005,柳巷社区居民委员会
910103001005,又一个
910199001,没有上级街道
91010,短号
910108,
"""


@pytest.fixture
def db(database: Database) -> Iterator[Connection]:
    """A transaction of which nothing stays."""
    with make_engine(database.app_url, pool_size=1).connect() as connection, connection.begin() as outer:
        yield connection
        outer.rollback()


def lists(directory: Path) -> list[Path]:
    """The level above comes in the later file."""
    (directory / "cities.csv").write_text(CITIES, encoding="utf-8-sig")
    (directory / "others.csv").write_text(OTHERS, encoding="utf-8")
    return [directory / "cities.csv", directory / "others.csv"]


def town(directory: Path) -> Path:
    """A city of two districts without codes, and one street."""
    osm = OsmXml()
    for name, level, west, east in (
        ("云澜市", "5", 115.60, 115.64),
        ("北城区", "6", 115.60, 115.62),
        ("南郊", "6", 115.62, 115.64),
    ):
        ring = osm.ring(west, 38.40, east, 38.42)
        osm.relation([("way", ring, "outer")], type="boundary", boundary="administrative", admin_level=level, name=name)
    osm.way([osm.node(115.605, 38.41), osm.node(115.635, 38.41)], highway="primary", name="云河路")
    return osm.write(directory / "town.osm")


def test_rows_are_taken_or_refused_with_a_reason_and_again_change_nothing(db: Connection, tmp_path: Path) -> None:
    outcome = import_divisions(db, lists(tmp_path))
    assert outcome.counts["divisions"] == {"added": 6, "changed": 0, "unchanged": 0}
    assert outcome.counts["levels"] == {"province": 1, "city": 1, "district": 2, "subdistrict": 1, "community": 1}
    assert dict(outcome.rejected) == {"twice": 1, "nothing_above": 1, "no_code": 1, "no_name": 1}
    again = import_divisions(db, lists(tmp_path))
    assert again.counts["divisions"] == {"added": 0, "changed": 0, "unchanged": 6}


def test_a_new_name_is_shown_before_and_after(db: Connection, tmp_path: Path) -> None:
    first, second = lists(tmp_path)
    import_divisions(db, [first, second])
    first.write_text("code,name\n9101,云澜新市\n", encoding="utf-8")
    outcome = import_divisions(db, [first])
    assert outcome.counts["divisions"] == {"added": 0, "changed": 1, "unchanged": 0}
    assert outcome.counts["renamed"] == {"9101": "云澜市 → 云澜新市"}


def test_tables_that_are_no_list_are_refused(db: Connection, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("number,name\n91,云州\n", encoding="utf-8")
    with pytest.raises(UnmappedForm, match="code"):
        import_divisions(db, [path])
    path.write_text("code,name\n910103,南城区\n", encoding="utf-8")
    with pytest.raises(InvalidInput):
        import_divisions(db, [path])


def test_boundaries_without_codes_get_the_official_ones_and_codes_without_borders_are_found(
    db: Connection, tmp_path: Path
) -> None:
    import_divisions(db, lists(tmp_path))
    import_osm(db, town(tmp_path), name="云澜市")
    codes: dict[str, str] = dict(
        db.execute(
            text("select name, code from gis.area where level in ('city', 'district') and code like '91%'")
        ).all()
    )
    assert codes["云澜市"] == "9101"
    assert codes["北城区"] == "910107"
    assert codes["南郊"] not in ("910103", "910107")
    found = search(db, "910103001005", "zh")
    assert [(hit["name"], hit["how"]) for hit in found] == [("柳巷社区居民委员会", "code")]
    assert 115.60 < found[0]["lon"] < 115.64
    assert search(db, "910107", "zh")[0]["name"] == "北城区"
    assert import_osm(db, town(tmp_path), name="云澜市").counts["areas"]["changed"] == 0


def applied(engine: Engine, paths: list[Path]) -> int:
    """The list brought in by a run of its own; returns its number."""
    with engine.begin() as db:
        return import_divisions(db, paths).run_id


def listed(engine: Engine) -> dict[str, str]:
    """Code → name as the list stands."""
    with engine.connect() as db:
        return dict(db.execute(text("select code, name from gis.division")).all())


def test_a_list_is_looked_at_before_and_taken_back_as_a_whole(new_database: Any, tmp_path: Path) -> None:
    engine = make_engine(new_database().app_url, pool_size=4)
    first, second = lists(tmp_path)
    with engine.begin() as db:
        run_id = steps.open_run(db, "divisions", [first, second])
    steps.preview(engine, run_id, lambda db: import_divisions(db, [first, second]))
    assert listed(engine) == {}  # only looked at
    with engine.connect() as db:
        told = run_list.run(db, run_id)
        rows = difference.rows(db, run_id)
    assert (told["difference"], told["can"], told["refused"]) == ({"added": 6}, ["apply", "discard"], 4)
    assert {(row["object"], row["ref"], row["kind"], row["name"]) for row in rows} >= {
        ("division", "9101", "city", "云澜市"),
        ("division", "910103001005", "community", "柳巷社区居民委员会"),
    }
    steps.apply(engine, run_id, [first, second], lambda db: import_divisions(db, [first, second]))
    before = listed(engine)

    (tmp_path / "newer.csv").write_text("code,name\n9101,云澜新市\n910109,东城区\n", encoding="utf-8")
    newer = applied(engine, [tmp_path / "newer.csv"])
    with engine.connect() as db:
        (renamed,) = difference.rows(db, newer, "changed")
    assert renamed["fields"] == [{"field": "name", "before": "云澜市", "after": "云澜新市"}]
    with engine.begin() as db, pytest.raises(ImportInUse, match=r"2 codes .* 91 "):  # 91 and 9101 stand above 910109
        undo.undo(db, run_id)
    with engine.begin() as db:
        assert undo.undo(db, newer).counts["divisions"] == {"removed": 1, "restored": 1}
    assert listed(engine) == before
    with engine.begin() as db:
        assert undo.undo(db, run_id).counts["divisions"] == {"removed": 6, "restored": 0}
    assert listed(engine) == {}
    again = applied(engine, [first, second])
    assert listed(engine) == before
    below = applied(engine, [tmp_path / "newer.csv"])
    with engine.begin() as db:  # what later lists rest on stays where it is wished
        undone = undo.undo(db, again, keep_later=True)
    assert undone.counts["divisions"] == {"removed": 4, "restored": 0}
    assert listed(engine) == {"91": "云州", "9101": "云澜新市", "910109": "东城区"}
    assert below > again
    engine.dispose()


HEBEI = "china-divisions-hebei"
LEVELS = {"province": 31, "city": 342, "district": 2978, "subdistrict": 41352, "community": 54145}
"""Rows of the five tables, as the data's own description counts them; not one is refused."""


def test_hebei(db: Connection) -> None:
    files = [real(f"{HEBEI}/{name}.csv") for name in ("provinces", "cities", "areas", "streets", "villages_hebei")]
    outcome = import_divisions(db, files)
    assert outcome.counts["levels"] == LEVELS
    assert not outcome.rejected
    assert import_divisions(db, files).counts["divisions"] == {
        "added": 0,
        "changed": 0,
        "unchanged": sum(LEVELS.values()),
    }
    below = text("select count(*) from gis.division where code like :under and length(code) = :digits")
    shijiazhuang = [db.execute(below, {"under": "1301%", "digits": digits}).scalar() for digits in (6, 9, 12)]
    assert shijiazhuang == [24, 280, 5152]

    areas = import_areas(
        db, real(f"{HEBEI}/shijiazhuang_districts_datav.json"), runs.load_mapping("shijiazhuang-districts-datav")
    )
    assert "23 of 23 areas are called as the official list calls their code." in areas.notes
    found = search(db, "130102001001", "zh")
    assert [hit["name"] for hit in found] == ["棉一东社区居民委员会"]
    inside = text(
        "select code from gis.area where level = 'district' and st_covers(geom, st_setsrid(st_makepoint(:lon, :lat), 4326))"
    )
    assert db.execute(inside, {"lon": found[0]["lon"], "lat": found[0]["lat"]}).scalars().all() == ["130102"]
