"""The version of a network that counts, in arrays. Read once for each version and process, then kept.

A trace asks `current` once and works in what it gets: edges, nodes, valves and assets are of one version.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import Connection, text

from config.errors import NotFound
from gis.networks import store
from gis.networks.graph import Floats, Graph, Ints
from gis.networks.isolation import Supply
from gis.networks.kinds import kind_of
from gis.networks.segments import Cuts

KEPT = 6
"""Networks kept at once in a process: three of a city, each with the version before it while it changes."""


@dataclass(frozen=True)
class Loaded:
    """One version. `asset` is by edge, `node_asset` by node (-1: none), `valve_asset` by valve; NaN: customers unknown."""

    name: str
    version: int
    graph: Graph
    asset: Ints
    node_asset: Ints
    role: list[str]
    valve_asset: Ints
    supply: Supply
    customers: Floats
    population: Floats
    edges_of: dict[int, list[int]]
    nodes_of: dict[int, int]

    def edge_of(self, asset_id: int) -> int:
        """The edge of a line's asset: of several pieces the longest. Raises NotFound where it is none of this network."""
        if asset_id not in self.edges_of:
            kind = kind_of(self.name)
            raise NotFound(kind.of_it, kind.choose, asset=asset_id)
        return max(self.edges_of[asset_id], key=lambda edge: float(self.graph.length_m[edge]))


_loaded: dict[tuple[str, str], Loaded] = {}
_guard = threading.Lock()


def current(db: Connection, name: str) -> Loaded:
    """The network as it is now."""
    version, token = store.current(db, name)
    key = (name, token)
    with _guard:
        found = _loaded.get(key)
    if found is None:
        found = load(db, name, version)
        with _guard:
            _loaded[key] = found
            while len(_loaded) > KEPT:
                del _loaded[next(iter(_loaded))]
    return found


def load(db: Connection, name: str, version: int) -> Loaded:
    """Read one version and prepare it: the once-off part of every trace."""
    which = {"name": name, "version": version}
    edges = _columns(
        db,
        "select start_node, end_node, length_m, passable, width, asset_id, customers, population from gis.network_edge"
        " where name = :name and version = :version order by edge",
        which,
    )
    nodes = _columns(
        db,
        "select coalesce(asset_id, -1), role from gis.network_node where name = :name and version = :version order by node",
        which,
    )
    valves = _columns(
        db,
        "select asset_id, open, width, edges, sides from gis.network_valve where name = :name and version = :version"
        " order by valve",
        which,
    )
    start, end, length, passable, _, asset, customers, population = edges or [()] * 8
    node_asset, role = nodes or [(), ()]
    valve_asset, opened, width, cut, sides = valves or [()] * 5
    graph = Graph.of(len(node_asset), _ints(start), _ints(end), np.array(length, float), np.array(passable, bool))
    cuts = Cuts.of(
        (edge, side, valve)
        for valve, pair in enumerate(zip(cut, sides, strict=True))
        for edge, side in zip(*pair, strict=True)
    )
    source = np.array([each == "source" for each in role], dtype=bool)
    supply = Supply.prepare(graph, cuts, source, np.array(opened, bool), np.array(width, float))
    edges_of: dict[int, list[int]] = {}
    for number, each in enumerate(asset):
        edges_of.setdefault(int(each), []).append(number)
    return Loaded(
        name=name,
        version=version,
        graph=graph,
        asset=_ints(asset),
        node_asset=_ints(node_asset),
        role=list(role),
        valve_asset=_ints(valve_asset),
        supply=supply,
        customers=np.array(customers, dtype=float),
        population=np.array(population, dtype=float),
        edges_of=edges_of,
        nodes_of={int(each): number for number, each in enumerate(node_asset) if each >= 0},
    )


def _ints(values: Any) -> Ints:
    return np.array(values, dtype=np.int64)


def _columns(db: Connection, statement: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    return list(zip(*(tuple(row) for row in db.execute(text(statement), values)), strict=True))
