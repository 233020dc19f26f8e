"""Sewers: from every street downhill to an outfall, where a bridge's street meets the river's bank.

Streets point to the nearest outfall on their own bank, so the pipes form a graph without circles, and inverts are
computed upward from the outfalls: each pipe's upper end lies higher than its lower end by slope times length.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from shapely import Point
from shapely.affinity import translate
from shapely.ops import substring

from data.generator.areas import SubDistrict
from data.generator.assets import Asset
from data.generator.figures import Figures
from data.generator.network import Edge, Network, distances
from data.generator.terrain import Terrain

SHIFT_M = -3.0
MANHOLE_EVERY_M = 38.0
OUTFALLS_APART_M = 400.0
OUTFALL_BELOW_BANK_M = 3.6
SLACK = 0.005
"""How far the laid length may lie from what is wanted."""

LEAST_COVER_M = 1.1
SLOPE = {"expressway": 0.002, "arterial": 0.002, "collector": 0.0025, "branch": 0.003, "lane": 0.004}
DIAMETER_MM = {"expressway": 1200, "arterial": 1000, "collector": 800, "branch": 600, "lane": 400}


@dataclass
class Sewers:
    """All assets of the drainage."""

    assets: list[Asset] = field(default_factory=list)
    length: float = 0.0
    inverts: dict[int, float] = field(default_factory=dict)
    manholes: dict[int, Asset] = field(default_factory=dict)


def drainage(net: Network, land: Terrain, targets: Figures) -> Sewers:
    """Lay sewers under the most important streets, and under all they need on the way to the river."""
    system = Sewers()
    outfalls = _outfalls(net)
    dry = {edge.number for edge in net.edges if not edge.bridge}
    far, via = distances(net, outfalls, dry)
    for number, node in enumerate(outfalls, 1):
        system.inverts[node] = land.level(net.nodes[node].x, net.nodes[node].y) - OUTFALL_BELOW_BANK_M
        spot = translate(net.nodes[node], SHIFT_M, SHIFT_M)
        facts = {"invert_m": round(system.inverts[node], 2), "node": f"MH-N{node}"}
        system.assets.append(
            Asset("outfall", f"OF-{number:02d}", spot, f"{number}号排水口", f"Outfall {number}", facts)
        )
    for edge in _drained(net, far, via, dry, targets.sewer_m):
        _lay(edge, land, far, via, system)
    _gauges(outfalls, system)
    return system


def _outfalls(net: Network) -> list[int]:
    """Junctions at the ends of bridges, those of one bank well apart; every piece of land between waters has one."""
    home = list(range(len(net.nodes)))

    def root(node: int) -> int:
        while home[node] != node:
            home[node] = node = home[home[node]]
        return node

    for edge in net.edges:
        if not edge.bridge:
            home[root(edge.start)] = root(edge.end)
    kept: dict[int, list[int]] = {}
    for node in sorted({node for edge in net.edges if edge.bridge for node in (edge.start, edge.end)}):
        others = kept.setdefault(root(node), [])
        if all(net.nodes[node].distance(net.nodes[other]) > OUTFALLS_APART_M for other in others):
            others.append(node)
    return sorted(node for nodes in kept.values() for node in nodes)


def _drained(net: Network, far: list[float], via: list[int], dry: set[int], wanted: float) -> list[Edge]:
    """Edges in the order in which they can be laid: from the outfalls upward."""
    chosen: set[int] = set()
    length = 0.0
    for edge in net.edges:
        if length >= wanted * (1 - SLACK):
            break
        if edge.number not in dry or min(far[edge.start], far[edge.end]) == float("inf"):
            continue
        path, node = [edge.number], _lower(edge, far)
        while via[node] >= 0:
            path.append(via[node])
            node = _other(net.edges[via[node]], node)
        more = sum(_laid(net.edges[number], far, via) for number in set(path) - chosen)
        if length + more <= wanted * (1 + SLACK):
            length += more
            chosen.update(path)
    return sorted((net.edges[number] for number in chosen), key=lambda edge: (far[_lower(edge, far)], edge.number))


def _lower(edge: Edge, far: list[float]) -> int:
    return edge.start if (far[edge.start], edge.start) < (far[edge.end], edge.end) else edge.end


def _other(edge: Edge, node: int) -> int:
    return edge.end if node == edge.start else edge.start


def _laid(edge: Edge, far: list[float], via: list[int]) -> float:
    """Metres of sewer under an edge: a street that is no node's way out needs none for its first metres."""
    full = float(edge.line.length)
    return full if via[_other(edge, _lower(edge, far))] == edge.number else max(full - 8.0, 0.6 * full)


