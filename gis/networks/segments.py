"""What valves can shut off: pipes cut at their valves, the pieces joined into segments, once for a network. Pure.

A segment is the smallest piece that can be isolated: nodes and pipes between which no valve stands (Walski 1993). The result
equals WNTR's `metrics.valve_segments` (tests/unit/test_segments.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from gis.networks.graph import Graph, Ints, Mask

START, END = 0, 1


@dataclass(frozen=True)
class Cuts:
    """Where valves stand: `edge` and `side` (START or END) beside which node, and the `valve`, counted from 0.

    A valve that stands in a junction of several pipes has several cuts. Arrays have the shape (cuts,).
    """

    edge: Ints
    side: Ints
    valve: Ints

    @classmethod
    def of(cls, rows: Iterable[tuple[int, int, int]]) -> Cuts:
        """From rows (edge, side, valve)."""
        table = np.array(list(rows), dtype=np.int64).reshape(-1, 3)
        return cls(table[:, 0], table[:, 1], table[:, 2])


@dataclass(frozen=True)
class Segments:
    """`node` and `edge` hold segment numbers. `inner` and `outer` are the two segments at each cut, of pipe and of node."""

    count: int
    node: Ints
    edge: Ints
    inner: Ints
    outer: Ints


def divide(graph: Graph, cuts: Cuts) -> Segments:
    """Join nodes and edges wherever no valve separates them.

    Edges that nothing passes through (closed pipes) are separated at both ends.
    """
    joined = np.repeat(graph.passable[:, None], 2, axis=1)
    joined[cuts.edge, cuts.side] = False
    ends = np.stack([graph.start, graph.end], axis=1)
    edge, side = np.nonzero(joined)
    size = graph.nodes + graph.edges
    pairs = coo_matrix((np.ones(len(edge), np.int8), (ends[edge, side], graph.nodes + edge)), shape=(size, size))
    count, label = connected_components(pairs, directed=False)
    node, pipe = label[: graph.nodes].astype(np.int64), label[graph.nodes :].astype(np.int64)
    return Segments(count, node, pipe, pipe[cuts.edge], node[ends[cuts.edge, cuts.side]])


def cuts_at_nodes(graph: Graph, standing: Iterable[tuple[int, int]]) -> list[tuple[int, int, int]]:
    """Cuts of valves that stand in nodes, from pairs (node, valve).

    Between two pipes one cut is enough: the node itself stays with the other pipe. In a junction of more, the valve's body
    is shut off from all of them.
    """
    wanted = dict(standing)
    arms: dict[int, list[tuple[int, int]]] = {node: [] for node in wanted}
    listed: Mask = np.zeros(graph.nodes, bool)
    listed[list(wanted)] = True
    for side, ends in ((START, graph.start), (END, graph.end)):
        for edge in np.flatnonzero(listed[ends]).tolist():
            arms[int(ends[edge])].append((edge, side))
    found = []
    for node, valve in wanted.items():
        met = sorted(arms[node])
        found += [(edge, side, valve) for edge, side in (met[:1] if len(met) <= 2 else met)]
    return found
