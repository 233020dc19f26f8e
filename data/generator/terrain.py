"""The ground before the city: its limits, the river, the lie of the land."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from shapely import LineString, MultiPolygon, Polygon

from data.generator.figures import Figures
from data.generator.frame import random
from data.generator.names import RIVER

RIVERSIDE_M = 42.0
"""Width of the park strip between the river's bank and the riverside road."""


@dataclass(frozen=True)
class Water:
    """One stretch of water of a kind (river, stream, canal, lake), within the limits and outside larger waters.

    `course` is its centre line (of a lake: the shore), `width` metres across.
    """

    kind: str
    name: tuple[str, str]
    course: LineString
    width: float
    shape: Polygon | MultiPolygon


@dataclass(frozen=True)
class Terrain:
    """Shapes in city metres. `river` is clipped to `limit`; `course` is its centre line, west to east.

    `waters` are all waters, the river first; `wet` is what they cover.
    """

    limit: Polygon
    river: Polygon
    course: LineString
    radius: float
    river_width: float
    phases: tuple[float, ...]
    waters: tuple[Water, ...]
    wet: Polygon | MultiPolygon

    def warp(self, line: LineString, step: float = 25.0) -> LineString:
        """Bend a ruler-straight line the way the whole city bends (shift under 8 % of the radius)."""
        points = np.array([line.interpolate(d).coords[0] for d in _steps(line.length, step)])
        return LineString(points + self._shift(points))

    def level(self, x: float, y: float) -> float:
        """Ground level in metres above sea: falls gently to the river and with it to the east."""
        return 24.0 + 0.0022 * abs(y - river_y(x, self.radius, self.phases)) - 0.0006 * x

    def _shift(self, points: np.ndarray) -> np.ndarray:
        wave = max(900.0, 0.9 * self.radius)
        u, v = 2 * np.pi * points[:, 0] / wave, 2 * np.pi * points[:, 1] / wave
        a, b, c, d = self.phases[:4]
        size = min(0.055 * self.radius, 0.05 * wave)
        return size * np.stack([np.sin(v + a) + 0.5 * np.sin(u + v + b), np.sin(u + c) + 0.5 * np.sin(u - v + d)], 1)


def terrain(seed: int, targets: Figures) -> Terrain:
    """Limits of an irregular town with the target's area, and a river through it, south of the middle."""
    rng = random(seed, "terrain")
    phases = tuple(rng.uniform(0, 2 * np.pi, 8))
    radius = targets.radius_m
    limit = _limit(phases, targets.area_m2)
    width = 40 + 60 * targets.scale**0.5
    reach = np.arange(-1.6 * radius, 1.6 * radius, 20.0)
    course = LineString([(x, river_y(x, radius, phases)) for x in reach])
    banks = [width / 2 * (1 + 0.22 * np.sin(x / 170 + phases[5])) for x in reach]
    river = ribbon(course, np.array(banks)).intersection(limit)
    course = course.intersection(limit)
    first = Water("river", RIVER, course, width * 1.22, river)
    return Terrain(limit, river, course, radius, width, phases, (first,), river)


def river_y(x: float, radius: float, phases: tuple[float, ...]) -> float:
    """Where the river runs at x: two meanders over each other."""
    long, short = max(1400.0, 0.8 * radius), max(620.0, 0.33 * radius)
    wide = 0.085 * np.sin(2 * np.pi * x / long + phases[6])
    narrow = 0.03 * np.sin(2 * np.pi * x / short + phases[7])
    return float(radius * (wide + narrow - 0.2))


def _limit(phases: tuple[float, ...], area: float) -> Polygon:
    angles = np.linspace(0, 2 * np.pi, 90, endpoint=False)
    wobble = 1 + 0.06 * np.cos(2 * angles + phases[0]) + 0.05 * np.cos(3 * angles + phases[1])
    wobble += 0.025 * np.cos(7 * angles + phases[2])
    shape = np.stack([1.08 * wobble * np.cos(angles), 0.95 * wobble * np.sin(angles)], 1)
    return Polygon(shape * np.sqrt(area / Polygon(shape).area))


def ribbon(course: LineString, half_widths: np.ndarray) -> Polygon:
    """The water around a centre line, from half its width at each vertex."""
    points = np.array(course.coords)
    along = np.gradient(points, axis=0)
    normal = np.stack([-along[:, 1], along[:, 0]], 1) / np.linalg.norm(along, axis=1)[:, None]
    side = normal * half_widths[:, None]
    return Polygon(np.concatenate([points + side, (points - side)[::-1]]))


def _steps(length: float, step: float) -> np.ndarray:
    return np.linspace(0, length, max(2, int(length / step) + 1))