def _lay(edge: Edge, land: Terrain, far: list[float], via: list[int], system: Sewers) -> None:
    """Pipes between manholes along one street, drawn downhill; a street that is no node's way out gets a head manhole."""
    low = _lower(edge, far)
    high = _other(edge, low)
    line = translate(edge.line, SHIFT_M, SHIFT_M)
    line = line.reverse() if edge.start == high else line  # from the low end upward
    on_the_way = via[high] == edge.number
    length = _laid(edge, far, via)
    count = max(1, round(length / MANHOLE_EVERY_M))
    slope = SLOPE[edge.kind]
    below = _manhole(system, land, f"MH-N{low}", line.interpolate(0), system.inverts.setdefault(low, 0.0), low)
    for number in range(1, count + 1):
        at = length * number / count
        invert = system.inverts[low] + slope * at
        last = number == count and on_the_way
        if last:
            system.inverts[high] = invert
        ref = f"MH-N{high}" if last else f"MH-{edge.number:05d}{number:02d}"
        above = _manhole(system, land, ref, line.interpolate(at), invert, high if last else None)
        piece = substring(line, length * (number - 1) / count, at).reverse()
        facts = {"from": above.ref, "to": below.ref, "invert_up_m": above.attributes["invert_m"],
                 "invert_down_m": below.attributes["invert_m"], "diameter_mm": DIAMETER_MM[edge.kind],
                 "slope": slope, "length_m": round(piece.length, 1)}  # fmt: skip
        system.assets.append(Asset("sewer", f"SW-{edge.number:05d}{number:02d}", piece, attributes=facts))
        system.length += piece.length
        below = above


def _manhole(system: Sewers, land: Terrain, ref: str, spot: Point, invert: float, node: int | None) -> Asset:
    if node is not None and node in system.manholes:
        return system.manholes[node]
    ground = max(land.level(spot.x, spot.y), invert + LEAST_COVER_M)
    facts = {"invert_m": round(invert, 3), "ground_m": round(ground, 2), "depth_m": round(ground - invert, 2)}
    found = Asset("manhole", ref, spot, attributes=facts)
    system.assets.append(found)
    if node is not None:
        system.manholes[node] = found
    return found


def rain_gauges(divided: list[SubDistrict]) -> list[Asset]:
    """One on a roof in each sub-district: rain is known minutes before the sewers rise."""
    return [
        Asset(
            "rain_gauge",
            f"RG-{number:02d}",
            part.shape.representative_point(),
            f"{number}号雨量计",
            f"Rain gauge {number}",
        )
        for number, part in enumerate(divided, 1)
    ]


def _gauges(outfalls: list[int], system: Sewers) -> None:
    """Level gauges above each outfall, in the first manhole up the street, and where most pipes meet."""
    arriving: dict[str, int] = {}
    for asset in system.assets:
        if asset.kind == "sewer":
            arriving[asset.attributes["to"]] = arriving.get(asset.attributes["to"], 0) + 1
    by_ref = {asset.ref: asset for asset in system.assets if asset.kind == "manhole"}
    near = [f"MH-N{node}" for node in outfalls if f"MH-N{node}" in by_ref]
    busy = sorted(
        (ref for ref in by_ref if arriving.get(ref, 0) > 1 and ref not in near), key=lambda r: (-arriving[r], r)
    )
    for number, ref in enumerate([*near, *busy[: len(near)]], 1):
        host = by_ref[ref]
        facts = {"manhole": ref, "depth_m": host.attributes["depth_m"]}
        name, name_en = f"{number}号液位计", f"Sewer level gauge {number}"
        system.assets.append(Asset("sewer_level_meter", f"LG-{number:03d}", host.shape, name, name_en, facts))
