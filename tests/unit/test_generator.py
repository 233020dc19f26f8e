"""The demonstration city keeps the promises that make it look and behave like a city."""

from __future__ import annotations

import json
import os
from itertools import combinations, pairwise
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import Point, STRtree, distance, prepare, union_all

from data.figures import Figure, measured, table
from data.generator import City, generate
from data.generator.figures import figures
from data.generator.frame import WORK_CRS

FULL = ((1, 1.0),) if os.environ.get("CITY_AT_FULL_SCALE") else ()
CITIES = ((1, 0.02), (2, 0.02), (3, 0.02), (1, 0.1), *FULL)
"""Seed and scale: the everyday demonstration from several seeds, a larger one that has streams, canals and a lake, and the
full city (a minute and a half) where CITY_AT_FULL_SCALE is set."""


@pytest.fixture(scope="module", params=CITIES, ids=str)
def city(request: pytest.FixtureRequest) -> City:
    """What holds must hold for all of them."""
    seed, scale = request.param
    return generate(seed, scale)


def metres(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return frame.to_crs(WORK_CRS)


def attributes(frame: pd.DataFrame, name: str) -> list[Any]:
    return [json.loads(text).get(name) for text in frame["attributes"]]


def test_same_seed_gives_the_same_city_and_another_seed_another() -> None:
    one, same, other = generate(7), generate(7), generate(8)
    for kind, frame in one.assets.items():
        pd.testing.assert_frame_equal(frame.to_wkt(), same.assets[kind].to_wkt())
    pd.testing.assert_frame_equal(one.grids.to_wkt(), same.grids.to_wkt())
    assert one.assets["road"].to_wkt().geometry.tolist() != other.assets["road"].to_wkt().geometry.tolist()


def test_figures_are_those_of_the_reference_city_times_scale(city: City) -> None:
    found = measured(city)
    assert all(one.holds for one in found), table(found)
    count = {one.name: one.found for one in found}
    wanted = {0.02: (3, 700, 42, 2), 0.1: (16, 3500, 211, 10), 1.0: (159, 35_000, 2_110, 100)}[city.scale]
    assert (count["bridges"], count["street lamps"], count["buses"], count["bus lines"]) == wanted


def test_a_figure_that_is_off_is_said_to_be() -> None:
    assert Figure("mains", 100.0, 100.9, "near").holds
    assert not Figure("mains", 100.0, 101.1, "near").holds
    assert not Figure("bridges", 159, 158).holds
    assert Figure("cabinets", 500, 472, "most").holds
    assert not Figure("cabinets", 500, 501, "most").holds
    assert "NO" in table([Figure("bridges", 159, 158)])


def test_the_full_city_is_the_reference_city() -> None:
    full = figures(1.0)
    assert (full.roads_m, full.bridges, full.lamps, full.buses) == (724_000, 159, 35_000, 2_110)
    assert (full.water_plants, full.water_m, full.sewer_m) == (8, 1_133_000, 833_560)
    assert (full.bus_lines, round(full.bus_m), full.sub_districts) == (100, 1_302_700, 10)


@pytest.mark.parametrize("scale", [0.0, -1.0, 1.01])
def test_a_scale_outside_its_range_is_refused(scale: float) -> None:
    with pytest.raises(ValueError, match="scale"):
        generate(scale=scale)


def test_streets_cross_water_only_on_bridges(city: City) -> None:
    water = union_all(metres(city.assets["water"]).geometry.values)
    roads = metres(city.assets["road"])
    wet = roads.intersection(water.buffer(-0.5)).length > 0.5
    assert set(roads[wet].ref) == set(roads[attributes(roads, "bridge")].ref)


def test_the_street_network_is_one_piece(city: City) -> None:
    roads = city.assets["road"]
    home: dict[object, object] = {}

    def root(node: object) -> object:
        while home.setdefault(node, node) != node:
            node = home[node]
        return node

    for start, end in zip(attributes(roads, "from"), attributes(roads, "to"), strict=True):
        home[root(start)] = root(end)
    assert len({root(node) for node in list(home)}) == 1


def test_lamps_stand_beside_a_street_and_every_one_has_its_circuit(city: City) -> None:
    lamps = metres(city.assets["street_lamp"])
    streets = union_all(metres(city.assets["road"]).geometry.values)
    distance = lamps.distance(streets)
    assert distance.max() < 15
    assert distance.min() > 2
    assert min(attributes(lamps, "power_w")) > 0
    cabinets = city.assets["lamp_cabinet"]
    circuits = dict(zip(cabinets.ref, attributes(cabinets, "circuits"), strict=True))
    fed = list(zip(attributes(lamps, "cabinet"), attributes(lamps, "circuit"), strict=True))
    assert all(circuit in circuits[cabinet] for cabinet, circuit in fed)
    assert {circuit for names in circuits.values() for circuit in names} == {circuit for _, circuit in fed}


def test_no_lamp_and_no_cabinet_stands_on_a_carriageway(city: City) -> None:
    roads = metres(city.assets["road"])
    widths = np.array(attributes(roads, "width_m"))
    tree = STRtree(roads.geometry.values)
    for kind in ("street_lamp", "lamp_cabinet", "hydrant", "litter_bin"):
        things = metres(city.assets[kind]).geometry.values
        thing, road = tree.query(things, predicate="dwithin", distance=14)
        gap = distance(things[thing], roads.geometry.values[road]) - widths[road] / 2
        assert gap.min() > 0, kind


@pytest.mark.parametrize("kind", ["water_main", "sewer"])
def test_pipes_follow_streets(city: City, kind: str) -> None:
    near_streets = union_all(metres(city.assets["road"]).buffer(6).values)
    assert metres(city.assets[kind]).within(near_streets).all()


def test_the_larger_city_has_waters_of_every_kind_and_streets_along_them(city: City) -> None:
    waters = metres(city.assets["water"])
    kinds = set(attributes(waters, "class"))
    assert kinds == ({"river"} if city.scale < 0.05 else {"river", "stream", "canal", "lake"})
    for one, other in combinations(waters.geometry, 2):
        assert one.intersection(other).area < 1
    roads = metres(city.assets["road"])
    for water in waters.geometry:
        assert roads.distance(water).nsmallest(4).max() < 60


def test_no_junction_lies_in_water_and_no_bridge_is_longer_than_a_street_is(city: City) -> None:
    water = union_all(metres(city.assets["water"]).geometry.values)
    for bridge in metres(city.assets["bridge"]).geometry:
        assert bridge.length < 260
        assert all(Point(bridge.coords[i]).distance(water.boundary) < 1 for i in (0, -1))


def test_no_building_stands_in_a_street_or_in_water(city: City) -> None:
    buildings = metres(city.assets["building"])
    roads = metres(city.assets["road"])
    carriageways = [
        line.buffer(width / 2) for line, width in zip(roads.geometry, attributes(roads, "width_m"), strict=True)
    ]
    tree = STRtree([*carriageways, *metres(city.assets["water"]).geometry])
    assert len(tree.query(buildings.geometry.values, predicate="intersects")[0]) == 0


def test_sewers_fall_all_the_way_to_an_outfall(city: City) -> None:
    sewers = [json.loads(text) for text in city.assets["sewer"].attributes]
    outfalls = set(attributes(city.assets["outfall"], "node"))
    onward: dict[str, str] = {}
    for sewer in sewers:
        assert sewer["invert_up_m"] > sewer["invert_down_m"]
        onward.setdefault(sewer["from"], sewer["to"])
    for start in onward:
        node = start
        for _ in range(len(onward) + 1):
            if node not in onward:
                break
            node = onward[node]
        assert node in outfalls
    assert min(attributes(city.assets["manhole"], "depth_m")) > 0.9


def test_every_main_hangs_together_with_a_plant(city: City) -> None:
    reached = set(attributes(city.assets["water_plant"], "node"))
    mains = [(m["from"], m["to"]) for m in map(json.loads, city.assets["water_main"].attributes)]
    left = set(mains)
    while found := {pipe for pipe in left if pipe[0] in reached or pipe[1] in reached}:
        reached |= {end for pipe in found for end in pipe}
        left -= found
    assert not left
    assert set(city.assets["valve"].ref) <= reached


def test_unit_grids_tile_their_community_and_never_overlap(city: City) -> None:
    grids = metres(city.grids)
    communities = metres(city.areas[city.areas.level == "community"]).set_index("code")
    for code, cells in grids.groupby("community"):
        whole = communities.loc[code].geometry
        assert cells.area.sum() == pytest.approx(whole.area, rel=1e-4)
        assert union_all(cells.geometry.values).symmetric_difference(whole).area < 1.0 + 1e-5 * whole.area
    assert grids.area.sum() == pytest.approx(metres(city.areas).area.iloc[0], rel=1e-4)
    assert 7_000 < grids.area.mean() < 13_000
    assert grids.area.max() < 20_000


def test_codes_are_unique_nested_and_ordered(city: City) -> None:
    codes = city.grids.code
    assert codes.is_unique
    assert codes.is_monotonic_increasing
    assert codes.str.fullmatch(r"990101\d{9}").all()
    assert all(code.startswith(community) for code, community in zip(codes, city.grids.community, strict=True))
    parents = city.areas.set_index("code").parent
    assert all(code.startswith(parent) for code, parent in parents.dropna().items())
    components = pd.concat([frame for frame in city.assets.values() if frame.class_code.notna().any()])
    assert components.code.is_unique
    assert components.code.str.fullmatch(r"990101\d{10}").all()
    assert (components.code.str[6:10] == components.class_code.str[1:]).all()


def test_cells_are_numbered_west_to_east_and_north_to_south(city: City) -> None:
    for _, cells in metres(city.grids).groupby("community"):
        middle = cells.geometry.centroid
        assert middle.y.iloc[:3].mean() > middle.y.iloc[-3:].mean()


def test_areas_are_nested_and_each_level_covers_the_city(city: City) -> None:
    areas = metres(city.areas)
    whole = areas[areas.level == "city"].area.sum()
    for level in ("district", "subdistrict", "community"):
        assert areas[areas.level == level].area.sum() == pytest.approx(whole, rel=1e-4)


def test_everything_lies_within_the_city(city: City) -> None:
    whole = city.areas.geometry.iloc[0].buffer(0.0006)
    for kind, frame in city.assets.items():
        assert frame.geometry.within(whole).all(), kind
        assert frame.geometry.is_valid.all(), kind


def test_buses_run_on_streets_and_stops_stand_beside_them(city: City) -> None:
    streets = union_all(metres(city.assets["road"]).geometry.values)
    carriageways = streets.buffer(12)
    prepare(carriageways)
    for line in metres(city.assets["bus_line"]).geometry:
        assert carriageways.covers(line)
    stops = metres(city.assets["bus_stop"])
    assert stops.distance(streets).max() < 16
    for text in city.assets["bus_line"].attributes:
        line = json.loads(text)
        calls = line["stops"]
        assert len(calls) > 6
        assert [call["at_m"] for call in calls] == sorted(call["at_m"] for call in calls)
        assert 0 < line["turn_m"] < line["length_m"] == pytest.approx(2 * line["one_way_m"], rel=0.05)
        assert {call["stop"] for call in calls} <= set(stops.ref)


def test_a_timetable_needs_no_more_buses_than_the_line_has(city: City) -> None:
    buses = list(zip(attributes(city.assets["bus"], "line"), attributes(city.assets["bus"], "run"), strict=True))
    for line in city.assets["bus_line"].itertuples():
        facts = json.loads(line.attributes)
        table = facts["timetable"]
        runs = sorted(run for ref, run in buses if ref == line.ref and run >= 0)
        assert runs == list(range(table["runs"]))
        assert facts["headway_s"] == pytest.approx(table["round_s"] / table["runs"], abs=1)
        assert min(period["headway_s"] for period in table["periods"]) == facts["headway_s"]
        edges = [(period["from"], period["to"]) for period in table["periods"]]
        assert all(one[1] == other[0] for one, other in pairwise(edges))


def test_every_main_and_every_meter_names_a_community_as_its_zone(city: City) -> None:
    communities = set(city.areas[city.areas.level == "community"].code)
    assert set(attributes(city.assets["water_main"], "zone")) <= communities
    meters = city.assets["flow_meter"]
    assert set(attributes(meters, "zone")) - {""} == communities
    assert set(attributes(meters, "pipe")) <= set(city.assets["water_main"].ref)


def test_refs_are_unique_and_devices_belong_to_assets(city: City) -> None:
    refs = [ref for frame in city.assets.values() for ref in frame.ref]
    assert len(set(refs)) == len(refs)
    assert set(city.devices.ref) <= set(refs)
    assert city.devices.id.is_unique


def test_streets_bridges_and_areas_have_names_in_both_languages(city: City) -> None:
    for frame in (city.assets["road"], city.assets["bridge"], city.areas):
        assert frame.name.str.len().min() >= 2
        assert frame.name_en.str.fullmatch(r"[A-Za-z' -]+[0-9]*").all()
    assert city.assets["bridge"].name.is_unique
    assert city.assets["bridge"].name_en.is_unique


def test_a_street_has_one_name_in_both_languages_and_no_other_street_has_it(city: City) -> None:
    roads = city.assets["road"]
    names = set(zip(roads.name, roads.name_en, strict=True))
    assert len(names) == roads.name.nunique() == roads.name_en.nunique() > 50
    for name, pieces in metres(roads).groupby("name"):
        spread = union_all(pieces.geometry.values).buffer(120)
        assert spread.geom_type == "Polygon", name
