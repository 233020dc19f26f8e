"""Tickets of the other hotline become cases once, however often they are sent; what cannot be used is kept and replayed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from config.errors import CityCommandError, InvalidInput, NotFound
from config.settings import Settings
from dispatch import reports
from dispatch.calls import callers
from dispatch.calls.callers import Caller
from dispatch.evidence import StoredFile
from dispatch.exchange import outgoing, tables
from dispatch.exchange.partners import Partner
from dispatch.reports import NewReport, Position
from gis.vault import KeyRing, Sealed


@dataclass(frozen=True)
class NewTicket:
    """A ticket as it was sent. `limit_at` is theirs and may be shorter than ours; `call_back`: they want us to ask the citizen."""

    number: str
    kind: str
    content: str
    happened_at: datetime
    caller: Caller = field(default_factory=Caller)
    confidential: bool = False
    call_back: bool = False
    place: str = ""
    position: Position | None = None
    class_code: str | None = None
    limit_at: datetime | None = None


@dataclass(frozen=True)
class Taken:
    """The case of a ticket; `new` unless it had come before."""

    ticket_id: int
    case_number: str
    new: bool


def take(
    db: Connection,
    settings: Settings,
    keys: KeyRing,
    partner: Partner,
    new: NewTicket,
    payload: str,
    photos: Sequence[StoredFile],
    now: datetime,
    trace_id: str,
) -> Taken:
    """Open the case of a ticket, or find it again. `payload` is what was sent, the same for the same ticket.

    Raises InvalidInput for a known number with other content, and what the door for reports refuses.
    """
    db.execute(
        text("select pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": f"ticket {partner.id} {new.number}"}
    )
    known = _known(db, partner, new.number)
    if known is not None:
        if bytes(known.fingerprint) not in keys.indexes(payload):
            raise InvalidInput(
                "Ticket {number} came before with other content.",
                "Send changes as a new ticket that names the old one.",
                number=new.number,
                field="number",
            )
        return Taken(known.id, known.case_number, new=False)
    received = reports.receive(
        db,
        settings,
        NewReport(
            source="other",
            description=new.content,
            occurred_at=new.happened_at,
            position=new.position,
            class_code=new.class_code,
            address=new.place,
            source_system=f"12345:{partner.code}",
            source_ref=new.number,
        ),
        now=now,
        photos=photos,
        trace_id=trace_id,
    )
    values: dict[str, Any] = {
        "partner_id": partner.id,
        "number": new.number,
        "fingerprint": keys.newest.index(payload),
        "kind": new.kind,
        "content": new.content,
        "report_id": received.report_id,
        "case_id": received.case_id,
        "limit_at": new.limit_at,
        "call_back": new.call_back,
        "trace_id": trace_id,
    } | callers.sealed(new.caller, keys, new.confidential)
    ticket_id = int(db.execute(tables.ticket.insert().values(**values).returning(tables.ticket.c.id)).scalar_one())
    outgoing.accepted(db, settings, ticket_id, now, trace_id)
    return Taken(ticket_id, received.number, new=True)


def keep_refused(
    db: Connection,
    keys: KeyRing,
    partner: Partner,
    number: str,
    payload: str,
    problem: CityCommandError,
) -> int:
    """Keep a ticket that could not be used, sealed as it came, with the reason; the same again is counted. Returns its id."""
    seal = keys.newest.seal(payload)
    refusal_id = db.execute(
        text("""
            insert into dispatch.ticket_refusal as r
                (partner_id, number, payload_index, payload_cipher, payload_algorithm, payload_key_version, problem)
            values (:partner, :number, :index, :cipher, :algorithm, :version, cast(:problem as jsonb))
            on conflict (partner_id, number, payload_index) where settled_at is null
            do update set attempts = r.attempts + 1, problem = excluded.problem returning id
        """),
        {
            "partner": partner.id,
            "number": number,
            "index": seal.index,
            "cipher": seal.cipher,
            "algorithm": seal.algorithm,
            "version": seal.key_version,
            "problem": json.dumps(problem.kept(), ensure_ascii=False),
        },
    ).scalar_one()
    return int(refusal_id)


def refused(db: Connection) -> list[dict[str, Any]]:
    """Tickets that wait for their reason to be mended; the reason as CityCommandError.kept wrote it."""
    rows = db.execute(
        text(
            "select r.id, p.code as partner, p.name as partner_name, r.number, r.problem, r.attempts, r.recorded_at"
            " from dispatch.ticket_refusal r join dispatch.partner p on p.id = r.partner_id where r.settled_at is null order by r.id"
        )
    )
    return [dict(row._mapping) for row in rows]


def payload_of(db: Connection, keys: KeyRing, refusal_id: int) -> tuple[Partner, str]:
    """Whose refused ticket it is and what was sent, locked for a replay. Raises NotFound."""
    row = db.execute(
        text(
            "select r.payload_index, r.payload_cipher, r.payload_algorithm, r.payload_key_version, p.id, p.code, p.name"
            " from dispatch.ticket_refusal r join dispatch.partner p on p.id = r.partner_id"
            " where r.id = :id and r.settled_at is null for update of r"
        ),
        {"id": refusal_id},
    ).first()
    if row is None:
        raise NotFound("There is no refused ticket {refusal}.", refusal=refusal_id)
    seal = Sealed(bytes(row.payload_index), bytes(row.payload_cipher), row.payload_algorithm, row.payload_key_version)
    return Partner(row.id, row.code, row.name), keys.open(seal)


def settle(db: Connection, refusal_id: int, ticket_id: int | None, now: datetime) -> None:
    """A refused ticket has become a case, or was set aside (no ticket)."""
    db.execute(
        text("update dispatch.ticket_refusal set settled_at = :now, ticket_id = :ticket where id = :id"),
        {"now": now, "ticket": ticket_id, "id": refusal_id},
    )


def of_case(db: Connection, case_id: int) -> list[dict[str, Any]]:
    """Tickets behind a case with their limits: number, whose, kind, limit. Nothing of their callers."""
    rows = db.execute(
        text(
            "select t.id, t.number, p.name as partner, t.kind, t.limit_at, t.recorded_at from dispatch.ticket t"
            " join dispatch.partner p on p.id = t.partner_id where t.case_id in (select dispatch.merged_with(:id)) order by t.id"
        ),
        {"id": case_id},
    )
    return [dict(row._mapping) for row in rows]


def _known(db: Connection, partner: Partner, number: str) -> Any:
    return db.execute(
        text(
            "select t.id, t.fingerprint, c.number as case_number from dispatch.ticket t join dispatch.cases c on c.id = t.case_id"
            " where t.partner_id = :partner and t.number = :number"
        ),
        {"partner": partner.id, "number": number},
    ).first()
