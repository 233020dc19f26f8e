"""Street lamps, their circuits, and the cabinets that feed and switch them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from shapely import Point

from data.generator.assets import Asset
from data.generator.drawing import Plan
from data.generator.figures import Figures
from data.generator.frame import random
from data.generator.network import Carriageways, Edge, Network, beside_all

LAMPS_PER_CIRCUIT = 20
LAMPS_PER_CABINET = 74
"""On average: 35,000 lamps are fed by fewer than 500 cabinets."""

POWER_W = {"expressway": 250, "arterial": 200, "collector": 120, "branch": 60}
HEIGHT_M = {"expressway": 12, "arterial": 10, "collector": 8, "branch": 6}


@dataclass(frozen=True)
class _Row:
    """One side of one edge; `along` is where the edge begins on its street."""

    edge: Edge
    side: int
    along: float


def lamps(seed: int, drawn: Plan, net: Network, targets: Figures) -> list[Asset]:
    """Exactly the target number of lamps, evenly along the municipal roads; wide roads have them on both sides."""
    rows = _rows(drawn, net)
    spacing = sum(row.edge.line.length for row in rows) / targets.lamps
    hosts: list[_Row] = []
    at: list[float] = []
    walked = 0.5 * spacing
    for row in rows:
        while walked < row.edge.line.length and len(at) < targets.lamps:
            hosts.append(row)
            at.append(walked)
            walked += spacing
        walked -= row.edge.line.length
    found = _stand(hosts, np.array(at), Carriageways(net))
    return [*found, *_cabinets(_circuits(hosts, found), random(seed, "cabinets"))]


def _circuits(hosts: list[_Row], found: list[Asset]) -> list[list[Asset]]:
    """Neighbours on one side of one street, at most LAMPS_PER_CIRCUIT together."""
    circuits: list[list[Asset]] = []
    previous: tuple[int, int] | None = None
    for row, lamp in zip(hosts, found, strict=True):
        if (row.edge.street, row.side) != previous or len(circuits[-1]) >= LAMPS_PER_CIRCUIT:
            circuits.append([])
            previous = (row.edge.street, row.side)
        circuits[-1].append(lamp)
    return circuits


def _rows(drawn: Plan, net: Network) -> list[_Row]:
    rows: list[_Row] = []
    for edge in net.edges:
        if edge.municipal:
            along = drawn.streets[edge.street].line.project(Point(edge.line.coords[0]))
            sides = (1, -1) if edge.kind in ("expressway", "arterial") else (1 if edge.street % 2 else -1,)
            rows.extend(_Row(edge, side, along) for side in sides)
    return sorted(rows, key=lambda row: (row.edge.street, row.side, row.along))


def _stand(rows: list[_Row], at: np.ndarray, kerbs: Carriageways) -> list[Asset]:
    """A lamp for each row and place: beyond the kerb, on the other side where there is no room."""
    edges = [row.edge for row in rows]
    offset = np.array([row.side * (row.edge.width / 2 + 0.8) for row in rows])
    places, heading = kerbs.beside(edges, at, offset)
    for aside, free in ((-offset, True), (offset, False)):
        left = np.flatnonzero(np.isnan(places[:, 0]))
        if len(left):
            hosts = [edges[i] for i in left]
            lines = np.array([edge.line for edge in hosts])
            moved = kerbs.beside(hosts, at[left], aside[left]) if free else beside_all(lines, at[left], aside[left])
            places[left], heading[left] = moved
    return [
        Asset(
            "street_lamp", f"L-{number:06d}", Point(place),
            attributes={"power_w": POWER_W[edge.kind], "height_m": HEIGHT_M[edge.kind], "source": "LED",
                        "street": edge.street, "bearing": round(np.degrees(turn) % 360)},
        )
        for number, (edge, place, turn) in enumerate(zip(edges, places, heading, strict=True), 1)
    ]  # fmt: skip


def _cabinets(circuits: list[list[Asset]], rng: np.random.Generator) -> list[Asset]:
    """Group neighbouring circuits; each group's cabinet stands by the lamp nearest to the group's middle."""
    middles = np.array([np.mean([(lamp.shape.x, lamp.shape.y) for lamp in circuit], 0) for circuit in circuits])
    lamps = np.array([len(circuit) for circuit in circuits])
    wanted = max(1, int(lamps.sum() / LAMPS_PER_CABINET))
    found = []
    for number, group in enumerate(_share_out(middles, lamps, np.arange(len(circuits)), wanted), 1):
        ref = f"LC-{number:04d}"
        members = [lamp for circuit in group for lamp in circuits[circuit]]
        middle = Point(*middles[group].mean(0))
        host = min(members, key=lambda lamp: lamp.shape.distance(middle))
        names = [f"{ref}-{place}" for place in range(1, len(group) + 1)]
        for name, circuit in zip(names, group, strict=True):
            for lamp in circuits[circuit]:
                lamp.attributes |= {"cabinet": ref, "circuit": name}
        spot = Point(host.shape.x + float(rng.uniform(0.6, 1.2)), host.shape.y)
        power = sum(lamp.attributes["power_w"] for lamp in members)
        facts = {"circuits": names, "lamps": len(members), "power_w": power}
        found.append(Asset("lamp_cabinet", ref, spot, f"路灯控制箱{number}号", f"Lighting cabinet {number}", facts))
    return found


def _share_out(middles: np.ndarray, lamps: np.ndarray, group: np.ndarray, wanted: int) -> list[np.ndarray]:
    """Circuits in `wanted` groups of about equally many lamps: halve across the longer extent, again and again."""
    if wanted < 2 or len(group) < 2:
        return [group]
    axis = int(np.ptp(middles[group], axis=0).argmax())
    order = group[np.argsort(middles[group, axis], kind="stable")]
    gone = np.cumsum(lamps[order]) - lamps[order] / 2
    cut = int(np.clip((gone < lamps[order].sum() * (wanted // 2) / wanted).sum(), 1, len(order) - 1))
    rest = wanted - wanted // 2
    return _share_out(middles, lamps, order[:cut], wanted // 2) + _share_out(middles, lamps, order[cut:], rest)
