"""Moving a case along the workflow (D1): one move, one transaction, one row of history.

The update is guarded by state and version; no row means that somebody was faster, and the answer says who and when.
What a move changes is decided in dispatch/outcome.py; what it leaves behind is written in dispatch/trail.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, text

from config.errors import StaleCase
from config.settings import Settings
from dispatch import exhibits, facts, outcome, policy, rights, tables, trail
from dispatch.evidence import StoredFile
from dispatch.steps import Move, Step, distance_of, moment_of
from dispatch.workflow import Transition, check_fields, guards, moves_from, transition
from gis.actors import Actor


@dataclass(frozen=True)
class Moved:
    """The outcome of a move."""

    case_id: int
    number: str
    state: str
    version: int
    distance_m: float | None


def move(
    db: Connection,
    settings: Settings,
    case_id: int,
    wanted: Move,
    *,
    actor: Actor | None,
    now: datetime,
    photos: Sequence[StoredFile] = (),
    trace_id: str | None = None,
) -> Moved:
    """Make one move. Without an `actor` the system itself makes it: a suspension that ends, a citizen who is not content.

    Raises IllegalMove, InvalidInput, NotPermitted, SeparationOfDuties, StaleCase or NotFound.
    """
    case = facts.case(db, case_id)
    if wanted.version is not None and wanted.version != case.version:
        raise stale(db, case_id)
    allowed = transition(case.state, wanted.move)
    made = facts.made(db, case_id)
    if actor is not None:
        rights.require(case, allowed, actor, made)
    refused = guards.refusal(allowed, _asked(case, actor, now, made))
    if refused is not None:
        raise refused
    check_fields(allowed, wanted.fields(photos))
    occurred_at = moment_of(case, allowed, wanted, now)
    point = wanted.position.wgs84() if wanted.position else None
    distance_m = distance_of(db, case_id, point, wanted.note)
    trace_id = trace_id or case.trace_id
    step = Step(db, settings, case, allowed, wanted, actor, occurred_at, now, trace_id, point, distance_m)
    decided = outcome.of(step)
    version = _update(db, case, allowed, decided.columns)
    trail.leave(step, decided)
    exhibits.add(db, case_id, wanted.move, photos, actor, point, distance_m, occurred_at, now, trace_id)
    return Moved(case_id, case.number, allowed.target, version, distance_m)


def possible_moves(db: Connection, case_id: int, actor: Actor, now: datetime) -> list[Transition]:
    """The moves that `actor` may make now, in the workflow's order."""
    case = facts.case(db, case_id)
    made = facts.made(db, case_id)
    asked = _asked(case, actor, now, made)
    return [
        step
        for step in moves_from(case.state)
        if rights.refusal(case, step, actor, made) is None and guards.refusal(step, asked) is None
    ]


def _asked(case: Row[Any], actor: Actor | None, now: datetime, made: guards.Made) -> guards.Asked:
    account_id, unit_id = (actor.account_id, actor.unit_id) if actor else (None, None)
    return guards.Asked(case, account_id, unit_id, now, made, policy.of_moves())


def stale(db: Connection, case_id: int) -> StaleCase:
    """The error that says who was faster."""
    last = db.execute(
        text("""
            select e.move, e.recorded_at, coalesce(a.name, '') as name, c.version, c.state
            from dispatch.case_event e join dispatch.cases c on c.id = e.case_id left join gis.account a on a.id = e.account_id
            where e.case_id = :id order by e.seq desc limit 1
        """),
        {"id": case_id},
    ).one()
    return StaleCase(
        "Already done: '{move}' by {by} at {at}.",
        state=last.state,
        version=last.version,
        move=last.move,
        by=last.name or "–",
        at=last.recorded_at,
    )


def _update(db: Connection, case: Row[Any], step: Transition, columns: Mapping[str, Any]) -> int:
    case_table = tables.cases
    version = db.execute(
        case_table.update()
        .where(case_table.c.id == case.id, case_table.c.state == step.source, case_table.c.version == case.version)
        .values(state=step.target, version=case.version + 1, **columns)
        .returning(case_table.c.version)
    ).scalar()
    if version is None:
        raise stale(db, case.id)
    return int(version)
