"""The street plan as a graph: streets cut at every junction and at the river's banks."""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import numpy as np
from shapely import (
    LineString,
    Point,
    STRtree,
    contains,
    distance,
    get_coordinates,
    get_parts,
    length,
    line_interpolate_point,
    points,
    prepare,
    union_all,
)
from shapely.geometry.base import BaseGeometry

from data.generator.drawing import MUNICIPAL, WIDTHS, Plan, Street
from data.generator.figures import Figures
from data.generator.terrain import Terrain

GRID_M = 0.01
"""Everything is noded on a grid of one centimetre, so that junctions meet exactly."""


SHORTEST_M = 3.0


@dataclass(frozen=True)
class Edge:
    """A piece of street between two junctions, or the piece over the river."""

    number: int
    start: int
    end: int
    line: LineString
    street: int
    kind: str
    bridge: bool

    @property
    def width(self) -> float:
        return WIDTHS[self.kind]

    @property
    def municipal(self) -> bool:
        return self.kind in MUNICIPAL


@dataclass(frozen=True)
class Network:
    """Edges in order of their street's importance; nodes by number; `links[node]` = [(edge, other node)]."""

    edges: list[Edge]
    nodes: list[Point]
    links: list[list[tuple[int, int]]]
    linework: BaseGeometry

    def degree(self, node: int) -> int:
        """How many street arms meet at a node."""
        return len(self.links[node])


def network(drawn: Plan, land: Terrain, targets: Figures) -> Network:
    """Node the plan. Pieces over water are bridges, no more than are wanted, the most important streets first.

    Dead ends of minor streets at the limits and of all streets at the water are dropped.
    """
    lines = [street.line for street in drawn.streets]
    noded = union_all([*lines, land.limit.boundary, land.wet.boundary], grid_size=GRID_M)
    found = _contract(_match(noded, drawn.streets))
    found = _largest_piece(_prune(_fewer_bridges(found, land, targets.bridges), drawn.streets, land))
    _grade(found, drawn.streets, targets.roads_m)
    nodes: dict[tuple[float, float], int] = {}
    edges: list[Edge] = []
    for number, ((piece, street), wet) in enumerate(zip(found, _over_water(found, land), strict=True)):
        start, end = (nodes.setdefault(_key(piece.coords[i]), len(nodes)) for i in (0, -1))
        edges.append(Edge(number, start, end, piece, street, drawn.streets[street].kind, bool(wet)))
    links: list[list[tuple[int, int]]] = [[] for _ in nodes]
    for edge in edges:
        links[edge.start].append((edge.number, edge.end))
        links[edge.end].append((edge.number, edge.start))
    return Network(edges, [Point(key) for key in nodes], links, union_all([edge.line for edge in edges]))


def _grade(found: list[tuple[LineString, int]], streets: list[Street], wanted: float) -> None:
    """Make the most important lanes branches, or the least important branches lanes, until the municipal length is right."""
    metres_of: dict[int, float] = {}
    for piece, street in found:
        metres_of[street] = metres_of.get(street, 0.0) + piece.length
    missing = wanted - sum(metres for street, metres in metres_of.items() if streets[street].kind in MUNICIPAL)
    old, new, order = ("lane", "branch", 1) if missing > 0 else ("branch", "lane", -1)
    for number in sorted(metres_of)[::order]:
        one = streets[number]
        if abs(missing) > metres_of[number] and one.kind == old and one.fixed_name is None and not one.carries:
            one.kind = new
            missing -= order * metres_of[number]


def _over_water(found: list[tuple[LineString, int]], land: Terrain) -> np.ndarray:
    """Which pieces have water under their middle."""
    prepare(land.wet)
    middles = line_interpolate_point([piece for piece, _ in found], 0.5, normalized=True)
    return np.asarray(contains(land.wet, middles))


def _fewer_bridges(found: list[tuple[LineString, int]], land: Terrain, most: int) -> list[tuple[LineString, int]]:
    over = np.flatnonzero(_over_water(found, land))
    too_many = set(over[most:].tolist())
    return [item for number, item in enumerate(found) if number not in too_many]


def _match(noded: BaseGeometry, streets: list[Street]) -> list[tuple[LineString, int]]:
    """Give each noded piece the most important street it lies on; limits and banks match none."""
    tree = STRtree([street.line for street in streets])
    parts = list(get_parts(noded))
    middles = [part.interpolate(0.5, normalized=True) for part in parts]
    piece_of, street_of = tree.query(middles, predicate="dwithin", distance=0.05)
    best: dict[int, int] = {}
    for piece, street in zip(piece_of, street_of, strict=True):
        best[int(piece)] = min(best.get(int(piece), len(streets)), int(street))
    found = [(parts[piece], street) for piece, street in best.items()]
    return sorted(found, key=lambda item: (item[1], item[0].bounds))


def _contract(found: list[tuple[LineString, int]]) -> list[tuple[LineString, int]]:
    """Draw crossings that all but meet together into one junction: pieces too short to drive on vanish."""
    home: dict[tuple[float, float], tuple[float, float]] = {}
    for piece, _ in found:
        if piece.length < SHORTEST_M:
            ends = sorted(_root(home, _key(piece.coords[i])) for i in (0, -1))
            home[ends[1]] = ends[0]
    kept = []
    for piece, street in found:
        start, end = (_root(home, _key(piece.coords[i])) for i in (0, -1))
        if piece.length >= SHORTEST_M and start != end:
            kept.append((LineString([start, *piece.coords[1:-1], end]), street))
    return kept


