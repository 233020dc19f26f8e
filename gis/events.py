"""The event log and its outbox: what happened is appended in the transaction that caused it, and acted on after commit.

`append` writes the event and one delivery for each consumer that subscribed to its kind (gis.subscription). A consumer
takes deliveries with `claim`, acts in a transaction of its own and marks them `done` or `failed`; a failed one comes again later.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, text

from gis.db import run_prepared

MOST_ATTEMPTS = 20
"""After so many failures a delivery is a dead letter: it stays, `doctor` and /metrics tell of it, and it is no longer tried."""

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

_APPEND_MANY = text("""
    with e as (
        insert into gis.event (kind, subject, payload, trace_id, occurred_at)
        select :kind, fact.subject, fact.payload, fact.trace_id, coalesce(:occurred_at, gis.now())
        from jsonb_to_recordset(cast(:facts as jsonb)) fact (subject text, payload jsonb, trace_id text)
        returning id
    ), d as (
        insert into gis.delivery (event_id, consumer, next_at)
        select e.id, s.consumer, clock_timestamp() from e cross join gis.subscription s where s.kind = :kind
        returning consumer
    )
    select pg_notify('events', min(consumer)) from d
""")

_CLAIM = text("""
    update gis.delivery d
    set attempts = d.attempts + 1, error = 'not finished',
        next_at = clock_timestamp() + least(5 * power(2, d.attempts), 3600) * interval '1 second'
    from gis.event e
    where e.id = d.event_id and d.consumer = :consumer and d.event_id = (
        select event_id from gis.delivery
        where consumer = :consumer and done_at is null and attempts < 20 and next_at <= clock_timestamp()
        order by event_id limit 1 for update skip locked)
    returning e.id, e.kind, e.subject, e.payload, e.trace_id, e.occurred_at, d.attempts
""")

_CLAIM_MANY = text("""
    with oldest as (
        select event_id, attempts from gis.delivery
        where consumer = :consumer and done_at is null and attempts < 20 and next_at <= clock_timestamp()
        order by event_id limit :most for update skip locked
    ), taken as (
        update gis.delivery d
        set attempts = d.attempts + 1, error = 'not finished',
            next_at = clock_timestamp() + least(5 * power(2, d.attempts), 3600) * interval '1 second'
        from oldest o
        where d.consumer = :consumer and d.event_id = o.event_id
          and (o.attempts = 0 or o.event_id = (select min(event_id) from oldest))
        returning d.event_id, d.attempts
    )
    select e.id, e.kind, e.subject, e.payload, e.trace_id, e.occurred_at, t.attempts
    from taken t join gis.event e on e.id = t.event_id order by e.id
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


@dataclass(frozen=True)
class Fact:
    """One of many events of a kind that are appended together."""

    subject: str
    payload: Mapping[str, Any]
    trace_id: str


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


def append_many(db: Connection, kind: str, facts: Sequence[Fact], occurred_at: datetime | None = None) -> None:
    """Append many events of one kind, as `append` does one, in a single statement."""
    if facts:
        written = json.dumps([vars(fact) for fact in facts], ensure_ascii=False, default=str)
        db.execute(_APPEND_MANY, {"kind": kind, "facts": written, "occurred_at": occurred_at})


def claim(db: Connection, consumer: str) -> Event | None:
    """Take the oldest open delivery of `consumer` for a while, and count the attempt; None when there is none.

    Commit before acting: then an attempt that ends its process is counted too, and a poisonous event becomes a dead letter
    instead of ending the process for ever. After 5, 10, 20 … seconds it can be claimed again.
    """
    row = db.execute(_CLAIM, {"consumer": consumer}).first()
    return Event(**row._mapping) if row else None


def claim_many(db: Connection, consumer: str, most: int) -> list[Event]:
    """Like `claim`, the oldest `most`, in their order: for consumers that else spend their time on claiming.

    Only what nobody has tried yet is taken together with others: a poisonous event that ends its process counts against its
    neighbours once, and never again.
    """
    return [Event(**row._mapping) for row in db.execute(_CLAIM_MANY, {"consumer": consumer, "most": most})]


def still_open_of(db: Connection, consumer: str, event_ids: Sequence[int]) -> set[int]:
    """Lock claimed deliveries in the transaction that acts on them; those that no other worker has finished meanwhile."""
    locked = text(
        "select event_id from gis.delivery where event_id = any(:ids) and consumer = :consumer and done_at is null"
        " order by event_id for update"
    )
    return set(db.execute(locked, {"ids": list(event_ids), "consumer": consumer}).scalars())


def done_with(db: Connection, consumer: str, event_ids: Sequence[int]) -> None:
    """Mark deliveries as acted on, in the transaction of their effect."""
    finished = text(
        "update gis.delivery set done_at = clock_timestamp(), error = null where event_id = any(:ids) and consumer = :consumer"
    )
    db.execute(finished, {"ids": list(event_ids), "consumer": consumer})


def still_open(db: Connection, consumer: str, event_id: int) -> bool:
    """Lock a claimed delivery in the transaction that acts on it; False when another worker has finished it meanwhile."""
    return (
        db.execute(
            text(
                "select 1 from gis.delivery where event_id = :event and consumer = :consumer and done_at is null for update"
            ),
            {"event": event_id, "consumer": consumer},
        ).first()
        is not None
    )


def done(db: Connection, consumer: str, event_id: int) -> None:
    """Mark a delivery as acted on, in the transaction of its effect."""
    db.execute(
        text(
            "update gis.delivery set done_at = clock_timestamp(), error = null"
            " where event_id = :event and consumer = :consumer"
        ),
        {"event": event_id, "consumer": consumer},
    )


def failed(db: Connection, consumer: str, event_id: int, error: str) -> None:
    """Keep the reason; the claim's time says when it is tried again. Call it in a fresh transaction."""
    db.execute(
        text("update gis.delivery set error = :error where event_id = :event and consumer = :consumer"),
        {"event": event_id, "consumer": consumer, "error": _writable(error)},
    )


def _writable(error: str) -> str:
    """What was said, without the characters that a database refuses: noting a failure must not fail itself."""
    return error.replace("\0", "").encode(errors="replace").decode()[:2000]


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
