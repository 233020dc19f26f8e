"""Bus lines on the wider streets, their stops, their timetable, and the fleet."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from shapely import LineString, Point, get_coordinates, line_interpolate_point

from data.generator.assets import Asset
from data.generator.bus_routes import Path, Router
from data.generator.figures import Figures
from data.generator.frame import random
from data.generator.network import Edge, Network, beside
from data.generator.sites import Site, Sites
from data.generator.terrain import Terrain

STOP_EVERY_M = 380.0
LEAST_HEADWAY_S = 120
CRUISE_M_S = 7.5
DWELL_S = 22
LAYOVER_S = 180
"""Speed between stops with all lights, seconds at each stop, and rest at each end of the line."""

IN_SERVICE = 0.88
"""Share of a line's buses that the timetable uses in the peak; the others are in reserve."""

KERB_M = 3.0
"""Buses keep to the right: this far from the middle of the street."""

CORNER_M = 6.0
"""This far from a junction a bus leaves its lane to turn."""

PERIODS = (
    ("05:30", "06:30", 2.0), ("06:30", "09:00", 1.0), ("09:00", "16:30", 1.5),
    ("16:30", "19:00", 1.0), ("19:00", "21:00", 1.5), ("21:00", "22:30", 2.5),
)  # fmt: skip
"""From, to, and how many times as far apart as in the peak buses leave."""

BUSES_IN_DEPOT = 220
Names = dict[int, tuple[str, str]]


@dataclass
class _Drawing:
    """Lines share the stops and the kerb lines of the streets that they share."""

    net: Network
    names: Names
    stops: dict[tuple[int, bool], Asset] = field(default_factory=dict)
    kerbs: dict[tuple[int, bool], np.ndarray] = field(default_factory=dict)

    def kerb(self, edge: Edge, forward: bool) -> np.ndarray:
        """Where a bus drives along an edge, shape (points, 2)."""
        found = self.kerbs.get((edge.number, forward))
        if found is None:
            line = edge.line if forward else edge.line.reverse()
            found = self.kerbs[edge.number, forward] = _to_the_right(line)
        return found

    def stop(self, edge: Edge, forward: bool) -> Asset:
        """The stop in the middle of an edge's right side."""
        found = self.stops.get((edge.number, forward))
        if found is None:
            ref = f"BS-{len(self.stops) + 1:04d}"
            found = self.stops[edge.number, forward] = _stop(ref, edge, forward, self.net, self.names)
        return found


def transit(seed: int, net: Network, sites: Sites, land: Terrain, targets: Figures, names: Names) -> list[Asset]:
    """Lines with as much length one way as is wanted, there and back; stops are shared where lines share a street."""
    router = Router(random(seed, "transit"), net, land.radius)
    drawing = _Drawing(net, names)
    lines: list[Asset] = []
    left = targets.bus_m
    for number in range(1, targets.bus_lines + 1):
        path = router.path(left / (targets.bus_lines - number + 1))
        left -= sum(edge.line.length for edge, _ in path)
        buses = targets.buses // targets.bus_lines + (number <= targets.buses % targets.bus_lines)
        lines.append(_line(number, path, drawing, buses))
    depots = _depots(sites, lines, targets.buses)
    yards = [
        Asset("bus_depot", f"BD-{number}", depot.shape, f"公交{number}号停车场", f"Bus Depot {number}")
        for number, depot in enumerate(depots, 1)
    ]
    return [*drawing.stops.values(), *lines, *yards, *_fleet(depots, lines, targets.buses)]


def _line(number: int, path: Path, drawing: _Drawing, buses: int) -> Asset:
    back = [(edge, not forward) for edge, forward in reversed(path)]
    points: list[np.ndarray] = []
    calls: list[dict[str, object]] = []
    driven, since, turn = 0.0, STOP_EVERY_M, 0.0
    for place, (edge, forward) in enumerate([*path, *back]):
        kerb = drawing.kerb(edge, forward)
        along = _length(kerb)
        if points:
            driven += float(np.hypot(*(kerb[0] - points[-1][-1])))
        if place == len(path):
            turn, since = driven, STOP_EVERY_M
        since += edge.line.length / 2
        if since > STOP_EVERY_M * 0.8 and edge.line.length > 70 and not edge.bridge:
            stop = drawing.stop(edge, forward)
            stop.attributes["lines"] = sorted({*stop.attributes["lines"], number})
            calls.append({"stop": stop.ref, "name": stop.name, "at_m": round(driven + along / 2, 1)})
            since = 0.0
        since += edge.line.length / 2
        driven += along
        points.append(kerb)
    shape = LineString(np.concatenate(points))
    facts = {
        "number": number, "length_m": round(shape.length), "turn_m": round(turn, 1),
        "one_way_m": round(sum(edge.line.length for edge, _ in path)), "stops": calls,
        **_timetable(shape.length, len(calls), buses),
    }  # fmt: skip
    return Asset("bus_line", f"BL-{number:03d}", shape, f"{number}路", f"Route {number}", facts)


