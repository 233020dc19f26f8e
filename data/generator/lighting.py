"""Street lamps, their circuits, and the cabinets that feed and switch them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from shapely import Point

from data.generator.assets import Asset
from data.generator.figures import Figures
from data.generator.frame import random
from data.generator.network import Carriageways, Edge, Network, beside
from data.generator.streets import Plan

LAMPS_PER_CIRCUIT = 20
CIRCUITS_PER_CABINET = 4
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
    found: list[Asset] = []
    circuits: list[list[Asset]] = []
    walked, previous = 0.5 * spacing, None
    kerbs = Carriageways(net)
    for row in rows:
        if previous is None or (row.edge.street, row.side) != previous:
            circuits.append([])
            previous = (row.edge.street, row.side)
        while walked < row.edge.line.length and len(found) < targets.lamps:
            if len(circuits[-1]) >= LAMPS_PER_CIRCUIT:
                circuits.append([])
            lamp = _lamp(row, walked, len(found) + 1, kerbs)
            found.append(lamp)
            circuits[-1].append(lamp)
            walked += spacing
        walked -= row.edge.line.length
    cabinets = _cabinets([circuit for circuit in circuits if circuit], random(seed, "cabinets"))
    return [*found, *cabinets]


def _rows(drawn: Plan, net: Network) -> list[_Row]:
    rows: list[_Row] = []
    for edge in net.edges:
        if edge.municipal:
            along = drawn.streets[edge.street].line.project(Point(edge.line.coords[0]))
            sides = (1, -1) if edge.kind in ("expressway", "arterial") else (1 if edge.street % 2 else -1,)
            rows.extend(_Row(edge, side, along) for side in sides)
    return sorted(rows, key=lambda row: (row.edge.street, row.side, row.along))


def _lamp(row: _Row, at: float, number: int, kerbs: Carriageways) -> Asset:
    offset = row.side * (row.edge.width / 2 + 0.8)
    place, heading = beside(row.edge.line, at, offset)
    place = kerbs.beside(row.edge, at, offset) or kerbs.beside(row.edge, at, -offset) or place
    kind = row.edge.kind
    return Asset(
        "street_lamp", f"L-{number:06d}", place,
        attributes={"power_w": POWER_W[kind], "height_m": HEIGHT_M[kind], "source": "LED",
                    "street": row.edge.street, "bearing": round(np.degrees(heading) % 360)},
    )  # fmt: skip


def _cabinets(circuits: list[list[Asset]], rng: np.random.Generator) -> list[Asset]:
    """Group neighbouring circuits; each group's cabinet stands by the lamp nearest to the group's middle."""
    middles = np.array([np.mean([(lamp.shape.x, lamp.shape.y) for lamp in circuit], 0) for circuit in circuits])
    found = []
    for number, group in enumerate(_halve(middles, np.arange(len(circuits))), 1):
        ref = f"LC-{number:04d}"
        members = [lamp for circuit in group for lamp in circuits[circuit]]
        middle = Point(*middles[group].mean(0))
        host = min(members, key=lambda lamp: lamp.shape.distance(middle))
        for place, circuit in enumerate(group, 1):
            for lamp in circuits[circuit]:
                lamp.attributes |= {"cabinet": ref, "circuit": f"{ref}-{place}"}
        spot = Point(host.shape.x + float(rng.uniform(0.6, 1.2)), host.shape.y)
        power = sum(lamp.attributes["power_w"] for lamp in members)
        facts = {"circuits": len(group), "lamps": len(members), "power_w": power}
        found.append(Asset("lamp_cabinet", ref, spot, f"路灯控制箱{number}号", f"Lighting cabinet {number}", facts))
    return found


def _halve(middles: np.ndarray, group: np.ndarray) -> list[np.ndarray]:
    if len(group) <= CIRCUITS_PER_CABINET:
        return [group]
    axis = int(np.ptp(middles[group], axis=0).argmax())
    order = group[np.argsort(middles[group, axis], kind="stable")]
    return _halve(middles, order[: len(order) // 2]) + _halve(middles, order[len(order) // 2 :])
