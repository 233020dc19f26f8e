"""How far a vehicle has come on its trip: positions set on its line one after the other, never backward. Pure.

The nearest point of a line is not enough: a loop, a lollipop or an out-and-back line passes the same place twice. Where a vehicle
was, and how far it can have come since, leaves a window of the line ahead; in it the nearest place counts that runs the way the
vehicle moves, of nearly equal ones the earlier. What lies off the window waits for a second sighting before the vehicle is taken
to have come farther than it seemed. A position behind the last is noise or standing still. 0, 0 and broken numbers change nothing.

A trip's number often shows before the trip: the vehicle still ends its last round, or turns round at the terminus. So a place is
only supposed, and may still be revised, until the vehicle went on from it for BEGUN_M, and until its time of departure if known.

`advance` takes one position, for vehicles under way; `replay` a whole trip at once, for history. Both decide alike.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Geod

from gis.plane import Plane, plane_of

Numbers = NDArray[np.float64]

FASTEST_M_S = 30.0
AHEAD_M = 150.0
"""The window ends this far beyond what FASTEST_M_S reaches: positions and clocks are off by some seconds."""

BACK_M = 60.0
"""A position may seem so far behind the last one."""

ON_LINE_M = 50.0
"""A position farther from the line is not on it."""

LATER_COSTS = 0.02
"""Metres beside the line that a place counts for each metre of it ahead: the return leg must be clearly nearer than this one."""

WRONG_WAY_M = 40.0
"""Metres beside the line that a place counts where the line runs against the vehicle."""

MOVED_M = 15.0
"""Two positions this far apart tell where a vehicle is heading."""

FIRST_WITHIN_M = 15.0
"""At its first position a vehicle is at the earliest place that fits this nearly as well as the best."""

BEGUN_M = 200.0
"""A trip has begun when its vehicle came this far from where it was first supposed to be."""

EARLY_S = 120.0
"""A vehicle leaves no earlier than this before its time of departure."""

_GEOD = Geod(ellps="WGS84")


@dataclass(frozen=True)
class Track:
    """A line made ready: its sides in metres of `plane`, and how far along the line each begins (ellipsoidal metres)."""

    plane: Plane
    start: Numbers
    side: Numbers
    begins_m: Numbers
    lengths_m: Numbers

    @property
    def length_m(self) -> float:
        """Ellipsoidal length of the whole line."""
        return float(self.begins_m[-1] + self.lengths_m[-1])


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a vehicle is on its trip: once it has `begun`, `at_m` never falls; before, it is where the vehicle is supposed.

    `beside_m` is None where the last position is not on the line. The last that counted: at second `seen_s`, at x, y in the plane.
    """

    at_m: float
    beside_m: float | None
    seen_s: float
    x: float
    y: float
    anchor_m: float
    begun: bool = False
    strays: int = 0

    @property
    def on_line(self) -> bool:
        """Whether the last position counted."""
        return self.beside_m is not None


class _Sight(NamedTuple):
    """One position against every side of the line: metres along and beside; the position itself in the plane, and the time."""

    along: Numbers
    beside: Numbers
    x: float
    y: float
    seen_s: float
    heading: tuple[float, float] | None


def track(line: Numbers) -> Track:
    """Make a line of WGS 84 degrees, shape (n, 2), ready. Vertices that repeat are dropped."""
    kept = line[np.concatenate([[True], (np.diff(line, axis=0) != 0).any(axis=1)])]
    plane = plane_of(shapely.linestrings(kept))
    flat = (kept - (plane.lon, plane.lat)) * (plane.east_m, plane.north_m)
    lengths = np.asarray(_GEOD.inv(kept[:-1, 0], kept[:-1, 1], kept[1:, 0], kept[1:, 1])[2], dtype=np.float64)
    return Track(plane, flat[:-1], np.diff(flat, axis=0), np.concatenate([[0.0], np.cumsum(lengths)[:-1]]), lengths)


def advance(
    on: Track,
    before: Progress | None,
    lon: float,
    lat: float,
    seen_s: float,
    bearing: float | None = None,
    departs_s: float = -np.inf,
) -> Progress | None:
    """Progress after one more position: WGS 84 degrees; seconds on any clock, as the trip's time of departure, if known;
    bearing in degrees from north if known.

    None as long as the vehicle was never on its line. A position not newer than the last changes nothing.
    """
    positions = np.array([[lon, lat]])
    usable, flat = _flat(on, positions)
    if not usable[0]:
        return before and replace(before, beside_m=None)
    along, beside = against(on, flat)
    x, y = flat[0].tolist()
    return _step(on, before, _Sight(along[0], beside[0], x, y, seen_s, _direction(bearing)), departs_s)


def replay(
    on: Track, positions: Numbers, seen_s: Numbers, bearing: Numbers | None = None, departs_s: float = -np.inf
) -> tuple[Numbers, Numbers]:
    """A trip's positions (n, 2), in the order of their times → metres along the line and beside it.

    Along is NaN until the trip has begun; beside is NaN for each position that does not count.
    """
    along_m, beside_m = np.full((2, len(positions)), np.nan)
    usable, flat = _flat(on, positions)
    places = np.flatnonzero(usable)
    along, beside = against(on, flat[places])
    state: Progress | None = None
    number = {int(place): row for row, place in enumerate(places)}
    for place in range(len(positions)):
        if (row := number.get(place)) is None:
            state = state and replace(state, beside_m=None)
        else:
            turn = None if bearing is None else float(bearing[place])
            x, y = flat[place].tolist()
            sight = _Sight(along[row], beside[row], x, y, float(seen_s[place]), _direction(turn))
            state = _step(on, state, sight, departs_s)
        if state is not None:
            along_m[place] = state.at_m if state.begun else np.nan
            beside_m[place] = np.nan if state.beside_m is None else state.beside_m
    return along_m, beside_m


