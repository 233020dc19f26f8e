"""The event log and its outbox: what happened is appended in the transaction that caused it, and acted on after commit.

`append` writes the event and one delivery for each consumer that subscribed to its kind (gis.subscription). A consumer
takes deliveries with `take`, in its own transaction, and marks them `done` or `failed`; a failed one comes again later.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, text

from gis.db import run_prepared

MOST_ATTEMPTS = 20
"""After so many failures a delivery is a dead letter: it stays, is shown to operators, and is no longer tried."""

_APPEND = """
    with e as (
        insert into gis.event (kind, subject, payload, trace_id, occurred_at)
        values (:kind, :subject, cast(:payload as jsonb), :trace_id, coalesce(:occurred_at, gis.now()))
        returning id
    ), d as (
        insert into gis.delivery (event_id, consumer, next_at)
        select e.id, s.consumer, clock_timestamp() from e cross join gis.subscription s where s.kind = :kind
        returning consumer
    )
    select e.id, (select pg_notify('events', min(consumer)) from d) from e
"""

_TAKE = text("""
    select e.id, e.kind, e.subject, e.payload, e.trace_id, e.occurred_at, d.attempts
    from gis.delivery d join gis.event e on e.id = d.event_id
    where d.consumer = :consumer and d.done_at is null and d.attempts < 20 and d.next_at <= clock_timestamp()
    order by d.event_id
    limit :most
    for update of d skip locked
""")


@dataclass(frozen=True)
class Event:
    """One row of the log as a consumer sees it."""

    id: int
    kind: str
    subject: str
    payload: dict[str, Any]
    trace_id: str
    occurred_at: datetime
    attempts: int


def new_trace() -> str:
    """A fresh trace id: 32 hexadecimal digits."""
    return uuid4().hex


def append(
    db: Connection,
    kind: str,
    subject: str,
    payload: Mapping[str, Any],
    trace_id: str,
    occurred_at: datetime | None = None,
) -> int:
    """Append an event and the deliveries it causes; consumers are woken when the transaction commits. Returns its id."""
    values = {
        "kind": kind,
        "subject": subject,
        "payload": json.dumps(payload, ensure_ascii=False, default=str),
        "trace_id": trace_id,
        "occurred_at": occurred_at,
    }
    return int(run_prepared(db, _APPEND, values).scalar_one())


def take(db: Connection, consumer: str, most: int = 1) -> list[Event]:
    """Lock up to `most` open deliveries of `consumer`; other workers skip them. Oldest first."""
    return [Event(**row._mapping) for row in db.execute(_TAKE, {"consumer": consumer, "most": most})]


def done(db: Connection, consumer: str, event_id: int) -> None:
    """Mark a delivery as acted on."""
    db.execute(
        text(
            "update gis.delivery set done_at = clock_timestamp(), attempts = attempts + 1, error = null"
            " where event_id = :event and consumer = :consumer"
        ),
        {"event": event_id, "consumer": consumer},
    )


def failed(db: Connection, consumer: str, event_id: int, error: str) -> None:
    """Keep the reason and try again later: after 1, 2, 4 … seconds, at most an hour. Call it in a fresh transaction."""
    db.execute(
        text(
            "update gis.delivery set attempts = attempts + 1, error = :error,"
            " next_at = clock_timestamp() + least(power(2, attempts), 3600) * interval '1 second'"
            " where event_id = :event and consumer = :consumer"
        ),
        {"event": event_id, "consumer": consumer, "error": error[:2000]},
    )


def backlog(db: Connection, consumer: str) -> int:
    """How many deliveries `consumer` still has to act on."""
    return int(
        db.execute(
            text("select count(*) from gis.delivery where consumer = :c and done_at is null and attempts < 20"),
            {"c": consumer},
        ).scalar_one()
    )


def notify_live(db: Connection, topic: str, payload: Mapping[str, Any]) -> None:
    """Tell every open screen, when the transaction commits. `payload` is small (PostgreSQL allows 8,000 bytes): ids, not rows."""
    db.execute(
        text("select pg_notify('live', :message)"),
        {"message": json.dumps({"topic": topic, **payload}, ensure_ascii=False, default=str, separators=(",", ":"))},
    )
