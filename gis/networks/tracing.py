"""Answers about networks for people and programs: geometry, a list, figures and an explanation, from one version of a network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Literal

import numpy as np
import shapely
from sqlalchemy import Connection, text

from config.errors import InvalidInput, NotFound
from config.street_speeds import speeds
from gis.catalogue import seeing
from gis.db import named_sql
from gis.networks import directions, memory
from gis.networks.directions import Piece
from gis.networks.graph import Ints, Path
from gis.networks.isolation import Isolation, isolate
from gis.networks.kinds import kind_of
from gis.networks.memory import Loaded
from gis.networks.wording import metres, said

Direction = Literal["up", "down", "part"]
WITHIN_M = 60.0
"""How far from a network a place may lie that is meant to be on it."""


def line_near(db: Connection, name: str, lon: float, lat: float, within_m: float = WITHIN_M) -> int:
    """The asset of the network's line nearest to a place. Raises NotFound where none is within reach."""
    network = memory.current(db, name)
    values = {"name": name, "version": network.version, "lon": lon, "lat": lat, "within_m": within_m}
    row = db.execute(named_sql("gis.networks", "nearest"), values).first()
    if row is None:
        raise NotFound(kind_of(name).near, kind_of(name).choose)
    return int(row.asset_id)


def trace(db: Connection, name: str, asset_id: int, direction: Direction) -> dict[str, Any]:
    """Where what comes to a line comes from ("up"), goes to ("down"), or everything connected with it ("part")."""
    network = memory.current(db, name)
    graph, edge = network.graph, _edge(db, network, asset_id)
    if direction == "up":
        found = graph.edges_above(edge)
    elif direction == "down":
        found = graph.edges_below(edge)
    else:
        found = np.flatnonzero(graph.parts[graph.start] == graph.parts[graph.start[edge]])
    length = float(graph.length_m[found].sum())
    facts: dict[str, object] = {"lines": len(np.unique(network.asset[found])), "length_m": metres(length)}
    ends = _outlets(db, network, found)
    if direction == "down":
        facts["ends"] = ", ".join(each["name"] or each["ref"] for each in ends)
    explanation = said(("dead" if direction == "down" and not ends else direction, facts))
    return {
        "network": name,
        "version": network.version,
        "asset_id": asset_id,
        "direction": direction,
        "lines": facts["lines"],
        "length_m": round(length, 1),
        "ends": ends,
        "said": explanation,
        "list": rows_of(db, network, found),
        "shapes": [_shape(db, network, "trace", found)],
    }


def path(db: Connection, name: str, origin: tuple[float, float], target: tuple[float, float]) -> dict[str, Any]:
    """The shortest way along a network between two places (longitude, latitude). Raises NotFound where there is none."""
    network = memory.current(db, name)
    a, b = (_node_near(db, network, *place) for place in (origin, target))
    found = network.graph.path(a, b)
    if found is None:
        raise NotFound("No way leads from one place to the other along this network.", "Choose other places.")
    facts: dict[str, object] = {"length_m": metres(found.length_m), "lines": len(np.unique(network.asset[found.edges]))}
    return {
        "network": name,
        "version": network.version,
        "length_m": round(found.length_m, 1),
        "nodes": found.nodes.tolist(),
        **_told(db, network, found),
        "said": said(("path", facts)),
        "list": rows_of(db, network, found.edges),
        "shapes": [_shape(db, network, "path", found.edges)],
    }


def distances(
    db: Connection, name: str, origin: tuple[float, float], targets: Sequence[tuple[float, float]]
) -> list[float | None]:
    """Metres along a network from one place to each of others (longitude, latitude); None where no way leads, or nothing lies near.

    Raises NotFound where the city has no such network, or nothing of it lies near the origin.
    """
    network = memory.current(db, name)
    far = network.graph.far(_node_near(db, network, *origin))
    found: list[float | None] = []
    for target in targets:
        try:
            metres_to = float(far[_node_near(db, network, *target)])
        except NotFound:
            metres_to = float("inf")
        found.append(round(metres_to, 1) if np.isfinite(metres_to) else None)
    return found


