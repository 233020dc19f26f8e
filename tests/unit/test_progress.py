"""Vehicles on lines that pass the same place twice: progress is right, survives noise, and never runs backward."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from gis import progress
from gis.plane import Plane
from gis.progress import BEGUN_M, Progress, Track

Numbers = NDArray[np.float64]
PLANE = Plane(116.4, 39.9, 85_390.0, 111_040.0)

LINES = {
    "straight": [(0, 0), (6000, 0)],
    "out and back": [(0, 0), (3000, 0), (0, 0)],
    "out and back on two sides": [(0, 0), (3000, 0), (3000, 12), (0, 12)],
    "loop": [(0, 0), (1500, 0), (1500, 1500), (0, 1500), (0, 0)],
    "two rounds": [(0, 0), (900, 0), (900, 900), (0, 900), (0, 0), (900, 0), (900, 900), (0, 900), (0, 0)],
    "lollipop": [(0, 0), (2000, 0), (2000, 800), (3000, 800), (3000, -800), (2000, -800), (2000, 0), (0, 0)],
    "figure of eight": [(0, 0), (2000, 2000), (2000, 0), (0, 2000), (0, 0)],
}


def degrees(metres: object) -> Numbers:
    return np.asarray(metres, dtype=np.float64) / (PLANE.east_m, PLANE.north_m) + (PLANE.lon, PLANE.lat)


def at(east: float, north: float) -> tuple[float, float]:
    lon, lat = degrees((east, north)).tolist()
    return lon, lat


def clock(number: int, every_s: float) -> Numbers:
    return np.arange(number, dtype=np.float64) * every_s


def track(name: str) -> Track:
    return progress.track(degrees(LINES[name]))


def run(
    name: str, noise_m: float = 0.0, every_s: float = 30.0, seed: int = 0
) -> tuple[Numbers, Numbers, Numbers, Numbers]:
    """A bus at 8 m/s that stops now and then: true metres along, positions, times, bearings."""
    rng = np.random.default_rng(seed)
    corners = np.array(LINES[name], dtype=np.float64)
    lengths = np.hypot(*np.diff(corners, axis=0).T)
    ends = np.concatenate([[0.0], np.cumsum(lengths)])
    steps = 8.0 * every_s * (rng.random(4000) > 0.2)
    true = np.minimum(np.concatenate([[0.0], np.cumsum(steps)]), ends[-1])
    true = true[: int((true < ends[-1]).sum()) + 1]
    flat = np.column_stack([np.interp(true, ends, corners[:, axis]) for axis in (0, 1)])
    side = np.minimum(np.searchsorted(ends, true, side="right") - 1, len(lengths) - 1)
    bearing = np.degrees(np.arctan2(*np.diff(corners, axis=0)[side].T))
    return true, degrees(flat + rng.normal(0, noise_m, flat.shape)), clock(len(true), every_s), bearing


@pytest.mark.parametrize("name", LINES)
@pytest.mark.parametrize("bearings", [True, False])
def test_a_whole_trip_is_followed(name: str, bearings: bool) -> None:
    true, positions, seen, bearing = run(name)
    along, beside = progress.replay(track(name), positions, seen, bearing if bearings else None)
    begun = ~np.isnan(along)
    assert begun.sum() >= len(true) - 4
    off = np.abs(along - true)[begun]
    assert np.median(off) < 12
    assert off.max() < (30 if bearings else 250), "without a bearing a turn shows one position late"
    assert np.nanmax(beside) < (1 if bearings else progress.ON_LINE_M)
    assert (np.diff(along[begun]) >= 0).all()


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(sorted(LINES)), st.integers(0, 10_000), st.floats(0, 12), st.sampled_from([5.0, 15.0, 30.0, 60.0])
)
def test_noise_never_turns_a_vehicle_round_and_hardly_misplaces_it(
    name: str, seed: int, noise_m: float, every_s: float
) -> None:
    true, positions, seen, bearing = run(name, noise_m, every_s, seed)
    along, beside = progress.replay(track(name), positions, seen, bearing)
    begun = ~np.isnan(along)
    assert (np.diff(along[begun]) >= 0).all()
    assert (beside <= progress.ON_LINE_M).mean() > 0.95
    assert np.median(np.abs(along - true)[begun]) < 40


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.floats(-9000, 9000), st.floats(-9000, 9000)), min_size=1, max_size=30),
    st.sampled_from(sorted(LINES)),
)
def test_whatever_comes_in_progress_never_falls(points: list[tuple[float, float]], name: str) -> None:
    along, _ = progress.replay(track(name), degrees(points), clock(len(points), 20.0))
    known = along[~np.isnan(along)]
    assert (np.diff(known) >= 0).all()


@pytest.mark.parametrize("name", LINES)
def test_one_by_one_is_the_same_as_all_at_once(name: str) -> None:
    _, positions, seen, bearing = run(name, 8.0, 20.0, 5)
    positions[7], positions[12], positions[20] = (0, 0), (np.nan, np.nan), degrees([(400, 4000)])[0]
    on = track(name)
    along, beside = progress.replay(on, positions, seen, bearing, departs_s=60.0)
    state: Progress | None = None
    for number, (lon, lat) in enumerate(positions):
        state = progress.advance(on, state, lon, lat, seen[number], bearing[number], departs_s=60.0)
        now = state.at_m if state is not None and state.begun else np.nan
        off = np.nan if state is None or state.beside_m is None else state.beside_m
        assert np.array_equal([now, off], [along[number], beside[number]], equal_nan=True)


def test_zero_and_broken_positions_change_nothing() -> None:
    on = track("straight")
    state = progress.advance(on, None, *at(100, 3), seen_s=0)
    state = progress.advance(on, state, *at(400, 3), seen_s=30)
    assert state is not None
    assert state.begun
    for lon, lat in ((0.0, 0.0), (np.nan, 39.9), (np.inf, 0.0), (500.0, 39.9)):
        later = progress.advance(on, state, lon, lat, seen_s=60)
        assert later is not None
        assert (later.at_m, later.seen_s, later.on_line) == (state.at_m, 30, False)
    assert progress.advance(on, None, 0.0, 0.0, seen_s=0) is None


def test_an_older_position_changes_nothing() -> None:
    on = track("straight")
    state = progress.advance(on, None, *at(100, 3), seen_s=60)
    assert progress.advance(on, state, *at(900, 3), seen_s=60) == state
    assert progress.advance(on, state, *at(900, 3), seen_s=10) == state


def test_the_end_of_the_round_before_is_not_taken_for_this_one() -> None:
    """The trip's number shows while the vehicle still comes in to the terminus of its loop."""
    on = track("loop")
    came_in = [(0, 140), (0, 70), (0, 10), (0, 0)]
    goes_out = [(200, 0), (450, 0), (800, 0)]
    along, _ = progress.replay(on, degrees(came_in + goes_out), clock(7, 30.0))
    assert np.isnan(along[:4]).all()
    assert along[-1] == pytest.approx(800, abs=3)


