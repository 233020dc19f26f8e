"""The alarms that stand, for the operator's map: how many, which, where; and what may become one."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from gis.db import named_sql
from ingest.devices import device_features
from ingest.silence import FEED_LEAST, FEED_SHARE, SHOWN_AFTER_INTERVALS

MOST = 200
"""Of more alarms than this nobody reads the list; the number says how many there are."""


def standing(db: Connection, now: datetime) -> dict[str, Any]:
    """{total, alarms: [{id, rule, name, name_en, asset_id, kind, asset_name, asset_name_en, device_id, value, occurred_at,
    members, lon, lat (WGS 84), course (GeoJSON of a line, or None)}], watched}: alarms newest first, at most 200.

    `watched`: see `watched`.
    """
    total = db.execute(text("select count(*) from ingest.alarm where cleared_at is null")).scalar_one()
    rows = db.execute(named_sql("dashboards", "alarms"), {"most": MOST})
    return {"total": total, "alarms": [_alarm(dict(row._mapping)) for row in rows], "watched": watched(db, now)}


def watched(db: Connection, now: datetime) -> list[dict[str, Any]]:
    """What may become an alarm (关注), soonest first, at most 200: [{asset_id, rule, silent, name, name_en, kind, asset_name,
    asset_name_en, device_id, since, alarm_at, lon, lat}].

    None of the silent ones while most devices are: then the feed is down, and nobody knows.
    """
    rows = db.execute(named_sql("dashboards", "watched"), {"now": now, "intervals": SHOWN_AFTER_INTERVALS}).all()
    silent = sum(row.silent for row in rows)
    if (
        silent > FEED_LEAST
        and silent > FEED_SHARE * db.execute(text("select count(*) from gis.asset_state")).scalar_one()
    ):
        rows = [row for row in rows if not row.silent]
    rows = rows[:MOST]
    features = device_features(db, now, [row.asset_id for row in rows])["features"] if rows else []
    places = {feature["id"]: feature["geometry"]["coordinates"] for feature in features}
    return [_watched(dict(row._mapping), places[row.asset_id]) for row in rows if row.asset_id in places]


def _alarm(row: dict[str, Any]) -> dict[str, Any]:
    course = json.loads(row["course"]) if row["course"] else None
    return row | {"occurred_at": row["occurred_at"].isoformat(), "course": course}


def _watched(row: dict[str, Any], place: list[float]) -> dict[str, Any]:
    times = {name: row[name].isoformat() for name in ("since", "alarm_at")}
    return row | times | {"lon": place[0], "lat": place[1]}
