"""Sites for what needs room of its own beside a street: waterworks, the bus depot."""

from __future__ import annotations

from dataclasses import dataclass

from shapely import LineString, Point, Polygon, STRtree, union_all
from shapely.affinity import rotate, translate

from data.generator.blocks import Face
from data.generator.network import Network, beside

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


def site(net: Network, tiles: list[Face], near: Point, length: float, depth: float) -> Site:
    """The rectangle nearest to `near` that lies in open land along a municipal road and on no carriageway.

    Where there is no such place the rectangle beside the nearest road is taken as it is.
    """
    open_land = union_all([tile.shape for tile in tiles if tile.use in OPEN_USES])
    streets = STRtree([edge.line for edge in net.edges])
    roads = sorted((edge for edge in net.edges if edge.municipal), key=lambda edge: edge.line.distance(near))
    first: Site | None = None
    for edge in roads:
        for at in sorted(
            (edge.line.length * part / 6 for part in range(1, 6)), key=lambda at: _gap(edge.line, at, near)
        ):
            for side in (1, -1):
                middle, heading = beside(edge.line, at, side * (edge.width / 2 + depth / 2 + 4))
                shape = _box(length, depth, heading, middle)
                found = Site(shape, edge.start if at < edge.line.length / 2 else edge.end, heading)
                first = first or found
                clear = len(streets.query(shape.buffer(3), predicate="intersects")) == 0
                if clear and open_land.contains(shape):
                    return found
    assert first is not None
    return first


def _gap(line: LineString, at: float, near: Point) -> float:
    return float(near.distance(line.interpolate(at)))


def _box(length: float, depth: float, heading: float, middle: Point) -> Polygon:
    box = Polygon(
        [(-length / 2, -depth / 2), (length / 2, -depth / 2), (length / 2, depth / 2), (-length / 2, depth / 2)]
    )
    return translate(rotate(box, heading, origin=(0, 0), use_radians=True), middle.x, middle.y)
