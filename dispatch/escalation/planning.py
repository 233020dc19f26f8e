"""From rungs to moments: the timer plans a clock's shares soon after it began, and the hours after due when it has run out (D5).

A rung never reaches back: moments before it was entered are left out. Imported history tells nobody, so it has no moments.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, text

from dispatch import deadlines, policy
from dispatch.clocks import Run
from dispatch.deadlines import Limit
from dispatch.escalation import ladder
from dispatch.escalation.ladder import Rung

AT_ONCE = 500

_RUNGS = text("""
    select id, basis, amount, recorded_at, stage, class_prefix, limit_kind, valid_from, valid_to
    from dispatch.escalation_rung where basis = :basis and (valid_to is null or valid_to > :day) order by id
""")

CLOCK = """k.id, k.stage, k.limit_kind, k.limit_amount, k.started_at, k.due_at, k.stopped_at, k.calendar_edition_id,
           k.continues_id, c.class_code, c.imported"""

_TAKE = text(f"""
    update dispatch.clock k set laddered = true from dispatch.cases c
    where c.id = k.case_id and k.id in (select id from dispatch.clock where stopped_at is null and not laddered
                                        order by id limit {AT_ONCE} for update skip locked)
    returning {CLOCK}
""")

_EARLIER = text("""
    with recursive chain as (
        select id as of, continues_id as id, 1 as back from dispatch.clock where id = any(:ids) and continues_id is not null
        union all
        select chain.of, k.continues_id, chain.back + 1 from chain join dispatch.clock k on k.id = chain.id
        where k.continues_id is not null
    )
    select chain.of, chain.back, k.id, k.stage, k.limit_kind, k.limit_amount, k.started_at, k.stopped_at, k.calendar_edition_id
    from chain join dispatch.clock k on k.id = chain.id order by chain.of, chain.back
""")

_PLAN = text("""
    insert into dispatch.escalation (clock_id, root_id, rung_id, fires_at)
    values (:clock, :root, :rung, :at)
    on conflict (root_id, rung_id) do update
    set clock_id = excluded.clock_id, fires_at = excluded.fires_at, lapsed_at = null
    where escalation.fired_at is null
""")


def plan_shares(db: Connection, zone: ZoneInfo, now: datetime) -> int:
    """Plan the shares of clocks that have begun, at most 500; returns how many clocks were looked at."""
    rungs = _rungs(db, "share", zone, now)
    if not rungs:
        return 0
    rows = db.execute(_TAKE).all()
    earlier = _earlier(db, [row.id for row in rows])
    _plan(db, list(_shares(db, zone, rungs, rows, earlier)))
    return len(rows)


def plan_after(db: Connection, zone: ZoneInfo, now: datetime, clocks: Sequence[Row[Any]]) -> None:
    """Plan the hours after due of clocks (rows with the columns of CLOCK) that have run out."""
    rungs = _rungs(db, "after", zone, now)
    if not rungs or not clocks:
        return
    earlier = _earlier(db, [row.id for row in clocks])
    planned = []
    for row in clocks:
        root = earlier[row.id][-1].id if row.id in earlier else row.id
        for rung in _for_clock(rungs, row, row.due_at.astimezone(zone)):
            calendar = policy.calendar(db, zone, Limit(rung.limit_kind or "", rung.amount))
            at = ladder.after_moment(rung, row.due_at, calendar)
            if at >= rung.recorded_at:
                planned.append({"clock": row.id, "root": root, "rung": rung.id, "at": at})
    _plan(db, planned)


def _shares(
    db: Connection, zone: ZoneInfo, rungs: list[Rung], rows: Sequence[Row[Any]], earlier: dict[int, list[Row[Any]]]
) -> Iterable[dict[str, Any]]:
    for row in rows:
        before = earlier.get(row.id, [])
        calendar = partial(policy.calendar, db, zone, Limit(row.limit_kind, row.limit_amount))
        used = sum(_used(each, calendar(edition=each.calendar_edition_id)) for each in before)
        for rung in _for_clock(rungs, row, row.started_at.astimezone(zone)):
            at = ladder.share_moment(rung, _run(row), used, calendar(edition=row.calendar_edition_id))
            if at >= rung.recorded_at:
                yield {"clock": row.id, "root": before[-1].id if before else row.id, "rung": rung.id, "at": at}


def _for_clock(rungs: list[Rung], row: Row[Any], local: datetime) -> Iterable[Rung]:
    return () if row.imported else (rung for rung in rungs if rung.holds(row.stage, row.class_code, local.date()))


def _rungs(db: Connection, basis: str, zone: ZoneInfo, now: datetime) -> list[Rung]:
    rows = db.execute(_RUNGS, {"basis": basis, "day": now.astimezone(zone).date()})
    return [Rung(**row._mapping) for row in rows]


def _earlier(db: Connection, ids: list[int]) -> dict[int, list[Row[Any]]]:
    """Clock → the rows that it goes on from, the last first."""
    found: dict[int, list[Row[Any]]] = {}
    for row in db.execute(_EARLIER, {"ids": ids}) if ids else ():
        found.setdefault(row.of, []).append(row)
    return found


def _used(row: Row[Any], calendar: Any) -> float:
    return float(deadlines.used(row.started_at, row.stopped_at, row.limit_kind, calendar))


def _run(row: Row[Any]) -> Run:
    limit = Limit(row.limit_kind, row.limit_amount)
    return Run(row.id, row.stage, limit, row.started_at, row.stopped_at, row.calendar_edition_id)


def _plan(db: Connection, rows: list[dict[str, Any]]) -> None:
    if rows:
        db.execute(_PLAN, rows)
