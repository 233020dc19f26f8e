"""Valve isolation and full upstream traces on the reference city (scale 1), and the comparison with WNTR's valve segments.

`isolation_ms` and `upstream_ms` are the answer in memory after the once-off preparation, as 95th percentiles: over random
mains, and of a trace through the whole sewer, up from all its outfalls at once; reading the geometry and the list from the
database is stated beside them.
In the same run WNTR divides the same networks; `wntr_ratio` is its time by ours on the largest of them.
"""

from __future__ import annotations

import argparse
import threading
import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from sqlalchemy import Connection, Engine, text

from config.settings import from_environment
from data import demonstration
from gis.db import make_engine
from gis.networks import memory, refresh, store, tracing
from gis.networks.graph import Graph
from gis.networks.isolation import Supply, isolate
from gis.networks.segments import END, START, Cuts, divide
from tests.benchmarks._support import database, environment, finish, percentile, say
from tests.support import wntr_networks
from tests.support.waiting import wait_until

ROUNDS = 300
EDITS = 5
LAYERS = (("strategic", 1, 11), ("strategic", 2, 12), ("random", 60, 13))
"""Placement, number and seed of valve layers, as in tests/unit/test_segments.py."""


def main() -> None:
    """Run it; the last line is the result."""
    parser = argparse.ArgumentParser(prog="bench trace", description=__doc__)
    parser.add_argument("--json", action="store_true", help="the result is always JSON; kept for scripts")
    parser.add_argument("--scale", type=float, default=1.0)
    chosen = parser.parse_args()
    figures = compare_with_wntr()
    with database() as made, environment(made) as variables:
        engine = make_engine(made.app_url)
        with engine.begin() as db:
            say(f"Loading the demonstration city at scale {chosen.scale:g}")
            demonstration.load(db, from_environment(variables), chosen.scale, cases=0, aid_share=0.001)
        with engine.begin() as db:
            figures |= city(db)
        figures |= after_an_edit(engine)
        engine.dispose()
    finish(figures)


def after_an_edit(engine: Engine) -> dict[str, Any]:
    """With a keeper: how long the first question after the edit of a street waits, and until its answer knows the edit."""
    stopping = threading.Event()
    keeper = threading.Thread(target=refresh.keep, args=(engine, stopping))
    keeper.start()
    waits, renewed = [], []
    try:
        wait_until(lambda: _kept(engine), 60, what="the keeper of networks")
        for number in range(EDITS + 1):  # the first finds a keeper that has not read anything yet
            with engine.begin() as db:
                before = memory.current(db, "street")
                db.execute(
                    text("update gis.asset set geom = st_translate(geom, 0.00001, 0) where id = :id"),
                    {"id": int(before.asset[number])},
                )
            edited = time.perf_counter()
            found = before
            while found.version == before.version:
                with engine.begin() as db:
                    found, seconds = _timed(memory.current, db, "street")
                waits.append(1000 * seconds)
            if number:
                renewed.append(time.perf_counter() - edited)
    finally:
        stopping.set()
        keeper.join()
    return {"question_after_edit_ms": round(max(waits)), "renewed_street_s": round(percentile(renewed, 0.5), 2)}


def _kept(engine: Engine) -> bool:
    with engine.begin() as db:
        return store.is_kept(db)


def city(db: Connection) -> dict[str, Any]:
    """Build, prepare and question the networks of the city."""
    figures: dict[str, Any] = {}
    for name in ("water", "sewer", "street"):
        _, seconds = _timed(store.current, db, name)
        figures[f"build_{name}_s"] = round(seconds, 2)
        version, _ = store.current(db, name)
        _, seconds = _timed(memory.load, db, name, version)
        figures[f"prepare_{name}_ms"] = round(seconds * 1000, 1)
    water, sewer = memory.current(db, "water"), memory.current(db, "sewer")
    rng = np.random.default_rng(1)
    bursts = rng.integers(0, water.graph.edges, ROUNDS).tolist()
    spent = [_timed(isolate, water.supply, edge)[1] for edge in bursts]
    whole = [_timed(tracing.burst, db, int(water.asset[edge]))[1] for edge in bursts[:60]]
    outfalls = np.flatnonzero([role == "outlet" for role in sewer.role])
    last = [int(np.flatnonzero(sewer.graph.end == node)[0]) for node in outfalls if (sewer.graph.end == node).any()]
    whole_sewer = drained_by_one(sewer.graph, outfalls)
    whole_sewer.upstream(0)  # the once-off matrices
    everything = [_timed(whole_sewer.upstream, sewer.graph.nodes) for _ in range(20)]
    assert everything[0][0][sewer.graph.start].all()
    sewer.graph.edges_above(last[0])
    upward = [_timed(sewer.graph.edges_above, edge) for edge in last]
    largest = last[int(np.argmax([len(found) for found, _ in upward]))]
    answers = [_timed(tracing.trace, db, "sewer", int(sewer.asset[largest]), "up") for _ in range(5)]
    figures |= {
        "mains": int(water.graph.edges),
        "mains_km": round(float(water.graph.length_m.sum()) / 1000, 1),
        "valves": len(water.valve_asset),
        "sewers": int(sewer.graph.edges),
        "sewers_km": round(float(sewer.graph.length_m.sum()) / 1000, 1),
        "isolation_ms": round(percentile(spent, 0.95) * 1000, 2),
        "isolation_with_answer_ms": round(percentile(whole, 0.95) * 1000, 1),
        "upstream_ms": round(percentile([seconds for _, seconds in everything], 0.95) * 1000, 2),
        "one_outfall_ms": round(max(seconds for _, seconds in upward) * 1000, 2),
        "one_outfall_lines": max(len(found) for found, _ in upward),
        "one_outfall_with_answer_ms": round(min(seconds for _, seconds in answers) * 1000, 1),
    }
    figures["recursive_sql_ms"] = round(_recursive(db, sewer.version, largest) * 1000, 1)
    return figures


