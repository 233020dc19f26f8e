"""What lies between the streets: water, green, campuses, and blocks of buildings.

Residential blocks are filled with rows of slabs facing south, as in Chinese estates; the old town with small
courtyards; the centre with podiums along the street; the edge with sheds and fields.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from shapely import (
    Point,
    Polygon,
    STRtree,
    area,
    buffer,
    contains_properly,
    get_parts,
    get_type_id,
    intersection,
    intersects,
    polygons,
    prepare,
    transform,
    union_all,
)
from shapely.affinity import rotate
from shapely.ops import polygonize

from data.generator.drawing import Plan
from data.generator.frame import random
from data.generator.network import GRID_M, Network
from data.generator.terrain import Terrain

POLYGON = 3
"""Shapely's number of the type."""

GREEN = ("park", "riverside")


@dataclass(frozen=True)
class Face:
    """One piece of the city between streets and banks; all faces together tile the city's limits."""

    shape: Polygon
    use: str
    bank: int

    @property
    def centre(self) -> Point:
        return self.shape.representative_point()


@dataclass(frozen=True)
class Building:
    """A footprint with its use and number of storeys."""

    shape: Polygon
    use: str
    levels: int


def faces(seed: int, drawn: Plan, net: Network, land: Terrain) -> list[Face]:
    """Cut the city along streets, banks and the middle of the river, and give each piece a use."""
    rng = random(seed, "uses")
    lines = [net.linework, land.limit.boundary, land.wet.boundary, land.course]
    found = sorted(polygonize(union_all(lines, grid_size=GRID_M)), key=lambda face: face.bounds)
    found = [face for face in found if land.limit.buffer(0.05).contains(face.representative_point())]
    parks, campuses = STRtree(drawn.parks), STRtree(drawn.campuses)
    old_town = _old_town(rng, land)
    return [_face(shape, land, drawn, parks, campuses, old_town, rng) for shape in found if shape.area > 1]


def _face(
    shape: Polygon,
    land: Terrain,
    drawn: Plan,
    parks: STRtree,
    campuses: STRtree,
    old_town: Polygon,
    rng: np.random.Generator,
) -> Face:
    inside = shape.representative_point()
    nearest = land.course.interpolate(land.course.project(inside))
    bank = 1 if inside.y >= nearest.y else -1
    draw = rng.random()
    if land.wet.contains(inside):
        return Face(shape, "water", bank)
    if len(parks.query(inside, predicate="within")):
        return Face(shape, "riverside" if inside.distance(land.wet) < 60 else "park", bank)
    if len(campuses.query(inside, predicate="within")):
        return Face(shape, "school" if draw < 0.6 else "hospital", bank)
    if old_town.contains(inside):
        return Face(shape, "old_town", bank)
    if not drawn.ring.contains(inside):
        return Face(shape, "industry" if draw < 0.45 else "fields", bank)
    middle = np.hypot(inside.x, inside.y - 0.15 * land.radius) / land.radius
    if draw < 0.75 - 1.9 * middle:
        return Face(shape, "commercial", bank)
    return Face(shape, "industry" if middle > 0.65 and draw > 0.85 else "residential", bank)


def _old_town(rng: np.random.Generator, land: Terrain) -> Polygon:
    """The walled town that stood here first: on the north bank, left of the middle."""
    centre = land.course.interpolate(0.4, normalized=True)
    return Point(centre.x, centre.y + 0.3 * land.radius).buffer(float(rng.uniform(0.2, 0.24)) * land.radius)


def buildings(seed: int, tiles: list[Face], net: Network) -> list[Building]:
    """Fill every built-up face; nothing stands in a street."""
    rng = random(seed, "buildings")
    lines = np.array([edge.line for edge in net.edges])
    taken_by = buffer(lines, np.array([edge.width / 2 + 4.0 for edge in net.edges]), quad_segs=2)
    streets = STRtree(lines)
    built: list[Building] = []
    for tile in tiles:
        if tile.use in ("water", *GREEN):
            continue
        taken = union_all(taken_by[streets.query(tile.shape, predicate="dwithin", distance=1.0)])
        for plot in get_parts(tile.shape.difference(taken).buffer(-1.0)):
            if plot.area > 250:
                built.extend(_fill(rng, plot, tile.use))
    return built


