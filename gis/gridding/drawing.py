"""Unit grids of one community: faces between its streets and banks, the small ones joined, the large ones divided. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.gridding import cutting, knitting, merging, mesh, numbering
from gis.gridding.borders import MINOR, Borders
from gis.gridding.cutting import CLEAR_M, TOO_LARGE, Surroundings
from gis.gridding.knitting import across
from gis.gridding.mesh import Shapes
from gis.plane import Plane, plane_of

TARGET_M2 = 10_000.0
"""The standard's usual area of a unit grid."""

LEAST = 0.5
"""A face below this share of the usual area joins a neighbour."""

WATER = 10.0
"""Wide water is walked by nobody; it is divided at so many times the usual area."""


@dataclass(frozen=True)
class Drawn:
    """Unit grids of a community in the order of their numbers: `shapes` in WGS 84, `flat` in metres of `plane`."""

    shapes: Shapes
    flat: Shapes
    plane: Plane
    around: Borders


def draw(community: shapely.Geometry, lines: Borders, target: float = TARGET_M2) -> Drawn:
    """Divide a community (WGS 84, like `lines`) into unit grids of about `target` m² that cover it and never leave it."""
    plane = plane_of(community)
    flat = plane.to_metres(community, keep=True)
    around = _within(flat, _flat(plane, lines))
    cells = [cell for part in shapely.get_parts(flat) for cell in _part(part, around, target)]
    ordered = np.array(cells, dtype=object)[numbering.in_order(np.array(cells, dtype=object), target)]
    return Drawn(plane.to_degrees(ordered), ordered, plane, around)


def within(community: shapely.Geometry, lines: Borders, plane: Plane) -> Borders:
    """Borders, waters and buildings of a community in metres of its plane; all that comes in is WGS 84."""
    return _within(plane.to_metres(community), _flat(plane, lines))


def _flat(plane: Plane, lines: Borders) -> Borders:
    return Borders(
        plane.to_metres(lines.lines), lines.ranks, plane.to_metres(lines.waters), plane.to_metres(lines.buildings)
    )


def _within(community: shapely.Geometry, around: Borders) -> Borders:
    """Of everything around, the pieces of line within a community, and the waters and buildings that touch it."""
    shapely.prepare(community)
    near = shapely.intersects(community, around.lines)
    apart = community.buffer(-CLEAR_M)
    groups, of = shapely.get_parts(shapely.intersection(around.lines[near], apart), return_index=True)
    pieces, group = shapely.get_parts(groups, return_index=True)
    ranks = around.ranks[near][of[group]]
    kept = (shapely.get_dimensions(pieces) == 1) & (shapely.length(pieces) > 0)
    pieces, ranks = _tied(pieces[kept], ranks[kept], shapely.boundary(community))
    waters = around.waters[shapely.intersects(community, around.waters)] if len(around.waters) else around.waters
    standing = around.buildings
    standing = standing[shapely.intersects(community, standing)] if len(standing) else standing
    return Borders(pieces, ranks, waters, standing)


def _tied(lines: Shapes, ranks: NDArray[np.int64], border: shapely.Geometry) -> tuple[Shapes, NDArray[np.int64]]:
    """Lines that were cut off just before a border, carried across it."""
    ends = shapely.get_coordinates([shapely.get_point(lines, 0), shapely.get_point(lines, -1)])
    near = shapely.distance(shapely.points(ends), border) < 2 * CLEAR_M
    ties = np.array([across(end, border) for end in ends[near]], dtype=object)
    return np.concatenate([lines, ties]), np.concatenate([ranks, np.tile(ranks, 2)[near]])


def _part(part: shapely.Polygon, around: Borders, target: float) -> Shapes:
    firm = around.ranks > MINOR
    lines, ranks = around.lines[firm], around.ranks[firm]
    shapes = mesh.faces(part, lines)
    wet = _wet(shapes, around.waters)
    members = merging.groups(shapes, mesh.shared(shapes, lines, ranks), wet, LEAST * target, TOO_LARGE * target)
    made = merging.joined(shapes, members)
    areas = shapely.area(shapes)
    largest = [max(numbers, key=areas.__getitem__) for numbers in members]
    trees = (shapely.STRtree(some) for some in (lines, around.lines[~firm], around.buildings))
    surroundings = Surroundings(*trees)
    cells = [cell for face, wet_face in zip(made, wet[largest], strict=True)
             for cell in cutting.divided(face, surroundings, target * (WATER if wet_face else 1.0))]  # fmt: skip
    return knitting.knit(part, cells)


def _wet(shapes: Shapes, waters: Shapes) -> NDArray[np.bool_]:
    wet = np.zeros(len(shapes), dtype=bool)
    if len(waters):
        wet[shapely.STRtree(waters).query(shapely.point_on_surface(shapes), predicate="within")[0]] = True
    return wet
