"""Geometry of joining lines: which ends meet, where a line is cut, and the pieces. Pure; metres, arrays of shape (n, 2)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np
import shapely
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from gis.networks.graph import Floats

Splits = dict[int, list[tuple[float, int]]]
"""Where lines are cut: line → (metres along, node)."""

AT_END_M = 0.05
"""Nearer to an end than this is at the end."""

SAME_PLACE_M = 0.001
"""Vertices of two streets are the same vertex when they agree to the millimetre."""


def groups(places: Floats, anchors: Floats, reach_m: float) -> list[tuple[int, int | None]]:
    """For each place the group of those within reach of each other, and the nearest anchor within reach or None."""
    if not len(places):
        return []
    pairs = cKDTree(places).query_pairs(reach_m, output_type="ndarray")
    linked = coo_matrix((np.ones(len(pairs), np.int8), pairs.T), shape=(len(places), len(places)))
    label = connected_components(linked, directed=False)[1]
    if not len(anchors):
        return [(int(group), None) for group in label]
    far, nearest = cKDTree(anchors).query(places, distance_upper_bound=reach_m)
    reached = np.isfinite(far)
    return [(int(g), int(anchor) if near else None) for g, anchor, near in zip(label, nearest, reached, strict=True)]


def at_shared_vertices(
    lines: Sequence[Floats], ends: list[list[int | None]], make: Callable[[float, float], int]
) -> Splits:
    """Nodes where lines share a vertex, and at all ends that have none; fills `ends`, returns where lines are cut."""
    every = np.concatenate(lines) if lines else np.zeros((0, 2))
    _, key, count = np.unique(
        np.round(every / SAME_PLACE_M).astype(np.int64), axis=0, return_inverse=True, return_counts=True
    )
    key = key.reshape(-1)
    node: dict[int, int] = {}
    splits: Splits = {}
    offset = 0
    for number, xy in enumerate(lines):
        keys = key[offset : offset + len(xy)]
        offset += len(xy)
        for side, index in enumerate((0, -1)):
            known = ends[number][side]
            if known is None:
                place = int(keys[index])
                ends[number][side] = node[place] if place in node else node.setdefault(place, make(*xy[index].tolist()))
            else:
                node.setdefault(int(keys[index]), known)
        inner = np.flatnonzero(count[keys[1:-1]] > 1) + 1
        if len(inner):
            along = _along(xy)
            for index in inner.tolist():
                place = int(keys[index])
                found = node[place] if place in node else node.setdefault(place, make(*xy[index].tolist()))
                splits.setdefault(number, []).append((float(along[index]), found))
    return splits


def beside_lines(
    lines: Sequence[Floats], ends: Sequence[Sequence[int | None]], nodes: Floats, reach_m: float, first: int = 0
) -> Splits:
    """Nodes from `first` on that lie within reach of the inside of a line which does not end there cut it."""
    splits: Splits = {}
    if not len(lines) or first >= len(nodes):
        return splits
    tree = shapely.STRtree([shapely.LineString(xy) for xy in lines])
    node, line = tree.query(shapely.points(nodes[first:]), predicate="dwithin", distance=reach_m)
    for at, host in zip((node + first).tolist(), line.tolist(), strict=True):
        x, y = nodes[at]
        if at not in ends[host] and (along := inside(lines[host], float(x), float(y), reach_m)) is not None:
            splits.setdefault(host, []).append((along, at))
    return splits


def nearest(lines: Sequence[Floats], spots: Floats, reach_m: float) -> list[int | None]:
    """The nearest line of each spot, None where none is within reach."""
    found: list[int | None] = [None] * len(spots)
    if not len(lines) or not len(spots):
        return found
    tree = shapely.STRtree([shapely.LineString(xy) for xy in lines])
    spot, line = tree.query_nearest(shapely.points(spots), max_distance=reach_m, all_matches=False)
    for at, host in zip(spot.tolist(), line.tolist(), strict=True):
        found[at] = host
    return found


def inside(xy: Floats, x: float, y: float, margin_m: float = AT_END_M) -> float | None:
    """Metres along a line to the place nearest to (x, y); None where that is at one of its ends."""
    line = shapely.LineString(xy)
    along = float(line.project(shapely.Point(x, y)))
    return along if margin_m < along < line.length - margin_m else None


def cut(xy: Floats, start: int, end: int, at: Iterable[tuple[float, int]]) -> list[tuple[int, int, Floats, float]]:
    """A line in pieces: (node, node, vertices, metres), in the order in which it is drawn."""
    along = _along(xy)
    stops = sorted(set(at))
    places = [0.0, *(metres for metres, _ in stops), float(along[-1])]
    nodes = [start, *(node for _, node in stops), end]
    if not stops:
        return [(start, end, xy, float(along[-1]))]
    pieces = []
    for number in range(len(nodes) - 1):
        low, high = places[number], places[number + 1]
        inner = xy[(along > low + SAME_PLACE_M) & (along < high - SAME_PLACE_M)]
        ends = [[np.interp(place, along, xy[:, axis]) for axis in (0, 1)] for place in (low, high)]
        pieces.append((nodes[number], nodes[number + 1], np.vstack([ends[0], inner, ends[1]]), high - low))
    return pieces


def _along(xy: Floats) -> Floats:
    return np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(xy, axis=0).T))])
