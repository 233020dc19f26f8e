"""Things that should stand beside a line: lamps at a street, stops at a bus line. Which of them do not, and how far off they are.

Nearly all stand where they should. They are told apart in memory, on a plane that is true to a few per cent within a city (half a
degree from its middle: 1 %); only the rest, and the doubtful, are measured on the spheroid.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from sqlalchemy import Connection, TextClause, text

DEGREE_M = 111_000.0
DOUBTFUL = 0.9
"""The plane's metres are trusted up to this share of the reach."""


@dataclass(frozen=True)
class Rule:
    """Things of `kind` belong within `reach_m` of a line of `host`; `check` is what a finding is called."""

    check: str
    kind: str
    host: str
    reach_m: float


RULES = (Rule("lamp_off_street", "street_lamp", "road", 30.0), Rule("stop_off_line", "bus_stop", "bus_line", 40.0))

_THINGS = text("select id, st_asbinary(geom) as shape from gis.asset where kind = :kind and status <> 'removed'")


def store(db: Connection, name: str) -> None:
    """Add the findings of all rules to found_now (findings.py). A city without lines of a rule's kind has none of that rule."""
    for rule in RULES:
        if ids := apart(db, rule):
            db.execute(_measure(rule), {"name": name, "check": rule.check, "ids": ids, "reach": rule.reach_m})


def apart(db: Connection, rule: Rule) -> list[int]:
    """Assets that do not clearly stand within reach; empty where there are no lines."""
    _, lines = _read(db, rule.host)
    ids, things = _read(db, rule.kind)
    if not len(lines) or not len(things):
        return []
    _, south, _, north = shapely.total_bounds(lines)
    shrunk = np.array([np.cos(np.radians((south + north) / 2)), 1.0])  # one for all: metres are alike both ways
    lines, things = (shapely.transform(shapes, lambda xy: xy * shrunk) for shapes in (lines, things))
    tree = shapely.STRtree(lines)
    near = tree.query(things, predicate="dwithin", distance=rule.reach_m * DOUBTFUL / DEGREE_M)[0]
    rest: list[int] = ids[~np.isin(np.arange(len(ids)), near)].tolist()
    return rest


def _read(db: Connection, kind: str) -> tuple[np.ndarray, np.ndarray]:
    """Ids, and shapes in degrees."""
    rows = db.execute(_THINGS, {"kind": kind}).all()
    shapes = shapely.from_wkb([bytes(row.shape) for row in rows]) if rows else np.array([], dtype=object)
    return np.array([row.id for row in rows], dtype=np.int64), shapes


def _measure(rule: Rule) -> TextClause:
    """The nearest line of each asset in :ids. The kind stands in the statement, so that the index of its lines serves."""
    return text(f"""
        insert into found_now (identity, name, "check", asset_id, other_id, facts, geom)
        select :name || '/' || :check || '/' || a.id || '/', :name, :check, a.id, near.id,
               jsonb_build_object('distance_m', round(near.away::numeric, 1)), st_pointonsurface(a.geom)
        from gis.asset a cross join lateral (
            select close.id, close.away from (
                select h.id, st_distance(h.geom::geography, a.geom::geography) as away from gis.asset h
                where h.kind in ('{rule.host}') and h.status <> 'removed' order by h.geom <-> a.geom limit 8
            ) close order by close.away limit 1
        ) near
        where a.id = any(cast(:ids as bigint[])) and near.away > :reach
    """)
