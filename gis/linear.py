"""Where things lie along a line: metres from its start for a sequence of points that never goes backward. Pure.

The nearest point of a line is not enough: a bus line that runs out and back on one street, or round in a circle, passes the
same place twice. Of all ways to set the points on the line in their order, the one with the least sum of squared distances is
taken (dynamic programming over the line's segments), so that each point pulls its neighbours to the right passage. Of places
that fit equally well the earlier one counts.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from pyproj import Geod, Transformer

Numbers = NDArray[np.float64]
BELONGS_M = 100.0
"""A point farther from the line than this does not belong to it."""

TIE_M2 = 1e-3
"""What the last segment costs more than the first, in square metres: decides between passages equal to the last bit or nearly."""

_GEOD = Geod(ellps="WGS84")


def length_m(line: Numbers) -> float:
    """Ellipsoidal length in metres of a line of WGS 84 degrees, shape (n, 2)."""
    return float(_segment_lengths(line).sum())


class Along(NamedTuple):
    """For each point: metres along the line (never falling), metres beside it there, and metres to the line anywhere.

    Where the last is small and the one before it large, the point lies on the line, but not in this order.
    """

    along_m: Numbers
    beside_m: Numbers
    nearest_m: Numbers


def along(line: Numbers, points: Numbers, work_srid: int) -> Along:
    """Set the points on the line in their order.

    `line` (n, 2) and `points` (m, 2) are WGS 84 degrees; nearness is measured in the plane `work_srid`, lengths on the ellipsoid.
    """
    to_plane = Transformer.from_crs(4326, work_srid, always_xy=True)
    flat_line = np.column_stack(to_plane.transform(line[:, 0], line[:, 1]))
    flat_points = np.column_stack(to_plane.transform(points[:, 0], points[:, 1]))
    part, offset = _onto_segments(flat_line, flat_points)
    lengths = _segment_lengths(line)
    starts = np.concatenate([[0.0], np.cumsum(lengths)[:-1]])
    chosen = _in_order(part, _cost(offset) + np.linspace(0, TIE_M2, len(lengths)))
    rows = np.arange(len(points))
    metres = starts[chosen] + part[rows, chosen] * lengths[chosen]
    return Along(np.maximum.accumulate(metres), offset[rows, chosen], offset.min(axis=1))


def _cost(offset: Numbers) -> Numbers:
    """Squared up to BELONGS_M, then hardly rising: a point that is not on the line at all must not pull its neighbours away."""
    return np.minimum(offset, BELONGS_M) ** 2 + np.maximum(offset - BELONGS_M, 0.0)


def _segment_lengths(line: Numbers) -> Numbers:
    return np.asarray(_GEOD.inv(line[:-1, 0], line[:-1, 1], line[1:, 0], line[1:, 1])[2], dtype=np.float64)


def _onto_segments(line: Numbers, points: Numbers) -> tuple[Numbers, Numbers]:
    """For every point and segment: the share of the segment at which the point lies nearest (0–1), and the distance."""
    start, across = line[:-1], np.diff(line, axis=0)
    size = np.maximum((across**2).sum(axis=1), 1e-12)
    part, offset = np.empty((2, len(points), len(start)))
    for number, point in enumerate(points):  # one by one: a railway's shape has tens of thousands of segments
        part[number] = np.clip(((point - start) * across).sum(axis=1) / size, 0.0, 1.0)
        offset[number] = np.hypot(*(point - start - part[number][:, None] * across).T)
    return part, offset


def _in_order(part: Numbers, cost: Numbers) -> NDArray[np.intp]:
    """The segment of each point: the cheapest choice in which no point lies before the one ahead of it in the list."""
    points, segments = part.shape
    best = cost[0]
    came = np.zeros((points, segments), dtype=np.intp)
    for number in range(1, points):
        # The cheapest place for the earlier point up to each segment; the earliest of equals.
        cheapest = np.minimum.accumulate(best)
        fresh = np.concatenate([[True], best[1:] < cheapest[:-1]])
        where = np.maximum.accumulate(np.where(fresh, np.arange(segments), 0))
        before, before_at = np.concatenate([[np.inf], cheapest[:-1]]), np.concatenate([[0], where[:-1]])
        same = part[number] >= part[number - 1]
        stays = same & (best <= before)
        came[number] = np.where(stays, np.arange(segments), before_at)
        best = cost[number] + np.where(stays, best, before)
    if not np.isfinite(best).any():  # more points fall back on the only segment than a line can take: keep the nearest
        return np.asarray(cost.argmin(axis=1), dtype=np.intp)
    chosen = np.zeros(points, dtype=np.intp)
    chosen[-1] = int(best.argmin())
    for number in range(points - 1, 0, -1):
        chosen[number - 1] = came[number, chosen[number]]
    return chosen
