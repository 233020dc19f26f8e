"""A way along streets as one tells it: from street to street, which turn, how far, how long. Pure.

Coordinates are WGS 84 degrees. Time is metres by the speed of the street's class (config/street_speeds.toml): without traffic,
lights and one-way streets.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Place = tuple[float, float]


@dataclass(frozen=True)
class Piece:
    """One edge of a way in the direction of travel: its vertices (longitude, latitude), metres, street and class."""

    course: Sequence[Place]
    length_m: float
    name: str
    name_en: str
    street_class: str


@dataclass
class Step:
    """One street of a way. `turn` is how one comes into it: start, straight, slight_left, left, sharp_left, their rights, back."""

    turn: str
    name: str
    name_en: str
    length_m: float
    seconds: float
    lon: float
    lat: float


def steps(way: Sequence[Piece], speeds: Mapping[str, float], other_kmh: float) -> list[Step]:
    """A step for each street, in order; pieces of one street are one step."""
    told: list[Step] = []
    for number, piece in enumerate(way):
        seconds = piece.length_m / (speeds.get(piece.street_class, other_kmh) / 3.6)
        if told and told[-1].name == piece.name:
            told[-1].length_m += piece.length_m
            told[-1].seconds += seconds
            continue
        turn = turn_of(way[number - 1].course, piece.course) if number else "start"
        lon, lat = piece.course[0]
        told.append(Step(turn, piece.name, piece.name_en, piece.length_m, seconds, lon, lat))
    return told


def turn_of(before: Sequence[Place], after: Sequence[Place]) -> str:
    """How one goes from the end of one course into the beginning of the next."""
    angle = (_bearing(after[0], after[1]) - _bearing(before[-2], before[-1]) + 180) % 360 - 180  # right is positive
    size, side = abs(angle), "right" if angle > 0 else "left"
    if size < 20:
        return "straight"
    if size > 165:
        return "back"
    return f"slight_{side}" if size < 50 else side if size < 120 else f"sharp_{side}"


def _bearing(a: Place, b: Place) -> float:
    """Degrees from north, clockwise; a plane is enough for one vertex to the next."""
    return math.degrees(math.atan2((b[0] - a[0]) * math.cos(math.radians(a[1])), b[1] - a[1]))
