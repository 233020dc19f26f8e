"""A network as arrays: nodes 0…n-1, edges with two ends and a length in metres. Pure.

Matrices are SciPy's compressed rows; they are made once for a graph and kept with it.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import breadth_first_order, connected_components, dijkstra

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

SHORTEST_M = 1e-6
"""Length that an edge without one counts with in matrices, where zero would mean no edge."""


@dataclass(frozen=True)
class Path:
    """The way from one node to another: nodes in order, the edges between them, metres in all."""

    nodes: Ints
    edges: Ints
    length_m: float


@dataclass(frozen=True)
class Graph:
    """`start` and `end` hold node numbers, shape (edges,); `passable` is False for edges that nothing goes through."""

    nodes: int
    start: Ints
    end: Ints
    length_m: Floats
    passable: Mask

    @classmethod
    def of(cls, nodes: int, start: Ints, end: Ints, length_m: Floats, passable: Mask | None = None) -> Graph:
        """A graph whose edges are all passable unless stated."""
        return cls(nodes, start, end, length_m, np.ones(len(start), bool) if passable is None else passable)

    @property
    def edges(self) -> int:
        """How many edges there are."""
        return len(self.start)

    @cached_property
    def degree(self) -> Ints:
        """How many edges end at each node; an edge that returns to its node counts twice."""
        return np.bincount(self.start, minlength=self.nodes) + np.bincount(self.end, minlength=self.nodes)

    @cached_property
    def _downward(self) -> csr_matrix:
        return _links(self.nodes, self.start[self.passable], self.end[self.passable])

    @cached_property
    def _upward(self) -> csr_matrix:
        return _links(self.nodes, self.end[self.passable], self.start[self.passable])

    @cached_property
    def _ways(self) -> tuple[csr_matrix, Ints]:
        """Both directions, of parallel edges the shortest, with the edge behind each entry."""
        edge = np.flatnonzero(self.passable)
        rows = np.concatenate([self.start[edge], self.end[edge]])
        columns = np.concatenate([self.end[edge], self.start[edge]])
        length = np.maximum(np.concatenate([self.length_m[edge]] * 2), SHORTEST_M)
        both = np.concatenate([edge, edge])
        order = np.lexsort((both, length, columns, rows))
        rows, columns, length, both = rows[order], columns[order], length[order], both[order]
        first = np.ones(len(rows), bool)
        first[1:] = (rows[1:] != rows[:-1]) | (columns[1:] != columns[:-1])
        matrix = csr_matrix((length[first], (rows[first], columns[first])), shape=(self.nodes, self.nodes))
        return matrix, both[first]

    def upstream(self, node: int) -> Mask:
        """Nodes from which something flows to `node`, itself included, shape (nodes,)."""
        return _reached(self._upward, node, self.nodes)

    def downstream(self, node: int) -> Mask:
        """Nodes to which what is at `node` flows, itself included, shape (nodes,)."""
        return _reached(self._downward, node, self.nodes)

    def edges_above(self, edge: int) -> Ints:
        """Edges whose water comes through `edge`, with `edge` itself, ascending."""
        above = self.upstream(int(self.start[edge]))[self.end] & self.passable
        above[edge] = True
        return np.flatnonzero(above)

    def edges_below(self, edge: int) -> Ints:
        """Edges through which the water of `edge` goes, with `edge` itself, ascending."""
        below = self.downstream(int(self.end[edge]))[self.start] & self.passable
        below[edge] = True
        return np.flatnonzero(below)

    @cached_property
    def parts(self) -> Ints:
        """Number of the connected part of each node, directions ignored, shape (nodes,)."""
        label: Ints = connected_components(self._downward, directed=False)[1].astype(np.int64)
        return label

    @cached_property
    def circles(self) -> list[Ints]:
        """Sets of nodes around which something could flow for ever: a mistake in a sewer."""
        count, label = connected_components(self._downward, directed=True, connection="strong")
        large = np.flatnonzero(np.bincount(label, minlength=count) > 1)
        return [np.flatnonzero(label == number) for number in large]

    def far(self, origin: int) -> Floats:
        """Metres from a node to every node, directions ignored, shape (nodes,); infinite where no way leads."""
        found: Floats = dijkstra(self._ways[0], indices=origin)
        return found

    def path(self, origin: int, target: int) -> Path | None:
        """The shortest way in metres, directions ignored; None where there is none."""
        matrix, _edge_of = self._ways
        far, before = dijkstra(matrix, indices=origin, return_predecessors=True)
        if not np.isfinite(far[target]):
            return None
        nodes = [target]
        while nodes[-1] != origin:
            nodes.append(int(before[nodes[-1]]))
        nodes.reverse()
        edges = [self._edge_between(a, b) for a, b in itertools.pairwise(nodes)]
        chosen = np.array(edges, dtype=np.int64)
        return Path(np.array(nodes), chosen, float(self.length_m[chosen].sum()))

    def _edge_between(self, a: int, b: int) -> int:
        matrix, edge_of = self._ways
        low, high = matrix.indptr[a], matrix.indptr[a + 1]
        return int(edge_of[low + int(np.searchsorted(matrix.indices[low:high], b))])


def _links(nodes: int, origin: Ints, target: Ints) -> csr_matrix:
    return csr_matrix((np.ones(len(origin), np.int8), (origin, target)), shape=(nodes, nodes))


def _reached(matrix: csr_matrix, node: int, nodes: int) -> Mask:
    reached = np.zeros(nodes, bool)
    reached[breadth_first_order(matrix, node, directed=True, return_predecessors=False)] = True
    return reached
