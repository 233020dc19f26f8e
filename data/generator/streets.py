"""The street plan: a skeleton of main roads, then blocks split again and again until the length is reached.

Splitting the largest block first gives the hierarchy for nothing: early cuts become collectors, later ones
branches, and what is cut after the municipal length is used up are lanes inside the blocks. Only the skeleton may
cross the river, so a bridge stands exactly where a street meets water.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from itertools import count

import numpy as np
from shapely import LineString, MultiLineString, MultiPolygon, Point, Polygon, get_parts, union_all
from shapely.ops import polygonize, split

from data.generator.figures import Figures
from data.generator.frame import random
from data.generator.terrain import RIVERSIDE_M, Terrain

WIDTHS = {"expressway": 26.0, "arterial": 24.0, "collector": 16.0, "branch": 10.0, "lane": 6.0}
"""Carriageway width in metres by class; the first four are municipal roads."""

MUNICIPAL = ("expressway", "arterial", "collector", "branch")
COLLECTOR_BLOCK_M2 = 110_000.0
SMALLEST_BLOCK_M2 = 7_000.0
OUTER_BLOCK_M2 = 70_000.0
"""At the limits fields begin: land there is cut only while it is large."""

SNAP_M = 38.0


@dataclass
class Street:
    """One street as drawn: its line in city metres, class, and the street whose name it continues (or itself)."""

    line: LineString
    kind: str
    continues: int
    fixed_name: str | None = None


@dataclass
class Plan:
    """What the planners drew: streets in order of importance, parks, and land kept whole (campuses)."""

    streets: list[Street] = field(default_factory=list)
    parks: list[Polygon] = field(default_factory=list)
    campuses: list[Polygon] = field(default_factory=list)
    ring: Polygon = field(default_factory=Polygon)


def plan(seed: int, targets: Figures, land: Terrain) -> Plan:
    """Draw the whole street plan for the target lengths."""
    drawn = Plan()
    _skeleton(random(seed, "skeleton"), targets, land, drawn)
    _Splitter(random(seed, "blocks"), targets, land, drawn).run()
    return drawn


def _skeleton(rng: np.random.Generator, targets: Figures, land: Terrain, drawn: Plan) -> None:
    spacing = 340 + 560 * targets.scale**0.5
    ring_radius = 0.83 * land.radius
    angles = np.linspace(0, 2 * np.pi, 120)
    ring = land.warp(LineString(np.stack([1.06 * np.cos(angles), 0.94 * np.sin(angles)], 1) * ring_radius))
    ring = LineString([*ring.coords[:-1], ring.coords[0]])
    drawn.ring = Polygon(ring)
    _draw(drawn, ring, "expressway", land, "环城大道")
    reach = 1.5 * land.radius
    north_south = []
    for offset in _offsets(rng, spacing, ring_radius):
        north_south.append(
            land.warp(LineString([(offset, -reach), (offset + rng.uniform(-0.06, 0.06) * reach, reach)]))
        )
        _draw(drawn, north_south[-1], "arterial", land)
    for offset in _offsets(rng, spacing * 1.05, ring_radius):
        line = land.warp(LineString([(-reach, offset), (reach, offset + rng.uniform(-0.04, 0.04) * reach)]))
        if line.distance(land.course) > 0.35 * spacing:
            _draw(drawn, line, "arterial", land)
    for side, name in ((1, "滨河北路"), (-1, "滨河南路")):
        beside = land.course.offset_curve(side * (1.22 * land.river_width / 2 + RIVERSIDE_M)).simplify(1.5)
        for part in get_parts(beside.intersection(drawn.ring)):
            _draw(drawn, part, "collector", land, name)
    _diagonal(rng, land, drawn, north_south)


def _offsets(rng: np.random.Generator, spacing: float, ring_radius: float) -> list[float]:
    """Positions of parallel main roads, irregular, none running along the flank of the ring."""
    lines = round(2 * 1.3 * ring_radius / spacing)
    places = (np.arange(lines) - (lines - 1) / 2) * spacing + rng.uniform(-0.16, 0.16, lines) * spacing
    return [float(place) for place in places if abs(abs(place) / ring_radius - 1) > 0.3]


def _diagonal(rng: np.random.Generator, land: Terrain, drawn: Plan, north_south: list[LineString]) -> None:
    """An old road that leaves the middle at an angle for the station, ending at the ring."""
    start = np.array(
        min(north_south, key=lambda line: line.distance(Point(0, 0))).interpolate(0.5, normalized=True).coords[0]
    )
    start += (0, 0.04 * land.radius)
    away = np.deg2rad(rng.uniform(36, 48))
    end = start + land.radius * 1.2 * np.array([np.cos(away), np.sin(away)])
    middle = (start + end) / 2 + rng.uniform(-0.05, 0.05, 2) * land.radius
    line = LineString(_bezier(start, middle, end)).intersection(drawn.ring)
    _draw(drawn, line, "arterial", land, "迎宾路")


def _bezier(a: np.ndarray, b: np.ndarray, c: np.ndarray, steps: int = 24) -> np.ndarray:
    t = np.linspace(0, 1, steps)[:, None]
    curve: np.ndarray = (1 - t) ** 2 * a + 2 * t * (1 - t) * b + t**2 * c
    return curve


def _draw(drawn: Plan, line: LineString | MultiLineString, kind: str, land: Terrain, name: str | None = None) -> None:
    first = len(drawn.streets)
    for part in get_parts(line.intersection(land.limit)):
        if part.length > 60:
            drawn.streets.append(Street(part, kind, first, name))


class _Splitter:
    """Cuts the largest block, over and over, drawing one street per cut."""

    def __init__(self, rng: np.random.Generator, targets: Figures, land: Terrain, drawn: Plan) -> None:
        self.rng, self.targets, self.land, self.drawn = rng, targets, land, drawn
        self.length = sum(street.line.length for street in drawn.streets)
        self.park_room, self.campus_room = 0.06 * targets.area_m2, 0.05 * targets.area_m2
        self.queue: list[tuple[float, int, Polygon]] = []
        self.ticket = count()
        self.ends: dict[tuple[int, int], list[tuple[float, float, int, float]]] = {}
        self.strip = land.course.buffer(1.22 * land.river_width / 2 + RIVERSIDE_M + 2)

    def run(self) -> None:
        self._first_blocks()
        wanted = self.targets.roads_m + self.targets.lanes_m
        while self.queue and self.length < wanted:
            _, _, block = heapq.heappop(self.queue)
            if self._keep_whole(block):
                continue
            self._split(block)

    def _first_blocks(self) -> None:
        lines = [street.line for street in self.drawn.streets]
        drawing = union_all([*lines, self.land.limit.boundary, self.land.river.boundary], grid_size=0.01)
        for face in polygonize(drawing):
            inside = face.representative_point()
            if self.land.river.contains(inside):
                continue
            if face.intersection(self.strip).area > 0.9 * face.area:
                self.drawn.parks.append(face)
            else:
                self._push(face)

    def _push(self, block: Polygon) -> None:
        at_limits = block.distance(self.land.limit.boundary) < 1
        if block.area > (OUTER_BLOCK_M2 if at_limits else SMALLEST_BLOCK_M2):
            heapq.heappush(self.queue, (-block.area * self._weight(block), next(self.ticket), block))

    def _weight(self, block: Polygon) -> float:
        """The middle of the town is cut finer; beyond the ring land stays in large pieces."""
        centre = block.centroid
        distance = np.hypot(centre.x, centre.y - 0.1 * self.land.radius) / self.land.radius
        return float(2.0 - 1.5 * min(1.0, distance)) * (1.0 if self.drawn.ring.contains(centre) else 0.4)

    def _keep_whole(self, block: Polygon) -> bool:
        round_enough = block.area / block.minimum_rotated_rectangle.area > 0.6
        if not 18_000 < block.area < 75_000 or not round_enough:
            return False
        apart = all(block.distance(park) > 150 for park in self.drawn.parks)
        if self.park_room > block.area and apart and self.rng.random() < 0.35:
            self.drawn.parks.append(block)
            self.park_room -= block.area
            return True
        if self.campus_room > block.area and self.rng.random() < 0.15:
            self.campus_room -= block.area
            self.drawn.campuses.append(block)
            return True
        return False

    def _split(self, block: Polygon) -> None:
        for _ in range(5):
            cut = self._cut(block)
            pieces = [piece for piece in get_parts(split(block, cut)) if piece.area > 1]
            if len(pieces) > 1 and min(piece.area for piece in pieces) > 0.12 * block.area:
                break
        else:
            return
        kind = self._kind(block)
        for part in get_parts(cut.intersection(block)):
            if part.length > 30:
                self._add(part, kind)
        for piece in pieces:
            self._push(piece)

    def _kind(self, block: Polygon) -> str:
        if self.length >= self.targets.roads_m:
            return "lane"
        return "collector" if block.area > COLLECTOR_BLOCK_M2 else "branch"

    def _cut(self, block: Polygon) -> LineString:
        """A slightly bent line across the block's long side, joined to a junction across the road where one is near."""
        corners = np.array(block.minimum_rotated_rectangle.exterior.coords)[:4]
        sides = corners[1] - corners[0], corners[3] - corners[0]
        long, short = sorted(sides, key=lambda side: -float(np.hypot(*side)))
        origin = corners[0]
        at, skew = self.rng.uniform(0.38, 0.62), self.rng.normal(0, 0.035)
        start, end = origin + (at - skew) * long, origin + (at + skew) * long + short
        line = LineString([start - 0.02 * short, end + 0.02 * short])
        inside = max(get_parts(line.intersection(block)), key=lambda part: part.length, default=line)
        start, end = (self._snap(np.array(inside.coords[i]), block) for i in (0, -1))
        along = end - start
        across = np.array([-along[1], along[0]])
        bend = (start + end) / 2 + across * self.rng.normal(0, 0.045)
        reach = along / max(1e-9, float(np.hypot(*along))) * 0.5
        return LineString([start - reach, *_bezier(start, bend, end, 7)[1:-1], end + reach])

    def _snap(self, point: np.ndarray, block: Polygon) -> np.ndarray:
        cell = (int(point[0] // SNAP_M), int(point[1] // SNAP_M))
        near = [
            end
            for dx in (-1, 0, 1)
            for dy in (-1, 0, 1)
            for end in self.ends.get((cell[0] + dx, cell[1] + dy), [])
            if np.hypot(end[0] - point[0], end[1] - point[1]) < SNAP_M
            and block.exterior.distance(Point(end[0], end[1])) < 0.5
        ]
        if not near or self.rng.random() < 0.25:
            return point
        best = min(near, key=lambda end: np.hypot(end[0] - point[0], end[1] - point[1]))
        return np.array(best[:2])

    def _add(self, line: LineString, kind: str) -> None:
        number = len(self.drawn.streets)
        street = Street(line, kind, number)
        coords = np.array(line.coords)
        for end, inner in ((coords[0], coords[1]), (coords[-1], coords[-2])):
            cell = (int(end[0] // SNAP_M), int(end[1] // SNAP_M))
            heading = float(np.arctan2(*(inner - end)[::-1]))
            for x, y, other, facing in self.ends.get(cell, []):
                opposite = abs(np.angle(np.exp(1j * (facing - heading - np.pi)))) < 0.4
                if np.hypot(x - end[0], y - end[1]) < 2 and opposite and self.drawn.streets[other].kind == kind:
                    street.continues = self.drawn.streets[other].continues
            self.ends.setdefault(cell, []).append((float(end[0]), float(end[1]), number, heading))
        self.drawn.streets.append(street)
        self.length += line.length


def pieces(shape: Polygon | MultiPolygon) -> list[Polygon]:
    """The polygons of a shape."""
    return [part for part in get_parts(shape) if isinstance(part, Polygon)]
