"""Who should know: notices written after a move or a clock, addressed to an account, a unit or a post.

They appear in the pages (dispatch/delivery/inbox.py) and, where somebody wants it, go out by mail and other channels
(dispatch/delivery/planning.py). Imported history sends none.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, text

from config.settings import Settings
from dispatch.delivery import planning, urgency
from dispatch.escalation import whom
from dispatch.reach import SUPERVISED
from dispatch.repeats import voices
from dispatch.workflow import STAGE_OF
from gis import events

POST_OF_STAGE = {
    "acceptance": "intake_operator",
    "verification": "inspector",
    "filing": "shift_leader",
    "dispatch": "dispatcher",
    "adjudication": "leader",
    "handling": "unit_desk",
    "check": "inspector",
    "closing": "shift_leader",
}
"""Whose turn it is in each stage."""


BESIDE: dict[str, tuple[str, str]] = {
    "urge": ("urged", "turn"),
    "press": ("pressed", "turn"),
    "instruct": ("instructed", "turn"),
    "assign": ("turn", "turn"),
    "hand_back": ("handed_back", "unit"),
    "ask_return": ("asked", "dispatcher"),
    "ask_extension": ("asked", "dispatcher"),
    "ask_suspension": ("asked", "dispatcher"),
    "grant_extension": ("answered", "unit"),
    "deny_return": ("answered", "unit"),
    "deny_extension": ("answered", "unit"),
    "deny_suspension": ("answered", "unit"),
    "grant_suspension": ("answered", "unit"),
    "add_assist": ("assist", "assist"),
    "revoke_assist": ("assist_revoked", "assist"),
    "return_assist": ("assist_returned", "dispatcher"),
    "finish_assist": ("assist_done", "unit"),
    "appeal": ("asked", "assessor"),
    "allow_appeal": ("answered", "unit"),
    "reject_appeal": ("answered", "unit"),
    "redispatch": ("turn", "turn"),
}
"""Moves that tell somebody something though the stage stays: kind of notice, and whom: whose turn it is, the unit, the assisting
units, or a post."""


IDS_A_TIME = 500
"""PostgreSQL allows 8,000 bytes a notification."""


def act(db: Connection, settings: Settings, event: events.Event) -> None:
    """The same as `act_on_many` for one event."""
    act_on_many(db, settings, [event])


def act_on_many(db: Connection, settings: Settings, happened: Sequence[events.Event]) -> None:
    """Consumer `notices`: tell whose turn it is after a move, who is late after a clock, the dispatchers where no rule fits.

    A turn that has passed by the time this runs (the process was down, say) is told to nobody: it would only be noise.
    So is a clock that another has replaced: whoever has the case now has time.
    """
    cases = {row.id: row for row in db.execute(_CASES, {"ids": [event.payload["case_id"] for event in happened]})}
    urgent = urgency.kinds(db)
    rows: list[dict[str, Any]] = []
    for event in happened:
        case = cases[event.payload["case_id"]]
        if case.imported:
            continue
        said = _said(db, event)
        rows += [_row(kind, case, addressee, event, said, urgent) for kind, addressee in _told(db, case, event)]
    if not rows:
        return
    made = list(
        db.execute(_WRITE, {"rows": json.dumps([row | {"ordinal": place} for place, row in enumerate(rows)])}).scalars()
    )
    planning.plan(db, settings, made)
    for start in range(0, len(made), IDS_A_TIME):
        events.notify_live(db, "notice", {"ids": made[start : start + IDS_A_TIME]})


_CASES = text("""
    select id, number, state, stage, stage_due_at, unit_id, handler_id, imported, centre_id, origin_centre_id, area_code, priority
    from dispatch.cases where id = any(:ids)
""")

# One writer at a time: ids become visible in their order, so that "all read up to here" passes over none that comes later.
# A post that nobody holds at the case's own centre is told to the city's.
_WRITE = text("""
    with alone as materialized (select pg_advisory_xact_lock(hashtextextended('notices', 0)))
    insert into dispatch.notice (kind, case_id, account_id, unit_id, post, centre_id, urgent, facts, event_id, trace_id)
    select n.kind, n.case_id, n.account_id, n.unit_id, n.post,
           case when exists (select from gis.post_assignment p where p.post = n.post and p.centre_id = n.centre_id) then n.centre_id end,
           n.urgent, n.facts, n.event_id, n.trace_id
    from alone, jsonb_to_recordset(cast(:rows as jsonb))
         as n (kind text, case_id bigint, account_id bigint, unit_id bigint, post text, centre_id bigint, urgent boolean,
               facts jsonb, event_id bigint, trace_id text, ordinal bigint)
    order by n.ordinal
    on conflict do nothing returning id
