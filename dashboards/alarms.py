"""The alarms that stand, for the operator's map: how many, which, where."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Connection, text

from gis.db import named_sql

MOST = 200
"""Of more alarms than this nobody reads the list; the number says how many there are."""


def standing(db: Connection) -> dict[str, Any]:
    """{total, alarms: [{id, rule, name, name_en, asset_id, kind, asset_name, asset_name_en, device_id, value, occurred_at,
    members, lon, lat (WGS 84), course (GeoJSON of a line, or None)}]}, newest first, at most 200.
    """
    total = db.execute(text("select count(*) from ingest.alarm where cleared_at is null")).scalar_one()
    rows = db.execute(named_sql("dashboards", "alarms"), {"most": MOST})
    return {"total": total, "alarms": [_alarm(dict(row._mapping)) for row in rows]}


def _alarm(row: dict[str, Any]) -> dict[str, Any]:
    course = json.loads(row["course"]) if row["course"] else None
    return row | {"occurred_at": row["occurred_at"].isoformat(), "course": course}
