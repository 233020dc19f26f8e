"""Small things along the streets: grates, bins, signs, lights."""

from __future__ import annotations

import numpy as np
from shapely import Point

from data.generator.assets import Asset
from data.generator.network import Carriageways, Edge, Network, beside

GRATE_EVERY_M = 55.0
BIN_EVERY_M = 75.0
SIGN_EVERY_M = 190.0


def furniture(net: Network, names: dict[int, tuple[str, str]]) -> list[Asset]:
    """Everything that stands at regular distances or at junctions of municipal roads. `names`: street → (zh, en)."""
    kerbs = Carriageways(net)
    municipal = [edge for edge in net.edges if edge.municipal]
    found = [
        *_along(kerbs, municipal, "rainwater_grate", "RG", GRATE_EVERY_M, (1, -1), 0.3),
        *_along(kerbs, municipal, "litter_bin", "LB", BIN_EVERY_M, (1,), 2.2),
        *_along(kerbs, municipal, "traffic_sign", "TS", SIGN_EVERY_M, (-1,), 1.2),
    ]
    found.extend(_street_signs(net, names))
    found.extend(_traffic_lights(net))
    return found


def _along(
    kerbs: Carriageways, edges: list[Edge], kind: str, prefix: str, every: float, sides: tuple[int, ...], out: float
) -> list[Asset]:
    """Assets `every` metres, `out` metres beyond the kerb, none on bridges; a single side alternates."""
    hosts: list[Edge] = []
    at: list[float] = []
    offsets: list[float] = []
    walked = every / 2
    for edge in edges:
        while walked < edge.line.length:
            if not edge.bridge:
                for side in sides if len(sides) > 1 else (sides[0] * (1 if len(at) % 2 else -1),):
                    hosts.append(edge)
                    at.append(walked)
                    offsets.append(side * (edge.width / 2 + out))
            walked += every
        walked -= edge.line.length
    places, _ = kerbs.beside(hosts, np.array(at), np.array(offsets))
    standing = places[~np.isnan(places[:, 0])]
    return [Asset(kind, f"{prefix}-{number:06d}", Point(place)) for number, place in enumerate(standing, 1)]


def _street_signs(net: Network, names: dict[int, tuple[str, str]]) -> list[Asset]:
    found: list[Asset] = []
    seen: set[tuple[int, str]] = set()
    for edge in net.edges:
        name, name_en = names[edge.street]
        for node, at in ((edge.start, 11.0), (edge.end, edge.line.length - 11.0)):
            if edge.municipal and net.degree(node) > 2 and (node, name) not in seen and edge.line.length > 30:
                seen.add((node, name))
                place, _ = beside(edge.line, at, edge.width / 2 + 1.0)
                found.append(Asset("street_sign", f"SS-{len(found) + 1:05d}", place, name, name_en))
    return found


def _traffic_lights(net: Network) -> list[Asset]:
    found: list[Asset] = []
    for node in range(len(net.nodes)):
        arms = [net.edges[number] for number, _ in net.links[node]]
        main = [edge for edge in arms if edge.kind in ("expressway", "arterial")]
        if len(main) < 2 or len([edge for edge in arms if edge.municipal]) < 3:
            continue
        for edge in arms:
            if edge.municipal and edge.line.length > 40:
                at = 14.0 if edge.start == node else edge.line.length - 14.0
                place, _ = beside(edge.line, at, (1 if edge.end == node else -1) * -(edge.width / 2 + 0.6))
                found.append(Asset("traffic_signal", f"TL-{len(found) + 1:05d}", place))
    return found