""")


def _told(db: Connection, case: Row[Any], event: events.Event) -> list[tuple[str, dict[str, Any]]]:
    """Kinds of notice with their addressees."""
    if event.kind == "case.unrouted":
        return [("unrouted", {"post": "dispatcher"})]
    if event.kind != "case.moved":
        current = (
            event.payload["stage"] == case.stage
            and datetime.fromisoformat(event.payload["due_at"]) == case.stage_due_at
        )
        if not current:
            return []
        if event.kind == "clock.escalated":
            return [("escalated", one) for one in _climbed(db, case, event.payload["rung_id"])]
        kind = {"clock.warned": "due_soon", "clock.breached": "overdue"}[event.kind]
        return [(kind, one) for one in addressees(db, case, case.stage)]
    move, source, target = (event.payload[name] for name in ("move", "from", "to"))
    kind, told_to = BESIDE.get(move, ("turn", "turn" if STAGE_OF.get(source) != STAGE_OF.get(target) else ""))
    told = [(kind, one) for one in _addressed(db, case, told_to, target)]
    if move in ("dispatch", "dispatch_at_once"):
        told += [("assist", one) for one in _addressed(db, case, "assist", target)]
    return told + voices.told(db, case.id, move, target)


def _climbed(db: Connection, case: Row[Any], rung_id: int) -> list[dict[str, Any]]:
    """Whom a rung of the ladder tells."""
    told = whom.rung(db, rung_id)
    if told.whom == "post":
        return whom.holders(db, case, told)
    return [{"unit_id": case.unit_id}] if told.whom == "unit" else addressees(db, case, case.stage)


def _said(db: Connection, event: events.Event) -> dict[str, Any]:
    """What a notice says beyond its event: which rung of the ladder it is."""
    if event.kind != "clock.escalated":
        return {}
    told = whom.rung(db, event.payload["rung_id"])
    return {"rung": told.name, "rung_en": told.name_en}


def _addressed(db: Connection, case: Row[Any], told_to: str, target: str) -> list[dict[str, Any]]:
    if told_to == "turn":
        stage = STAGE_OF.get(target)
        return addressees(db, case, stage) if stage is not None and stage == case.stage else []
    if told_to == "unit":
        return [{"unit_id": case.unit_id}]
    if told_to == "assist":
        units = text(
            "select unit_id from dispatch.assist where case_id = :id and (state = 'sent' or state = 'revoked')"
        )
        return [{"unit_id": unit} for unit in db.execute(units, {"id": case.id}).scalars()]
    return [{"post": told_to}] if told_to else []


def addressees(db: Connection, case: Row[Any], stage: str) -> list[dict[str, Any]]:
    """Account, unit or post whose turn the stage is."""
    if stage == "handling":
        found: list[dict[str, Any]] = [{"unit_id": case.unit_id}]
        return found + ([{"account_id": case.handler_id}] if case.handler_id else [])
    if stage in ("verification", "check"):
        inspectors = db.execute(
            text("select inspector_id from dispatch.task where case_id = :id and done_at is null"), {"id": case.id}
        ).scalars()
        return [{"account_id": one} if one else {"post": "inspector"} for one in inspectors]
    return [{"post": POST_OF_STAGE[stage]}]


def _row(
    kind: str,
    case: Row[Any],
    addressee: dict[str, Any],
    event: events.Event,
    said: dict[str, Any],
    urgent: frozenset[str],
) -> dict[str, Any]:
    return {
        **addressee,
        "kind": kind,
        "case_id": case.id,
        "centre_id": case.origin_centre_id if case.state in SUPERVISED else case.centre_id,
        "urgent": kind in urgent or case.priority == "emergency",
        "facts": {"number": case.number, **event.payload, **said},
        "event_id": event.id,
        "trace_id": event.trace_id,
    }
