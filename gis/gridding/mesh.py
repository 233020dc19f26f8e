"""Faces between lines, and which of them share how much border of what rank. Pure; one plane in metres."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.gridding.borders import RESISTANCE

Shapes = NDArray[np.object_]
Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Shared:
    """Borders between faces: `one` and `other` are numbers of faces, `length` in metres, `pull` = length ÷ resistance."""

    one: NDArray[np.intp]
    other: NDArray[np.intp]
    length: Numbers
    pull: Numbers


def faces(within: shapely.Geometry, lines: Shapes) -> Shapes:
    """The polygons into which `lines` divide `within`. Their nodes are computed once, so neighbours fit to the last bit."""
    if not len(lines):
        return np.array([part for part in shapely.get_parts(within) if part.area > 0], dtype=object)
    noded = shapely.union_all([shapely.boundary(within), *lines])
    found = np.asarray(shapely.get_parts(shapely.polygonize(shapely.get_parts(noded))), dtype=object)
    shapely.prepare(within)
    inside = shapely.contains(within, shapely.point_on_surface(found))
    return np.asarray(found[inside], dtype=object)


@dataclass(frozen=True)
class Segments:
    """Every side of every ring: its face, and the numbers of its two vertices in `vertices` (lower first)."""

    face: NDArray[np.intp]
    ends: NDArray[np.intp]
    vertices: Numbers


def segments(shapes: Shapes) -> Segments:
    """All sides of some polygons."""
    parts, part_of = shapely.get_parts(shapes, return_index=True)
    rings, ring_part = shapely.get_rings(parts, return_index=True)
    numbers, ring_of = shapely.get_coordinates(rings, return_index=True)
    vertices, number = np.unique(numbers, axis=0, return_inverse=True)
    number = number.reshape(-1)
    same = ring_of[1:] == ring_of[:-1]
    ends = np.sort(np.column_stack([number[:-1], number[1:]])[same], axis=1)
    return Segments(part_of[ring_part[ring_of[:-1][same]]], ends, vertices)


def shared(shapes: Shapes, lines: Shapes, ranks: NDArray[np.int64]) -> Shared:
    """The borders between `shapes`, polygons that fit vertex to vertex; what lies on none of `lines` counts as minor."""
    sides = segments(shapes)
    order = np.lexsort((sides.face, sides.ends[:, 1], sides.ends[:, 0]))
    ends, face = sides.ends[order], sides.face[order]
    twice = np.flatnonzero((ends[1:] == ends[:-1]).all(axis=1) & (face[1:] != face[:-1]))
    pairs = np.sort(np.column_stack([face[twice], face[twice + 1]]), axis=1)
    start, end = sides.vertices[ends[twice, 0]], sides.vertices[ends[twice, 1]]
    length = np.hypot(*(end - start).T)
    pull = length / _resistance((start + end) / 2, lines, ranks)
    return _summed(pairs, length, pull)


def _resistance(middles: Numbers, lines: Shapes, ranks: NDArray[np.int64]) -> Numbers:
    result = np.full(len(middles), RESISTANCE[0])
    if not len(lines) or not len(middles):
        return result
    weights = np.array([RESISTANCE[int(each)] for each in ranks])
    point, line = shapely.STRtree(lines).query(shapely.points(middles), predicate="dwithin", distance=1e-3)
    np.maximum.at(result, point, weights[line])
    return result


def _summed(pairs: NDArray[np.intp], length: Numbers, pull: Numbers) -> Shared:
    if not len(pairs):
        none = np.array([], dtype=np.intp)
        return Shared(none, none, np.array([]), np.array([]))
    unique, which = np.unique(pairs, axis=0, return_inverse=True)
    which = which.reshape(-1)
    return Shared(unique[:, 0], unique[:, 1], _total(which, length), _total(which, pull))


def _total(which: NDArray[np.intp], values: Numbers) -> Numbers:
    return np.bincount(which, values).astype(np.float64)