def _root(home: dict[tuple[float, float], tuple[float, float]], node: tuple[float, float]) -> tuple[float, float]:
    while (above := home.setdefault(node, node)) != node:
        home[node] = node = home.setdefault(above, above)
    return node


def _prune(found: list[tuple[LineString, int]], streets: list[Street], land: Terrain) -> list[tuple[LineString, int]]:
    """Take away minor dead ends until none is left at the city limits, and all at the water; others may stay."""
    shore = land.wet.boundary
    prepare(shore)
    while True:
        arms: dict[tuple[float, float], int] = {}
        for piece, _ in found:
            for i in (0, -1):
                arms[_key(piece.coords[i])] = arms.get(_key(piece.coords[i]), 0) + 1
        kept = [
            (piece, street)
            for piece, street in found
            if not _at_shore(piece, arms, shore)
            and (streets[street].kind in ("expressway", "arterial") or not _loose(piece, arms, land))
        ]
        if len(kept) == len(found):
            return found
        found = kept


def _largest_piece(found: list[tuple[LineString, int]]) -> list[tuple[LineString, int]]:
    """Keep what can be reached; a cut on the edge may have left a road without a junction."""
    home: dict[tuple[float, float], tuple[float, float]] = {}
    for piece, _ in found:
        home[_root(home, _key(piece.coords[0]))] = _root(home, _key(piece.coords[-1]))
    metres: dict[tuple[float, float], float] = {}
    for piece, _ in found:
        place = _root(home, _key(piece.coords[0]))
        metres[place] = metres.get(place, 0.0) + piece.length
    main = max(metres, key=lambda place: metres[place])
    return [(piece, street) for piece, street in found if _root(home, _key(piece.coords[0])) == main]


def _at_shore(piece: LineString, arms: dict[tuple[float, float], int], shore: BaseGeometry) -> bool:
    return any(arms[_key(piece.coords[i])] == 1 and shore.dwithin(Point(piece.coords[i]), 0.1) for i in (0, -1))


def _loose(piece: LineString, arms: dict[tuple[float, float], int], land: Terrain) -> bool:
    loose = [Point(piece.coords[i]) for i in (0, -1) if arms[_key(piece.coords[i])] == 1]
    return any(land.limit.boundary.distance(end) < 5 or piece.length < 25 for end in loose)


def _key(point: tuple[float, ...]) -> tuple[float, float]:
    return round(point[0], 2), round(point[1], 2)


def distances(net: Network, sources: list[int], allowed: set[int] | None = None) -> tuple[list[float], list[int]]:
    """Walk outward from `sources`: metres to the nearest one and the edge to take from each node (-1 for none).

    `allowed` limits the edges. Unreached nodes are infinitely far.
    """
    far = [float("inf")] * len(net.nodes)
    via = [-1] * len(net.nodes)
    heap = [(0.0, node) for node in sources]
    for node in sources:
        far[node] = 0.0
    while heap:
        gone, node = heapq.heappop(heap)
        if gone > far[node]:
            continue
        for edge, other in net.links[node]:
            beyond = gone + net.edges[edge].line.length
            if (allowed is None or edge in allowed) and beyond < far[other]:
                far[other], via[other] = beyond, edge
                heapq.heappush(heap, (beyond, other))
    return far, via


def beside(line: LineString, at: float, offset: float) -> tuple[Point, float]:
    """The point `at` metres along and `offset` metres to the left of a line, with the heading there in radians."""
    places, heading = beside_all(np.array([line]), np.array([at]), np.array([offset]))
    return Point(places[0]), float(heading[0])


def beside_all(lines: np.ndarray, at: np.ndarray, offset: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For each line the place `at` metres along and `offset` metres to its left, shape (n, 2), and the heading in radians."""
    before, here, after = (
        get_coordinates(line_interpolate_point(lines, np.clip(at + d, 0.0, length(lines)))) for d in (-1.0, 0.0, 1.0)
    )
    along = (after - before) / np.maximum(1e-9, np.hypot(*(after - before).T))[:, None]
    places = here + offset[:, None] * np.stack([-along[:, 1], along[:, 0]], 1)
    return places, np.arctan2(along[:, 1], along[:, 0])


class Carriageways:
    """Where the traffic runs, so that nothing is put in its way."""

    def __init__(self, net: Network) -> None:
        self._lines = STRtree([edge.line for edge in net.edges])
        self._widths = np.array([edge.width for edge in net.edges])
        self._widest = float(max(WIDTHS.values())) / 2

    def free(self, places: np.ndarray) -> np.ndarray:
        """Which places, shape (n, 2), lie on no street's carriageway."""
        spots = points(places)
        spot, line = self._lines.query(spots, predicate="dwithin", distance=self._widest + 0.2)
        on = distance(spots[spot], self._lines.geometries[line]) <= self._widths[line] / 2 + 0.2
        found = np.ones(len(places), bool)
        found[spot[on]] = False
        return found

    def beside(self, edges: list[Edge], at: np.ndarray, offset: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Places beside edges near `at` metres, moved along where a side street opens; NaN where there is none; headings."""
        lines = np.array([edge.line for edge in edges])
        far = length(lines)
        found, heading = np.full((len(edges), 2), np.nan), np.zeros(len(edges))
        for step in (0, 7, -7, 14, -14, 21, -21, 28, -28, 40, -40, 60, -60):
            left = np.flatnonzero(np.isnan(found[:, 0]) & (at + step >= 0) & (at + step <= far))
            if len(left):
                places, headings = beside_all(lines[left], at[left] + step, offset[left])
                free = self.free(places)
                found[left[free]], heading[left[free]] = places[free], headings[free]
        return found, heading
