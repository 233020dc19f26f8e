"""Rows of the register → a network: nodes, edges, valves, and what does not fit together. Pure.

Coordinates are metres of the work system, arrays of shape (n, 2). Where a line names its ends they count; where it does not,
ends within `tolerance_m` of each other meet, ends and valves beside a line cut it there, and streets meet where they share a
vertex (a bridge that crosses a street does not).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

import numpy as np

from gis.networks import noding
from gis.networks.graph import Floats, Graph
from gis.networks.segments import END, START, cuts_at_nodes

Role = Literal["node", "source", "outlet", "valve"]


@dataclass(frozen=True)
class Line:
    """A pipe or street as the register has it. References count within one source; levels (m) are those of the inverts."""

    asset: int
    source: str
    ref: str
    kind: str
    xy: Floats
    start_ref: str | None = None
    end_ref: str | None = None
    passable: bool = True
    level_start: float | None = None
    level_end: float | None = None
    length_m: float | None = None
    width: float = 0.0


@dataclass(frozen=True)
class Point:
    """A thing at a node, or beside one: a valve may say on which `pipe` and beside which `node` it stands."""

    asset: int
    source: str
    ref: str
    kind: str
    x: float
    y: float
    role: Role = "node"
    open: bool = True
    pipe: str | None = None
    node: str | None = None


@dataclass(frozen=True)
class Rules:
    """How a network's ends find each other; `directed` where water runs downhill."""

    tolerance_m: float = 0.5
    shared_vertices: bool = False
    directed: bool = False
    near_m: float = 5.0
    """An end that stops this short of another line was probably meant to meet it."""


class Node(NamedTuple):
    """Where edges meet. `asset` and `ref` are those of the thing that stands there, if one does."""

    asset: int | None
    ref: str
    role: Role
    x: float
    y: float


class Edge(NamedTuple):
    """A line or a piece of one, in the direction of its flow where the network has one."""

    asset: int
    start: int
    end: int
    length_m: float
    passable: bool
    width: float
    xy: Floats


class Valve(NamedTuple):
    """Something that can be shut; where it stands follows from the cuts."""

    asset: int
    open: bool
    width: float
    x: float
    y: float


class Finding(NamedTuple):
    """Something to be looked at: which check, which asset and perhaps which other, where, and figures for the sentence."""

    check: str
    asset: int
    other: int | None
    x: float
    y: float
    facts: dict[str, float | str]