def drained_by_one(sewer: Graph, outfalls: np.ndarray) -> Graph:
    """The sewer with one node more, to which all outfalls drain: a trace from there goes through all of it."""
    start = np.concatenate([sewer.start, outfalls])
    end = np.concatenate([sewer.end, np.full(len(outfalls), sewer.nodes)])
    return Graph.of(sewer.nodes + 1, start, end, np.ones(len(start)))


def compare_with_wntr() -> dict[str, Any]:
    """How many nodes and pipes of six networks WNTR puts into another segment than we do, and how long each takes."""
    warnings.simplefilter("ignore")
    import wntr

    differs, compared, theirs_s, ours_s = 0, 0, 0.0, 0.0
    for name in wntr_networks.ALL:
        try:
            model = wntr_networks.model(name)
        except BaseException as skipped:  # pytest's skip where the real data is absent
            say(f"{name}: {skipped}")
            continue
        for placement, number, seed in LAYERS:
            layer = wntr.network.generate_valve_layer(model, placement, number, seed=seed)
            layer = layer.drop_duplicates().reset_index(drop=True)
            theirs, seconds = _timed(wntr.metrics.valve_segments, model.to_graph(), layer)
            theirs_s += seconds
            graph, cuts, nodes, links = prepared(model, layer)
            ours, seconds = _timed(divide, graph, cuts)
            ours_s += seconds
            expected = [*(int(theirs[0][n]) for n in nodes), *(int(theirs[1][n]) for n in links)]
            differs += different(np.concatenate([ours.node, ours.edge]).tolist(), expected)
            compared += len(expected)
        say(f"{name}: {differs} of {compared} nodes and links differ so far")
        source = np.isin(np.arange(graph.nodes), [0])
        isolate(Supply.prepare(graph, cuts, source, np.ones(len(layer), bool)), 0)
    return {"differs_from_wntr": differs, "compared_with_wntr": compared, "wntr_ratio": round(theirs_s / ours_s, 1)}


def prepared(model: Any, layer: Any) -> tuple[Graph, Cuts, list[str], list[str]]:
    """A WNTR network with a valve layer as ours, and its names in our order."""
    nodes, links = list(model.node_name_list), list(model.link_name_list)
    number, at = {node: n for n, node in enumerate(nodes)}, {link: n for n, link in enumerate(links)}
    ends = [(model.get_link(link).start_node_name, model.get_link(link).end_node_name) for link in links]
    start, end = (np.array([number[pair[side]] for pair in ends]) for side in (0, 1))
    rows = [
        (at[str(link)], START if ends[at[str(link)]][0] == node else END, valve)
        for valve, (link, node) in enumerate(zip(layer["link"], layer["node"], strict=True))
    ]
    return Graph.of(len(nodes), start, end, np.ones(len(links))), Cuts.of(rows), nodes, links


def different(ours: list[int], theirs: list[int]) -> int:
    """How many things lie in a segment that has no equal on the other side."""
    mine: dict[int, set[int]] = {}
    other: dict[int, set[int]] = {}
    for thing, (a, b) in enumerate(zip(ours, theirs, strict=True)):
        mine.setdefault(a, set()).add(thing)
        other.setdefault(b, set()).add(thing)
    known = {frozenset(things) for things in other.values()}
    return sum(len(things) for things in mine.values() if frozenset(things) not in known)


def _recursive(db: Connection, version: int, edge: int) -> float:
    """Seconds of the same upstream trace as recursive SQL, for comparison."""
    statement = text("""
        with recursive walked as (
            select edge, start_node as at from gis.network_edge where name = 'sewer' and version = :version and edge = :edge
            union
            select e.edge, e.start_node from walked w
            join gis.network_edge e on e.name = 'sewer' and e.version = :version and e.end_node = w.at
        ) select edge from walked
    """)
    db.execute(text("set local statement_timeout = '60s'"))
    return _timed(lambda: db.execute(statement, {"version": version, "edge": edge}).fetchall())[1]


def _timed(action: Callable[..., Any], *values: Any) -> tuple[Any, float]:
    started = time.perf_counter()
    result = action(*values)
    return result, time.perf_counter() - started


if __name__ == "__main__":
    main()
