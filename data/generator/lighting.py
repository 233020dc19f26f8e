"""Street lamps, their circuits, and the cabinets that feed and switch them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from shapely import LineString, Point, distance

from data.generator.assets import Asset
from data.generator.drawing import Plan
from data.generator.figures import Figures
from data.generator.frame import random
from data.generator.network import Carriageways, Edge, Network

LAMPS_PER_CIRCUIT = 20
LAMPS_PER_CABINET = 74
"""On average: 35,000 lamps are fed by fewer than 500 cabinets."""

COMPASS = np.array([(np.cos(turn), np.sin(turn)) for turn in np.linspace(0, 2 * np.pi, 8, endpoint=False)])
POWER_W = {"expressway": 250, "arterial": 200, "collector": 120, "branch": 60}
HEIGHT_M = {"expressway": 12, "arterial": 10, "collector": 8, "branch": 6}


@dataclass(frozen=True)
class _Row:
    """One side of one edge; `along` is where the edge begins on its street."""

    edge: Edge
    side: int
    along: float


@dataclass(frozen=True)
class _Stand:
    """Room for a lamp; `heading` is the street's there, in radians."""

    row: _Row
    place: Point
    heading: float


def lamps(seed: int, drawn: Plan, net: Network, targets: Figures) -> list[Asset]:
    """Exactly the target number of lamps, evenly along the municipal roads; wide roads have them on both sides."""
    rows = _rows(drawn, net)
    kerbs = Carriageways(net)
    tried = targets.lamps
    stands = _stands(rows, tried, kerbs)
    while len(stands) < targets.lamps:
        # Some fall where streets meet and have no room: try more, closer together, until enough of them stand.
        tried += targets.lamps - len(stands) + targets.lamps // 200
        stands = _stands(rows, tried, kerbs)
    kept = [stands[i] for i in np.linspace(0, len(stands) - 1, targets.lamps).round().astype(int)]
    found = [_lamp(number, stand) for number, stand in enumerate(kept, 1)]
    return [*found, *_cabinets(_circuits(kept, found), kerbs, random(seed, "cabinets"))]


def _stands(rows: list[_Row], count: int, kerbs: Carriageways) -> list[_Stand]:
    """Where there is room for lamps when `count` are spread evenly: beyond the kerb, else on the other side."""
    spacing = sum(row.edge.line.length for row in rows) / count
    hosts: list[_Row] = []
    steps: list[float] = []
    walked = 0.5 * spacing
    for row in rows:
        while walked < row.edge.line.length and len(steps) < count:
            hosts.append(row)
            steps.append(walked)
            walked += spacing
        walked -= row.edge.line.length
    at, edges = np.array(steps), [row.edge for row in hosts]
    offset = np.array([row.side * (row.edge.width / 2 + 0.8) for row in hosts])
    places, heading = kerbs.beside(edges, at, offset)
    left = np.flatnonzero(np.isnan(places[:, 0]))
    if len(left):
        places[left], heading[left] = kerbs.beside([edges[i] for i in left], at[left], -offset[left])
    standing = np.flatnonzero(~np.isnan(places[:, 0]))
    return [_Stand(hosts[i], Point(places[i]), float(heading[i])) for i in standing]


def _circuits(kept: list[_Stand], found: list[Asset]) -> list[list[Asset]]:
    """Neighbours on one side of one street, at most LAMPS_PER_CIRCUIT together."""
    circuits: list[list[Asset]] = []
    previous: tuple[int, int] | None = None
    for stand, lamp in zip(kept, found, strict=True):
        row = stand.row
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


def _lamp(number: int, stand: _Stand) -> Asset:
    edge = stand.row.edge
    return Asset(
        "street_lamp", f"L-{number:06d}", stand.place,
        attributes={"power_w": POWER_W[edge.kind], "height_m": HEIGHT_M[edge.kind], "source": "LED",
                    "street": edge.street, "bearing": round(np.degrees(stand.heading) % 360)},
    )  # fmt: skip


def _cabinets(circuits: list[list[Asset]], kerbs: Carriageways, rng: np.random.Generator) -> list[Asset]:
    """Group neighbouring circuits; each group's cabinet stands by the lamp nearest to the group's middle."""
    middles = np.array([np.mean([(lamp.shape.x, lamp.shape.y) for lamp in circuit], 0) for circuit in circuits])
    lamps = np.array([len(circuit) for circuit in circuits])
    wanted = max(1, int(lamps.sum() / LAMPS_PER_CABINET))
    found = []
    for number, group in enumerate(_share_out(middles, lamps, np.arange(len(circuits)), wanted), 1):
        ref = f"LC-{number:04d}"
        members = [lamp for circuit in group for lamp in circuits[circuit]]
        away = distance([lamp.shape for lamp in members], Point(*middles[group].mean(0)))
        near = [members[i] for i in np.argsort(away, kind="stable")]
        names = [f"{ref}-{place}" for place in range(1, len(group) + 1)]
        for name, circuit in zip(names, group, strict=True):
            for lamp in circuits[circuit]:
                lamp.attributes |= {"cabinet": ref, "circuit": name}
        spot = _beside_lamp(near, kerbs, float(rng.uniform(0.7, 1.3)))
        found += [_circuit(name, ref, spot, circuits[circuit]) for name, circuit in zip(names, group, strict=True)]
        power = sum(lamp.attributes["power_w"] for lamp in members)
        facts = {"circuits": names, "lamps": len(members), "power_w": power}
        found.append(Asset("lamp_cabinet", ref, spot, f"路灯控制箱{number}号", f"Lighting cabinet {number}", facts))
    return found


def _circuit(ref: str, cabinet: str, spot: Point, lamps: list[Asset]) -> Asset:
    """The cable from the cabinet along its lamps, from the nearer end."""
    shapes = [lamp.shape for lamp in lamps]
    if spot.distance(shapes[-1]) < spot.distance(shapes[0]):
        shapes.reverse()
    power = sum(lamp.attributes["power_w"] for lamp in lamps)
    facts = {"cabinet": cabinet, "lamps": len(lamps), "power_w": power}
    return Asset("lamp_circuit", ref, LineString([spot, *shapes]), f"路灯回路 {ref}", f"Lamp circuit {ref}", facts)


def _beside_lamp(lamps: list[Asset], kerbs: Carriageways, apart: float) -> Point:
    """A place `apart` metres from the first lamp that has one off the carriageways."""
    for lamp in lamps:
        around = np.array([lamp.shape.x, lamp.shape.y]) + apart * COMPASS
        free = np.flatnonzero(kerbs.free(around))
        if len(free):
            return Point(around[free[0]])
    return lamps[0].shape


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
