"""Responsibility grids: contiguous groups of unit grids with about equal lengths of street. Pure; metres.

The unit grids of a community and their common borders are a graph. A part is cut off where a spanning tree of the graph, cut at
one edge, falls into two trees of the wanted lengths; both are therefore contiguous. Of many trees, drawn with a fixed seed and
leaning to long common borders, the evenest with the shortest new border is taken (recombination, as for electoral districts).
"""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import breadth_first_order, connected_components, minimum_spanning_tree

from gis.gridding.mesh import Numbers, Shapes, Shared

STEP_M = 10.0
"""Streets are measured by points so far apart; a point on a border counts half on either side."""

ON_BORDER_M = 1.0
LEAST_M = 20.0
"""What a unit grid without a street costs the inspector all the same."""

TREES = 40
EVEN = 0.1
"""Parts within this share of the wanted length are equally good; then the shorter border decides."""


def street_metres(shapes: Shapes, lines: Shapes) -> Numbers:
    """Metres of street in each unit grid, LEAST_M at least."""
    metres = np.full(len(shapes), LEAST_M)
    counts = np.ceil(shapes_length := shapely.length(lines) / STEP_M).astype(int) if len(lines) else np.array([], int)
    if not counts.sum():
        return metres
    line = np.repeat(np.arange(len(lines)), counts)
    place = (np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts) + 0.5) / counts[line]
    points = shapely.line_interpolate_point(lines[line], place, normalized=True)
    point, cell = shapely.STRtree(shapes).query(points, predicate="dwithin", distance=ON_BORDER_M)
    each = (shapes_length * STEP_M / np.maximum(counts, 1))[line]
    times = np.bincount(point, minlength=len(points))
    np.add.at(metres, cell, each[point] / times[point])
    return metres


def groups(metres: Numbers, borders: Shared, wanted: int) -> NDArray[np.intp]:
    """The group of each unit grid, counted from 0: `wanted` groups, more where the ground does not hang together."""
    size = len(metres)
    graph = coo_matrix((borders.length, (borders.one, borders.other)), shape=(size, size)).tocsr()
    count, component = connected_components(graph, directed=False)
    totals = np.bincount(component, metres, minlength=count).astype(np.float64)
    shares = _shares(totals, wanted)
    owner = np.zeros(size, dtype=np.intp)
    first = 0
    for number in range(count):
        _bisect(np.flatnonzero(component == number), int(shares[number]), first, metres, borders, owner)
        first += int(shares[number])
    return np.asarray(np.unique(owner, return_inverse=True)[1].reshape(-1), dtype=np.intp)


def _shares(totals: Numbers, wanted: int) -> NDArray[np.intp]:
    """How many groups each piece of ground gets: one, and the rest one by one to where a group is longest."""
    given = np.ones(len(totals), dtype=np.intp)
    for _ in range(wanted - len(totals)):
        given[int((totals / given).argmax())] += 1
    return given


def _bisect(
    members: NDArray[np.intp], parts: int, first: int, metres: Numbers, borders: Shared, owner: NDArray[np.intp]
) -> None:
    owner[members] = first
    if parts < 2 or len(members) < 2:
        return
    part = _cut_off(members, parts // 2 / parts, metres, borders)
    inside = np.isin(members, part)
    _bisect(members[inside], parts // 2, first, metres, borders, owner)
    _bisect(members[~inside], parts - parts // 2, first + parts // 2, metres, borders, owner)


def _cut_off(members: NDArray[np.intp], share: float, metres: Numbers, borders: Shared) -> NDArray[np.intp]:
    """The members of a contiguous part with about this share of the length, whose rest is contiguous too."""
    number = {int(member): place for place, member in enumerate(members)}
    inside = np.isin(borders.one, members) & np.isin(borders.other, members)
    one = np.array([number[int(each)] for each in borders.one[inside]], dtype=np.intp)
    other = np.array([number[int(each)] for each in borders.other[inside]], dtype=np.intp)
    length, weight = borders.length[inside], metres[members]
    rng = np.random.default_rng(len(members))
    best: tuple[float, float] = (np.inf, np.inf)
    chosen = np.zeros(len(members), dtype=bool)
    for _ in range(TREES):
        draw = rng.random(len(one)) / np.sqrt(length)
        tree = minimum_spanning_tree(coo_matrix((draw + 1e-9, (one, other)), shape=(len(members),) * 2).tocsr())
        part, off = _subtree(tree, weight, share)
        border = float(length[part[one] != part[other]].sum())
        if (max(off, EVEN), border) < best:
            best, chosen = (max(off, EVEN), border), part
    return members[chosen]


def _subtree(tree: coo_matrix, weight: Numbers, share: float) -> tuple[NDArray[np.bool_], float]:
    """The part of a tree below one edge whose weight is nearest to `share`, and how far off it is, relative to it."""
    order, parent = breadth_first_order(tree, 0, directed=False)
    below = weight.copy()
    for node in order[:0:-1]:
        below[parent[node]] += below[node]
    wanted = share * weight.sum()
    off = np.minimum(np.abs(below - wanted), np.abs(weight.sum() - below - wanted))
    off[0] = np.inf
    top = int(off.argmin())
    part = np.zeros(len(weight), dtype=bool)
    part[top] = True
    for node in order[1:]:
        part[node] |= part[parent[node]]
    if abs(below[top] - wanted) > abs(weight.sum() - below[top] - wanted):
        part = ~part
    return part, float(off[top] / wanted)