@dataclass
class Topology:
    """A network. `cuts` are rows (edge, side, valve)."""

    nodes: list[Node] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    valves: list[Valve] = field(default_factory=list)
    cuts: list[tuple[int, int, int]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def graph(self) -> Graph:
        """The same as arrays."""
        start = np.array([edge.start for edge in self.edges], dtype=np.int64)
        end = np.array([edge.end for edge in self.edges], dtype=np.int64)
        length = np.array([edge.length_m for edge in self.edges], dtype=float)
        return Graph.of(len(self.nodes), start, end, length, np.array([edge.passable for edge in self.edges], bool))


def build(lines: Sequence[Line], points: Sequence[Point], rules: Rules) -> Topology:
    """Join everything. The order of `lines` and `points` decides the numbers, so equal rows give an equal network."""
    made = Topology()
    named = _Names(made, points)
    ends = [named.ends(line) for line in lines]
    if rules.shared_vertices:
        splits = noding.at_shared_vertices([line.xy for line in lines], ends, lambda x, y: _plain(made, x, y))
    else:
        agreed = len(made.nodes)  # what is joined by name is not joined by nearness as well
        _meet(made, lines, ends, named, rules)
        splits = noding.beside_lines([line.xy for line in lines], ends, _places(made), rules.tolerance_m, agreed)
    standing = _stand(made, named, lines, ends, splits, rules)
    pieces = _pieces(made, lines, ends, splits)
    _place_valves(made, named, lines, pieces, standing)
    if rules.directed:
        _turn_downhill(made, lines, pieces)
    return made


class _Names:
    """Points by reference, and the nodes made of them so far."""

    def __init__(self, made: Topology, points: Sequence[Point]) -> None:
        self.made = made
        self.points = {(point.source, point.ref): point for point in points}
        self.standing_in = {(p.source, p.node): p for p in points if p.node and not p.pipe}
        self.node_of: dict[tuple[str, str], int] = {}
        self.taken: set[int] = set()

    def ends(self, line: Line) -> list[int | None]:
        """Nodes at both ends, made where a line names them for the first time; None where it names none."""
        return [
            None if ref is None else self._named(line.source, ref, line.xy[index])
            for ref, index in ((line.start_ref, 0), (line.end_ref, -1))
        ]

    def _named(self, source: str, ref: str, end: Floats) -> int:
        key = (source, ref)
        if key not in self.node_of:
            self.node_of[key] = len(self.made.nodes)
            point, inside = self.points.get(key), self.standing_in.get(key)
            thing = inside if inside is not None and (point is None or point.role == "node") else point
            x, y = (point.x, point.y) if point else (float(end[0]), float(end[1]))
            self.taken.update(each.asset for each in (point, inside) if each)
            self.made.nodes.append(Node(thing.asset if thing else None, ref, thing.role if thing else "node", x, y))
        return self.node_of[key]

    def loose(self) -> list[Point]:
        """Points that no line names and that do not say beside which pipe they stand."""
        return [point for point in self.points.values() if point.asset not in self.taken and not point.pipe]


def _plain(made: Topology, x: float, y: float) -> int:
    made.nodes.append(Node(None, "", "node", x, y))
    return len(made.nodes) - 1


def _places(made: Topology) -> Floats:
    return np.array([(node.x, node.y) for node in made.nodes], dtype=float).reshape(-1, 2)


def _meet(made: Topology, lines: Sequence[Line], ends: list[list[int | None]], named: _Names, rules: Rules) -> None:
    """Ends without a name: to a named node within reach, else to each other, else a node of their own."""
    open_ends = [(number, side) for number, pair in enumerate(ends) for side in (START, END) if pair[side] is None]
    things = [point for point in named.loose() if point.role != "valve"]
    places = [lines[number].xy[-side] for number, side in open_ends] + [np.array([p.x, p.y]) for p in things]
    groups = noding.groups(np.array(places, dtype=float).reshape(-1, 2), _places(made), rules.tolerance_m)
    made_for: dict[int, int] = {}
    for position, (group, anchor) in enumerate(groups):
        thing = things[position - len(open_ends)] if position >= len(open_ends) else None
        node = anchor if anchor is not None else made_for.get(group)
        if node is None:
            x, y = (thing.x, thing.y) if thing else (float(places[position][0]), float(places[position][1]))
            node = made_for[group] = _plain(made, x, y)
        if thing is None:
            number, side = open_ends[position]
            ends[number][side] = node
        elif made.nodes[node].asset is None:
            made.nodes[node] = Node(thing.asset, thing.ref, thing.role, thing.x, thing.y)
            named.taken.add(thing.asset)


def _stand(
    made: Topology,
    named: _Names,
    lines: Sequence[Line],
    ends: list[list[int | None]],
    splits: noding.Splits,
    rules: Rules,
) -> list[Point]:
    """Valves that are drawn on a line or at a node without a reference; returns those that stand beside a named pipe."""
    drawn = [point for point in named.loose() if point.role == "valve"]
    spots = np.array([(point.x, point.y) for point in drawn], dtype=float).reshape(-1, 2)
    hosts = noding.nearest([line.xy for line in lines], spots, rules.tolerance_m)
    for point, host in zip(drawn, hosts, strict=True):
        node = len(made.nodes)
        if host is not None and (at := noding.inside(lines[host].xy, point.x, point.y)) is not None:
            splits.setdefault(host, []).append((at, node))
        elif host is not None:
            node = _end_nearest(lines[host], ends[host], point)
            if made.nodes[node].asset is None:
                made.nodes[node] = made.nodes[node]._replace(asset=point.asset, ref=point.ref, role="valve")
            continue
        made.nodes.append(Node(point.asset, point.ref, "valve", point.x, point.y))
    return [point for point in named.points.values() if point.role == "valve" and point.pipe]


def _end_nearest(line: Line, ends: list[int | None], point: Point) -> int:
    away = np.hypot(*(line.xy[[0, -1]] - (point.x, point.y)).T)
    found = ends[int(np.argmin(away))]
    assert found is not None  # every end has its node by now
    return found


def _pieces(
    made: Topology, lines: Sequence[Line], ends: list[list[int | None]], splits: noding.Splits
) -> list[list[int]]:
    """Make the edges, a cut line as several; returns their numbers for each line, in the order in which it is drawn."""
    pieces = []
    for number, (line, pair) in enumerate(zip(lines, ends, strict=True)):
        assert pair[0] is not None
        assert pair[1] is not None
        parts = noding.cut(line.xy, pair[0], pair[1], splits.get(number, ()))
        drawn = sum(length for *_, length in parts)
        scale = line.length_m / drawn if line.length_m and drawn else 1.0
        pieces.append(list(range(len(made.edges), len(made.edges) + len(parts))))
        for start, end, xy, length in parts:
            made.edges.append(Edge(line.asset, start, end, length * scale, line.passable, line.width, xy))
    return pieces


def _place_valves(
    made: Topology, named: _Names, lines: Sequence[Line], pieces: list[list[int]], beside: Iterable[Point]
) -> None:
    by_asset = {point.asset: point for point in named.points.values()}
    width = np.zeros(len(made.nodes))
    for edge in made.edges:
        width[[edge.start, edge.end]] = np.maximum(width[[edge.start, edge.end]], edge.width)
    in_nodes = [(number, node) for number, node in enumerate(made.nodes) if node.role == "valve"]
    for number, node in in_nodes:
        assert node.asset is not None
        made.valves.append(Valve(node.asset, by_asset[node.asset].open, float(width[number]), node.x, node.y))
    at = [(number, valve) for valve, (number, _) in enumerate(in_nodes)]
    made.cuts += cuts_at_nodes(made.graph(), at)
    line_of = {(line.source, line.ref): number for number, line in enumerate(lines)}
    for point in beside:
        host = line_of.get((point.source, point.pipe or ""))
        node_at = named.node_of.get((point.source, point.node or ""))
        if host is None or node_at is None:
            facts: dict[str, float | str] = {"pipe": point.pipe or "", "node": point.node or ""}
            made.findings.append(Finding("valve_without_pipe", point.asset, None, point.x, point.y, facts))
            continue
        for piece in pieces[host]:
            side = START if made.edges[piece].start == node_at else END
            if node_at in (made.edges[piece].start, made.edges[piece].end):
                made.cuts.append((piece, side, len(made.valves)))
                made.valves.append(Valve(point.asset, point.open, lines[host].width, point.x, point.y))
                break


def _turn_downhill(made: Topology, lines: Sequence[Line], pieces: list[list[int]]) -> None:
    """Edges point from the higher to the lower invert; where a line says the opposite, it is told."""
    for line, numbers in zip(lines, pieces, strict=True):
        if line.level_start is None or line.level_end is None or line.level_start >= line.level_end:
            continue
        middle = line.xy[len(line.xy) // 2]
        facts: dict[str, float | str] = {"rise_m": round(line.level_end - line.level_start, 3)}
        made.findings.append(Finding("adverse_slope", line.asset, None, float(middle[0]), float(middle[1]), facts))
        for number in numbers:
            edge = made.edges[number]
            made.edges[number] = edge._replace(start=edge.end, end=edge.start, xy=edge.xy[::-1])
