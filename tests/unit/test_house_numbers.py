"""House numbers: found along their road, by range, at doors and between them; and counted so by the demonstration city."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
import shapely
from shapely import LineString, Point

from data.generator import City, generate
from gis.geocoding.numbers import ASIDE_M, NEXT_DOOR, Numbers, number_at, place
from gis.geocoding.plane import DIRECTIONS, away, metres_per_degree, moved

LON, LAT = 115.6, 38.4
WIDE, HIGH = metres_per_degree(LAT)


def at(x: float, y: float) -> tuple[float, float]:
    return LON + x / WIDE, LAT + y / HIGH


ROAD = LineString([at(0, 0), at(100, 0)])
RANGES = [Numbers(1, 11, "left", ROAD), Numbers(2, 12, "right", ROAD)]
DOORS = [Numbers(n, n, "", Point(at(x, y))) for n, x, y in ((1, 0, 9), (5, 80, 9), (4, 50, -9))]


def metres(point: tuple[float, float]) -> tuple[float, float]:
    return (point[0] - LON) * WIDE, (point[1] - LAT) * HIGH


@pytest.mark.parametrize(
    ("number", "x", "y"), [(1, 0, ASIDE_M), (11, 100, ASIDE_M), (7, 60, ASIDE_M), (2, 0, -ASIDE_M), (12, 100, -ASIDE_M)]
)
def test_in_a_range_on_its_side(number: int, x: float, y: float) -> None:
    found = place(number, RANGES)
    assert found is not None
    assert found.precision == "range"
    assert metres(found.point) == pytest.approx((x, y), abs=0.01)


@pytest.mark.parametrize(("side", "number", "x"), [("odd", 7, 60), ("odd", 4, None), ("all", 4, 30)])
def test_along_a_line_by_the_doors_nobody_stands_aside(side: str, number: int, x: float | None) -> None:
    found = place(number, [Numbers(1, 11, side, ROAD)])
    if x is None:
        assert found is None
    else:
        assert found is not None
        assert metres(found.point) == pytest.approx((x, 0), abs=0.01)


@pytest.mark.parametrize("number", [13, 14, 0, 99])
def test_outside_every_range_is_not_placed(number: int) -> None:
    assert place(number, RANGES) is None


def test_at_the_door_between_doors_of_its_side_and_a_little_beyond() -> None:
    door, between, beyond = place(5, DOORS), place(3, DOORS), place(5 + NEXT_DOOR, DOORS)
    assert door is not None
    assert between is not None
    assert beyond is not None
    assert (door.precision, between.precision, beyond.precision) == ("door", "between", "beyond")
    assert metres(between.point) == pytest.approx((40, 9), abs=0.01)
    assert beyond.point == door.point
    assert place(5 + NEXT_DOOR + 2, DOORS) is None
    assert place(7, []) is None


@pytest.mark.parametrize(("x", "y", "number"), [(1, 5, 1), (60, 5, 7), (99, 5, 11), (1, -5, 2), (99, -5, 12)])
def test_the_number_beside_a_point(x: float, y: float, number: int) -> None:
    assert number_at(at(x, y), RANGES) == number
    turned = [Numbers(11, 1, "right", ROAD.reverse()), Numbers(12, 2, "left", ROAD.reverse())]
    assert number_at(at(x, y), turned) == number
    assert number_at(at(x, y), []) is None


def test_directions_there_and_back() -> None:
    for direction in DIRECTIONS:
        there = moved((LON, LAT), direction, 250.0)
        metres_away, seen = away((LON, LAT), there)
        assert seen == direction
        assert metres_away == pytest.approx(250, abs=0.5)


@pytest.fixture(scope="module")
def city() -> City:
    return generate()


def test_every_piece_of_street_has_numbers_that_no_other_piece_has(city: City) -> None:
    roads = city.assets["road"]
    taken: dict[str, set[int]] = {}
    for name, written, shape in zip(roads["name"], roads["attributes"], roads.geometry, strict=True):
        facts = json.loads(written)
        if facts["bridge"]:
            assert "numbers_left" not in facts
            continue
        left, right = facts["numbers_left"], facts["numbers_right"]
        assert left[0] % 2 == left[1] % 2 != right[0] % 2 == right[1] % 2
        own = {*range(min(left), max(left) + 1, 2), *range(min(right), max(right) + 1, 2)}
        assert not own & taken.setdefault(name, set())
        taken[name] |= own
        sides = [Numbers(left[0], left[1], "left", shape), Numbers(right[0], right[1], "right", shape)]
        for piece in sides:
            found = place(piece.low, [piece])
            assert found is not None
            assert number_at(found.point, sides) in own
    assert min(number for numbers in taken.values() for number in numbers) == 1


def test_a_street_counts_from_west_to_east_or_from_south_to_north(city: City) -> None:
    roads = city.assets["road"]
    for name, pieces in roads.groupby("name"):
        ends = shapely.total_bounds(list(pieces.geometry))
        axis = 0 if (ends[2] - ends[0]) * WIDE >= (ends[3] - ends[1]) * HIGH else 1
        counted = [
            (
                min(json.loads(written)["numbers_left"]),
                shapely.line_interpolate_point(shape, 0.5, normalized=True).coords[0][axis],
            )
            for written, shape in zip(pieces["attributes"], pieces.geometry, strict=True)
            if "numbers_left" in json.loads(written)
        ]
        along = [place for _, place in sorted(counted)]
        # city metres are turned a little against north: pieces side by side may change places
        assert all(after > before - 3e-4 for before, after in pairwise(along)), name
