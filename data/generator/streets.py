"""The street plan: a skeleton of main roads, then blocks split again and again until the length is reached.

Splitting the largest block first gives the hierarchy for nothing: early cuts become collectors, later ones
branches, and what is cut after the municipal length is used up are lanes inside the blocks. Blocks end at the streets
along the water; only the skeleton and streets drawn for the purpose cross it (bridges.py).
"""

from __future__ import annotations

import heapq
from itertools import count

import numpy as np
from shapely import LineString, MultiPolygon, Point, Polygon, get_parts, prepare, union_all
from shapely.ops import polygonize, split

from data.generator.bridges import BRIDGE_STREET_M, add_bridges, crossings
from data.generator.drawing import Plan, Street, bezier
from data.generator.figures import Figures
from data.generator.frame import random
from data.generator.skeleton import Axes, skeleton, strips
from data.generator.terrain import Terrain

COLLECTOR_BLOCK_M2 = 110_000.0
SMALLEST_BLOCK_M2 = 7_000.0
OUTER_BLOCK_M2 = 70_000.0
"""At the limits fields begin: land there is cut only while it is large."""

SNAP_M = 38.0
DEAD_END_SHARE = 0.095
"""Share of the lanes' length in lanes that end inside a block."""

BENT_SHARE = 0.3
"""Share of cuts that are drawn as a curve one sees."""


def plan(seed: int, targets: Figures, land: Terrain, main: Axes) -> Plan:
    """Draw the whole street plan for the target lengths and the target number of bridges."""
    drawn = Plan()
    skeleton(seed, main, land, drawn)
    missing = max(0, targets.bridges - crossings(drawn, land))
    splitter = _Splitter(random(seed, "blocks"), targets, land, drawn, missing * BRIDGE_STREET_M)
    splitter.run()
    if missing:
        add_bridges(drawn, land, missing)
    return drawn


class _Splitter:
    """Cuts the largest block, over and over, drawing one street per cut."""

    def __init__(
        self, rng: np.random.Generator, targets: Figures, land: Terrain, drawn: Plan, reserved_m: float
    ) -> None:
        self.rng, self.targets, self.land, self.drawn = rng, targets, land, drawn
        self.length = sum(street.line.length for street in drawn.streets) + reserved_m
        self.park_room, self.campus_room = 0.06 * targets.area_m2, 0.05 * targets.area_m2
        self.queue: list[tuple[float, int, Polygon]] = []
        self.ticket = count()
        self.ends: dict[tuple[int, int], list[tuple[float, float, int, float]]] = {}
        self.strip = union_all([strip.buffer(1) for strip in strips(land)])
        prepare(self.strip)

    def run(self) -> None:
        self._first_blocks()
        dead_ends = DEAD_END_SHARE * self.targets.lanes_m
        wanted = self.targets.roads_m + self.targets.lanes_m - dead_ends
        while self.queue and self.length < wanted:
            _, _, block = heapq.heappop(self.queue)
            if self._keep_whole(block):
                continue
            self._split(block)
        self._dead_ends(dead_ends)

    def _dead_ends(self, wanted: float) -> None:
        """Lanes that end inside the blocks, most of them with a turn."""
        blocks = [block for _, _, block in sorted(self.queue, key=lambda item: item[:2])]
        inside = [block for block in blocks if self.drawn.ring.contains(block) and block.area < 60_000]
        for number in self.rng.permutation(len(inside)):
            if wanted <= 0:
                return
            line = self._dead_end(inside[number])
            if line is not None:
                self._add(line, "lane")
                wanted -= line.length

    def _dead_end(self, block: Polygon) -> LineString | None:
        """From the middle of a long side to about the middle of the block, then along it; None where it would not fit."""
        long, short, _ = _sides(block)
        middle = np.array(block.centroid.coords[0]) + self.rng.uniform(-0.12, 0.12) * long
        way = short * self.rng.choice([-1.0, 1.0])
        out = LineString([middle, middle + way]).intersection(block.exterior)
        if out.is_empty:
            return None
        start = np.array(min(get_parts(out), key=Point(*middle).distance).coords[0])
        turn = long * self.rng.choice([-1.0, 1.0]) * self.rng.uniform(0.12, 0.28)
        end = middle + turn if self.rng.random() < 0.65 else middle
        reach = (start - middle) / max(1e-9, float(np.hypot(*(start - middle)))) * 0.5
        line = LineString([start + reach, middle, end] if end is not middle else [start + reach, middle])
        inner = block.buffer(-12.0)
        return line if line.length > 35 and inner.contains(Point(*middle)) and inner.contains(Point(*end)) else None

    def _first_blocks(self) -> None:
        lines = [street.line for street in self.drawn.streets]
        drawing = union_all([*lines, self.land.limit.boundary, self.land.wet.boundary], grid_size=0.01)
        for face in polygonize(drawing):
            inside = face.representative_point()
            if self.land.wet.contains(inside):
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
        long, short, origin = _sides(block)
        at, skew = self.rng.uniform(0.38, 0.62), self.rng.normal(0, 0.035)
        start, end = origin + (at - skew) * long, origin + (at + skew) * long + short
        line = LineString([start - 0.02 * short, end + 0.02 * short])
        inside = max(get_parts(line.intersection(block)), key=lambda part: part.length, default=line)
        start, end = (self._snap(np.array(inside.coords[i]), block) for i in (0, -1))
        along = end - start
        across = np.array([-along[1], along[0]])
        bend = (start + end) / 2 + across * self.rng.normal(0, 0.2 if self.rng.random() < BENT_SHARE else 0.045)
        reach = along / max(1e-9, float(np.hypot(*along))) * 0.5
        return LineString([start - reach, *bezier(start, bend, end, 7)[1:-1], end + reach])

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
        if not near or self.rng.random() < 0.12:
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


def _sides(block: Polygon) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Long and short side of the box around a block, as vectors, and the corner where they start."""
    corners = np.array(block.minimum_rotated_rectangle.exterior.coords)[:4]
    sides = corners[1] - corners[0], corners[3] - corners[0]
    long, short = sorted(sides, key=lambda side: -float(np.hypot(*side)))
    return long, short, corners[0]


def pieces(shape: Polygon | MultiPolygon) -> list[Polygon]:
    """The polygons of a shape."""
    return [part for part in get_parts(shape) if isinstance(part, Polygon)]
