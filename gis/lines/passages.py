"""Every place at which a line passes a point: metres from its start, and metres beside it. Pure.

A line that runs there and back, round in a circle or over itself passes one place several times; the nearest point alone hides
that. A passage is where the distance to the line is least for a while: a bend beside the point is still one passage, the way back
on the same street is another, however close the two carriageways lie.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from gis import progress
from gis.progress import Track

Numbers = NDArray[np.float64]

SAME_STREET_M = 25.0
"""A passage so much farther away than the nearest one is of another street, and not meant."""

RISES_M = 10.0
"""Between two passages in the same direction the line is at least so much farther away than at either."""

CLOSE_M = 5.0
"""Two places of a line not farther apart than this are one, whichever way it runs: the tip of a turn, a trembling survey."""

HAIR_M = 1e-6
"""Metres along a line and along its sides differ by rounding."""

JOINED_M = 30.0
"""Pieces of a line whose ends lie so close are one line."""


@dataclass(frozen=True)
class Passage:
    """Metres along the line and beside it; `eastward`, `northward`: which way the line runs there (metres of its side)."""

    at_m: float
    beside_m: float
    eastward: float
    northward: float


def passages(on: Track, lon: float, lat: float, within_m: float) -> list[Passage]:
    """The passages of a point (WGS 84 degrees) not farther away than `within_m`, in the order of the line."""
    x, y = progress.in_plane(on, lon, lat)
    along, beside = progress.against(on, np.array([[x, y]]))
    corner = np.hypot(on.start[:, 0] - x, on.start[:, 1] - y)
    reach = min(within_m, float(beside.min()) + SAME_STREET_M)
    found: list[Passage] = []
    for side in _lows(along[0] - on.begins_m, on.lengths_m):
        each = _passage(on, along[0], beside[0], side)
        if each.beside_m > reach:
            continue
        if found and _same(on, corner, found[-1], each):
            found[-1] = min(found[-1], each, key=lambda one: one.beside_m)
        else:
            found.append(each)
    return found


def nearest(on: Track, lon: float, lat: float) -> Passage:
    """The place of the whole line that is nearest to a point, however far."""
    along, beside = progress.against(on, np.array([progress.in_plane(on, lon, lat)]))
    return _passage(on, along[0], beside[0], int(beside[0].argmin()))


def point(on: Track, at_m: float) -> tuple[float, float]:
    """Longitude and latitude (WGS 84) at so many metres along the line."""
    lon, lat = shapely.get_coordinates(on.plane.to_degrees(shapely.points(_at(on, at_m))))[0].round(7).tolist()
    return lon, lat


def stretch(on: Track, from_m: float, to_m: float) -> shapely.LineString:
    """The line from so many metres to so many, in WGS 84 degrees."""
    within = on.start[(on.begins_m > from_m) & (on.begins_m < to_m)]
    line = shapely.linestrings(np.vstack([_at(on, from_m), within, _at(on, to_m)]))
    return on.plane.to_degrees(line)


def chained(pieces: Sequence[Numbers]) -> Numbers | None:
    """Pieces of a line (WGS 84 degrees) in their order as one line, each turned so that it goes on; None where one does not."""
    line = pieces[0]
    for number, piece in enumerate(pieces[1:]):
        if number == 0 and min(_gaps(line[::-1], piece)) < min(_gaps(line, piece)):
            line = line[::-1]
        ahead, turned = _gaps(line, piece)
        if min(ahead, turned) > JOINED_M:
            return None
        line = np.concatenate([line, piece if ahead <= turned else piece[::-1]])
    return line


def _at(on: Track, at_m: float) -> Numbers:
    side = max(0, int(np.searchsorted(on.begins_m, at_m, side="right")) - 1)
    part = min(1.0, (at_m - on.begins_m[side]) / max(on.lengths_m[side], 1e-9))
    return np.asarray(on.start[side] + part * on.side[side])


def _gaps(line: Numbers, piece: Numbers) -> tuple[float, float]:
    """Metres from the end of a line to the beginning, and to the end, of the next piece."""
    scale = np.array([111_195.0 * np.cos(np.radians(line[-1, 1])), 111_195.0])
    ahead, turned = np.hypot(*((piece[[0, -1]] - line[-1]) * scale).T)
    return float(ahead), float(turned)


def _passage(on: Track, along: Numbers, beside: Numbers, side: int) -> Passage:
    return Passage(float(along[side]), float(beside[side]), *map(float, on.side[side]))


def _lows(into: Numbers, lengths: Numbers) -> list[int]:
    """Sides on which the distance is least for a while, from how far into each side its nearest place lies.

    That is a foot within the side, or a corner from which the line leads away on both sides.
    """
    starts, ends = into <= HAIR_M, into >= lengths - HAIR_M
    opens = np.concatenate([[True], ends[:-1]])
    closes = np.concatenate([starts[1:], [True]])
    within = ~starts & ~ends
    return [int(side) for side in np.flatnonzero(within | (starts & opens) | (ends & closes))]


def _same(on: Track, corner: Numbers, first: Passage, second: Passage) -> bool:
    """Whether two lows are one passage: the line runs the same way at both and does not leave in between.

    `corner`: metres from the point to the start of each side; between two lows the line is farthest at one of them.
    """
    if second.at_m - first.at_m < CLOSE_M:
        return True
    if first.eastward * second.eastward + first.northward * second.northward < 0:
        return False
    between = corner[(on.begins_m > first.at_m) & (on.begins_m <= second.at_m)]
    return float(between.max(initial=0.0)) < max(first.beside_m, second.beside_m) + RISES_M
