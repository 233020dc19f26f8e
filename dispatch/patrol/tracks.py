"""Tracks of inspectors: taken only on shift, read only for a purpose that is written down (D9)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, text

from config.errors import InvalidInput
from dispatch.reports import FUTURE_TOLERANCE, Position
from gis.actors import Actor
from gis.db import named_sql

WORST_ACCURACY_M = 100.0
"""A fix that may be farther off than this says nothing about which grid somebody is in."""
LONGEST_READING = timedelta(days=31)


@dataclass(frozen=True)
class Fix:
    """Where a phone was, and when."""

    position: Position
    occurred_at: datetime


def take(db: Connection, actor: Actor, fixes: Sequence[Fix], now: datetime) -> dict[str, int]:
    """Keep the fixes of a phone that lie within a shift of its owner; the rest is counted and dropped: nobody is followed off shift.

    Returns {"kept", "outside_shift", "known"}; a fix that is sent again changes nothing. Raises InvalidInput for a fix of the future.
    """
    if any(fix.occurred_at > now + FUTURE_TOLERANCE for fix in fixes):
        raise InvalidInput("A position lies in the future.", "Check the clock of the device.", field="occurred_at")
    rows = [
        {
            "lon": fix.position.wgs84()[0],
            "lat": fix.position.wgs84()[1],
            "accuracy_m": fix.position.accuracy_m,
            "at": fix.occurred_at.isoformat(),
        }
        for fix in fixes
    ]
    counted = db.execute(
        named_sql("dispatch", "patrol/keep_track"),
        {"me": actor.account_id, "fixes": json.dumps(rows), "worst": WORST_ACCURACY_M},
    ).one()
    return dict(counted._mapping)


def read(
    db: Connection, actor: Actor, account_id: int, since: datetime, until: datetime, purpose: str, trace_id: str
) -> dict[str, Any]:
    """Somebody's track as GeoJSON, one line a shift. The reading is written down; of oneself, too.

    Raises InvalidInput without a purpose or for more than a month.
    """
    if not purpose.strip():
        raise InvalidInput("A track is read for a purpose.", "Say what for; it is written down.", field="purpose")
    if not timedelta() < until - since <= LONGEST_READING:
        raise InvalidInput("A track is read for at most 31 days.", "Choose a shorter time.", field="until")
    rows = db.execute(
        text("""
            select t.shift_id, min(t.occurred_at) as began, max(t.occurred_at) as ended, count(*) as points,
                   round(st_length(st_makeline(t.geom order by t.occurred_at)::geography)::numeric) as length_m,
                   st_asgeojson(st_makeline(t.geom order by t.occurred_at), 6)::jsonb as geometry,
                   array_agg(t.occurred_at order by t.occurred_at) as moments
            from dispatch.track_point t where t.account_id = :account and t.occurred_at >= :since and t.occurred_at < :until
            group by t.shift_id order by began
        """),
        {"account": account_id, "since": since, "until": until},
    ).all()
    db.execute(
        text(
            "insert into dispatch.track_reading (reader_id, account_id, purpose, since, until, points, trace_id)"
            " values (:me, :account, :purpose, :since, :until, :points, :trace)"
        ),
        {
            "me": actor.account_id,
            "account": account_id,
            "purpose": purpose.strip(),
            "since": since,
            "until": until,
            "points": sum(row.points for row in rows),
            "trace": trace_id,
        },
    )
    features = [
        {
            "type": "Feature",
            "geometry": row.geometry,
            "properties": {
                name: getattr(row, name) for name in ("shift_id", "began", "ended", "points", "length_m", "moments")
            },
        }
        for row in rows
    ]
    return {"type": "FeatureCollection", "features": features}
