"""`import osm` on a small city drawn here: everything kept, everything refused, and the second run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, text

from config.errors import InvalidInput, UnreadableFile
from gis import coordinates
from gis.db import make_engine, transaction
from gis.importing.city import import_osm
from gis.importing.runs import Outcome
from tests.support.databases import Database
from tests.support.osm_xml import OsmXml

WEST, SOUTH, EAST, NORTH = 115.600, 38.400, 115.612, 38.406


def draw(new_lamp: bool = False, road_name: str = "人民路") -> OsmXml:
    """A town of about 1 km² with one of everything, and things that cannot be used."""
    city = OsmXml()
    a, b, c = city.node(115.601, 38.401), city.node(115.605, 38.401), city.node(115.610, 38.401)
    road = city.way(
        [a, b], highway="primary", name=road_name, name__en="Renmin Road", lit="yes", oneway="yes", surface="asphalt"
    )
    bridge = city.way([b, c], highway="primary", name=road_name, bridge="yes", layer="1")
    city.way([a, c], highway="proposed")
    city.way([a, 999], highway="service")
    city.node(115.602, 38.4012, highway="street_lamp", ref="L-17")
    city.node(115.603, 38.4012, highway="traffic_signals")
    city.node(115.604, 38.4012, highway="bus_stop", name="市政府")
    city.node(115.604, 38.4022, emergency="fire_hydrant")
    city.node(115.604, 38.4032, man_made="manhole")
    city.node(115.604, 38.4042, place="square")
    city.node(115.605, 38.4042, place="suburb", name="新桥")
    city.node(115.606, 38.4042, highway="crossing")
    city.way([a, c], man_made="pipeline", substance="water")
    city.ring(115.606, 38.402, 115.607, 38.403, building="yes", name="图书馆")
    city.ring(115.607, 38.402, 115.608, 38.403, natural="water", name="镜湖")
    city.ring(115.608, 38.402, 115.609, 38.403, leisure="park", highway="footway")
    city.way([a, b, c], building="yes")
    city.relation(
        [("way", road, ""), ("way", bridge, ""), ("way", 998, "")], type="route", route="bus", ref="7", name="7路"
    )
    city.relation([("way", 997, "")], type="route", route="bus", ref="8")
    border = city.ring(WEST, SOUTH, EAST, NORTH)
    city.relation(
        [("way", border, "outer")],
        type="boundary",
        boundary="administrative",
        admin_level="5",
        name="云澜市",
        name__en="Yunlan",
    )
    half = city.ring(WEST, SOUTH, 115.606, NORTH)
    city.relation(
        [("way", half, "outer")], type="boundary", boundary="administrative", admin_level="10", name="新桥社区"
    )
    city.relation([("way", 996, "outer")], type="boundary", boundary="administrative", admin_level="6", name="断区")
    if new_lamp:
        city.node(115.6025, 38.4012, highway="street_lamp")
    return city


@pytest.fixture(scope="module")
def engine(database: Database) -> Engine:
    return make_engine(database.app_url)


@pytest.fixture(scope="module")
def first(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    path = draw().write(tmp_path_factory.mktemp("osm") / "yunlan.osm")
    with transaction(engine) as db:
        return import_osm(db, path)


@pytest.fixture
def db(engine: Engine, first: Outcome) -> Iterator[Connection]:
    """A transaction after the first import; nothing of it stays."""
    with engine.connect() as connection, connection.begin() as outer:
        yield connection
        outer.rollback()


def state(db: Connection) -> tuple[object, ...]:
    """All that an import may touch, run rows aside."""
    return tuple(
        db.execute(text(query)).scalar()
        for query in (
            "select md5(string_agg(a::text, '|' order by id)) from gis.asset a",
            "select count(*) from gis.asset_history",
            "select md5(string_agg(a::text, '|' order by id)) from gis.area a",
            "select md5(string_agg(g::text, '|' order by id)) from gis.unit_grid g",
            "select md5(string_agg(s::text, '|' order by name)) from gis.setting s",
        )
    )


def test_every_kind_is_counted(first: Outcome) -> None:
    assert first.counts["kinds"] == {
        "bridge": 1, "building": 1, "bus_line": 1, "bus_stop": 1, "green": 1, "hydrant": 1, "manhole": 1, "place": 1,
        "road": 3, "street_lamp": 1, "traffic_signal": 1, "water": 1, "water_main": 1,
    }  # fmt: skip
    assert first.counts["assets"]["added"] == 15


def test_what_was_not_used_has_its_reason(first: Outcome, db: Connection) -> None:
    assert first.rejected == {
        "not_standing": 1, "incomplete": 1, "no_name": 1, "not_closed": 1, "no_geometry": 1, "boundary_incomplete": 1,
    }  # fmt: skip
    kept = db.execute(
        text(
            "select row, reason, detail, raw ->> 'highway' as highway from gis.import_reject where reason = 'incomplete'"
        )
    ).one()
    assert (kept.row, kept.highway) == ("w4", "service")
    assert "not all in the file" in kept.detail
    assert first.counts["no_kind"] == {"n highway=crossing": 1}


def test_a_road_keeps_name_hierarchy_and_surface(db: Connection) -> None:
    road = db.execute(text("select * from gis.asset where source_ref = 'w1'")).one()
    assert (road.source, road.kind, road.name, road.name_en, road.class_code) == (
        "osm",
        "road",
        "人民路",
        "Renmin Road",
        None,
    )
    assert road.attributes == {"class": "primary", "lit": "yes", "oneway": "yes", "surface": "asphalt"}
    bridge = db.execute(text("select * from gis.asset where source_ref = 'w2#bridge'")).one()
    assert (bridge.kind, bridge.class_code, bridge.attributes["carries"]) == ("bridge", "C0209", "primary")


def test_a_bus_line_runs_along_its_ways_and_says_what_is_missing(db: Connection) -> None:
    line = db.execute(
        text("select name, attributes, st_numgeometries(geom) as parts from gis.asset where kind = 'bus_line'")
    ).one()
    assert (line.name, line.parts, line.attributes["members_missing"]) == ("7路", 2, 1)


def test_areas_fill_all_four_levels_and_grids_fill_the_communities(db: Connection) -> None:
    rows = db.execute(text("select level, count(*) as number from gis.area group by level"))
    levels = {row.level: row.number for row in rows}
    assert levels == {"city": 1, "district": 1, "subdistrict": 1, "community": 2}
    share = db.execute(
        text("""
            select sum(st_area(g.geom::geography)) / (select sum(st_area(geom::geography)) from gis.area where level = 'community')
            from gis.unit_grid g
        """)
    ).scalar_one()
    assert share == pytest.approx(1, rel=1e-6)
    across = db.execute(
        text("""
            select count(*) from gis.unit_grid g join gis.area a on a.id = g.area_id
            where not starts_with(g.code, a.code) or st_area(st_difference(g.geom, a.geom)::geography) > 0.01
        """)
    ).scalar_one()
    assert across == 0


def test_the_instance_knows_where_it_is_and_whom_to_credit(db: Connection) -> None:
    settings = {row.name: row.value for row in db.execute(text("select name, value from gis.setting"))}
    assert settings["work_srid"] == coordinates.work_srid(115.606, 38.403) == 4548
    assert settings["extent"] == pytest.approx([WEST, SOUTH, EAST, NORTH], abs=0.002)
    assert settings["attributions"] == ["© OpenStreetMap contributors"]


def test_the_second_run_gives_the_same_city(db: Connection, tmp_path: Path) -> None:
    before = state(db)
    again = import_osm(db, draw().write(tmp_path / "yunlan.osm"))
    assert again.counts["assets"] == {"added": 0, "changed": 0, "unchanged": 15, "absent": 0, "refused": 0}
    assert state(db) == before


def test_a_newer_file_adds_and_changes_and_the_history_tells(db: Connection, tmp_path: Path) -> None:
    db.execute(text("update gis.asset set status = 'damaged' where source_ref = 'w1'"))
    newer = import_osm(db, draw(new_lamp=True, road_name="迎宾路").write(tmp_path / "newer.osm"))
    assert newer.counts["assets"] == {"added": 1, "changed": 3, "unchanged": 12, "absent": 0, "refused": 0}
    history = db.execute(
        text("""
            select h.before, h.after, h.version, h.why, a.status from gis.asset_history h join gis.asset a on a.id = h.asset_id
            where h.change = 'changed' and a.source_ref = 'w1'
        """)
    ).one()
    assert (history.before, history.after) == ({"name": "人民路"}, {"name": "迎宾路"})
    assert (history.version, history.status) == (2, "damaged")
    assert "newer.osm" in history.why


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("broken.osm", b'<?xml version="1.0"?><osm version="0.6"><node id="1" lat="38.4" lon="115.6"/><way id='),
        ("broken.osm.pbf", b"\x00\x00\x00\x0dnonsense"),
        ("empty.osm", b""),
        ("letter.txt", b"Dear Sir"),
        ("nothing.osm", b'<?xml version="1.0"?><osm version="0.6"></osm>'),
    ],
)
def test_a_broken_file_is_named_and_changes_nothing(
    engine: Engine, first: Outcome, tmp_path: Path, name: str, content: bytes
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with transaction(engine) as db:
        before = state(db), db.execute(text("select count(*) from gis.import_run")).scalar()
    with pytest.raises(UnreadableFile, match=name), transaction(engine) as db:
        import_osm(db, path)
    with transaction(engine) as db:
        assert (state(db), db.execute(text("select count(*) from gis.import_run")).scalar()) == before


def test_a_missing_file_is_named(db: Connection, tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match=r"gone\.osm"):
        import_osm(db, tmp_path / "gone.osm")


def test_another_city_does_not_fit_into_the_instance(db: Connection, tmp_path: Path) -> None:
    far = OsmXml()
    far.way([far.node(7.42, 43.73), far.node(7.43, 43.73)], highway="residential")
    with pytest.raises(InvalidInput, match="km from this city"):
        import_osm(db, far.write(tmp_path / "monaco.osm"))
