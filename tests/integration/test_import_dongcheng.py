"""Beijing's Dongcheng from its own layers: counts are the true ones, GCJ-02 is undone to under a metre, and a report finds its way."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import numpy as np
import pytest
import shapely
from sqlalchemy import Engine, text

from config.settings import Settings
from data.lending import lend_organisation
from dispatch.reports import NewReport, Position, receive
from gis import clock
from gis.db import make_engine, transaction
from gis.importing import placing, systems
from gis.importing.area_files import import_areas
from gis.importing.layers import import_layer
from gis.importing.runs import Outcome, load_mapping
from tests.support.databases import Database
from tests.support.real_data import real

LAYERS = {
    "roads": ("road.json", {"road": 15_542}),
    "stops": ("facilities_traffic.json", {"bus_stop": 2_452, "metro_station": 36}),
    "car-parks": ("parking_lot_data.json", {"car_park": 1_165}),
    "care": ("facilities_medical.json", {"service_point": 135}),
    "sanitation": ("hutong_sanitation.json", {"service_point": 15}),
    "markets": ("facilities_convenience_people.json", {"public_facility": 482}),
    "schools": ("facilities_education.json", {"public_facility": 192}),
    "sports": ("facilities_sports.json", {"public_facility": 225}),
    "green": ("green_land.json", {"green": 112}),
}
"""Mapping → file and the counts of SOURCES.md by kind."""


@pytest.fixture(scope="module")
def dongcheng(new_database: Callable[[], Database]) -> Iterator[tuple[Engine, dict[str, Outcome]]]:
    """The district with all its layers, in a database of its own, and what each import said."""
    folder = real("dongcheng-beijing")
    engine = make_engine(new_database().app_url, pool_size=1)
    with transaction(engine) as db:
        outcomes = {
            "areas": import_areas(db, folder / "street_boundary_data.json", load_mapping("dongcheng-subdistricts"))
        }
        for name, (file, _) in LAYERS.items():
            outcomes[name] = import_layer(db, folder / file, load_mapping(f"dongcheng-{name}"))
    yield engine, outcomes
    engine.dispose()


def test_seventeen_subdistricts_with_their_codes(dongcheng: tuple[Engine, dict[str, Outcome]]) -> None:
    engine, outcomes = dongcheng
    assert outcomes["areas"].counts["areas"]["subdistrict"] == 17
    assert outcomes["areas"].counts["repaired"] == {}
    with transaction(engine) as db:
        codes = {
            row.code: row.name
            for row in db.execute(text("select code, name from gis.area where level = 'subdistrict'"))
        }
        square_km = db.execute(text("select st_area(geom::geography) / 1e6 from gis.area where level = 'district'"))
        assert square_km.scalar_one() == pytest.approx(41.8, abs=0.2)
        grids = db.execute(
            text("select count(*) as number, avg(st_area(geom::geography)) as m2 from gis.unit_grid")
        ).one()
    assert (codes["110101001"], codes["110101017"]) == ("东华门街道", "永定门外街道")
    assert 9_000 < grids.m2 < 11_000
    assert grids.number > 3_800


def test_subdistricts_keep_their_raw_outlines(dongcheng: tuple[Engine, dict[str, Outcome]]) -> None:
    streets = json.loads(real("dongcheng-beijing/street_boundary_data.json").read_text(encoding="utf-8"))
    with transaction(dongcheng[0]) as db:
        kept = db.execute(text("select name, raw_position from gis.area where level = 'subdistrict'"))
        outlines = {row.name: shapely.from_wkb(row.raw_position["wkb"]) for row in kept}
        above = db.execute(text("select raw_position from gis.area where level = 'district'")).scalar_one()
    assert {street["properties"]["name"]: [list(at) for at in street["lnglat"]] for street in streets} == {
        name: [list(at) for at in outline.exterior.coords] for name, outline in outlines.items()
    }
    assert above is None, "the district is the union of its sub-districts, no shape of the file"


def test_the_districts_own_outline_agrees(dongcheng: tuple[Engine, dict[str, Outcome]]) -> None:
    """Two files of one owner: the union of the sub-districts and the district's outline differ by less than 1 % of the ground."""
    engine, _ = dongcheng
    ring = json.loads(real("dongcheng-beijing/dongcheng_boundary_data.json").read_text(encoding="utf-8"))[0]["lnglat"]
    drawn = json.dumps({"type": "Polygon", "coordinates": [ring]})
    shape = placing.place(np.array([shapely.from_geojson(drawn)], dtype=object), systems.system_of("gcj02")).shapes[0]
    with transaction(engine) as db:
        share = db.execute(
            text("""
                select st_area(st_symdifference(geom, st_geomfromwkb(:wkb, 4326))) / st_area(geom)
                from gis.area where level = 'district'
            """),
            {"wkb": shape.wkb},
        ).scalar_one()
    assert share < 0.01


