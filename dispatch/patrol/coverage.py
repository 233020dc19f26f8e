"""How well inspectors walk their ground: visits of each unit grid against what is wanted (巡查覆盖率, 巡查频次)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from gis.db import named_sql


def of_period(db: Connection, since: datetime, until: datetime, locale: str) -> dict[str, Any]:
    """{"walks": [...], "grids": GeoJSON}: responsibility grids with the share of their unit grids that were visited.

    A visit is a stay in a unit grid that at least a quarter of an hour parts from the one before: somebody who walks along a border
    does not visit twice by crossing it back and forth. `last_at` is the latest visit ever.
    """
    values = {"since": since, "until": until, "en": locale == "en"}
    rows = db.execute(named_sql("dispatch", "patrol/coverage"), values).all()
    walks: dict[str, dict[str, Any]] = {}
    features = []
    for row in rows:
        walk = walks.setdefault(
            row.walk, {"code": row.walk, "inspector": row.inspector, "grids": 0, "visited": 0, "visits": 0}
        )
        walk["grids"] += 1
        walk["visited"] += row.visits > 0
        walk["visits"] += row.visits
        properties = {"code": row.code, "walk": row.walk, "visits": row.visits, "last_at": row.last_at}
        features.append({"type": "Feature", "geometry": row.geometry, "properties": properties})
    for walk in walks.values():
        walk["coverage"] = round(walk["visited"] / walk["grids"], 4)
    return {
        "walks": sorted(walks.values(), key=lambda walk: (walk["coverage"], walk["code"])),
        "grids": {"type": "FeatureCollection", "features": features},
    }
