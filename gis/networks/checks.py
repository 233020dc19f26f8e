"""What does not fit together in a network: one function a check, each giving findings for the work list. Pure.

| check | what it means |
|---|---|
| `unsnapped_end` | an end stops a few metres short of another line |
| `unjoined` | an end touches another line within the tolerance, and the names at both say that they are not joined |
| `loose_point` | a valve, manhole or outfall that stands on no line |
| `duplicate` | two lines between the same ends, drawn the same way |
| `no_source` | mains that no waterworks, tank or reservoir feeds |
| `no_outlet` | sewers from which no outfall is reached |
| `circle` | sewers around which water would flow for ever |
| `adverse_slope` | a sewer whose levels say the opposite of its direction (found while building, `topology.py`) |
| `valve_without_pipe` | a valve that names a pipe or node which is not there (found while building) |
| `lamp_off_street`, `stop_off_line` | found by the database (`standing.py`) |
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely

from gis.networks.graph import Graph
from gis.networks.topology import Finding, Rules, Topology

SAME_COURSE_M = 0.5
"""Two lines between the same nodes are one drawn twice when no vertex of one lies farther than this from the other."""

NONE: dict[str, float | str] = {}


def check(made: Topology, rules: Rules, wanted: str | None) -> list[Finding]:
    """Everything to be looked at. `wanted` is the role ("source" or "outlet") that every line must be joined to, or None."""
    graph = made.graph()
    found = [*made.findings, *_loose_points(made, graph), *_duplicates(made)]
    if not rules.shared_vertices:
        found += _unsnapped(made, graph, rules)
    if wanted == "source":
        found += _unfed(made, graph)
    if wanted == "outlet":
        found += [*_without_outlet(made, graph), *_circles(made, graph)]
    return found


def _loose_points(made: Topology, graph: Graph) -> Iterator[Finding]:
    for number in np.flatnonzero(graph.degree == 0).tolist():
        node = made.nodes[number]
        if node.asset is not None:
            yield Finding("loose_point", node.asset, None, node.x, node.y, NONE)


def _unsnapped(made: Topology, graph: Graph, rules: Rules) -> Iterator[Finding]:
    """Ends of one line with another line near, which does not belong to the same place."""
    ends = np.flatnonzero(graph.degree == 1)
    if not len(ends):
        return
    tree = shapely.STRtree([shapely.LineString(edge.xy) for edge in made.edges])
    places = shapely.points([(made.nodes[n].x, made.nodes[n].y) for n in ends.tolist()])
    own = _edge_at(made)
    told: set[int] = set()
    for index, other in np.column_stack(tree.query(places, predicate="dwithin", distance=rules.near_m)).tolist():
        node, mine = int(ends[index]), own[int(ends[index])]
        theirs = made.edges[other]
        if node in told or other == mine or {theirs.start, theirs.end} & {made.edges[mine].start, made.edges[mine].end}:
            continue
        told.add(node)
        gap = float(shapely.LineString(theirs.xy).distance(places[index]))
        place = made.nodes[node]
        check = "unsnapped_end" if gap > rules.tolerance_m else "unjoined"
        facts: dict[str, float | str] = {"gap_cm": round(gap * 100, 1)}
        yield Finding(check, made.edges[mine].asset, theirs.asset, place.x, place.y, facts)


def _edge_at(made: Topology) -> dict[int, int]:
    return {node: number for number, edge in enumerate(made.edges) for node in (edge.start, edge.end)}


def _duplicates(made: Topology) -> Iterator[Finding]:
    first: dict[tuple[int, int], list[int]] = {}
    for number, edge in enumerate(made.edges):
        others = first.setdefault((min(edge.start, edge.end), max(edge.start, edge.end)), [])
        line = shapely.LineString(edge.xy)
        for other in others:
            twin = made.edges[other]
            if twin.asset != edge.asset and line.hausdorff_distance(shapely.LineString(twin.xy)) < SAME_COURSE_M:
                x, y = line.interpolate(0.5, normalized=True).coords[0]
                yield Finding("duplicate", edge.asset, twin.asset, x, y, NONE)
                break
        others.append(number)


def _unfed(made: Topology, graph: Graph) -> Iterator[Finding]:
    """One finding for each part without a source, at its longest line."""
    sources = [number for number, node in enumerate(made.nodes) if node.role == "source"]
    fed = np.isin(graph.parts, graph.parts[sources])
    yield from _by_part(made, graph, ~fed, "no_source")


def _without_outlet(made: Topology, graph: Graph) -> Iterator[Finding]:
    """One finding for each part of the sewers from which nothing reaches an outfall, at its longest line."""
    outlets = [number for number, node in enumerate(made.nodes) if node.role == "outlet"]
    size = graph.nodes
    # All outfalls drain into one node more: one walk upward from there instead of one for each.
    start = np.concatenate([graph.start, np.array(outlets, dtype=np.int64)])
    end = np.concatenate([graph.end, np.full(len(outlets), size)])
    drained = Graph.of(size + 1, start, end, np.ones(len(start))).upstream(size)[:size]
    yield from _by_part(made, graph, ~drained, "no_outlet")


def _by_part(made: Topology, graph: Graph, missing: np.ndarray, check: str) -> Iterator[Finding]:
    lost = np.flatnonzero(missing[graph.start])
    for part in np.unique(graph.parts[graph.start[lost]]).tolist():
        edges = lost[graph.parts[graph.start[lost]] == part]
        longest = made.edges[int(edges[np.argmax(graph.length_m[edges])])]
        x, y = longest.xy[len(longest.xy) // 2]
        facts: dict[str, float | str] = {"lines": len(edges), "length_m": round(float(graph.length_m[edges].sum()), 1)}
        yield Finding(check, longest.asset, None, float(x), float(y), facts)


def _circles(made: Topology, graph: Graph) -> Iterator[Finding]:
    for circle in graph.circles:
        inside = np.flatnonzero(np.isin(graph.start, circle) & np.isin(graph.end, circle))
        edge = made.edges[int(inside[0])]
        facts: dict[str, float | str] = {"lines": len(inside)}
        yield Finding("circle", edge.asset, None, float(edge.xy[0][0]), float(edge.xy[0][1]), facts)
