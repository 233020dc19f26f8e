"""Clocks that warn, clocks that run out, rungs of the ladder, suspensions that end: each acted on once, each on the event log (D5).

The due moment was computed when the clock started; the timer only notices that it has come. Marks are guarded updates, so a
restart or a second process fires nothing twice. Thousands that fall due in one second go in a few statements.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, text

from config.settings import Settings
from dispatch import cases
from dispatch.escalation import planning
from dispatch.steps import Move
from gis import events
from gis.db import named_sql

AT_ONCE = 2000
"""So many of a kind in one transaction: about a second's work, after which the next kind has its turn."""

IDS_A_NOTICE = 500


def _marking(mark: str, moment: str) -> str:
    return f"""
        with marked as (
            update dispatch.clock set {mark} = :now
            where id in (select id from dispatch.clock where stopped_at is null and {mark} is null and {moment} <= :now
                         order by {moment} limit {AT_ONCE} for update skip locked)
            returning id
        )
        select {planning.CLOCK}, k.case_id, c.trace_id
        from marked join dispatch.clock k on k.id = marked.id join dispatch.cases c on c.id = k.case_id
    """


_WARN = text(_marking("warned_at", "warn_at"))
_BREACH = text(_marking("breached_at", "due_at"))

_NEXT = text("""
    select least((select min(warn_at) from dispatch.clock where stopped_at is null and warned_at is null),
                 (select min(due_at) from dispatch.clock where stopped_at is null and breached_at is null),
                 (select min(fires_at) from dispatch.escalation where fired_at is null and lapsed_at is null),
                 (select min(resume_at) from dispatch.cases where resume_at is not null)) as next_at,
           coalesce((select rate from gis.clock), 1) as rate
""")


def fire(db: Connection, zone: ZoneInfo, now: datetime) -> int:
    """Mark what has warned, run out or climbed by `now`, at most AT_ONCE of each, and plan what comes; returns how many."""
    warned = db.execute(_WARN, {"now": now}).all()
    _tell(db, "warned", warned, now)
    breached = db.execute(_BREACH, {"now": now}).all()
    _tell(db, "breached", breached, now)
    planning.plan_after(db, zone, now, breached)
    planned = planning.plan_shares(db, zone, now)
    climbed = db.execute(named_sql("dispatch.escalation", "firing"), {"now": now, "most": AT_ONCE}).all()
    _tell(db, "escalated", [row for row in climbed if row.fired_at], now)
    return len(warned) + len(breached) + planned + len(climbed)


def _tell(db: Connection, kind: str, rows: Sequence[Row[Any]], now: datetime) -> None:
    """Put what happened to these clocks on the event log, and on the screens."""
    told = []
    for row in rows:
        payload = {"case_id": row.case_id, "stage": row.stage, "due_at": row.due_at}
        if kind == "escalated":
            payload["rung_id"] = row.rung_id
        told.append(events.Fact(f"case:{row.case_id}", payload, row.trace_id))
    events.append_many(db, f"clock.{kind}", told, now)
    ids = [row.case_id for row in rows]
    for start in range(0, len(ids), IDS_A_NOTICE):
        events.notify_live(db, "case", {"ids": ids[start : start + IDS_A_NOTICE]})


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
