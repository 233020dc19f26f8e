"""Water supply: plants, mains under the streets, valves, hydrants and meters.

The mains are the street network moved three metres to the north-east, so that the topology of the streets is the
topology of the pipes: junction `J<n>` lies at street node n, and valves cut the pipe beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from shapely import Point, STRtree, line_interpolate_point
from shapely.affinity import translate
from shapely.ops import substring

from data.generator.areas import Community
from data.generator.assets import Asset
from data.generator.figures import Figures
from data.generator.frame import random
from data.generator.network import Carriageways, Edge, Network, distances
from data.generator.sites import Sites
from data.generator.terrain import Terrain

SHIFT_M = 3.0
VALVE_FROM_NODE_M = 9.0
HYDRANT_EVERY_M = 110.0
METERS_APART_M = 150.0
DIAMETER_MM = {"expressway": 600, "arterial": 500, "collector": 300, "branch": 200, "lane": 150}
MATERIALS = ((1985, "灰口铸铁 grey cast iron"), (1998, "球墨铸铁 ductile iron"), (2010, "PE100"))


@dataclass
class WaterSystem:
    """All assets of the supply and the length of its mains in metres."""

    assets: list[Asset] = field(default_factory=list)
    length: float = 0.0


def water(
    seed: int, net: Network, sites: Sites, land: Terrain, targets: Figures, communities: Sequence[Community]
) -> WaterSystem:
    """Lay mains under the most important streets until the target length is reached, fed by the plants."""
    rng = random(seed, "water")
    system = WaterSystem()
    piped = _piped(net, targets.water_m)
    ends = {node for edge in piped for node in (edge.start, edge.end)}
    plants = _plants(net, sites, land, targets, ends, system)
    far, _ = distances(net, plants, {edge.number for edge in piped})
    for edge in piped:
        if far[edge.start] < float("inf"):
            _lay(edge, net, rng, system)
    _zones(communities, system)
    _hydrants(piped, Carriageways(net), system)
    _meters(communities, plants, net, system)
    return system


def _piped(net: Network, wanted: float) -> list[Edge]:
    length, chosen = 0.0, []
    for edge in net.edges:
        if length >= wanted:
            break
        chosen.append(edge)
        length += edge.line.length
    return chosen


def _plants(
    net: Network, sites: Sites, land: Terrain, targets: Figures, piped: set[int], system: WaterSystem
) -> list[int]:
    """Waterworks stand by the river, first upstream (west), then further along; each feeds the junction beside it."""
    nodes = []
    for number in range(targets.water_plants):
        by_river = land.course.interpolate(0.02 + number / targets.water_plants, normalized=True)
        found = sites.find(Point(by_river.x, by_river.y + 0.1 * land.radius), 90, 64)
        node = min(piped, key=lambda n: net.nodes[n].distance(net.nodes[found.node]))
        name, name_en = f"云澜第{'一二三四五六七八'[number]}水厂", f"Yunlan Water Plant {number + 1}"
        facts = {"node": f"J{node}", "capacity_m3_per_day": 20_000}
        system.assets.append(Asset("water_plant", f"WP-{number + 1}", found.shape, name, name_en, facts))
        nodes.append(node)
    return nodes


def _lay(edge: Edge, net: Network, rng: np.random.Generator, system: WaterSystem) -> None:
    """One street's main, from node to node, cut by a valve at each end that needs one."""
    line = translate(edge.line, SHIFT_M, SHIFT_M)
    year = int(rng.integers(1978, 2024))
    facts = {"diameter_mm": DIAMETER_MM[edge.kind], "year": year, "roughness": round(float(rng.uniform(95, 140))),
             "material": [name for since, name in MATERIALS if year >= since or since == 1985][-1]}  # fmt: skip
    cuts = [VALVE_FROM_NODE_M] if _valve_at(edge, edge.start, net) else []
    cuts += [line.length - VALVE_FROM_NODE_M] if _valve_at(edge, edge.end, net) else []
    names = [f"J{edge.start}"]
    for at in cuts if line.length > 3 * VALVE_FROM_NODE_M else []:
        ref = f"WV-{edge.number:05d}{'A' if at < line.length / 2 else 'B'}"
        names.append(ref)
        valve = {"diameter_mm": facts["diameter_mm"], "status": "open", "valve_type": "gate"}
        system.assets.append(Asset("valve", ref, line.interpolate(at), attributes=valve))
    names.append(f"J{edge.end}")
    places = [0.0, *(cuts if len(names) > 2 else []), line.length]
    for number in range(len(names) - 1):
        piece = substring(line, places[number], places[number + 1])
        ends = {"from": names[number], "to": names[number + 1], "length_m": round(piece.length, 1)}
        system.assets.append(
            Asset("water_main", f"WM-{edge.number:05d}{'abc'[number]}", piece, attributes=facts | ends)
        )
        system.length += piece.length


