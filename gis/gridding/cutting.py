"""Dividing faces that are too large to be one unit grid. Pure; metres.

First along what is there: lanes and paths, and dead ends carried on to the other side. What is still too large is cut straight
across its long axis, where the cut is short, meets few buildings and leaves equal halves.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from gis.gridding import merging, mesh
from gis.gridding.knitting import across
from gis.gridding.mesh import Numbers, Shapes

TOO_LARGE = 1.6
"""A face of more than this many unit grids' area is divided: two of 8,000 m² walk as well as one of 16,000."""

LEAST_PART = 0.35
"""A part below this share of a unit grid's area is no part of its own."""

REACH_M = 120.0
"""A dead end closer than this to the far side of its block is carried on to it; a longer way would part nothing that stands."""

CLEAR_M = 0.3
"""A line closer than this to a face's border runs along it and does not part the face."""

SNAP_M = 2.0
"""A cut that would end this close to a corner ends in the corner."""

ROUND = 0.28
"""A part along paths that is less compact than this (4π × area ÷ perimeter²) is no part that somebody would draw."""

SHIFTS = (0.0, 0.07, -0.07, 0.14, -0.14, 0.2, -0.2)
"""Where a straight cut may lie, off the point of equal halves, in unit grids along the axis."""

BUILDING_COST = 4.0
"""A metre of cut through a building counts as so many in the open."""

ASKEW_COST = 120.0
"""Metres of cut that a shift by one whole unit grid is worth."""

OTHER_AXIS = 1.3
"""A face longer than this many times its width is only cut across its length."""


class Surroundings(NamedTuple):
    """What may lie in a face, each with its index: streets that parted nothing so far, paths, buildings."""

    streets: shapely.STRtree
    paths: shapely.STRtree
    buildings: shapely.STRtree


def divided(face: BaseGeometry, around: Surroundings, target: float) -> list[BaseGeometry]:
    """Parts of about `target` m² of a face that fit each other vertex to vertex but for corners on a neighbour's side."""
    if face.area <= TOO_LARGE * target:
        return [face]
    for lines in (around.streets, around.paths):
        parts = _along(face, lines, target)
        if len(parts) > 1:
            return [cell for part in parts for cell in divided(part, around, target)]
    halves = _halves(face, around.buildings, target)
    if len(halves) < 2:
        return halves
    # A half is asked again for streets: one that ended in the open now meets the cut.
    return [cell for half in halves for cell in divided(half, around, target)]


def _along(face: BaseGeometry, tree: shapely.STRtree, target: float) -> Shapes:
    """Parts of a face along the lines in it, none much smaller than a unit grid; the face itself where they part nothing."""
    near = tree.geometries[tree.query(face, predicate="intersects")]
    pieces = shapely.get_parts(shapely.intersection(near, face.buffer(-CLEAR_M))) if len(near) else near
    lines = pieces[(shapely.get_dimensions(pieces) == 1) & (shapely.length(pieces) > 1.0)]
    if not len(lines):
        return np.array([face], dtype=object)
    lines = np.concatenate([lines, carried_on(face, lines)])
    found = mesh.faces(face, lines)
    if len(found) < 2:
        return found
    borders = mesh.shared(found, lines, np.ones(len(lines), dtype=np.int64))
    dry = np.zeros(len(found), dtype=bool)
    members = merging.groups(found, borders, dry, LEAST_PART * target, TOO_LARGE * target, least_round=ROUND)
    return merging.joined(found, members)


def carried_on(face: BaseGeometry, lines: Shapes) -> Shapes:
    """For each dead end within a face the straight continuation to the next line or the face's border, within REACH_M."""
    border = shapely.boundary(face)
    noded = shapely.get_parts(shapely.node(shapely.MultiLineString(list(lines))))
    noded = noded[shapely.length(noded) > 0]
    ends = shapely.get_coordinates([shapely.get_point(noded, 0), shapely.get_point(noded, -1)])
    before = shapely.get_coordinates([shapely.get_point(noded, 1), shapely.get_point(noded, -2)])
    _, first, times = np.unique(ends, axis=0, return_index=True, return_counts=True)
    dead = first[times == 1]
    gap = shapely.distance(shapely.points(ends[dead]), border)
    # A ray meets few of what may be a whole city's lines: they are asked for by a tree, the border in its single segments.
    obstacles = shapely.STRtree(np.concatenate([noded, _segments(border)]))
    found = [
        across(ends[end], border) if metres < SNAP_M else _ray(ends[end], ends[end] - before[end], obstacles)
        for end, metres in zip(dead, gap, strict=True)
    ]
    return np.array([line for line in found if line is not None], dtype=object)


def _segments(lines: BaseGeometry) -> Shapes:
    """The straight pieces between neighbouring vertices."""
    places, of = shapely.get_coordinates(shapely.get_parts(lines), return_index=True)
    inner = of[1:] == of[:-1]
    return np.asarray(shapely.linestrings(np.stack([places[:-1][inner], places[1:][inner]], axis=1)))