def _timetable(length: float, stops: int, buses: int) -> dict[str, object]:
    """Headway in the peak from the buses there are, and when buses leave each end of the line."""
    round_s = length / CRUISE_M_S + stops * DWELL_S + 2 * LAYOVER_S
    runs = max(2, min(int(buses * IN_SERVICE), int(round_s / LEAST_HEADWAY_S)))
    headway = round(round_s / runs)
    return {
        "headway_s": headway,
        "timetable": {
            "round_s": round(round_s), "runs": runs, "cruise_m_s": CRUISE_M_S, "dwell_s": DWELL_S, "layover_s": LAYOVER_S,
            "periods": [{"from": since, "to": until, "headway_s": round(headway * times)} for since, until, times in PERIODS],
        },
    }  # fmt: skip


def _to_the_right(line: LineString) -> np.ndarray:
    """Points of a line moved to its right, without its ends, so that turns are round and never step back."""
    cut = min(CORNER_M, line.length / 3)
    at = np.linspace(cut, line.length - cut, max(2, int(line.length / 15) + 1))
    here, before, after = (get_coordinates(line_interpolate_point(line, at + step)) for step in (0.0, -1.0, 1.0))
    along = (after - before) / np.maximum(1e-9, np.hypot(*(after - before).T))[:, None]
    moved: np.ndarray = here + KERB_M * np.stack([along[:, 1], -along[:, 0]], 1)
    return moved


def _length(points: np.ndarray) -> float:
    return float(np.hypot(*np.diff(points, axis=0).T).sum())


def _stop(ref: str, edge: Edge, forward: bool, net: Network, names: Names) -> Asset:
    line = edge.line if forward else edge.line.reverse()
    place, heading = beside(line, line.length / 2, -(edge.width / 2 + 1.6))
    own, own_en = names[edge.street]
    cross = [names[net.edges[n].street] for node in (edge.start, edge.end) for n, _ in net.links[node]]
    other, other_en = next((name for name in sorted(cross) if name[0] != own), ("", ""))
    facts = {"lines": [], "bearing": round(90 - np.degrees(heading)) % 360}
    name = f"{own}{other}口站" if other else f"{own}站"
    name_en = f"{own_en} at {other_en}" if other else own_en
    return Asset("bus_stop", ref, place, name, name_en, facts)


def _depots(sites: Sites, lines: list[Asset], buses: int) -> list[Site]:
    """Yards near the ends of lines, enough for all buses."""
    count = max(1, round(buses / BUSES_IN_DEPOT))
    size = (90.0, 50.0) if buses < 60 else (150.0, 90.0)
    hosts = [lines[number * len(lines) // count] for number in range(count)]
    return [sites.find(Point(host.shape.coords[0]), *size) for host in hosts]


def _fleet(depots: list[Site], lines: list[Asset], count: int) -> list[Asset]:
    """Buses stand in a depot until telemetry says where they are.

    `run` is a bus's place in the timetable of its line; those beyond the timetable's need are in reserve (-1).
    """
    found = []
    for number in range(count):
        line, turn = lines[number % len(lines)], number // len(lines)
        depot, spot = depots[number % len(depots)], number // len(depots)
        place = depot.spot(*_parking(spot, depot.shape.area))
        facts = {"line": line.ref, "run": turn if turn < line.attributes["timetable"]["runs"] else -1}
        name, name_en = f"{line.name}{turn + 1:02d}车", f"{line.name_en} bus {turn + 1}"
        found.append(Asset("bus", f"B-{number + 1:04d}", place, name, name_en, facts))
    return found


def _parking(spot: int, area: float) -> tuple[float, float]:
    """Metres along and across a depot: rows of buses side by side, the next layer in between."""
    columns, rows, step = (15, 4, 5.5) if area < 6000 else (36, 7, 4.0)
    column, row = spot % columns, spot // columns % rows
    return step * (column - (columns - 1) / 2), (13.0 if area < 6000 else 12.4) * (row - (rows - 1) / 2)
