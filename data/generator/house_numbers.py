"""House numbers: odd on the left, even on the right of a street that counts from west to east or from south to north."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
from shapely import line_interpolate_point

from data.generator.network import Edge, Network

PLOT_M = 14.0
"""Metres of street to a door."""

Ranges = dict[str, list[int]]


def house_numbers(net: Network, names: dict[int, tuple[str, str]]) -> dict[int, Ranges]:
    """Edge number → numbers_left and numbers_right: [at its first point, at its last], as the line is drawn. Bridges have none.

    A street's pieces follow each other along its longer direction, so that no two have a number in common.
    """
    pieces: dict[str, list[Edge]] = defaultdict(list)
    for edge in net.edges:
        if not edge.bridge:
            pieces[names[edge.street][0]].append(edge)
    found: dict[int, Ranges] = {}
    for street in sorted(pieces):
        _count_along(pieces[street], found)
    return found


def _count_along(edges: list[Edge], found: dict[int, Ranges]) -> None:
    middles = np.array([line_interpolate_point(edge.line, 0.5, normalized=True).coords[0] for edge in edges])
    ends = np.array([point for edge in edges for point in (edge.line.coords[0], edge.line.coords[-1])])
    axis = 0 if np.ptp(ends[:, 0]) >= np.ptp(ends[:, 1]) else 1
    following = 0
    for at in np.lexsort((middles[:, 1 - axis], middles[:, axis])):
        edge = edges[at]
        doors = max(1, int(edge.line.length / PLOT_M))
        odd = [2 * following + 1, 2 * (following + doors) - 1]
        even = [number + 1 for number in odd]
        forward = edge.line.coords[0][axis] <= edge.line.coords[-1][axis]
        sides = (odd, even) if forward else (even[::-1], odd[::-1])
        found[edge.number] = {"numbers_left": sides[0], "numbers_right": sides[1]}
        following += doors