_COURSES = text("""
    select e.edge, st_asbinary(e.geom) as course, coalesce(a.name, '') as name, coalesce(a.name_en, '') as name_en,
           coalesce(a.attributes ->> 'class', '') as street_class
    from gis.network_edge e left join gis.seen_asset a on a.id = e.asset_id
    where e.name = :name and e.version = :version and e.edge = any (cast(:edges as integer[]))
""")


def _told(db: Connection, network: Loaded, found: Path) -> dict[str, Any]:
    """How one goes: steps from street to street, and seconds in all."""
    values = {"name": network.name, "version": network.version, "edges": found.edges.tolist()}
    rows = {row.edge: row for row in db.execute(_COURSES, values)}
    way = []
    for edge, node in zip(found.edges.tolist(), found.nodes.tolist(), strict=False):
        row, length_m = rows[edge], float(network.graph.length_m[edge])
        course = shapely.get_coordinates(shapely.from_wkb(bytes(row.course)))
        forward = network.graph.start[edge] == node
        drawn = [tuple(place) for place in (course if forward else course[::-1]).tolist()]
        way.append(Piece(drawn, length_m, row.name, row.name_en, row.street_class))
    told = directions.steps(way, *speeds())
    return {
        "seconds": round(sum(step.seconds for step in told)),
        "steps": [asdict(step) | {"length_m": round(step.length_m), "seconds": round(step.seconds)} for step in told],
    }


def burst(db: Connection, asset_id: int, stuck: Sequence[int] = ()) -> dict[str, Any]:
    """Which valves to close for a burst of a main, in order, and who is without water then. `stuck`: assets of valves.

    Raises NotFound where the asset is no main, InvalidInput for a stuck valve that is none of the network's.
    """
    network = memory.current(db, "water")
    edge = _edge(db, network, asset_id)
    number = {int(asset): valve for valve, asset in enumerate(network.valve_asset)}
    unknown = [each for each in stuck if each not in number or not seeing.sees(db, each)]
    if unknown:
        raise InvalidInput("Asset {asset} is no valve of this network.", field="stuck", asset=unknown[0])
    plan = isolate(network.supply, edge, {number[each] for each in stuck})
    without = np.union1d(plan.drained, plan.dry)
    customers, population = (_total(column, without) for column in (network.customers, network.population))
    valves = _valves(db, network, plan, stuck)
    withheld = len(plan.close) - sum(each["do"] == "close" for each in valves)
    return {
        "network": "water",
        "version": network.version,
        "asset_id": asset_id,
        "valves": valves,
        "withheld": withheld,
        "drained_m": round(float(network.graph.length_m[plan.drained].sum()), 1),
        "dry_m": round(float(network.graph.length_m[plan.dry].sum()), 1),
        "customers": None if customers is None else int(customers),
        "population": None if population is None else round(population),
        "said": _explain(network, plan, customers, population, withheld),
        "list": rows_of(db, network, without),
        "shapes": [_shape(db, network, "drained", plan.drained), _shape(db, network, "dry", plan.dry)],
    }


def _explain(
    network: Loaded, plan: Isolation, customers: float | None, population: float | None, withheld: int
) -> dict[str, str]:
    graph = network.graph
    parts: list[tuple[str, dict[str, object]]] = []
    if plan.close:
        parts.append(("close", {"count": len(plan.close), "pressed": sum(plan.pressed)}))
    else:
        parts.append(("none", {}) if plan.shut_already else ("all", {}))
    if withheld:
        parts.append(("withheld", {"count": withheld}))
    if plan.joined:
        parts.append(("stuck", {"count": len(plan.joined)}))
    if plan.shut_already:
        parts.append(("look", {"count": len(plan.shut_already)}))
    if len(plan.sources):
        parts.append(("source", {}))
    if not plan.fed_before:
        parts.append(("unfed", {}))
    parts.append(("drained", {"length_m": metres(float(graph.length_m[plan.drained].sum()))}))
    dry = float(graph.length_m[plan.dry].sum())
    parts.append(("dry", {"length_m": metres(dry)}) if dry else ("nobody", {}))
    if customers is None or population is None:
        parts.append(("unknown", {}))
    else:
        parts.append(("customers", {"customers": f"{customers:,.0f}", "population": f"{population:,.0f}"}))
    return said(*parts)


