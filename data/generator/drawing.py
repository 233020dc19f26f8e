"""What a street plan is made of."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from shapely import LineString, Polygon

WIDTHS = {"expressway": 26.0, "arterial": 24.0, "collector": 16.0, "branch": 10.0, "lane": 6.0}
"""Carriageway width in metres by class; the first four are municipal roads."""

MUNICIPAL = ("expressway", "arterial", "collector", "branch")


@dataclass
class Street:
    """One street as drawn: its line in city metres, class, and the street whose name it continues (or itself)."""

    line: LineString
    kind: str
    continues: int
    fixed_name: str | None = None
    carries: bool = False
    """Whether it was drawn to carry a street over water."""


@dataclass
class Plan:
    """What the planners drew: streets in order of importance, parks, and land kept whole (campuses)."""

    streets: list[Street] = field(default_factory=list)
    parks: list[Polygon] = field(default_factory=list)
    campuses: list[Polygon] = field(default_factory=list)
    ring: Polygon = field(default_factory=Polygon)


def bezier(a: np.ndarray, b: np.ndarray, c: np.ndarray, steps: int = 24) -> np.ndarray:
    """Points of a curve from a to c that b draws to its side."""
    t = np.linspace(0, 1, steps)[:, None]
    curve: np.ndarray = (1 - t) ** 2 * a + 2 * t * (1 - t) * b + t**2 * c
    return curve