def _fill(rng: np.random.Generator, plot: Polygon, use: str) -> list[Building]:
    if use == "fields":
        return _rows(rng, plot, use, (11, 9, 5, 5), 0.16, (1, 2), 0.35)
    if use == "old_town":
        return _rows(rng, plot, use, (13, 9, 3, 4), 0.85, (1, 2), 0.25)
    if use == "commercial":
        return _rows(rng, plot, use, (34, 26, 10, 12), 0.78, (4, 22), 0.3)
    if use == "industry":
        return _rows(rng, plot, use, (62, 28, 16, 18), 0.7, (1, 2), 0.25)
    if use in ("school", "hospital"):
        return _rows(rng, plot, use, (52, 16, 18, 26), 0.6, (3, 9), 0.3)
    towers = rng.random() < 0.4
    size = (24, 15, 14, 30) if towers else (46, 12, 9, 20)
    return _rows(rng, plot, use, size, 0.93, (15, 28) if towers else (5, 7), 0.15)


def _rows(
    rng: np.random.Generator,
    plot: Polygon,
    use: str,
    size: tuple[float, float, float, float],
    share: float,
    storeys: tuple[int, int],
    jitter: float,
) -> list[Building]:
    """Rows of boxes (length, depth, gap beside, gap between rows) turned with the plot but never far from south."""
    length, depth, beside, between = size
    turn = _orientation(plot)
    centre = plot.centroid
    upright = rotate(plot, -turn, origin=centre)
    west, south, east, north = upright.bounds
    columns = np.arange(west + 2, east, length + beside)
    rows = np.arange(south + 2, north, depth + between)
    if not len(columns) or not len(rows):
        return []
    x, y = (grid.ravel() for grid in np.meshgrid(columns, rows))
    x = x + rng.uniform(0, beside * 0.5, len(x))
    longer = length * rng.uniform(1 - jitter, 1, len(x))
    deeper = depth * rng.uniform(1 - jitter, 1, len(x))
    corners = np.stack([x, y, x + longer, y, x + longer, y + deeper, x, y + deeper, x, y], 1).reshape(-1, 5, 2)
    boxes = polygons(corners)
    prepare(upright)
    inside = contains_properly(upright, boxes)
    kept = rng.random(len(boxes)) < share
    over_edge = kept & ~inside & intersects(upright, boxes)
    shapes = boxes.copy()
    shapes[over_edge] = intersection(upright, boxes[over_edge])
    whole = get_type_id(shapes) == POLYGON
    fitting = kept & (inside | over_edge) & whole & (area(shapes) > 0.55 * area(boxes))
    levels = rng.integers(storeys[0], storeys[1] + 1, int(fitting.sum()))
    turned = _turned(shapes[fitting], turn, centre)
    return [Building(shape, use, int(high)) for shape, high in zip(turned, levels, strict=True)]


def _turned(shapes: np.ndarray, degrees: float, centre: Point) -> np.ndarray:
    """All shapes turned anticlockwise about one point."""
    angle = np.deg2rad(degrees)
    matrix = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    middle = np.array([centre.x, centre.y])
    return np.asarray(transform(shapes, lambda xy: (xy - middle) @ matrix + middle))


def _orientation(plot: Polygon) -> float:
    """Turn of the plot's box in degrees, within ±45° of facing south."""
    corners = np.array(plot.minimum_rotated_rectangle.exterior.coords)
    along = corners[1] - corners[0]
    return float((np.degrees(np.arctan2(along[1], along[0])) + 45) % 90 - 45)