def _ray(start: Numbers, direction: Numbers, obstacles: shapely.STRtree) -> BaseGeometry | None:
    unit = direction / max(float(np.hypot(*direction)), 1e-9)
    ray = shapely.linestrings([start + 1e-3 * unit, start + REACH_M * unit])
    met = obstacles.geometries[obstacles.query(ray, predicate="intersects")]
    hits = shapely.get_coordinates(shapely.intersection(met, ray))
    if not len(hits):
        return None
    nearest = hits[np.hypot(*(hits - start).T).argmin()]
    return shapely.linestrings([start, nearest + 1e-6 * unit])


def _halves(face: BaseGeometry, buildings: shapely.STRtree, target: float) -> list[BaseGeometry]:
    """Both sides of the best straight cut (more where a face is ragged). A face that no cut parts well comes back whole."""
    wanted = max(2, round(face.area / target))
    standing = buildings.geometries[buildings.query(face, predicate="intersects")]
    for cut in _cuts(face, wanted, standing):
        pieces = _tidied(mesh.faces(face, np.array([cut], dtype=object)), target)
        if len(pieces) > 1:
            return list(pieces)
    return [face]


def _cuts(face: BaseGeometry, wanted: int, buildings: Shapes) -> list[BaseGeometry]:
    """Straight cuts of a face into `wanted` ÷ 2 and the rest, the best first."""
    corners = shapely.get_coordinates(shapely.minimum_rotated_rectangle(face))
    sides = sorted((corners[1] - corners[0], corners[3] - corners[0]), key=lambda side: -float(np.hypot(*side)))
    sizes = [float(np.hypot(*side)) for side in sides]
    axes = [(sides[0], sides[1])]
    if sizes[0] < OTHER_AXIS * sizes[1]:
        axes.append((sides[1], sides[0]))
    shapely.prepare(face)
    rated: list[tuple[float, int, BaseGeometry]] = []
    for length, width in axes:
        even = _even_share(face, corners[0], length, width, (wanted // 2) / wanted)
        for shift in SHIFTS:
            foot = corners[0] + (even + shift / wanted) * length
            line = _snapped(face, foot - width, foot + 2 * width)
            if line is not None:
                rated.append((_cost(line, shift, buildings), len(rated), line))
    return [line for _, _, line in sorted(rated, key=lambda each: each[:2])]


def _even_share(face: BaseGeometry, corner: Numbers, along: Numbers, across: Numbers, share: float) -> float:
    """How far along its axis a face has `share` of its area behind it, within a hundredth (false position)."""
    low, high, low_area, high_area = 0.0, 1.0, 0.0, 1.0
    at = share
    for _ in range(6):
        quad = [corner - across - along, corner - across + at * along, corner + 2 * across + at * along]
        behind = face.intersection(shapely.polygons([*quad, corner + 2 * across - along])).area / face.area
        if abs(behind - share) < 0.01:
            break
        low, low_area, high, high_area = (
            (at, behind, high, high_area) if behind < share else (low, low_area, at, behind)
        )
        at = low + (high - low) * (share - low_area) / max(high_area - low_area, 1e-9)
    return at


def _cost(line: BaseGeometry, shift: float, buildings: Shapes) -> float:
    through = float(shapely.length(shapely.intersection(buildings, line)).sum()) if len(buildings) else 0.0
    return float(line.length) + BUILDING_COST * through + ASKEW_COST * abs(shift)


def _snapped(face: BaseGeometry, start: Numbers, end: Numbers) -> BaseGeometry | None:
    """The part of a line within a face, ending in corners that are near, else a hair beyond the border."""
    parts = shapely.get_parts(shapely.intersection(face, shapely.linestrings([start, end])))
    parts = parts[(shapely.get_dimensions(parts) == 1) & (shapely.length(parts) > 0)]
    if not len(parts):
        return None
    corners = shapely.get_coordinates(face)
    unit = (end - start) / np.hypot(*(end - start))
    drawn = []
    for part in parts:
        ends = shapely.get_coordinates(part)[[0, -1]]
        near = [corners[np.hypot(*(corners - each).T).argmin()] for each in ends]
        beyond = (ends[0] - 1e-6 * unit, ends[1] + 1e-6 * unit)
        drawn.append([
            corner if np.hypot(*(corner - each)) < SNAP_M else over
            for corner, each, over in zip(near, ends, beyond, strict=True)
        ])  # fmt: skip
    return shapely.multilinestrings([shapely.linestrings(each) for each in drawn])


def _tidied(pieces: Shapes, target: float) -> Shapes:
    """The pieces of a cut, without the tips that it cuts off a ragged face."""
    if len(pieces) < 2:
        return pieces
    none = np.array([], dtype=object)
    borders = mesh.shared(pieces, none, np.array([], dtype=np.int64))
    dry = np.zeros(len(pieces), dtype=bool)
    return merging.joined(pieces, merging.groups(pieces, borders, dry, LEAST_PART * target, np.inf))


def compactness(shapes: Shapes) -> Numbers:
    """4π × area ÷ perimeter²: 1 for a circle, 0.785 for a square, 0.5 for a strip four times as long as wide."""
    return np.asarray(4 * np.pi * shapely.area(shapes) / shapely.length(shapes) ** 2, dtype=np.float64)
