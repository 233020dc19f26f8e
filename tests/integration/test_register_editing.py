"""Changes by people: versioned, checked field by field, never over somebody else's; and the city as of any moment."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import Connection, text

from config.errors import CodeTaken, InvalidAsset, InvalidInput, NotFound, RetiredAsset, StaleAsset
from gis import assets, clock
from gis.actors import Actor
from gis.assets import AssetRow
from gis.db import make_engine
from gis.importing import instance
from gis.register import editing, reading, versions, visits
from tests.support.databases import Database

BOX = (115.59, 38.39, 115.63, 38.43)
START = datetime(2026, 5, 1, 8, tzinfo=UTC)
POINT = {"type": "Point", "coordinates": [115.6, 38.4]}


@pytest.fixture
def db(database: Database) -> Iterator[Connection]:
    """A transaction that is rolled back."""
    engine = make_engine(database.app_url)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def person(db: Connection, username: str, locale: str = "en") -> Actor:
    made = text("insert into gis.account (username, name, name_en, password_hash) values (:u, :u, :u, '') returning id")
    return Actor(
        db.execute(made, {"u": username}).scalar_one(), username, username, username, ("data_steward",), locale=locale
    )


@pytest.fixture
def ann(db: Connection) -> Actor:
    return person(db, "ann")


def lamp(db: Connection, actor: Actor, **attributes: Any) -> int:
    return editing.create(
        db, actor, "street_lamp", POINT, {"name": "灯", "attributes": {"power_w": 60} | attributes}, "put up"
    )


def test_a_change_leaves_who_when_why_before_and_after(db: Connection, ann: Actor) -> None:
    clock.set_virtual(db, START, rate=0)
    asset = lamp(db, ann)
    changes = {"owner": "Lighting Division", "attributes": {"power_w": 45, "height_m": 8}}
    assert editing.change(db, ann, asset, 1, changes, "LED instead of sodium") == 2
    assert editing.change(db, ann, asset, 2, changes, "again") == 2
    newest, first = versions.of(db, asset, "en")
    assert (newest["who"], newest["why"], newest["recorded_at"]) == ("ann", "LED instead of sodium", START)
    assert [(c["title"], c["before"], c["after"]) for c in newest["changes"]] == [
        ("Owner", "–", "Lighting Division"),
        ("Height", "–", "8 m"),
        ("Rated power", "60 W", "45 W"),
    ]
    assert (first["change"], first["why"]) == ("added", "put up")
    assert db.execute(text("select power_w, height_m from gis.lamp where asset_id = :id"), {"id": asset}).one() == (
        45,
        8,
    )
    event = db.execute(
        text("select payload from gis.event where kind = 'asset.changed' order by id desc limit 1")
    ).scalar_one()
    assert (event["asset_id"], event["version"]) == (asset, 2)


def test_two_stewards_do_not_overwrite_each_other(db: Connection, ann: Actor) -> None:
    bob, asset = person(db, "bob", "zh"), lamp(db, ann)
    editing.change(db, ann, asset, 1, {"attributes": {"power_w": 45}, "owner": "City"}, "replaced")
    with pytest.raises(StaleAsset, match="ann has changed this asset meanwhile: 权属单位、额定功率") as stale:
        editing.change(db, bob, asset, 1, {"attributes": {"power_w": 90, "height_m": 9}}, "measured")
    both = {each["field"]: each for each in stale.value.facts["both"]}  # type: ignore[attr-defined]
    power = both["attributes.power_w"]
    assert (power["mine_text"], power["theirs_text"], power["changed_by_both"]) == ("90 W", "45 W", True)
    assert both["attributes.height_m"]["changed_by_both"] is False
    assert stale.value.facts["version"] == 2
    assert editing.change(db, bob, asset, 2, {"attributes": {"height_m": 9}}, "measured") == 3


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"attributes": {"power_w": 9000}}, "attributes.power_w", "must be at most 5000 W"),
        ({"attributes": {"power_w": "bright"}}, "attributes.power_w", "must be a number"),
        ({"attributes": {"colour": "blue"}}, "attributes.colour", "is no attribute of this kind"),
        ({"status": "gone"}, "status", "must be one of the list"),
        ({"code": "123"}, "code", "'123' is no component code."),
        (
            {"code": "9901010124000001"},
            "code",
            "The code 9901010124000001 belongs to class C0124, the asset to class C0137.",
        ),
        ({"survey_date": "yesterday"}, "survey_date", "must be a date such as 2026-03-31"),
        ({"accuracy_class": "D"}, "accuracy_class", "must be A, B or C"),
        ({"unit_id": 999_999}, "unit_id", "must be a unit of the list"),
        ({"source": "mine"}, "source", "cannot be changed here"),
        ({"geometry": {"type": "LineString", "coordinates": [[115, 38], [115.1, 38]]}}, "geometry", "Point"),
        ({"geometry": {"type": "Point", "coordinates": [38.4, 115.6]}}, "geometry", "does not lie on Earth"),
        ({"geometry": {"type": "Point", "coordinates": [238.4, 15.6]}}, "geometry", "does not lie on Earth"),
        ({"geometry": "here"}, "geometry", "is no GeoJSON"),
    ],
)
def test_what_does_not_fit_is_told_field_by_field(
    db: Connection, ann: Actor, changes: dict[str, Any], field: str, words: str
) -> None:
    asset = lamp(db, ann)
    with pytest.raises(InvalidAsset) as wrong:
        editing.change(db, ann, asset, 1, changes, "try")
    assert words in wrong.value.facts["fields"][field]  # type: ignore[index]
    assert len(versions.of(db, asset, "en")) == 1


def test_faults_speak_the_readers_language(db: Connection, ann: Actor) -> None:
    asset = lamp(db, ann)
    with pytest.raises(InvalidAsset) as wrong:
        editing.change(db, person(db, "li", "zh"), asset, 1, {"attributes": {"power_w": 9000}}, "试")
    assert wrong.value.facts["fields"] == {"attributes.power_w": "不得大于 5000 W"}


def test_a_code_belongs_to_one_asset_and_a_reason_is_required(db: Connection, ann: Actor) -> None:
    one, other = lamp(db, ann), lamp(db, ann)
    editing.change(db, ann, one, 1, {"code": "9901010137000001"}, "sign put up")
    with pytest.raises(CodeTaken, match="Street lamp 灯 has the code 9901010137000001 already") as taken:
        editing.change(db, ann, other, 1, {"code": "9901010137000001"}, "typing mistake")
    assert taken.value.facts["other"] == one
    with pytest.raises(InvalidAsset) as several:
        editing.change(db, ann, other, 1, {"code": "9901010137000001", "accuracy_class": "D"}, "both at once")
    assert {*several.value.facts["fields"]} == {"code", "accuracy_class"}  # type: ignore[misc]
    assert several.value.facts["other"] == one
    assert editing.change(db, ann, other, 1, {"code": "9901010137000002"}, "corrected") == 2
    with pytest.raises(InvalidAsset, match="Say why") as unreasoned:
        editing.change(db, ann, other, 2, {"name": "x", "accuracy_class": "D"}, "  ")
    assert unreasoned.value.facts["fields"] == {
        "why": "Say why: the history keeps it.",
        "accuracy_class": "must be A, B or C",
    }
    with pytest.raises(NotFound):
        editing.change(db, ann, 10**12, 1, {"name": "x"}, "why not")


def test_two_moves_at_once_are_shown_with_what_was_before(db: Connection, ann: Actor) -> None:
    bob, asset = person(db, "bob"), lamp(db, ann)
    editing.change(db, ann, asset, 1, {"geometry": {"type": "Point", "coordinates": [115.61, 38.41]}}, "surveyed")
    (moved,) = versions.of(db, asset, "en")[0]["changes"]
    assert (moved["field"], moved["moved_m"]) == ("geom", pytest.approx(1412, abs=5))
    mine = {"type": "Point", "coordinates": [115.62, 38.42]}
    with pytest.raises(StaleAsset) as late:
        editing.change(db, bob, asset, 1, {"geometry": mine, "name": "灯甲"}, "by hand")
    both = {each["field"]: each for each in late.value.facts["both"]}  # type: ignore[attr-defined]
    assert (both["geom"]["mine"], both["geom"]["changed_by_both"]) == (mine, True)
    assert both["geom"]["theirs"]["coordinates"] == [115.61, 38.41]
    assert both["geom"]["before"]["coordinates"] == [115.6, 38.4]
    assert (both["name"]["before_text"], both["name"]["theirs_text"], both["name"]["changed_by_both"]) == (
        "灯",
        "灯",
        False,
    )


def test_an_area_that_crosses_itself_is_told_in_words(db: Connection, ann: Actor) -> None:
    bow = [[115.6, 38.4], [115.61, 38.41], [115.61, 38.4], [115.6, 38.41], [115.6, 38.4]]
    with pytest.raises(InvalidAsset) as wrong:
        editing.create(db, ann, "green", {"type": "Polygon", "coordinates": [bow]}, {"name": "绿地"}, "")
    assert wrong.value.facts["fields"] == {
        "why": "Say why: the history keeps it.",
        "geometry": "crosses itself: move the corner that does",
    }


def test_moving_and_removing_are_versions_too(db: Connection, ann: Actor) -> None:
    clock.set_virtual(db, START, rate=0)
    asset = lamp(db, ann)
    clock.set_virtual(db, START + timedelta(days=10), rate=0)
    editing.change(db, ann, asset, 1, {"geometry": {"type": "Point", "coordinates": [115.62, 38.42]}}, "surveyed")
    clock.set_virtual(db, START + timedelta(days=20), rate=0)
    editing.remove(db, ann, asset, 2, "knocked over")
    assert [each["change"] for each in versions.of(db, asset, "en")] == ["removed", "moved", "added"]

    def seen(days: float, box: tuple[float, float, float, float] = BOX) -> list[list[float]]:
        found = reading.city_as_of(db, box, ["street_lamp"], START + timedelta(days=days), 100)
        return [each["geometry"]["coordinates"] for each in found]

    assert (seen(-1), seen(5), seen(15), seen(25)) == ([], [[115.6, 38.4]], [[115.62, 38.42]], [])
    assert seen(5, (115.61, 38.41, 115.63, 38.43)) == []  # it stands there now, but did not then
    assert seen(5, (115.595, 38.395, 115.605, 38.405)) == [[115.6, 38.4]]  # it stood there, and has left
    with pytest.raises(NotFound):
        versions.as_of(db, asset, START - timedelta(days=1))


def test_inspections_bring_the_date_forward(db: Connection, ann: Actor) -> None:
    asset, today = lamp(db, ann), date(2026, 5, 2)
    visits.inspect(db, ann, asset, date(2026, 4, 1), "minor", "cover loose", today=today, next_on=date(2026, 10, 1))
    visits.inspect(db, ann, asset, date(2026, 3, 1), "sound", "", today=today)
    found = reading.read(db, asset, clock.now(db), "en")
    assert found["inspected_on"] == date(2026, 4, 1)
    assert [each["result"] for each in found["inspections"]] == ["minor", "sound"]
    assert found["version"] == 2
    with pytest.raises(InvalidInput, match="in the past"):
        visits.inspect(db, ann, asset, date(2026, 6, 1), "sound", "", today=today)


def test_neighbours_are_those_named_and_those_who_name(db: Connection, ann: Actor) -> None:
    rows = [row(f"L{n}", "street_lamp", {"cabinet": "K", "power_w": 60}) for n in range(20)]
    assets.upsert(db, "test", [row("K", "lamp_cabinet", {"lamps": 20}), *rows])
    ids = assets.ids(db, "test")
    cabinet = reading.read(db, ids["K"], clock.now(db), "en")
    assert [(g["title"], g["total"], len(g["assets"])) for g in cabinet["neighbours"]] == [("Street lamp", 20, 12)]
    lamp_seen = reading.read(db, ids["L3"], clock.now(db), "zh")
    assert [(g["title"], g["assets"][0]["id"]) for g in lamp_seen["neighbours"]] == [("控制箱", ids["K"])]
    here = reading.identify(db, 115.6, 38.4, 20, "en")
    assert {each["kind_title"] for each in here} <= {"Street lamp", "Lighting cabinet"}
    assert len(here) == 12


def row(ref: str, kind: str, attributes: dict[str, Any], lon: float = 115.6) -> AssetRow:
    wkb = f"0101000020E6100000{doubles(lon, 38.4)}"
    return AssetRow(ref, kind, None, ref, "", wkb, json.dumps(attributes))


def doubles(*values: float) -> str:
    import struct

    return struct.pack("<2d", *values).hex()


def test_a_bulk_row_that_does_not_fit_is_refused_with_its_reason(db: Connection) -> None:
    run = db.execute(
        text("insert into gis.import_run (kind, file_name, sha256) values ('test', 'a', 'b') returning id")
    ).scalar_one()
    rows = [row("A", "street_lamp", {"power_w": 60}), row("B", "street_lamp", {"power_w": "60 W", "height_m": 900})]
    changes = assets.upsert(db, "test", [*rows, row("C", "kiosk", {"power_w": "anything"})], run)
    assert (changes.added, changes.refused) == (2, 1)
    reject = db.execute(
        text("select row, reason, detail from gis.import_reject where run_id = :run"), {"run": run}
    ).one()
    assert (reject.row, reject.reason) == ("B", "unfit_attributes")
    assert "power_w = '60 W' must be a number" in reject.detail
    assert "height_m = 900 must be at most 80 m" in reject.detail


@pytest.mark.parametrize("seed", range(3))
def test_as_of_any_moment_is_what_was_recorded_then(db: Connection, ann: Actor, seed: int) -> None:
    """Random changes by people and by files at random times; every moment asked for afterwards equals the copy taken then."""
    chance = Random(seed)
    moment, taken = START, []
    known: dict[int, int] = {}
    for step in range(60):
        moment += timedelta(minutes=chance.randint(1, 5000))
        clock.set_virtual(db, moment, rate=0)
        one_step(db, ann, chance, known, step)
        taken.append((moment + timedelta(seconds=30), picture(db)))
    for at, truth in taken:
        features = reading.city_as_of(db, BOX, ["street_lamp", "valve"], at, 1000)
        seen = {each["id"]: (each["properties"]["kind"], each["properties"]["status"], each["properties"]["name"],
                             each["properties"]["code"], each["geometry"]["coordinates"]) for each in features}  # fmt: skip
        assert seen == {asset: found[:5] for asset, found in truth.items() if found[1] != "removed"}
        for asset, found in truth.items():
            then = versions.as_of(db, asset, at)
            assert (then["kind"], then["status"], then["name"], then["code"], then["geometry"]["coordinates"]) == found[
                :5
            ]
            assert (then["attributes"], then["owner"], then["installed_on"], then["version"]) == found[5:]


def one_step(db: Connection, ann: Actor, chance: Random, known: dict[int, int], step: int) -> None:
    place = {
        "type": "Point",
        "coordinates": [round(chance.uniform(115.595, 115.625), 6), round(chance.uniform(38.395, 38.425), 6)],
    }
    choice = chance.random()
    if choice < 0.25 or not known:
        asset = editing.create(db, ann, chance.choice(["street_lamp", "valve"]), place, {"name": f"n{step}"}, "new")
        known[asset] = 1
        return
    if choice < 0.45:
        picked = [
            row(f"F{n}", "street_lamp", {"power_w": chance.randint(10, 90)}, 115.6 + n / 1000)
            for n in range(chance.randint(1, 6))
        ]
        assets.upsert(db, "file", picked, why="file")
        return
    asset = chance.choice(list(known))
    changes: dict[str, Any] = chance.choice(
        [
            {"geometry": place},
            {"status": chance.choice(["intact", "damaged", "removed"]), "owner": f"o{step}"},
            {"attributes": {"diameter_mm": chance.randint(50, 900)}}
            if is_valve(db, asset)
            else {"attributes": {"power_w": step}},
            {"name": f"n{step}", "installed_on": f"2026-01-{step % 28 + 1:02d}"},
            {"code": f"990101{'0101' if is_valve(db, asset) else '0137'}{step + 1:06d}"},
            {"code": None, "owner": ""},
        ]
    )
    retired = db.execute(text("select status = 'removed' from gis.asset where id = :id"), {"id": asset}).scalar_one()
    if retired and changes.get("status", "removed") == "removed":
        with pytest.raises(RetiredAsset):
            editing.change(db, ann, asset, known[asset], changes, "why")
        return
    known[asset] = editing.change(db, ann, asset, known[asset], changes, "why")


def is_valve(db: Connection, asset: int) -> bool:
    return bool(db.execute(text("select kind = 'valve' from gis.asset where id = :id"), {"id": asset}).scalar_one())


def picture(db: Connection) -> dict[int, tuple[Any, ...]]:
    rows = db.execute(
        text(
            "select id, kind, status, name, code, st_x(geom) x, st_y(geom) y, attributes, owner, installed_on, version from gis.asset"
        )
    )
    return {
        r.id: (
            r.kind,
            r.status,
            r.name,
            r.code,
            [round(r.x, 7), round(r.y, 7)],
            r.attributes,
            r.owner,
            r.installed_on,
            r.version,
        )
        for r in rows
    }


@pytest.mark.parametrize("place", [[0, 0], [38.4, 115.6], [121.47, 31.23]])
def test_nothing_is_put_outside_the_city(db: Connection, ann: Actor, place: list[float]) -> None:
    instance.set_setting(db, "extent", [115.5, 38.3, 115.7, 38.5])
    with pytest.raises(InvalidAsset) as refused:
        editing.create(db, ann, "hydrant", {"type": "Point", "coordinates": place}, {}, "test")
    assert "geometry" in str(refused.value.facts["fields"])


def test_a_retired_asset_is_changed_only_after_it_was_brought_back(db: Connection, ann: Actor) -> None:
    asset = lamp(db, ann)
    editing.remove(db, ann, asset, 1, "felled")
    ben = person(db, "ben")
    for version in (2, 1):  # also for who had looked at it while it stood
        with pytest.raises(RetiredAsset, match=r"is retired: ann, .*Bring it back first"):
            editing.change(db, ben, asset, version, {"owner": "City"}, "owner found")
    with pytest.raises(RetiredAsset):
        editing.change(db, ben, asset, 2, {"status": "removed", "owner": "City"}, "still away")
    with pytest.raises(RetiredAsset):
        visits.inspect(db, ben, asset, date(2026, 4, 1), "sound", "", today=date(2026, 5, 1))
    assert editing.change(db, ben, asset, 2, {"status": "removed"}, "away already") == 2
    assert editing.change(db, ben, asset, 2, {"status": "intact", "owner": "City"}, "stands after all") == 3
    assert [each["change"] for each in versions.of(db, asset, "en")] == ["restored", "removed", "added"]
    assert editing.change(db, ben, asset, 3, {"owner": "District"}, "sold") == 4
