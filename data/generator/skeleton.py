"""The main roads before everything else: which lines they follow, and the roads drawn along them and the waters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from shapely import LineString, MultiLineString, Point, Polygon, get_parts, line_merge, union_all

from data.generator.drawing import Plan, Street, bezier
from data.generator.figures import Figures
from data.generator.frame import random
from data.generator.terrain import RIVERSIDE_M, Terrain, Water

RING_SHARE = 0.83
"""Radius of the ring road as a share of the city's."""

TOWPATH_M = 14.0
"""Green between the bank of a lesser water and the middle of the street beside it."""


@dataclass(frozen=True)
class Axes:
    """Ruler-straight lines of the main roads, before the city bends them, in order from west to east and south to north.

    Each is where it starts and ends: x at y = ∓`reach` for those to the north, y at x = ∓`reach` for those to the east.
    """

    to_north: tuple[tuple[float, float], ...]
    to_east: tuple[tuple[float, float], ...]
    reach: float
    spacing: float

    def northward(self, ends: tuple[float, float]) -> LineString:
        """A line to the north from its two x."""
        return LineString([(ends[0], -self.reach), (ends[1], self.reach)])

    def eastward(self, ends: tuple[float, float]) -> LineString:
        """A line to the east from its two y."""
        return LineString([(-self.reach, ends[0]), (self.reach, ends[1])])


def axes(seed: int, targets: Figures, land: Terrain) -> Axes:
    """Main roads at irregular distances; none runs along the river or the flank of the ring."""
    rng = random(seed, "skeleton")
    spacing = 340 + 560 * targets.scale**0.5
    reach, ring_radius = 1.5 * land.radius, RING_SHARE * land.radius
    found = Axes((), (), reach, spacing)
    to_north = [(x, x + rng.uniform(-0.04, 0.04) * reach) for x in _offsets(rng, spacing, ring_radius)]
    to_east = [(y, y + rng.uniform(-0.04, 0.04) * reach) for y in _offsets(rng, spacing * 1.05, ring_radius)]
    clear = [ends for ends in to_east if land.warp(found.eastward(ends)).distance(land.course) > 0.35 * spacing]
    return Axes(tuple(to_north), tuple(clear), reach, spacing)


def _offsets(rng: np.random.Generator, spacing: float, ring_radius: float) -> list[float]:
    lines = round(2 * 1.3 * ring_radius / spacing)
    places = (np.arange(lines) - (lines - 1) / 2) * spacing + rng.uniform(-0.16, 0.16, lines) * spacing
    return [float(place) for place in places if abs(abs(place) / ring_radius - 1) > 0.3]


def ring_line(land: Terrain) -> LineString:
    """The ring road's closed line."""
    angles = np.linspace(0, 2 * np.pi, 120)
    ring = np.stack([1.06 * np.cos(angles), 0.94 * np.sin(angles)], 1) * RING_SHARE * land.radius
    bent = land.warp(LineString(ring))
    return LineString([*bent.coords[:-1], bent.coords[0]])


def skeleton(seed: int, main: Axes, land: Terrain, drawn: Plan) -> None:
    """Draw the ring, the main roads, the roads along the waters, and an old diagonal."""
    ring = ring_line(land)
    drawn.ring = Polygon(ring)
    draw(drawn, ring, "expressway", land, "环城大道")
    to_north = [land.warp(main.northward(ends)) for ends in main.to_north]
    for line in [*to_north, *(land.warp(main.eastward(ends)) for ends in main.to_east)]:
        draw(drawn, line, "arterial", land)
    for side, name in ((1, "滨河北路"), (-1, "滨河南路")):
        beside = land.course.offset_curve(side * (land.waters[0].width / 2 + RIVERSIDE_M)).simplify(1.5)
        for part in get_parts(beside.intersection(drawn.ring)):
            draw(drawn, part, "collector", land, name)
    _towpaths(land, drawn)
    _diagonal(random(seed, "diagonal"), land, drawn, to_north)


def strips(land: Terrain) -> list[Polygon]:
    """For each water: all between the streets on its banks, and a little more."""
    found = [land.course.buffer(land.waters[0].width / 2 + RIVERSIDE_M + 2)]
    for water in land.waters[1:]:
        if water.kind == "lake":
            found.append(water.shape.buffer(TOWPATH_M + 1))
        else:
            found.append(water.course.buffer(water.width / 2 + TOWPATH_M + 1))
    return found


def _towpaths(land: Terrain, drawn: Plan) -> None:
    """Streets on both banks of the lesser waters, as far as the ring; they end at the streets beside larger waters."""
    beside = strips(land)
    for number, water in enumerate(land.waters[1:], 1):
        # 1.5 m less: the street reaches a little beyond the one it ends at, so that they meet for certain.
        larger = union_all([strip.buffer(-1.5) for strip in beside[:number]])
        for line, name in _banks(water):
            free = line.intersection(drawn.ring.buffer(0.5)).difference(larger)
            for part in get_parts(line_merge(free) if isinstance(free, MultiLineString) else free):
                draw(drawn, part, "collector" if water.kind == "stream" else "branch", land, name)


def _banks(water: Water) -> list[tuple[LineString, str]]:
    away = water.width / 2 + TOWPATH_M
    if water.kind == "lake":
        return [(water.shape.buffer(TOWPATH_M).exterior.simplify(0.5), "环湖路")]
    if water.course.is_closed:
        inside = Polygon(water.course)
        return [
            (inside.buffer(away).exterior.simplify(0.5), "护城河路"),
            (inside.buffer(-away).exterior.simplify(0.5), "顺城街"),
        ]
    start, end = np.array(water.course.coords[0]), np.array(water.course.coords[-1])
    east, north = np.abs(end - start)
    left, right = ("西", "东") if north > east else ("北", "南")
    if (end[1] < start[1]) if north > east else (end[0] < start[0]):
        left, right = right, left
    stem = water.name[0].rstrip("河渠")
    return [
        (water.course.offset_curve(away).simplify(1.0), f"{stem}{left}路"),
        (water.course.offset_curve(-away).simplify(1.0), f"{stem}{right}路"),
    ]


def _diagonal(rng: np.random.Generator, land: Terrain, drawn: Plan, to_north: list[LineString]) -> None:
    """An old road that leaves the middle at an angle for the station, ending at the ring."""
    start = np.array(
        min(to_north, key=lambda line: line.distance(Point(0, 0))).interpolate(0.5, normalized=True).coords[0]
    )
    start += (0, 0.04 * land.radius)
    away = np.deg2rad(rng.uniform(36, 48))
    end = start + land.radius * 1.2 * np.array([np.cos(away), np.sin(away)])
    middle = (start + end) / 2 + rng.uniform(-0.05, 0.05, 2) * land.radius
    line = LineString(bezier(start, middle, end)).intersection(drawn.ring)
    draw(drawn, line, "arterial", land, "迎宾路")


def draw(drawn: Plan, line: LineString | MultiLineString, kind: str, land: Terrain, name: str | None = None) -> None:
    """Add a street as far as the limits; its parts share the name."""
    first = len(drawn.streets)
    for part in get_parts(line.intersection(land.limit)):
        if part.length > 60:
            drawn.streets.append(Street(part, kind, first, name))