def in_plane(on: Track, lon: float, lat: float) -> tuple[float, float]:
    """A point of WGS 84 degrees in the metres of the line's plane."""
    return (lon - on.plane.lon) * on.plane.east_m, (lat - on.plane.lat) * on.plane.north_m


def against(on: Track, flat: Numbers) -> tuple[Numbers, Numbers]:
    """For every position (metres of the plane) and side of the line: metres along the line of its nearest place, and the distance."""
    size = np.maximum((on.side**2).sum(axis=1), 1e-12)
    gap_x, gap_y = flat[:, 0:1] - on.start[:, 0], flat[:, 1:2] - on.start[:, 1]
    part = np.clip((gap_x * on.side[:, 0] + gap_y * on.side[:, 1]) / size, 0.0, 1.0)
    beside = np.hypot(gap_x - part * on.side[:, 0], gap_y - part * on.side[:, 1])
    return on.begins_m + part * on.lengths_m, beside


def _flat(on: Track, positions: Numbers) -> tuple[NDArray[np.bool_], Numbers]:
    """Which positions can be used, and all of them in the line's plane."""
    somewhere = np.isfinite(positions).all(axis=1) & (np.abs(positions) > 1e-6).any(axis=1)
    usable = somewhere & (np.abs(positions) <= (180, 90)).all(axis=1)
    return np.asarray(usable, dtype=bool), (positions - (on.plane.lon, on.plane.lat)) * (
        on.plane.east_m,
        on.plane.north_m,
    )


def _direction(bearing: float | None) -> tuple[float, float] | None:
    if bearing is None or not np.isfinite(bearing):
        return None
    angle = np.radians(bearing)
    return float(np.sin(angle)), float(np.cos(angle))


def _step(on: Track, before: Progress | None, sight: _Sight, departs_s: float) -> Progress | None:
    cost = sight.beside + _against_the_way(on, before, sight)
    if before is None:
        return _first(sight, cost)
    passed = sight.seen_s - before.seen_s
    if passed <= 0:
        return before
    reach = before.at_m + passed * FASTEST_M_S + AHEAD_M
    ahead = (sight.along >= before.at_m - BACK_M) & (sight.along <= reach)
    later = np.maximum(sight.along - before.at_m, 0.0)
    place = int(np.where(ahead, cost + LATER_COSTS * later, np.inf).argmin())
    if not ahead.any() or sight.beside[place] > ON_LINE_M:
        return _strayed(before, sight, cost) if before.begun else _first(sight, cost) or replace(before, beside_m=None)
    at = max(before.at_m, float(sight.along[place]))
    waits = sight.seen_s < departs_s - EARLY_S and not before.begun
    anchor = at if waits else before.anchor_m
    begun = before.begun or at - anchor >= BEGUN_M
    return _seen(sight, place, at, anchor, begun)


def _seen(sight: _Sight, place: int, at_m: float, anchor_m: float, begun: bool) -> Progress:
    return Progress(at_m, float(sight.beside[place]), sight.seen_s, sight.x, sight.y, anchor_m, begun)


def _first(sight: _Sight, cost: Numbers) -> Progress | None:
    near = (sight.beside <= ON_LINE_M) & (cost <= cost.min() + FIRST_WITHIN_M)
    if not near.any():
        return None
    # The earliest stretch that fits; on it the nearest place.
    first = int(near.argmax())
    end = first + int(np.append(near[first:], False).argmin())
    place = first + int(cost[first:end].argmin())
    at = float(sight.along[place])
    return _seen(sight, place, at, at, False)


def _strayed(before: Progress, sight: _Sight, cost: Numbers) -> Progress:
    """Off the window: at the second such position in turn that lies on the line farther ahead, the vehicle is there."""
    lost = replace(before, beside_m=None, strays=before.strays + 1)
    beyond = (sight.along > before.at_m) & (sight.beside <= ON_LINE_M)
    if not before.strays or not beyond.any():
        return lost
    near = beyond & (cost <= np.where(beyond, cost, np.inf).min() + FIRST_WITHIN_M)
    first = int(near.argmax())
    return _seen(sight, first, float(sight.along[first]), before.anchor_m, True)


def _against_the_way(on: Track, before: Progress | None, sight: _Sight) -> Numbers:
    """What each side of the line costs for running against the vehicle's way, as far as that is known."""
    way = sight.heading
    if way is None and before is not None and np.hypot(sight.x - before.x, sight.y - before.y) > MOVED_M:
        way = (sight.x - before.x, sight.y - before.y)
    if way is None:
        return np.zeros(len(on.side))
    return np.where(on.side[:, 0] * way[0] + on.side[:, 1] * way[1] < 0, WRONG_WAY_M, 0.0)
