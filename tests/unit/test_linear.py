"""Stops set on their line: in order, also where the line passes the same place twice."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from pyproj import Geod

from gis import linear

ORIGIN = (116.4, 39.9)
SRID = 4548


def degrees(*metres: tuple[float, float]) -> NDArray[np.float64]:
    """Points (east, north) in metres from ORIGIN as WGS 84 degrees."""
    geod = Geod(ellps="WGS84")
    return np.array(
        [geod.fwd(*ORIGIN, np.degrees(np.arctan2(east, north)), np.hypot(east, north))[:2] for east, north in metres]
    )


def test_a_straight_line() -> None:
    found, beside, _ = linear.along(degrees((0, 0), (1000, 0)), degrees((100, 5), (500, -8), (1000, 0)), SRID)
    assert found == pytest.approx([100, 500, 1000], abs=0.05)
    assert beside == pytest.approx([5, 8, 0], abs=0.05)


def test_out_and_back_on_one_street() -> None:
    """The nearest point would set every stop on the way out."""
    line = degrees((0, 0), (500, 0), (1000, 0), (500, 0), (0, 0))
    found, _, _ = linear.along(line, degrees((10, 0), (600, 3), (990, 0), (600, -3), (10, 0)), SRID)
    assert found == pytest.approx([10, 600, 990, 1400, 1990], abs=0.1)


def test_a_circle_ends_where_it_began() -> None:
    line = degrees((0, 0), (400, 0), (400, 400), (0, 400), (0, 0))
    found, _, _ = linear.along(line, degrees((0, 0), (400, 200), (0, 200), (0, 0)), SRID)
    assert found == pytest.approx([0, 600, 1400, 1600], abs=0.1)


def test_two_rounds_of_a_loop() -> None:
    ring = [(0, 0), (300, 0), (300, 300), (0, 300), (0, 0)]
    line = degrees(*ring, *ring[1:])
    stops = degrees((150, 0), (300, 150), (150, 300), (150, 0), (150, 300))
    found, _, _ = linear.along(line, stops, SRID)
    assert found == pytest.approx([150, 450, 750, 1350, 1950], abs=0.1)


def test_a_stop_drawn_behind_the_one_before_does_not_turn_the_bus_round() -> None:
    found, _, _ = linear.along(degrees((0, 0), (1000, 0)), degrees((500, 0), (480, 0), (900, 0)), SRID)
    assert (np.diff(found) >= 0).all()
    assert found[-1] == pytest.approx(900, abs=0.1)


def test_a_stop_that_is_not_on_the_line_leaves_the_others_alone() -> None:
    """A circular line whose drawing ends early: its last stop lies at the beginning."""
    line = degrees((0, 0), (1000, 0), (1000, 1000), (0, 1000))
    stops = degrees((0, 3), (500, 3), (1000, 500), (500, 1000), (0, 3))
    found, beside, nearest = linear.along(line, stops, SRID)
    assert found[:4] == pytest.approx([0, 500, 1500, 2500], abs=0.1)
    assert beside[:4] == pytest.approx([3, 3, 0, 0], abs=0.1)
    assert beside[4] > 700
    assert nearest[4] == pytest.approx(3, abs=0.1)


@settings(deadline=None)
@given(st.lists(st.integers(0, 3000), min_size=2, max_size=12).map(sorted))
def test_points_of_the_line_find_themselves(at: list[int]) -> None:
    """Whatever the spacing, points taken from the line in order lie on it, in order."""
    line = degrees((0, 0), (1000, 0), (1000, 1000), (0, 1000))
    corner = [(a, 0) if a <= 1000 else (1000, a - 1000) if a <= 2000 else (3000 - a, 1000) for a in at]
    found, beside, _ = linear.along(line, degrees(*corner), SRID)
    assert found == pytest.approx(at, abs=0.2)
    assert beside == pytest.approx(np.zeros(len(at)), abs=0.2)