@pytest.mark.parametrize("name", LAYERS)
def test_every_row_of_the_layer_is_there(name: str, dongcheng: tuple[Engine, dict[str, Outcome]]) -> None:
    outcome = dongcheng[1][name]
    assert outcome.counts["kinds"] == LAYERS[name][1]
    assert outcome.counts["rows"] == sum(LAYERS[name][1].values())
    assert set(outcome.rejected) <= {"repaired"}


def test_the_car_parks_judge_the_conversion(dongcheng: tuple[Engine, dict[str, Outcome]]) -> None:
    """1,165 places carry GCJ-02 and the owner's WGS 84: ours lies within a metre of the owner's in every one."""
    with transaction(dongcheng[0]) as db:
        error = db.execute(
            text("""
                select count(*) as number, max(metres) as worst, avg(metres) as mean from (
                    select st_distance(geom::geography, st_point((attributes ->> 'owner_lon')::float8,
                                       (attributes ->> 'owner_lat')::float8, 4326)::geography) as metres
                    from gis.asset where kind = 'car_park') as each
            """)
        ).one()
    assert error.number == 1_165
    assert error.worst < 1.0
    assert error.mean < 0.1


def test_what_came_in_is_kept(dongcheng: tuple[Engine, dict[str, Outcome]]) -> None:
    """The raw pair of a point, the raw geometry of a line: number by number those of the file."""
    roads = json.loads(real("dongcheng-beijing/road.json").read_text(encoding="utf-8"))
    parks = json.loads(real("dongcheng-beijing/parking_lot_data.json").read_text(encoding="utf-8"))
    with transaction(dongcheng[0]) as db:
        kept = db.execute(
            text("""
                select st_asgeojson(st_geomfromwkb(decode(raw_position ->> 'wkb', 'hex')), 15)::jsonb -> 'coordinates' as line
                from gis.asset where kind = 'road' and raw_position ->> 'system' = 'gcj02'
            """)
        ).scalars()
        lines = {json.dumps(line) for line in kept}
        points = db.execute(text("select raw_position from gis.asset where kind = 'car_park'")).scalars().all()
    assert lines == {json.dumps(road["lnglat"]) for road in roads}
    assert {(point["lon"], point["lat"]) for point in points} == {tuple(park["lnglat"]) for park in parks}
    assert {point["system"] for point in points} == {"gcj02"}


def test_the_same_files_again_change_nothing(dongcheng: tuple[Engine, dict[str, Outcome]]) -> None:
    engine, first = dongcheng
    with engine.connect() as db, db.begin() as undone:
        history = text("select count(*) from gis.asset_history")
        before = db.execute(history).scalar_one()
        for name, (file, _) in LAYERS.items():
            again = import_layer(db, real(f"dongcheng-beijing/{file}"), load_mapping(f"dongcheng-{name}"))
            total = first[name].counts["taken"]
            assert again.counts["assets"] == {"added": 0, "changed": 0, "unchanged": total, "absent": 0, "refused": 0}
        assert db.execute(history).scalar_one() == before
        undone.rollback()


def test_a_report_at_a_stop_finds_its_way(dongcheng: tuple[Engine, dict[str, Outcome]], settings: Settings) -> None:
    """Through the door with the pair a Chinese phone sends (GCJ-02): at the stop, in its sub-district, to the unit in charge."""
    with dongcheng[0].connect() as db, db.begin() as undone:
        lend_organisation(db, settings)
        stop = db.execute(
            text("""
                select a.id, (a.raw_position ->> 'lon')::float8 as lon, (a.raw_position ->> 'lat')::float8 as lat, s.code
                from gis.asset a join gis.area s on s.level = 'subdistrict' and st_contains(s.geom, a.geom)
                where a.kind = 'bus_stop' and a.name <> '' order by a.id limit 1
            """)
        ).one()
        now = clock.now(db)
        report = NewReport("hotline", "站亭玻璃破碎", now, Position(stop.lon, stop.lat, "gcj02"), class_code="C0204")
        received = receive(db, settings, report, now=now)
        assert received.place.asset is not None
        assert received.place.asset.id == stop.id
        assert [area.level for area in received.place.areas] == ["community", "subdistrict", "district", "city"]
        assert stop.code in [area.code for area in received.place.areas]
        assert received.place.grid_code is not None
        assert received.place.grid_code.startswith(stop.code)
        assert received.decision is not None
        assert received.decision.reason == "condition_unit"
        undone.rollback()
