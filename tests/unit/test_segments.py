"""Segments equal those of WNTR on six networks, and what valves in nodes and closed pipes do."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gis.networks.graph import Graph
from gis.networks.segments import END, START, Cuts, Segments, cuts_at_nodes, divide
from tests.support import wntr_networks

LAYERS = (("strategic", 1, 11), ("strategic", 2, 12), ("random", 60, 13))
"""Placement, number and seed for WNTR's generate_valve_layer."""


@pytest.mark.parametrize("name", wntr_networks.ALL)
def test_segments_are_those_of_wntr(name: str) -> None:
    import wntr

    model = wntr_networks.model(name)
    for placement, number, seed in LAYERS:
        layer = wntr.network.generate_valve_layer(model, placement, number, seed=seed)
        layer = layer.drop_duplicates().reset_index(drop=True)
        theirs = wntr.metrics.valve_segments(model.to_graph(), layer)
        ours, nodes, links = segments_of(model, layer)
        labels = np.concatenate([ours.node, ours.edge])
        expected = [*(int(theirs[0][node]) for node in nodes), *(int(theirs[1][link]) for link in links)]
        pairs = set(zip(labels.tolist(), expected, strict=True))
        assert len(pairs) == len(set(labels.tolist())) == len(set(expected)), (name, placement)


def segments_of(model: Any, layer: Any) -> tuple[Segments, list[str], list[str]]:
    """Our segments of a WNTR network with a valve layer, and the names of its nodes and links in our order."""
    nodes, links = list(model.node_name_list), list(model.link_name_list)
    number = {node: n for n, node in enumerate(nodes)}
    ends = [(model.get_link(link).start_node_name, model.get_link(link).end_node_name) for link in links]
    start, end = (np.array([number[pair[side]] for pair in ends]) for side in (0, 1))
    at = {link: n for n, link in enumerate(links)}
    rows = [
        (at[str(link)], START if ends[at[str(link)]][0] == node else END, valve)
        for valve, (link, node) in enumerate(zip(layer["link"], layer["node"], strict=True))
    ]
    return divide(Graph.of(len(nodes), start, end, np.ones(len(links))), Cuts.of(rows)), nodes, links


def test_a_valve_between_two_pipes_cuts_once() -> None:
    graph = line_graph(4)  # 0-1-2-3, a valve stands in node 1
    rows = cuts_at_nodes(graph, [(1, 0)])
    assert rows == [(0, END, 0)]
    found = divide(graph, Cuts.of(rows))
    assert found.count == 2
    assert found.node[1] == found.edge[1] == found.node[3]
    assert found.node[0] == found.edge[0] != found.edge[1]


def test_a_valve_in_a_junction_shuts_all_its_pipes() -> None:
    graph = Graph.of(4, np.array([0, 1, 1]), np.array([1, 2, 3]), np.ones(3))
    found = divide(graph, Cuts.of(cuts_at_nodes(graph, [(1, 0)])))
    assert found.count == 4
    assert len({*found.edge.tolist(), int(found.node[1])}) == 4


def test_a_closed_pipe_is_a_segment_of_its_own() -> None:
    graph = Graph.of(3, np.array([0, 1]), np.array([1, 2]), np.ones(2), np.array([True, False]))
    found = divide(graph, Cuts.of([]))
    assert found.count == 3
    assert found.edge[0] == found.node[0] == found.node[1]


def line_graph(nodes: int) -> Graph:
    """Nodes in a row, one metre apart."""
    return Graph.of(nodes, np.arange(nodes - 1), np.arange(1, nodes), np.ones(nodes - 1))