def _total(column: np.ndarray, edges: Ints) -> float | None:
    """The sum over edges; None where it is not known of the network."""
    return None if np.isnan(column).all() else float(np.nansum(column[edges]))


def _valves(db: Connection, network: Loaded, plan: Isolation, stuck: Sequence[int]) -> list[dict[str, Any]]:
    """To be closed (numbered from 1), shut already, stuck: in this order, each with its place."""
    chosen: list[dict[str, Any]] = [
        {"asset_id": int(network.valve_asset[valve]), "do": "close", "number": number, "pressed": pressed}
        for number, (valve, pressed) in enumerate(zip(plan.close, plan.pressed, strict=True), 1)
    ]
    chosen += [{"asset_id": int(network.valve_asset[valve]), "do": "look"} for valve in plan.shut_already]
    chosen += [{"asset_id": each, "do": "stuck"} for each in stuck]
    rows = db.execute(
        text(
            "select v.asset_id, v.width as diameter_mm, st_x(v.geom) as lon, st_y(v.geom) as lat, a.name, a.code, a.source_ref as ref"
            " from gis.network_valve v join gis.seen_asset a on a.id = v.asset_id"
            " where v.name = :name and v.version = :version and v.asset_id = any (:assets)"
        ),
        {"name": network.name, "version": network.version, "assets": [each["asset_id"] for each in chosen]},
    )
    known = {row.asset_id: dict(row._mapping) for row in rows}
    return [known[each["asset_id"]] | each for each in chosen if each["asset_id"] in known]  # else it is hidden


def rows_of(db: Connection, network: Loaded, edges: Ints) -> list[dict[str, Any]]:
    """The lines behind edges, each once, longest first: asset, reference, kind, length in metres, diameter, street."""
    rows = db.execute(
        named_sql("gis.networks", "lines"),
        {"name": network.name, "version": network.version, "edges": edges.tolist()},
    )
    return [dict(row._mapping) for row in rows]


def _shape(db: Connection, network: Loaded, part: str, edges: Ints) -> dict[str, Any]:
    """All edges as one shape: {"part", "geojson" (text of a MultiLineString, degrees, 6 decimals) or None}."""
    geojson = db.execute(
        text(
            "select st_asgeojson(st_collect(geom), 6) from gis.network_edge e"
            " where ((select gis.hidden_now()) = '{}' or exists (select from gis.seen_asset a where a.id = e.asset_id))"
            " and name = :name and version = :version and edge = any (cast(:edges as integer[]))"
        ),
        {"name": network.name, "version": network.version, "edges": edges.tolist()},
    ).scalar()
    return {"part": part, "geojson": geojson}


def _outlets(db: Connection, network: Loaded, edges: Ints) -> list[dict[str, Any]]:
    """Outfalls at the ends of edges."""
    ends = np.unique(network.graph.end[edges])
    assets = [int(network.node_asset[node]) for node in ends.tolist() if network.role[node] == "outlet"]
    rows = db.execute(
        text(
            "select id as asset_id, name, name_en, source_ref as ref from gis.seen_asset where id = any (:ids) order by id"
        ),
        {"ids": assets},
    )
    return [dict(row._mapping) for row in rows]


def _edge(db: Connection, network: Loaded, asset_id: int) -> int:
    """The edge of a line that the reader may see. Raises NotFound, for a hidden one as for one that is none."""
    return network.edge_of(asset_id if seeing.sees(db, asset_id) else -1)


def _node_near(db: Connection, network: Loaded, lon: float, lat: float) -> int:
    values = {"name": network.name, "version": network.version, "lon": lon, "lat": lat, "within_m": 500.0}
    row = db.execute(named_sql("gis.networks", "nearest"), values).first()
    if row is None:
        raise NotFound(kind_of(network.name).near, kind_of(network.name).choose)
    return int(row.end_node if row.share > 0.5 else row.start_node)
