"""Messages to the other hotline: written in the transaction of their cause, open until acknowledged (outbox)."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from config.errors import InvalidInput, NotFound
from config.settings import Settings
from dispatch import listing
from dispatch.exchange import contract
from dispatch.workflow import STATES
from gis import events
from gis.actors import Actor

_TICKETS = text("""
    select t.id, t.number, t.partner_id, t.limit_at, p.push_url <> '' as pushed from dispatch.ticket t
    join dispatch.partner p on p.id = t.partner_id and p.ended_at is null
    where t.case_id in (select dispatch.merged_with(:case)) order by t.id
""")

_APPEND = text("""
    insert into dispatch.ticket_message (partner_id, ticket_number, ticket_id, kind, body, cause, occurred_at, trace_id)
    values (:partner, :number, :ticket, :kind, cast(:body as jsonb), :cause, :at, :trace)
    on conflict do nothing returning id
""")


def tell(db: Connection, settings: Settings, event: events.Event) -> None:
    """Tell the partners of a case's tickets what has happened to it; the same event again tells nothing more."""
    case_id = event.payload["case_id"]
    tickets = db.execute(_TICKETS, {"case": case_id}).all()
    if not tickets:
        return
    if event.kind == "callback.ended":
        kind, more = "call_back", _called_back(db, event.payload["callback_id"])
    else:
        made = contract.kind_of_move(event.payload["from"], event.payload["to"])
        if made is None:
            return
        kind, more = made, {"state": event.payload["to"], "text": _reason(db, case_id) if made == "refused" else ""}
    case = _case(db, case_id, settings.locale) | ({"state": more["state"]} if "state" in more else {})
    case["state_name"] = listing.name_of(STATES, case["state"], settings.locale)
    said = {name: value for name, value in more.items() if name not in ("state", "report_id")}
    for ticket in tickets:
        body = contract.body(case, _iso(ticket.limit_at), **said)
        append(db, ticket, kind, body, f"event:{event.id}", event.occurred_at, event.trace_id)


def append(
    db: Connection, ticket: Any, kind: str, body: dict[str, Any], cause: str, at: datetime, trace_id: str
) -> int | None:
    """Write one message of a ticket (id, number, partner_id, pushed); None where its cause has made one before."""
    message_id = db.execute(
        _APPEND,
        {
            "partner": ticket.partner_id,
            "number": ticket.number,
            "ticket": ticket.id,
            "kind": kind,
            "body": json.dumps(body, ensure_ascii=False, default=str),
            "cause": cause,
            "at": at,
            "trace": trace_id,
        },
    ).scalar()
    if message_id is not None and ticket.pushed:
        events.append(db, "ticket.message", f"message:{message_id}", {"message_id": message_id}, trace_id, at)
    return None if message_id is None else int(message_id)


def accepted(db: Connection, settings: Settings, ticket_id: int, at: datetime, trace_id: str) -> None:
    """Tell that a ticket has become a case, with our limit beside theirs."""
    ticket = _ticket(db, ticket_id)
    case = _case(db, ticket.case_id, settings.locale)
    append(db, ticket, "accepted", contract.body(case, _iso(ticket.limit_at)), "taken", at, trace_id)


def reply(
    db: Connection, settings: Settings, actor: Actor, ticket_id: int, words: str, now: datetime, trace_id: str
) -> int:
    """What the citizen is to be told, in the centre's words; returns the message's id. Raises NotFound, InvalidInput."""
    if not words.strip():
        raise InvalidInput("A reply has words.", field="text")
    ticket = _ticket(db, ticket_id)
    listing.case(db, actor, ticket.case_id, now=now)  # whoever may not see the case does not answer for it
    case = _case(db, ticket.case_id, settings.locale)
    body = contract.body(case, _iso(ticket.limit_at), text=words.strip())
    made = append(db, ticket, "reply", body, f"{actor.account_id}:{trace_id}", now, trace_id)
    if made is None:
        raise InvalidInput("This reply has been sent already.")
    return made


def messages(db: Connection, partner_id: int, after: int, limit: int) -> list[dict[str, Any]]:
    """Messages beyond `after` in order of their ids, acknowledged or not: a partner may read them again."""
    rows = db.execute(
        text(
            "select id, ticket_number, kind, body, occurred_at from dispatch.ticket_message"
            " where partner_id = :partner and id > :after order by id limit :limit"
        ),
        {"partner": partner_id, "after": after, "limit": limit},
    )
    return [contract.message(dict(row._mapping)) for row in rows]


def unacknowledged(db: Connection, partner_id: int) -> list[dict[str, Any]]:
    """All messages that the partner has not said to have, in order of their ids."""
    rows = db.execute(
        text(
            "select id, ticket_number, kind, body, occurred_at from dispatch.ticket_message"
            " where partner_id = :partner and acknowledged_at is null order by id"
        ),
        {"partner": partner_id},
    )
    return [contract.message(dict(row._mapping)) for row in rows]


def acknowledge(db: Connection, partner_id: int, ids: list[int], now: datetime) -> int:
    """Mark messages as arrived; returns how many were still open."""
    done = db.execute(
        text(
            "update dispatch.ticket_message set acknowledged_at = :now, sent_at = coalesce(sent_at, :now)"
            " where partner_id = :partner and id = any(:ids) and acknowledged_at is null"
        ),
        {"now": now, "partner": partner_id, "ids": ids},
    )
    return int(done.rowcount)


def _ticket(db: Connection, ticket_id: int) -> Any:
    row = db.execute(
        text(
            "select t.id, t.number, t.partner_id, t.case_id, t.limit_at, p.push_url <> '' as pushed from dispatch.ticket t"
            " join dispatch.partner p on p.id = t.partner_id where t.id = :id"
        ),
        {"id": ticket_id},
    ).first()
    if row is None:
        raise NotFound("There is no ticket {ticket}.", ticket=ticket_id)
    return row


def _case(db: Connection, case_id: int, locale: str) -> dict[str, Any]:
    row = db.execute(
        text(
            "select c.number, c.state, c.due_at, u.name as unit from dispatch.cases c"
            " left join gis.unit u on u.id = c.unit_id where c.id = :id"
        ),
        {"id": case_id},
    ).one()
    return {
        "number": row.number,
        "state": row.state,
        "state_name": listing.name_of(STATES, row.state, locale),
        "unit": row.unit,
        "due_at": _iso(row.due_at),
    }


def _reason(db: Connection, case_id: int) -> str:
    """Why the case was refused or voided, as it was written."""
    last = text(
        "select note from dispatch.case_event where case_id = :id and to_state in ('refused', 'void') order by seq desc limit 1"
    )
    return str(db.execute(last, {"id": case_id}).scalar() or "")


def _called_back(db: Connection, callback_id: int) -> dict[str, Any]:
    row = db.execute(
        text("select state, solved, satisfied, words, reopened from dispatch.callback where id = :id"),
        {"id": callback_id},
    ).one()
    return {
        "solved": row.solved,
        "satisfied": row.satisfied,
        "reached": row.state in ("done", "refused"),
        "reopened": row.reopened,
        "text": row.words,
    }


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
