"""Taking a call (C4): begun, its caller sealed, its reports, answers and handovers entered, ended with its kind."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, text

from config.errors import InvalidInput, NotFound, NotPermitted
from dispatch.calls import callers, tables
from dispatch.calls.callers import Caller
from gis.actors import Actor
from gis.vault import KeyRing

SERVICES = ("110", "119", "120", "122", "other")


def begin(
    db: Connection, actor: Actor, keys: KeyRing, who: Caller, confidential: bool, begun_at: datetime, trace_id: str
) -> int:
    """Enter a call; returns its id."""
    values = callers.sealed(who, keys, confidential)
    call = tables.call.insert().values(taken_by=actor.account_id, begun_at=begun_at, trace_id=trace_id, **values)
    return int(db.execute(call.returning(tables.call.c.id)).scalar_one())


def correct(db: Connection, actor: Actor, keys: KeyRing, call_id: int, who: Caller, confidential: bool) -> None:
    """Another name or number, or that it is to be confidential, while the call goes on; afterwards for the shift leader only."""
    call = own(db, actor, call_id)
    if call.confidential and not confidential and not actor.may("call.oversee"):
        raise NotPermitted("Only the shift leader takes a caller's confidentiality back.")
    db.execute(
        tables.call.update().where(tables.call.c.id == call_id).values(**callers.sealed(who, keys, confidential))
    )


def end(db: Connection, actor: Actor, call_id: int, kind: str, words: str, now: datetime) -> None:
    """End a call; ended twice it stays as it was. Raises InvalidInput where nobody could tell what it was about."""
    call = own(db, actor, call_id, ended=True)
    if call.ended_at is not None:
        return
    if not words.strip() and not _came_to_something(db, call_id):
        raise InvalidInput(
            "The call has no report, no answer and no words.", "Say in a few words what it was about.", field="words"
        )
    db.execute(
        text(
            "update dispatch.call set ended_at = greatest(:now, begun_at), kind = :kind, words = :words where id = :id"
        ),
        {"now": now, "kind": kind, "words": words.strip(), "id": call_id},
    )


def add_report(db: Connection, call_id: int, report_id: int, case_id: int) -> None:
    """Say that a call brought this report. Check with `own` first."""
    db.execute(
        text("insert into dispatch.call_report (report_id, call_id, case_id) values (:report, :call, :case)"),
        {"report": report_id, "call": call_id, "case": case_id},
    )


def hand_over(db: Connection, actor: Actor, call_id: int, service: str, words: str) -> int:
    """Record that the caller was handed over to an emergency service; returns the record's id."""
    own(db, actor, call_id)
    if not words.strip():
        raise InvalidInput("A handover says what was passed on.", "Say it in a few words.", field="words")
    row = tables.handover.insert().values(
        call_id=call_id, service=service, words=words.strip(), account_id=actor.account_id
    )
    return int(db.execute(row.returning(tables.handover.c.id)).scalar_one())


def answer(db: Connection, actor: Actor, call_id: int, edition_id: int) -> int:
    """Record that the caller was answered from an edition of the knowledge base. Raises NotFound for one not in force."""
    own(db, actor, call_id)
    good = text(
        "select exists (select from dispatch.article_edition e join dispatch.article a on a.id = e.article_id"
        " where e.id = :id and e.approved and a.withdrawn_at is null)"
    )
    if not db.execute(good, {"id": edition_id}).scalar():
        raise NotFound("There is no such approved article.", "Search the knowledge base again.")
    row = tables.call_answer.insert().values(call_id=call_id, edition_id=edition_id, account_id=actor.account_id)
    return int(db.execute(row.returning(tables.call_answer.c.id)).scalar_one())


def own(db: Connection, actor: Actor, call_id: int, *, ended: bool = False) -> Row[Any]:
    """The call, locked, of who took it or for the shift leader; one that has ended only for the leader unless `ended`.

    Raises NotFound, NotPermitted.
    """
    call = db.execute(
        text("select id, taken_by, confidential, ended_at from dispatch.call where id = :id for update"),
        {"id": call_id},
    ).first()
    if call is None:
        raise NotFound("There is no call {call}.", call=call_id)
    leads = actor.may("call.oversee")
    if call.taken_by != actor.account_id and not leads:
        raise NotPermitted("Somebody else has taken this call.", "Ask whoever took it, or the shift leader.")
    if call.ended_at is not None and not ended and not leads:
        raise NotPermitted("This call has ended.", "Begin a new one.")
    return call


def _came_to_something(db: Connection, call_id: int) -> bool:
    return bool(
        db.execute(
            text(
                "select exists (select from dispatch.call_report where call_id = :id)"
                " or exists (select from dispatch.call_answer where call_id = :id)"
                " or exists (select from dispatch.handover where call_id = :id)"
            ),
            {"id": call_id},
        ).scalar()
    )
