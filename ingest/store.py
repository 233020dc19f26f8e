"""Readings into the database: staged by COPY, inserted once, the newest of each asset as its state. The caller commits."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from contextlib import closing
from datetime import datetime, timedelta

from sqlalchemy import Connection, insert, text

from gis.db import named_sql
from ingest.refusal import Refused
from ingest.tables import quarantine
from ingest.validation import Reading

DAYS_AHEAD = 3
"""Partitions stand so many days before they are needed."""

_COPY = 'copy reading_staging (asset_id, occurred_at, device_id, profile_id, "values", trace_id) from stdin'
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})

ReadingKey = tuple[int, datetime, str]


def make_partitions(db: Connection, now: datetime, readings: Iterable[Reading]) -> None:
    """Make the partitions of today, of the days ahead and of every day that the readings belong to.

    Call it before anything else of the transaction touches the readings: it may lock their table.
    """
    today = now.date()
    days = {reading.occurred_at.date() for reading in readings}
    days.update(today + timedelta(days=ahead) for ahead in range(DAYS_AHEAD + 1))
    db.execute(
        text("select ingest.make_partitions(day, 1) from unnest(cast(:days as date[])) as day"), {"days": sorted(days)}
    )


def stage(db: Connection, readings: Sequence[Reading]) -> None:
    """Send one batch to the staging table of this connection."""
    db.execute(named_sql("ingest.sql", "staging"))
    with closing(db.connection.cursor()) as cursor:
        cursor.copy_expert(_COPY, io.StringIO("".join(map(_line, readings))))


def late_keys(db: Connection) -> set[ReadingKey]:
    """Keys of the staged readings that tell nothing new about their device: repeated, or overtaken by later ones."""
    return {
        (row.asset_id, row.occurred_at, row.device_id) for row in db.execute(named_sql("ingest.sql", "late_readings"))
    }


def insert_staged(db: Connection, recorded_at: datetime) -> int:
    """Store what is staged and carry the states forward. Returns how many readings were not there yet."""
    stored = db.execute(named_sql("ingest.sql", "insert_readings"), {"recorded_at": recorded_at}).rowcount
    db.execute(named_sql("ingest.sql", "update_states"), {"recorded_at": recorded_at})
    return stored


def keep_refused(
    db: Connection, refused: Sequence[tuple[str, bytes, Refused]], recorded_at: datetime, most_bytes: int
) -> None:
    """Put (topic, payload, refusal) into quarantine; of an oversized payload only the first `most_bytes`."""
    rows = [
        {
            "topic": topic.replace("\x00", "\ufffd"),
            "payload": payload[:most_bytes],
            "reason": refusal.reason,
            "detail": refusal.detail.replace("\x00", "\ufffd"),
            "recorded_at": recorded_at,
        }
        for topic, payload, refusal in refused
    ]
    if rows:
        db.execute(insert(quarantine), rows)


def _line(reading: Reading) -> str:
    values = ",".join("NULL" if value is None else repr(value) for value in reading.values)
    device = reading.device_id.translate(_ESCAPES)
    trace = "\\N" if reading.trace_id is None else reading.trace_id.translate(_ESCAPES)
    moment = reading.occurred_at.isoformat()
    return f"{reading.asset_id}\t{moment}\t{device}\t{reading.profile_id}\t{{{values}}}\t{trace}\n"
