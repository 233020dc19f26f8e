"""Where a house number lies along its road: at its door, in a range of one side, between two doors it must lie between. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from gis.geocoding.plane import metres_per_degree

ASIDE_M = 8.0
"""From the middle of the road to its doors, where only the road is known."""

ASIDES_M = {"left": ASIDE_M, "right": -ASIDE_M}

NEXT_DOOR = 10
"""A number that lies outside all doors of its road is put at the last one, if it is no more than so many numbers away."""

Point = tuple[float, float]


class Numbers(NamedTuple):
    """A door (low = high, `shape` a point), or numbers along a line, `low` at its first point.

    `side` is empty for a door; left or right of a piece of road; even, odd or all along a line that runs by the doors themselves.
    """

    low: int
    high: int
    side: str
    shape: BaseGeometry


class Placed(NamedTuple):
    """A WGS 84 point and how it was found: door, range, between, beyond."""

    point: Point
    precision: str


def place(number: int, known: Sequence[Numbers]) -> Placed | None:
    """Where a number is, or None where nothing is known of the numbers around it."""
    doors = [each for each in known if each.side == ""]
    for door in doors:
        if door.low == number:
            return Placed(_at(door.shape), "door")
    for piece in known:
        if piece.side and _holds(piece, number):
            return Placed(_along(piece, number), "range")
    same = sorted((door for door in doors if door.low % 2 == number % 2), key=lambda door: door.low)
    below = [door for door in same if door.low < number]
    above = [door for door in same if door.low > number]
    if below and above:
        return Placed(_between(below[-1], above[0], number), "between")
    nearest = below[-1] if below else above[0] if above else None
    if nearest is not None and abs(nearest.low - number) <= NEXT_DOOR:
        return Placed(_at(nearest.shape), "beyond")
    return None


def number_at(point: Point, pieces: Sequence[Numbers]) -> int | None:
    """The number of the ranges of one piece of road at a point beside it, on the side where the point lies; None without ranges."""
    if not pieces:
        return None
    wide, high = metres_per_degree(point[1])
    line = shapely.transform(pieces[0].shape, lambda xy: (xy - point) * (wide, high))
    at = float(line.project(shapely.Point(0, 0), normalized=True))
    before, after = (line.interpolate(part, normalized=True) for part in (max(0.0, at - 0.01), min(1.0, at + 0.01)))
    left = (after.x - before.x) * (0 - before.y) - (after.y - before.y) * (0 - before.x) > 0
    for piece in pieces:
        if piece.side == ("left" if left else "right"):
            step = 2 if piece.high >= piece.low else -2
            return piece.low + step * round(at * (piece.high - piece.low) / step)
    return None


def _holds(piece: Numbers, number: int) -> bool:
    steps = piece.side == "all" or number % 2 == piece.low % 2
    return steps and min(piece.low, piece.high) <= number <= max(piece.low, piece.high)


def _along(piece: Numbers, number: int) -> Point:
    share = 0.5 if piece.high == piece.low else (number - piece.low) / (piece.high - piece.low)
    origin = _at(piece.shape)
    scale = np.array(metres_per_degree(origin[1]))
    line = shapely.transform(piece.shape, lambda xy: (xy - origin) * scale)
    here = line.interpolate(share, normalized=True)
    before, after = (
        line.interpolate(part, normalized=True) for part in (max(0.0, share - 0.02), min(1.0, share + 0.02))
    )
    ahead = np.array([after.x - before.x, after.y - before.y])
    left = np.array([-ahead[1], ahead[0]]) / max(1e-9, float(np.hypot(*ahead)))
    aside = np.array([here.x, here.y]) + left * ASIDES_M.get(piece.side, 0.0)
    lon, lat = aside / scale + origin
    return float(lon), float(lat)


def _between(below: Numbers, above: Numbers, number: int) -> Point:
    share = (number - below.low) / (above.low - below.low)
    start, end = np.array(_at(below.shape)), np.array(_at(above.shape))
    lon, lat = start + share * (end - start)
    return float(lon), float(lat)


def _at(shape: BaseGeometry) -> Point:
    lon, lat = shapely.get_coordinates(shape)[0]
    return float(lon), float(lat)
