"""What the desks see: applications by level with their clocks, one application with history, moves and reasons. Names masked."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, text

from config.errors import NotFound
from dispatch.deadlines import timing
from gis.actors import Actor
from gis.db import named_sql
from welfare.access import Reach
from welfare.assessment import OUTCOMES, reasons
from welfare.identity import masked_name
from welfare.procedure import LEVEL_OF, MOVES, STATES, moves_from

WARN_SHARE = 0.2
"""A clock warns when this share of its span is left (W5)."""

LONGEST = 300


def applications(
    db: Connection,
    actor: Actor,
    reach: Reach,
    *,
    now: datetime,
    own: bool = False,
    open_only: bool = True,
    limit: int = LONGEST,
) -> list[dict[str, Any]]:
    """Applications of the area, the next due first. `own`: those that lie on the desk of the actor's level."""
    states = [state for state, level in LEVEL_OF.items() if level == reach.level] if own else None
    values = {"states": states, "open_only": open_only, "limit": limit, "id": None}
    return [_row(row, actor.locale, now) for row in db.execute(named_sql("welfare", "applications"), values)]


def application(db: Connection, actor: Actor, application_id: int, *, now: datetime) -> dict[str, Any]:
    """One application with its history, the reasons of its newest assessment, and the moves open to the actor."""
    values = {"states": None, "open_only": False, "limit": 1, "id": application_id}
    row = db.execute(named_sql("welfare", "applications"), values).first()
    if row is None:
        raise NotFound("There is no application {application}, or not in your area.", application=application_id)
    history = [_event(event, actor.locale) for event in db.execute(_HISTORY, {"id": application_id})]
    assessed = db.execute(_ASSESSMENT, {"id": application_id}).first()
    moves = [
        {
            "move": step.move,
            "name": named(MOVES, step.move, actor.locale),
            "fields": [{"name": f.name, "kind": f.kind, "required": f.required} for f in step.fields],
            "from": row.notice_until if step.after_notice else None,
        }
        for step in moves_from(row.state)
        if actor.may(step.permission)
    ]
    return _row(row, actor.locale, now) | {
        "history": history,
        "moves": moves,
        "assessment": _assessed(assessed, actor.locale) if assessed else None,
    }


def counts(db: Connection, reach: Reach, now: datetime) -> dict[str, int]:
    """For the desk's head: how many lie here, how many of them are late, how many stand on notice."""
    here = [state for state, level in LEVEL_OF.items() if level == reach.level]
    row = db.execute(_COUNTS, {"here": here, "now": now}).one()
    return dict(row._mapping)


def named(names: dict[str, tuple[str, str]], key: str, locale: str) -> str:
    """A state, move or outcome in the reader's language."""
    return names[key][1 if locale == "en" else 0]


def reason_text(reason: dict[str, Any], locale: str) -> dict[str, Any]:
    """A clause for people, with its figures."""
    return {
        "text": reason["en" if locale == "en" else "zh"],
        **{name: reason[name] for name in ("basis", "fact", "op", "actual", "required", "gap", "result")},
        "missing": reason.get("missing", []),
    }


def _row(row: Row[Any], locale: str, now: datetime) -> dict[str, Any]:
    in_english = locale == "en"
    warn_at = None
    if row.stage_due_at:
        warn_at = row.stage_due_at - (row.stage_due_at - row.stage_started_at) * WARN_SHARE
    return {
        "id": row.id,
        "number": row.number,
        "household_id": row.household_id,
        "programme": row.programme_code,
        "programme_name": (in_english and row.programme_en) or row.programme,
        "statutory": row.statutory,
        "applicant": masked_name(row.applicant),
        "community": (in_english and row.community_en) or row.community,
        "subdistrict": (in_english and row.subdistrict_en) or row.subdistrict,
        "state": row.state,
        "state_name": named(STATES, row.state, locale),
        "level": LEVEL_OF.get(row.state),
        "version": row.version,
        "applied_at": row.applied_at,
        "stage_due_at": row.stage_due_at,
        "notice_until": row.notice_until,
        "decided_at": row.decided_at,
        "amount": row.amount,
        "timing": timing(now, warn_at, row.stage_due_at),
    }


def _event(row: Row[Any], locale: str) -> dict[str, Any]:
    details = dict(row.details)
    if "reasons" in details:
        details["reasons"] = [reason_text(reason, locale) for reason in details["reasons"]]
    return {
        "move": row.move,
        "name": named(MOVES, row.move, locale),
        "state_name": named(STATES, row.to_state, locale),
        "who": (locale == "en" and row.who_en) or row.who,
        "note": row.note,
        "details": details,
        "in_time": row.in_time,
        "occurred_at": row.occurred_at,
    }


def _assessed(row: Row[Any], locale: str) -> dict[str, Any]:
    return {
        "day": row.day if isinstance(row.day, date) else None,
        "outcome": row.outcome,
        "outcome_name": named(OUTCOMES, row.outcome, locale),
        "amount": row.amount,
        "reasons": [reason_text(reason, locale) for reason in reasons(row.trace)],
    }


_HISTORY = text("""
    select e.move, e.to_state, e.note, e.details, e.in_time, e.occurred_at, a.name as who, a.name_en as who_en
    from welfare.application_event e join gis.account a on a.id = e.account_id
    where e.application_id = :id order by e.id
""")
_ASSESSMENT = text("""
    select s.day, s.outcome, s.amount, s.trace from welfare.application_event e join welfare.assessment s on s.id = e.assessment_id
    where e.application_id = :id order by e.id desc limit 1
""")
_COUNTS = text("""
    select count(*) filter (where state = any(:here)) as here,
           count(*) filter (where state = any(:here) and stage_due_at < :now) as late,
           count(*) filter (where state = 'notice') as on_notice, count(*) as open
    from welfare.application where decided_at is null
""")
