"""A place along a line that runs there and back, or crosses itself."""

from __future__ import annotations

import math

import pytest

from gis.along import METRES_PER_DEGREE, Path

LON, LAT = 115.6, 38.4
PER_DEGREE = METRES_PER_DEGREE * math.cos(math.radians(LAT))


def at(x: float, y: float) -> tuple[float, float]:
    """Degrees of a point x metres east and y metres north of the corner of these tests."""
    return LON + x / PER_DEGREE, LAT + y / METRES_PER_DEGREE


def path(*points: tuple[float, float]) -> Path:
    lons, lats = zip(*(at(x, y) for x, y in points), strict=True)
    return Path(lons, lats)


# 1,000 m out on the right side of a street, 6 m across, and back on the other side.
OUT_AND_BACK = path((0, -3), (1000, -3), (1000, 3), (0, 3))
# A block of 400 m by 400 m; the line passes its first corner twice and goes on to the east.
LOOP = path((0, 0), (400, 0), (400, 400), (0, 400), (0, 0), (0, -300))


def test_the_length_is_that_of_the_ground() -> None:
    assert OUT_AND_BACK.length_m == pytest.approx(2006, rel=0.002)


def test_beside_the_line_the_distance_is_told_and_far_off_there_is_no_place() -> None:
    found = LOOP.locate(*at(200, -25))
    assert found is not None
    assert found.at_m == pytest.approx(200, abs=1)
    assert found.off_m == pytest.approx(25, abs=0.5)
    assert LOOP.locate(*at(200, -100)) is None


@pytest.mark.parametrize("x", [100, 500, 900])
def test_the_way_back_is_not_the_way_out_for_one_who_was_there(x: int) -> None:
    """GPS puts both on the same side of the street; where the bus was decides."""
    out = OUT_AND_BACK.locate(*at(x, 2), window=(x - 150, x + 150))
    back = OUT_AND_BACK.locate(*at(x, -2), window=(2006 - x - 150, 2006 - x + 150))
    assert out is not None
    assert back is not None
    assert out.at_m == pytest.approx(x, abs=2)
    assert back.at_m == pytest.approx(2006 - x, abs=2)


@pytest.mark.parametrize(("heading", "metres"), [(90, 400), (270, 1606), (80, 400), (280, 1606)])
def test_without_a_past_the_heading_decides(heading: float, metres: float) -> None:
    found = OUT_AND_BACK.locate(*at(400, 0), heading=heading)
    assert found is not None
    assert found.at_m == pytest.approx(metres, abs=3)


def test_a_window_goes_on_over_the_end_of_the_round() -> None:
    found = OUT_AND_BACK.locate(*at(40, -3), window=(1950, 2110))
    assert found is not None
    assert found.at_m == pytest.approx(40, abs=1)


def test_at_a_crossing_of_its_own_a_line_knows_which_time_it_is() -> None:
    first = LOOP.locate(*at(1, 1), window=(0, 60))
    second = LOOP.locate(*at(1, 1), window=(1550, 1700))
    assert first is not None
    assert second is not None
    assert first.at_m < 10
    assert second.at_m == pytest.approx(1600, abs=5)


def test_a_window_without_the_vehicle_finds_nothing() -> None:
    assert LOOP.locate(*at(400, 200), window=(0, 300)) is None
