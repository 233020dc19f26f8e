"""The demonstration city keeps the promises that make it look and behave like a city."""

from __future__ import annotations

import json
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from shapely import STRtree, union_all

from data.generator import City, generate
from data.generator.figures import figures
from data.generator.frame import WORK_CRS

SEEDS = (1, 2, 3)


@pytest.fixture(scope="module", params=SEEDS)
def city(request: pytest.FixtureRequest) -> City:
    """The everyday demonstration, from several seeds: what holds must hold for all of them."""
    return generate(seed=request.param)


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
    targets = figures(city.scale)
    roads = metres(city.assets["road"])
    municipal = roads[attributes(roads, "municipal")].length.sum()
    assert municipal == pytest.approx(targets.roads_m, rel=0.01)
    assert metres(city.assets["water_main"]).length.sum() == pytest.approx(targets.water_m, rel=0.01)
    assert metres(city.assets["sewer"]).length.sum() == pytest.approx(targets.sewer_m, rel=0.01)
    assert len(city.assets["street_lamp"]) == targets.lamps == 700
    assert len(city.assets["bus"]) == 42
    assert len(city.assets["bus_line"]) == 2
    assert len(city.assets["bridge"]) == 3
    assert sum(attributes(city.assets["bus_line"], "one_way_m")) == pytest.approx(targets.bus_m, rel=0.03)


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
    cabinets = set(city.assets["lamp_cabinet"].ref)
    assert set(attributes(lamps, "cabinet")) <= cabinets
    assert all(circuit.startswith(cabinet) for circuit, cabinet in zip(
        attributes(lamps, "circuit"), attributes(lamps, "cabinet"), strict=True))  # fmt: skip


@pytest.mark.parametrize("kind", ["water_main", "sewer"])
def test_pipes_follow_streets(city: City, kind: str) -> None:
    near_streets = union_all(metres(city.assets["road"]).buffer(6).values)
    assert metres(city.assets[kind]).within(near_streets).all()


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
    assert len(areas[areas.level == "subdistrict"]) in (2, 3)
    assert 6 <= len(areas[areas.level == "community"]) <= 10


def test_everything_lies_within_the_city(city: City) -> None:
    whole = city.areas.geometry.iloc[0].buffer(0.0006)
    for kind, frame in city.assets.items():
        assert frame.geometry.within(whole).all(), kind
        assert frame.geometry.is_valid.all(), kind


def test_buses_run_on_streets_and_stops_stand_beside_them(city: City) -> None:
    streets = union_all(metres(city.assets["road"]).geometry.values)
    for line in metres(city.assets["bus_line"]).geometry:
        assert line.within(streets.buffer(12))
    stops = metres(city.assets["bus_stop"])
    assert stops.distance(streets).max() < 16
    for text in city.assets["bus_line"].attributes:
        calls = json.loads(text)["stops"]
        assert len(calls) > 6
        assert [call["at_m"] for call in calls] == sorted(call["at_m"] for call in calls)


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