def test_before_its_time_of_departure_no_trip_begins() -> None:
    on = track("loop")
    last_round = [(0, 1400 - 240 * step) for step in range(6)]
    this_round = [(240.0 * step, 0) for step in range(1, 5)]
    seen = clock(10, 30.0)
    along, _ = progress.replay(on, degrees(last_round + this_round), seen, departs_s=290.0)
    assert np.isnan(along[:6]).all()
    assert along[-1] == pytest.approx(960, abs=3)


def test_a_detour_is_off_the_line_and_then_found_again() -> None:
    on = track("straight")
    way = [(0, 0), (300, 0), (600, 200), (1200, 400), (1800, 300), (2400, 0), (2700, 0)]
    along, beside = progress.replay(on, degrees(way), clock(7, 60.0))
    assert np.isnan(beside[2:5]).all()
    assert along[2:5] == pytest.approx([300] * 3, abs=1)
    assert along[5:] == pytest.approx([2400, 2700], abs=6)


def test_a_vehicle_that_was_silent_for_long_is_found_on_the_right_leg() -> None:
    on = track("out and back on two sides")
    way = [(0, 0), (300, 0), (600, 0), (2000, 12), (1700, 12), (1400, 12)]
    along, _ = progress.replay(on, degrees(way), np.array([0, 30, 60, 700, 730, 760], dtype=float))
    assert along[-1] == pytest.approx(3000 + 12 + 1600, abs=8)
    assert BEGUN_M < 300
