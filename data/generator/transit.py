"""Bus lines on the wider streets, their stops, and the fleet."""

from __future__ import annotations

import heapq
from itertools import pairwise

import numpy as np
from shapely import LineString, Point

from data.generator.assets import Asset
from data.generator.blocks import Face
from data.generator.figures import Figures
from data.generator.frame import random
from data.generator.network import Edge, Network, beside
from data.generator.sites import Site, site
from data.generator.terrain import Terrain

STOP_EVERY_M = 340.0
HEADWAY_S = 120
CRUISE_M_PER_S = 4.4
"""Speed including stops, 16 km/h."""

KERB_M = 3.0
"""Buses keep to the right: this far from the middle of the street."""

BUS_KINDS = ("expressway", "arterial", "collector")


def transit(
    seed: int, net: Network, tiles: list[Face], land: Terrain, targets: Figures, names: dict[int, tuple[str, str]]
) -> list[Asset]:
    """Lines through the middle in different directions, there and back; stops are shared where lines share a street."""
    rng = random(seed, "transit")
    wide = [edge for edge in net.edges if edge.kind in BUS_KINDS]
    nodes = sorted({node for edge in wide for node in (edge.start, edge.end) if net.degree(node) > 2})
    used: dict[int, float] = {}
    stops: dict[tuple[int, bool], Asset] = {}
    lines = []
    for number in range(1, targets.bus_lines + 1):
        path = _path(rng, net, land, nodes, used, np.pi * (number - 0.7) / targets.bus_lines)
        lines.append(_line(number, path, net, names, stops))
    depot = site(net, tiles, lines[0].shape.interpolate(0), 90, 50)
    yard = Asset("bus_depot", "BD-1", depot.shape, "公交停车场", "Bus Depot")
    return [*stops.values(), *lines, yard, *_fleet(depot, lines, targets.buses)]


def _path(
    rng: np.random.Generator, net: Network, land: Terrain, nodes: list[int], used: dict[int, float], angle: float
) -> list[tuple[Edge, bool]]:
    """Edges with their direction from one side of the city over two way points to the other."""
    reach = 0.86 * land.radius * float(rng.uniform(0.85, 1.0))
    across = np.array([np.cos(angle), np.sin(angle)])
    aside = np.array([-across[1], across[0]]) * float(rng.uniform(0.35, 0.55)) * land.radius
    wishes = [
        at * reach * across + side * aside for at, side in ((-1, 0), (-0.6, 1), (-0.1, -1), (0.4, 1), (0.7, -1), (1, 0))
    ]
    calls = [_nearest(net, nodes, wish) for wish in wishes]
    path: list[tuple[Edge, bool]] = []
    for start, end in pairwise(calls):
        for edge, forward in _shortest(net, start, end, used):
            if path and path[-1][0].number == edge.number:
                path.pop()  # no turning round on the spot at a way point
                continue
            path.append((edge, forward))
            used[edge.number] = used.get(edge.number, 1.0) + 0.6
    return path


def _nearest(net: Network, nodes: list[int], wish: np.ndarray) -> int:
    return min(nodes, key=lambda node: net.nodes[node].distance(Point(*wish)))


def _shortest(net: Network, start: int, end: int, used: dict[int, float]) -> list[tuple[Edge, bool]]:
    best: dict[int, float] = {start: 0.0}
    came: dict[int, tuple[int, int]] = {}
    heap = [(0.0, start)]
    while heap:
        cost, node = heapq.heappop(heap)
        if node == end:
            break
        for number, other in net.links[node]:
            edge = net.edges[number]
            dearer = used.get(number, 1.0) * {"expressway": 1.1, "arterial": 1.0, "collector": 1.15}.get(edge.kind, 9.0)
            beyond = cost + edge.line.length * dearer
            if beyond < best.get(other, float("inf")):
                best[other], came[other] = beyond, (number, node)
                heapq.heappush(heap, (beyond, other))
    path = []
    while end in came:
        number, before = came[end]
        path.append((net.edges[number], net.edges[number].start == before))
        end = before
    return path[::-1]


def _line(
    number: int,
    path: list[tuple[Edge, bool]],
    net: Network,
    names: dict[int, tuple[str, str]],
    stops: dict[tuple[int, bool], Asset],
) -> Asset:
    back = [(edge, not forward) for edge, forward in reversed(path)]
    points: list[tuple[float, float]] = []
    calls: list[dict[str, object]] = []
    walked, drawn, last = 0.0, 0.0, -STOP_EVERY_M
    for edge, forward in [*path, *back]:
        line = edge.line if forward else edge.line.reverse()
        beside_line = _to_the_right(line)
        if edge.line.length > 70 and walked + line.length / 2 - last > STOP_EVERY_M * 0.8 and not edge.bridge:
            stop = stops.setdefault((edge.number, forward), _stop(edge, forward, net, names, stops))
            stop.attributes["lines"] = sorted({*stop.attributes["lines"], number})
            last = walked + line.length / 2
            calls.append({"stop": stop.ref, "name": stop.name, "at_m": round(drawn + beside_line.length / 2, 1)})
        points.extend(beside_line.coords)
        drawn = LineString(points[-len(beside_line.coords) - 1 :]).length + drawn if drawn else beside_line.length
        walked += line.length
    shape = LineString(points)
    facts = {"number": number, "length_m": round(shape.length), "stops": calls, "headway_s": HEADWAY_S}
    return Asset("bus_line", f"BL-{number:03d}", shape, f"{number}路", f"Route {number}", facts)


def _to_the_right(line: LineString) -> LineString:
    places = np.linspace(0, line.length, max(2, int(line.length / 15) + 1))
    found = [beside(line, float(at), -KERB_M)[0] for at in places]
    return LineString([(point.x, point.y) for point in found])


def _stop(
    edge: Edge,
    forward: bool,
    net: Network,
    names: dict[int, tuple[str, str]],
    stops: dict[tuple[int, bool], Asset],
) -> Asset:
    line = edge.line if forward else edge.line.reverse()
    place, heading = beside(line, line.length / 2, -(edge.width / 2 + 1.6))
    own, own_en = names[edge.street]
    cross = [names[net.edges[n].street] for node in (edge.start, edge.end) for n, _ in net.links[node]]
    other, other_en = next((name for name in sorted(cross) if name[0] != own), ("", ""))
    facts = {"lines": [], "bearing": round(90 - np.degrees(heading)) % 360}
    name = f"{own}{other}口站" if other else f"{own}站"
    name_en = f"{own_en} at {other_en}" if other else own_en
    return Asset("bus_stop", f"BS-{len(stops) + 1:04d}", place, name, name_en, facts)


def _fleet(depot: Site, lines: list[Asset], count: int) -> list[Asset]:
    """Buses stand in the depot until telemetry says where they are.

    `run` is a bus's place in the timetable of its line; those beyond the timetable's need are in reserve (-1).
    """
    runs = {line.ref: max(2, round(line.attributes["length_m"] / CRUISE_M_PER_S / HEADWAY_S)) for line in lines}
    found = []
    for number in range(count):
        line, turn = lines[number % len(lines)], number // len(lines)
        place = depot.spot(-38 + 5.5 * (number % 15), -18 + 13 * (number // 15 % 4))
        facts = {"line": line.ref, "run": turn if turn < runs[line.ref] else -1}
        name, name_en = f"{line.name}{turn + 1:02d}车", f"{line.name_en} bus {turn + 1}"
        found.append(Asset("bus", f"B-{number + 1:04d}", place, name, name_en, facts))
    return found
