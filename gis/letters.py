"""Dead letters: events that a consumer has given up, to be looked at and sent again when the cause is gone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from gis.events import MOST_ATTEMPTS


@dataclass(frozen=True)
class Letter:
    """One event that one consumer has given up, with its last error."""

    event_id: int
    consumer: str
    kind: str
    subject: str
    occurred_at: datetime
    error: str
    trace_id: str


def given_up(db: Connection) -> list[Letter]:
    """All of them, oldest first."""
    return [Letter(*row) for row in db.execute(_GIVEN_UP, {"most": MOST_ATTEMPTS})]


def retry(db: Connection, event_ids: Sequence[int] = ()) -> int:
    """Have dead letters tried again from the first attempt on: these, or all where none is named. Returns how many.

    Consumers are woken when the transaction commits. The last error stays until the next attempt has ended.
    """
    values = {"most": MOST_ATTEMPTS, "ids": list(event_ids), "all": not event_ids}
    consumers = list(db.execute(_RETRY, values).scalars())
    for consumer in sorted(set(consumers)):
        db.execute(text("select pg_notify('events', :consumer)"), {"consumer": consumer})
    return len(consumers)


_GIVEN_UP = text("""
    select e.id, d.consumer, e.kind, e.subject, e.occurred_at, coalesce(d.error, ''), e.trace_id
    from gis.delivery d join gis.event e on e.id = d.event_id
    where d.done_at is null and d.attempts >= :most order by e.id, d.consumer
""")
_RETRY = text("""
    update gis.delivery set attempts = 0, next_at = clock_timestamp()
    where done_at is null and attempts >= :most and (:all or event_id = any(:ids))
    returning consumer
""")