def _valve_at(edge: Edge, node: int, net: Network) -> bool:
    """Valves on all arms of a junction but one; a lane is shut off only where it leaves its street."""
    arms = [number for number, _ in net.links[node]]
    return len(arms) > 2 and edge.number != max(arms) if edge.municipal else len(arms) > 2


def _zones(communities: Sequence[Community], system: WaterSystem) -> None:
    """Every main belongs to the metered zone in which its middle lies; zones are the communities."""
    tree = STRtree([community.shape for community in communities])
    mains = [asset for asset in system.assets if asset.kind == "water_main"]
    middles = line_interpolate_point([asset.shape for asset in mains], 0.5, normalized=True)
    found = dict(zip(*tree.query(middles, predicate="intersects").tolist(), strict=True))
    for number, main in enumerate(mains):
        zone = found.get(number)
        main.attributes["zone"] = communities[tree.nearest(middles[number]) if zone is None else zone].code


def _hydrants(piped: list[Edge], kerbs: Carriageways, system: WaterSystem) -> None:
    hosts: list[Edge] = []
    at: list[float] = []
    walked = HYDRANT_EVERY_M / 2
    for edge in piped:
        while walked < edge.line.length and not edge.bridge:
            hosts.append(edge)
            at.append(walked)
            walked += HYDRANT_EVERY_M
        walked = max(0.0, walked - edge.line.length)
    places, _ = kerbs.beside(hosts, np.array(at), np.array([edge.width / 2 + 1.4 for edge in hosts]))
    standing = places[~np.isnan(places[:, 0])]
    system.assets.extend(Asset("hydrant", f"WH-{number:05d}", Point(place)) for number, place in enumerate(standing, 1))


def _meters(communities: Sequence[Community], plants: list[int], net: Network, system: WaterSystem) -> None:
    """A flow and pressure meter at each plant's outlet and at the widest main that enters each community."""
    mains = [asset for asset in system.assets if asset.kind == "water_main"]
    tree = STRtree([asset.shape for asset in mains])
    for number, node in enumerate(plants, 1):
        main = mains[int(tree.nearest(translate(net.nodes[node], SHIFT_M, SHIFT_M)))]
        _meter(f"FM-P{number}", main, main.shape.interpolate(0.5, normalized=True), "", "出厂", "outlet", system)
    for community in communities:
        taken = [asset.shape for asset in system.assets if asset.kind == "flow_meter"]
        crossing = [mains[i] for i in tree.query(community.shape.boundary, predicate="crosses")]
        inside = [mains[i] for i in tree.query(community.shape, predicate="intersects")]
        nearest = mains[int(tree.nearest(community.shape.centroid))]
        main = max(crossing or inside or [nearest], key=lambda asset: _fitness(asset, taken))
        place = main.shape.interpolate(0.5, normalized=True)
        _meter(f"FM-{community.code[-6:]}", main, place, community.code, community.name, community.name_en, system)


def _fitness(main: Asset, taken: list[Point]) -> tuple[bool, float, float]:
    """Which main a zone's meter goes on: not beside another meter, wide, long."""
    place = main.shape.interpolate(0.5, normalized=True)
    apart = all(place.distance(other) > METERS_APART_M for other in taken)
    return apart, main.attributes["diameter_mm"], main.shape.length


def _meter(ref: str, main: Asset, place: Point, zone: str, name: str, name_en: str, system: WaterSystem) -> None:
    facts = {"pipe": main.ref, "zone": zone, "diameter_mm": main.attributes["diameter_mm"]}
    system.assets.append(
        Asset("flow_meter", ref, place, f"{name}流量压力计", f"Flow and pressure meter {name_en}", facts)
    )
