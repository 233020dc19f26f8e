"""Who should know: notices written after a move or a clock, addressed to an account, a unit or a post.

Sending them out (mail, SMS, WeCom) comes with issue 5; here they appear on the screens of those concerned. Imported
history sends none.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, text

from config.settings import Settings
from dispatch.escalation import whom
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


def act(db: Connection, _settings: Settings, event: events.Event) -> None:
    """Consumer `notices`: tell whose turn it is after a move, who is late after a clock, the dispatchers where no rule fits.

    A turn that has passed by the time this runs (the process was down, say) is told to nobody: it would only be noise.
    So is a clock that another has replaced: whoever has the case now has time.
    """
    case = db.execute(
        text(
            "select id, number, state, stage, stage_due_at, unit_id, handler_id, imported, centre_id, area_code"
            " from dispatch.cases where id = :id"
        ),
        {"id": event.payload["case_id"]},
    ).one()
    if case.imported:
        return
    said = _said(db, event)
    for kind, addressee in _told(db, case, event):
        _write(db, kind, case, addressee, event, said)
    events.notify_live(db, "notice", {"id": case.id})


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


def _write(
    db: Connection, kind: str, case: Row[Any], addressee: dict[str, Any], event: events.Event, said: dict[str, Any]
) -> None:
    db.execute(
        text(
            "insert into dispatch.notice (kind, case_id, account_id, unit_id, post, facts, event_id, trace_id)"
            " values (:kind, :case, :account_id, :unit_id, :post, cast(:facts as jsonb), :event, :trace)"
            " on conflict do nothing"
        ),
        {
            "account_id": None,
            "unit_id": None,
            "post": None,
            **addressee,
            "kind": kind,
            "case": case.id,
            "facts": json.dumps({"number": case.number, **event.payload, **said}, ensure_ascii=False),
            "event": event.id,
            "trace": event.trace_id,
        },
    )
