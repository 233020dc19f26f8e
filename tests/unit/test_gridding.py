"""Unit grids along streets: they tile a community to the square millimetre, follow its streets, and have the standard's size."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, MultiPolygon, Polygon

from gis.gridding import borders, cutting, knitting, merging, mesh, numbering, quality
from gis.gridding.borders import ARTERIAL, BANK, STREET, Borders
from gis.gridding.drawing import Drawn, draw
from gis.plane import plane_of

LON, LAT = 116.4, 39.9
ORIGIN = plane_of(shapely.box(LON - 0.01, LAT - 0.01, LON + 0.01, LAT + 0.01))
NONE = np.array([], dtype=object)


def degrees(shape: shapely.Geometry) -> shapely.Geometry:
    return ORIGIN.to_degrees(shape)


def around(lines: list[LineString], ranks: list[int] | None = None, waters: list[Polygon] | None = None,
           buildings: list[Polygon] | None = None) -> Borders:  # fmt: skip
    return borders.with_banks(
        degrees(np.array(lines, dtype=object)) if lines else NONE,
        np.array(ranks or [STREET] * len(lines), dtype=np.int64),
        degrees(np.array(waters, dtype=object)) if waters else NONE,
        degrees(np.array(buildings, dtype=object)) if buildings else NONE,
    )


def tiles(drawn: Drawn, community: shapely.Geometry) -> bool:
    """No gap, no overlap, vertex to vertex, within a square millimetre."""
    whole = drawn.plane.to_metres(community)
    together = shapely.coverage_union_all(drawn.flat)
    return (
        bool(shapely.coverage_is_valid(drawn.flat))
        and bool(shapely.coverage_is_valid(drawn.shapes))
        and bool(shapely.is_valid(drawn.shapes).all())
        and abs(float(shapely.area(drawn.flat).sum()) - whole.area) < 1e-6
        and together.symmetric_difference(whole).area < 1e-6
    )


def streets_of_blocks(width: float, height: float, east: int, north: int) -> list[LineString]:
    """A chequerboard of streets that reach a little beyond the community on all sides."""
    return [
        *(LineString([(x * width, -20), (x * width, north * height + 20)]) for x in range(1, east)),
        *(LineString([(-20, y * height), (east * width + 20, y * height)]) for y in range(1, north)),
    ]


def test_blocks_of_the_right_size_become_unit_grids_as_they_are() -> None:
    community = degrees(MultiPolygon([shapely.box(0, 0, 480, 270)]))
    drawn = draw(community, around(streets_of_blocks(120, 90, 4, 3)))
    assert len(drawn.shapes) == 12
    assert shapely.area(drawn.flat) == pytest.approx(np.full(12, 10_800), rel=1e-3)
    assert tiles(drawn, community)


def test_a_block_too_large_is_cut_across_its_long_axis_beside_its_building() -> None:
    community = degrees(MultiPolygon([shapely.box(0, 0, 200, 100)]))
    in_the_middle = shapely.box(95, 20, 112, 80)
    drawn = draw(community, around([], buildings=[in_the_middle]))
    assert len(drawn.shapes) == 2
    assert quality.measure(drawn, ["1", "2"], community)["buildings_crossed"] == 0
    assert shapely.area(drawn.flat).min() > 8_000
    assert tiles(drawn, community)


def test_a_lane_in_a_large_block_is_its_border_and_a_dead_end_is_carried_on() -> None:
    community = degrees(MultiPolygon([shapely.box(0, 0, 230, 90)]))
    lane = LineString([(95, -5), (95, 60)])
    drawn = draw(community, around([lane], [borders.MINOR]))
    assert len(drawn.shapes) == 2
    assert sorted(shapely.area(drawn.flat)) == pytest.approx([95 * 90, 135 * 90], rel=0.01)


def test_a_median_strip_joins_a_side_and_water_stays_water() -> None:
    community = degrees(MultiPolygon([shapely.box(0, 0, 100, 320)]))
    avenue = [LineString([(-5, 100), (105, 100)]), LineString([(-5, 112), (105, 112)])]
    river = shapely.box(-50, 200, 150, 260)
    drawn = draw(community, around(avenue, [ARTERIAL, ARTERIAL], waters=[river]))
    assert sorted(shapely.area(drawn.flat).round(-1)) == pytest.approx([6_000, 6_000, 8_800, 11_200], rel=0.01)
    assert tiles(drawn, community)


def test_small_faces_join_across_a_lane_rather_than_across_an_arterial() -> None:
    shapes = np.array([shapely.box(0, 0, 100, 40), shapely.box(0, 40, 100, 140), shapely.box(0, -100, 100, 0)])
    lines = np.array([LineString([(0, 40), (100, 40)]), LineString([(0, 0), (100, 0)])])
    shared = mesh.shared(shapes, lines, np.array([STREET, ARTERIAL]))
    assert merging.groups(shapes, shared, np.zeros(3, dtype=bool), 5_000, 20_000) == [[0, 1], [2]]


def test_numbers_run_north_to_south_and_west_to_east() -> None:
    community = degrees(MultiPolygon([shapely.box(0, 0, 480, 270)]))
    drawn = draw(community, around(streets_of_blocks(120, 90, 4, 3)))
    middles = shapely.get_coordinates(shapely.centroid(drawn.flat)).round(0).tolist()
    for (x, y), (next_x, next_y) in pairwise(middles):
        assert next_x > x if next_y == y else next_y < y
    assert numbering.codes("110101001001", 12, 2)[::11] == ["11010100100101", "11010100100112"]
    assert numbering.codes("1", 1000, 3)[-1] == "11000", "as wide as it takes"


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_any_tangle_of_streets_is_tiled_to_the_square_millimetre(seed: int) -> None:
    rng = np.random.default_rng(seed)
    angles = np.sort(rng.uniform(0, 2 * np.pi, 24))
    radii = rng.uniform(150, 420, 24)
    outline = Polygon(np.column_stack([radii * np.cos(angles), radii * np.sin(angles)])).buffer(0)
    island = shapely.box(900, 0, 1000, 80)
    hole = shapely.box(-20, -20, 30, 25)
    community = degrees(MultiPolygon([*shapely.get_parts(outline.difference(hole)), island]))
    lines = [LineString(np.cumsum(rng.normal(0, 120, (rng.integers(2, 7), 2)), axis=0)) for _ in range(12)]
    lines += [LineString(shapely.get_coordinates(outline)[:9] + rng.normal(0, 0.2, 2))]  # beside the border itself
    pond = Polygon(rng.uniform(-200, 200, (5, 2))).convex_hull
    drawn = draw(community, around(lines, waters=[pond], buildings=[shapely.box(40, 40, 90, 70)]))
    assert tiles(drawn, community)


def test_a_community_smaller_than_a_unit_grid_is_one() -> None:
    community = degrees(MultiPolygon([shapely.box(0, 0, 30, 30)]))
    drawn = draw(community, around([LineString([(15, -5), (15, 35)])]))
    assert [shape.area for shape in drawn.flat] == pytest.approx([900.0], rel=1e-3)
    assert drawn.shapes[0].equals(community.geoms[0])


def test_neighbouring_communities_keep_their_common_border_to_the_last_bit() -> None:
    ragged = [(100.0, 0.0), (103.3, 41.7), (98.1, 77.7), (100.0, 120.0)]
    west = degrees(Polygon([(0, 0), *ragged, (0, 120)]))
    east = degrees(Polygon([*ragged, (220, 120), (220, 0)]))
    ours = {tuple(pair) for pair in shapely.get_coordinates(draw(west, around([])).shapes).tolist()}
    theirs = {tuple(pair) for pair in shapely.get_coordinates(draw(east, around([])).shapes).tolist()}
    assert {tuple(pair) for pair in shapely.get_coordinates(degrees(LineString(ragged))).tolist()} <= ours & theirs


def test_knitting_makes_corners_on_a_side_known_to_both() -> None:
    apart = [shapely.box(0, 0, 100, 50), shapely.box(0, 50 + 1e-9, 40, 100), shapely.box(40, 50 - 1e-9, 100, 100)]
    whole = shapely.box(0, 0, 100, 100)
    assert not shapely.coverage_is_valid(apart)
    knitted = knitting.knit(whole, apart)
    assert len(knitted) == 3
    assert shapely.coverage_is_valid(knitted)
    assert shapely.coverage_union_all(knitted).equals(whole)


@pytest.mark.parametrize(
    ("attributes", "rank"),
    [
        ({"class": "primary"}, ARTERIAL),
        ({"class": "lane"}, STREET),
        ({"class": "footway"}, borders.MINOR),
        ({"class": "motorway_link"}, None),
        ({"class": "primary", "tunnel": "yes"}, None),
        ({"class": "胡同"}, STREET),
        ({}, STREET),
    ],
)
def test_the_rank_of_a_road(attributes: dict[str, str], rank: int | None) -> None:
    assert borders.rank(attributes) == rank
    assert BANK > ARTERIAL > STREET > borders.MINOR


def test_the_report_names_what_is_wrong() -> None:
    community = degrees(MultiPolygon([shapely.box(0, 0, 100, 100)]))
    flat = np.array([shapely.box(0, 0, 100, 50), shapely.box(0, 50, 100, 54), shapely.box(0, 60, 130, 100)])
    drawn = Drawn(NONE, plane_of(community).to_metres(degrees(flat)), plane_of(community), around([]))
    house = drawn.plane.to_metres(degrees(np.array([shapely.box(10, 40, 30, 54), shapely.box(70, 10, 80, 20)])))
    drawn = Drawn(NONE, drawn.flat, drawn.plane, Borders(NONE, np.array([], dtype=np.int64), NONE, house))
    found = quality.report([quality.measure(drawn, ["1", "2", "3"], community)])
    assert found["sliver_codes"] == ["2"]
    assert found["gaps_m2"] == pytest.approx(600, rel=0.01)
    assert found["off_community_m2"] == pytest.approx(1_200, rel=0.01)
    assert found["buildings_crossed"] == 1
    assert found["buildings"] == 2
    assert found["share_5000_to_20000"] == pytest.approx(1 / 3, abs=1e-3)
    assert sum(each["grids"] for each in found["histogram"]) == found["grids"] == 3
    assert cutting.compactness(flat)[0] == pytest.approx(4 * np.pi * 5000 / 300**2)
