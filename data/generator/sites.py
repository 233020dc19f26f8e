"""Sites for what needs room of its own beside a street: waterworks, the bus depot."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from shapely import LineString, Point, Polygon, STRtree, distance, dwithin, prepare, union_all
from shapely.affinity import rotate, translate

from data.generator.blocks import Face
from data.generator.network import Edge, Network, beside

OPEN_USES = ("fields", "industry")


@dataclass(frozen=True)
class Site:
    """A rectangle beside a street, the nearest junction, and the street's heading there in radians."""

    shape: Polygon
    node: int
    heading: float

    def spot(self, along: float, across: float) -> Point:
        """A point of the site in its own directions, metres from its middle."""
        middle = self.shape.centroid
        turned = rotate(Point(along, across), self.heading, origin=(0, 0), use_radians=True)
        return Point(middle.x + turned.x, middle.y + turned.y)


class Sites:
    """Finds room in open land along municipal roads, each place once."""

    def __init__(self, net: Network, tiles: list[Face]) -> None:
        self._open = union_all([tile.shape for tile in tiles if tile.use in OPEN_USES])
        self._streets = STRtree([edge.line for edge in net.edges])
        self._roads = [edge for edge in net.edges if edge.municipal]
        self._lines = np.array([edge.line for edge in self._roads])
        self._taken: list[Polygon] = []
        prepare(self._open)
        self._beside_open = np.flatnonzero(dwithin(self._open, self._lines, 16.0))

    def find(self, near: Point, length: float, depth: float) -> Site:
        """The rectangle nearest to `near` that lies in open land along a municipal road and on no carriageway.

        Where there is no such place the rectangle beside the nearest road is taken as it is.
        """
        order = np.argsort(distance(self._lines[self._beside_open], near), kind="stable")
        for number in self._beside_open[order]:
            for found in _beside_edge(self._roads[number], near, length, depth):
                if self._is_free(found.shape):
                    self._taken.append(found.shape)
                    return found
        nearest = self._roads[int(np.argmin(distance(self._lines, near)))]
        return next(_beside_edge(nearest, near, length, depth))

    def _is_free(self, shape: Polygon) -> bool:
        if not self._open.contains(shape) or any(shape.intersects(other) for other in self._taken):
            return False
        return len(self._streets.query(shape.buffer(3), predicate="intersects")) == 0


def _beside_edge(edge: Edge, near: Point, length: float, depth: float) -> Iterator[Site]:
    places = sorted((edge.line.length * part / 6 for part in range(1, 6)), key=lambda at: _gap(edge.line, at, near))
    for at in places:
        for side in (1, -1):
            middle, heading = beside(edge.line, at, side * (edge.width / 2 + depth / 2 + 4))
            shape = _box(length, depth, heading, middle)
            yield Site(shape, edge.start if at < edge.line.length / 2 else edge.end, heading)


def _gap(line: LineString, at: float, near: Point) -> float:
    return float(near.distance(line.interpolate(at)))


def _box(length: float, depth: float, heading: float, middle: Point) -> Polygon:
    box = Polygon(
        [(-length / 2, -depth / 2), (length / 2, -depth / 2), (length / 2, depth / 2), (-length / 2, depth / 2)]
    )
    return translate(rotate(box, heading, origin=(0, 0), use_radians=True), middle.x, middle.y)
