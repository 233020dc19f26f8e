"""Clocks that warn, clocks that run out, suspensions that end: each acted on once, each put on the event log (D5).

The due moment was computed when the clock started; the timer only notices that it has come. Marks are guarded updates,
so a restart or a second process fires nothing twice.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, text

from config.settings import Settings
from dispatch import cases
from dispatch.steps import Move
from gis import events

_FIRE = {
    "warned": text("""
        update dispatch.clock set warned_at = :now
        where id in (select id from dispatch.clock where stopped_at is null and warned_at is null and warn_at <= :now
                     order by warn_at limit 500 for update skip locked)
        returning case_id, stage, due_at
    """),
    "breached": text("""
        update dispatch.clock set breached_at = :now
        where id in (select id from dispatch.clock where stopped_at is null and breached_at is null and due_at <= :now
                     order by due_at limit 500 for update skip locked)
        returning case_id, stage, due_at
    """),
}

_NEXT = text("""
    select least((select min(warn_at) from dispatch.clock where stopped_at is null and warned_at is null),
                 (select min(due_at) from dispatch.clock where stopped_at is null and breached_at is null),
                 (select min(resume_at) from dispatch.cases where resume_at is not null)) as next_at,
           coalesce((select rate from gis.clock), 1) as rate
""")


def fire(db: Connection, now: datetime) -> int:
    """Mark what has warned or run out by `now`, at most 500 of each; returns how many."""
    fired = 0
    for kind, statement in _FIRE.items():
        rows = db.execute(statement, {"now": now}).all()
        fired += len(rows)
        for row in rows:
            trace_id = db.execute(
                text("select trace_id from dispatch.cases where id = :id"), {"id": row.case_id}
            ).scalar_one()
            payload = {"case_id": row.case_id, "stage": row.stage, "due_at": row.due_at}
            events.append(db, f"clock.{kind}", f"case:{row.case_id}", payload, trace_id, now)
            events.notify_live(db, "case", {"id": row.case_id})
    return fired


_SUSPENSIONS_OVER = text("""
    select id from dispatch.cases where resume_at <= :now order by resume_at limit 100 for update skip locked
""")


def resume(db: Connection, settings: Settings, now: datetime) -> int:
    """Bring back the cases whose suspension has ended by `now`, at most 100; returns how many. Nobody has to remember them."""
    ended = db.execute(_SUSPENSIONS_OVER, {"now": now}).scalars().all()
    for case_id in ended:
        cases.move(db, settings, case_id, Move("resume"), actor=None, now=now)
    return len(ended)


def seconds_to_next(db: Connection, now: datetime, longest: float) -> float:
    """Real seconds until the next clock fires, between 0 and `longest`; virtual time runs at its own rate."""
    row = db.execute(_NEXT).one()
    if row.next_at is None or row.rate == 0:
        return longest
    return float(min(max((row.next_at - now).total_seconds() / row.rate, 0.0), longest))
