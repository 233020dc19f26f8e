"""Versions of networks in the database: building one from the register, and which one counts.

A build writes a whole new version and then points `gis.network` at it, in one transaction. The version before it stays until
the next build, so that whoever reads it finishes in it. Two builds of one network wait for each other. Who builds: refresh.py.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import shapely
from pyproj import Transformer
from sqlalchemy import Connection, Row, text

from gis.copying import copy_rows
from gis.networks import checks, customers, findings, reading
from gis.networks.graph import Floats, Ints
from gis.networks.kinds import Kind, kind_of
from gis.networks.reading import Known
from gis.networks.topology import Topology, build

_CURRENT = text("""
    select version, token, built_at, exists (select from gis.network_change c where c.name = n.name) as outdated
    from gis.network n where name = :name
""")
KEPT = 2
"""Versions kept: the one that counts and the one before it."""

WAIT_S = 0.8
"""So long a question waits for a version that is being built."""

KEEPER = 4_022
"""Key of the advisory lock of the process that keeps the networks."""


def current(db: Connection, name: str, wait_s: float = WAIT_S) -> tuple[int, str]:
    """Version and token of the network as it is now.

    Where assets changed and a keeper renews networks (refresh.py), it is waited for at most `wait_s`; then the version that counts
    is given out, and `standing` says so. Without a keeper it is built here; while another transaction builds, likewise.
    """
    kind = kind_of(name)
    row = db.execute(_CURRENT, {"name": name}).one()
    if not row.outdated and row.version:
        return row.version, row.token
    if row.version and is_kept(db):
        row = _waited(db, name, wait_s)
        return row.version, row.token
    lock = f"network {name}"
    if row.version:
        free = db.execute(text("select pg_try_advisory_xact_lock(hashtextextended(:lock, 0))"), {"lock": lock}).scalar()
        if not free:
            return row.version, row.token
    else:
        db.execute(text("select pg_advisory_xact_lock(hashtextextended(:lock, 0))"), {"lock": lock})
    row = db.execute(_CURRENT, {"name": name}).one()
    if row.version and not row.outdated:
        return row.version, row.token
    return rebuild(db, kind, row.version + 1)


def standing(db: Connection, name: str) -> dict[str, Any]:
    """How old the version that counts is: `built_at`, and `renewing` where assets have changed since."""
    row = db.execute(_CURRENT, {"name": name}).one()
    return {"built_at": row.built_at, "renewing": bool(row.outdated)}


def renew(db: Connection, kind: Kind, known: Known) -> bool:
    """Build the next version if anything is noted, waiting for whoever builds just now; says whether it was built."""
    lock = {"lock": f"network {kind.name}"}
    db.execute(text("select pg_advisory_xact_lock(hashtextextended(:lock, 0))"), lock)
    row = db.execute(_CURRENT, {"name": kind.name}).one()
    if row.outdated:
        rebuild(db, kind, row.version + 1, known)
    return bool(row.outdated)


def is_kept(db: Connection) -> bool:
    """Whether a keeper holds its lock. Ours, shared, goes with the transaction."""
    return not db.execute(text("select pg_try_advisory_xact_lock_shared(:key)"), {"key": KEEPER}).scalar()


def _waited(db: Connection, name: str, wait_s: float) -> Row[Any]:
    """The version that counts once the keeper is done, or after `wait_s`. Every look is a statement that sees what was committed."""
    until = time.monotonic() + wait_s
    row = db.execute(_CURRENT, {"name": name}).one()
    while row.outdated and time.monotonic() < until:
        db.execute(text("select pg_sleep(0.05)"))
        row = db.execute(_CURRENT, {"name": name}).one()
    return row


def rebuild(db: Connection, kind: Kind, version: int, known: Known | None = None) -> tuple[int, str]:
    """Build and store a version. The caller holds the lock. Returns it with its token. `known` spares reading what it holds."""
    # First what is noted, then the assets: a change in between stays noted for the next build.
    db.execute(text("delete from gis.network_change where name = :name"), {"name": kind.name})
    project = reading.transformer(db)
    made = build(*reading.read(db, kind, project, known), kind.rules)
    served = customers.of_mains(db, [edge.xy for edge in made.edges], project) if kind.name == "water" else None
    _write(db, kind.name, version, made, project, served)
    found = checks.check(made, kind.rules, kind.wanted)
    findings.store(db, kind.name, found, project)
    token = uuid.uuid4().hex
    counts = {"nodes": len(made.nodes), "edges": len(made.edges), "valves": len(made.valves), "findings": len(found)}
    db.execute(
        text(
            "update gis.network set version = :version, token = :token, counts = cast(:counts as jsonb),"
            " built_at = gis.now() where name = :name"
        ),
        {"name": kind.name, "version": version, "token": token, "counts": json.dumps(counts)},
    )
    for table in ("node", "edge", "valve"):
        db.execute(
            text(f"delete from gis.network_{table} where name = :name and version <= :old"),
            {"name": kind.name, "old": version - KEPT},
        )
    return version, token


def _write(
    db: Connection, name: str, version: int, made: Topology, project: Transformer, served: tuple[Ints, Floats] | None
) -> None:
    nodes = _points(((node.x, node.y) for node in made.nodes), project)
    copy_rows(
        db,
        "gis.network_node",
        ("name", "version", "node", "asset_id", "ref", "role", "geom"),
        ((name, version, n, node.asset, node.ref, node.role, nodes[n]) for n, node in enumerate(made.nodes)),
    )
    courses = _lines([edge.xy for edge in made.edges], project)
    copy_rows(
        db,
        "gis.network_edge",
        (
            "name",
            "version",
            "edge",
            "asset_id",
            "start_node",
            "end_node",
            "length_m",
            "passable",
            "width",
            "customers",
            "population",
            "geom",
        ),
        (
            (
                name,
                version,
                n,
                e.asset,
                e.start,
                e.end,
                e.length_m,
                "t" if e.passable else "f",
                e.width,
                *_of(served, n),
                courses[n],
            )
            for n, e in enumerate(made.edges)
        ),
    )
    cuts: dict[int, list[tuple[int, int]]] = {}
    for edge, side, valve in made.cuts:
        cuts.setdefault(valve, []).append((edge, side))
    spots = _points(((valve.x, valve.y) for valve in made.valves), project)
    copy_rows(
        db,
        "gis.network_valve",
        ("name", "version", "valve", "asset_id", "open", "width", "edges", "sides", "geom"),
        (
            (name, version, n, valve.asset, "t" if valve.open else "f", valve.width,
             _array(edge for edge, _ in cuts.get(n, ())), _array(side for _, side in cuts.get(n, ())), spots[n])
            for n, valve in enumerate(made.valves)
        ),
    )  # fmt: skip
    for table in ("node", "edge", "valve"):
        db.execute(text(f"analyze gis.network_{table}"))


def _of(served: tuple[Ints, Floats] | None, edge: int) -> tuple[int | None, float | None]:
    return (None, None) if served is None else (int(served[0][edge]), float(served[1][edge]))


def _points(places: Iterable[tuple[float, float]], project: Transformer) -> list[str]:
    xy = np.array(list(places), dtype=float).reshape(-1, 2)
    x, y = project.transform(xy[:, 0], xy[:, 1], direction="INVERSE")
    return _hex(shapely.points(x, y))


def _lines(courses: Sequence[Any], project: Transformer) -> list[str]:
    if not courses:
        return []
    xy = np.concatenate(courses)
    x, y = project.transform(xy[:, 0], xy[:, 1], direction="INVERSE")
    owner = np.repeat(np.arange(len(courses)), [len(course) for course in courses])
    return _hex(shapely.linestrings(np.column_stack([x, y]), indices=owner))


def _hex(shapes: Any) -> list[str]:
    found: list[str] = shapely.to_wkb(shapely.set_srid(shapes, 4326), hex=True, include_srid=True).tolist()
    return found


def _array(numbers: Iterable[int]) -> str:
    return "{" + ",".join(map(str, numbers)) + "}"
