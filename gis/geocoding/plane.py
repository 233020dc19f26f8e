"""Metres, directions and offsets around a WGS 84 point, on a plane that touches the spheroid there. Pure."""

from __future__ import annotations

import math

SEMI_MAJOR_M, FLATTENING = 6_378_137.0, 1 / 298.257223563

DIRECTIONS = ("n", "ne", "e", "se", "s", "sw", "w", "nw")
"""Clockwise from north, 45° each."""


def metres_per_degree(lat: float) -> tuple[float, float]:
    """Of longitude and of latitude at a latitude in degrees; exact to a millimetre within some hundred metres."""
    squared = FLATTENING * (2 - FLATTENING)
    bent = 1 - squared * math.sin(math.radians(lat)) ** 2
    across = SEMI_MAJOR_M / math.sqrt(bent) * math.cos(math.radians(lat))
    return math.radians(1) * max(across, 1.0), math.radians(1) * SEMI_MAJOR_M * (1 - squared) / bent**1.5


def away(start: tuple[float, float], end: tuple[float, float]) -> tuple[float, str]:
    """Metres from one point to another, and the direction in which it lies, one of DIRECTIONS."""
    wide, high = metres_per_degree((start[1] + end[1]) / 2)
    east, north = (end[0] - start[0]) * wide, (end[1] - start[1]) * high
    return math.hypot(east, north), DIRECTIONS[round(math.degrees(math.atan2(east, north)) / 45) % 8]


def moved(point: tuple[float, float], direction: str, metres: float) -> tuple[float, float]:
    """The point so many metres away in one of DIRECTIONS."""
    angle = math.radians(45 * DIRECTIONS.index(direction))
    wide, high = metres_per_degree(point[1])
    return point[0] + metres * math.sin(angle) / wide, point[1] + metres * math.cos(angle) / high
