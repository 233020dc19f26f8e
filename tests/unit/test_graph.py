"""Up, down, connected, shortest: against a plain walk with networkx on random graphs."""

from __future__ import annotations

import networkx as nx
import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gis.networks.graph import Graph

PAIRS = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(1, 50)), min_size=1, max_size=30)


def graph_of(rows: list[tuple[int, int, int]]) -> Graph:
    table = np.array(rows)
    return Graph.of(10, table[:, 0], table[:, 1], table[:, 2].astype(float))


@settings(deadline=None)
@given(PAIRS, st.integers(0, 9), st.integers(0, 9))
@example([(0, 1, 1), (1, 0, 2)], 0, 1)
def test_every_question_has_the_answer_of_a_plain_walk(rows: list[tuple[int, int, int]], a: int, b: int) -> None:
    graph = graph_of(rows)
    plain = nx.MultiDiGraph()
    plain.add_nodes_from(range(10))
    plain.add_weighted_edges_from(rows)
    both_ways = (
        nx.MultiGraph()
    )  # built from the rows: to_undirected() loses one of two lines that run against each other
    both_ways.add_nodes_from(range(10))
    both_ways.add_weighted_edges_from(rows)
    assert set(np.flatnonzero(graph.upstream(a)).tolist()) == nx.ancestors(plain, a) | {a}
    assert set(np.flatnonzero(graph.downstream(a)).tolist()) == nx.descendants(plain, a) | {a}
    parts = {frozenset(np.flatnonzero(graph.parts == part).tolist()) for part in set(graph.parts.tolist())}
    assert parts == {frozenset(part) for part in nx.connected_components(both_ways)}
    found = graph.path(a, b)
    assert (found is not None) == nx.has_path(both_ways, a, b)
    if found is not None:
        assert found.length_m == nx.shortest_path_length(both_ways, a, b, weight="weight")
        assert found.nodes[0] == a
        assert found.nodes[-1] == b
        for edge, pair in zip(found.edges, zip(found.nodes, found.nodes[1:], strict=False), strict=True):
            assert {int(graph.start[edge]), int(graph.end[edge])} == set(map(int, pair))


def test_edges_above_and_below_contain_the_edge_itself() -> None:
    graph = graph_of([(0, 1, 1), (1, 2, 1), (3, 1, 1), (2, 4, 1), (5, 2, 1)])
    assert graph.edges_above(1).tolist() == [0, 1, 2]
    assert graph.edges_below(1).tolist() == [1, 3]


def test_a_closed_edge_lets_nothing_through() -> None:
    table = np.array([(0, 1), (1, 2)])
    graph = Graph.of(3, table[:, 0], table[:, 1], np.ones(2), np.array([True, False]))
    assert graph.edges_below(0).tolist() == [0]
    assert graph.path(0, 2) is None


def test_circles_are_found() -> None:
    graph = graph_of([(0, 1, 1), (1, 2, 1), (2, 0, 1), (3, 4, 1)])
    assert [circle.tolist() for circle in graph.circles] == [[0, 1, 2]]
