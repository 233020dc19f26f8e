"""Calling back (回访) after a close: whom to ask, each attempt, solved and satisfied asked apart; not solved offers reopening."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, text

from config.errors import InvalidInput, NotFound, NotPermitted
from config.i18n import _, gettext
from config.settings import Settings
from dispatch import cases, listing, policy
from dispatch.calls import callers, records, rights
from dispatch.calls.callback_tables import callback_attempt
from dispatch.calls.callers import Caller
from dispatch.listing import Filter
from dispatch.steps import Move
from gis import events
from gis.actors import Actor
from gis.db import named_sql
from gis.vault import KeyRing

MOST_ATTEMPTS = 3
"""After so many attempts in vain nobody is called any more."""
ENDED_BY = {"reached": "done", "refused": "refused"}
CITIZENS_WISH = _("The citizen's wish when called back: {words}")

_CALLER = (
    "select b.id, b.case_id, k.number as case_number, b.call_id, b.ticket_id, b.state, b.attempts, b.closed_at, c.taken_by, c.begun_at,"
    " coalesce(c.kind, t.kind) as kind, r.description, b.words, b.solved, b.satisfied, b.reopened, b.ended_at,"
    " coalesce(c.confidential, t.confidential) as confidential, coalesce(c.number_index, t.number_index) as number_index,"
    " coalesce(c.caller_index, t.caller_index) as caller_index, coalesce(c.caller_cipher, t.caller_cipher) as caller_cipher,"
    " coalesce(c.caller_algorithm, t.caller_algorithm) as caller_algorithm,"
    " coalesce(c.caller_key_version, t.caller_key_version) as caller_key_version"
    " from dispatch.callback b join dispatch.report r on r.id = b.report_id join dispatch.seen_case k on k.id = b.case_id"
    " left join dispatch.call c on c.id = b.call_id left join dispatch.ticket t on t.id = b.ticket_id"
)


@dataclass(frozen=True)
class Said:
    """What came of an attempt. `solved` (yes, partly, no) where somebody was reached; `satisfied` 1 to 5 where they said it."""

    outcome: str
    solved: str | None = None
    satisfied: int | None = None
    words: str = ""
    reopen: bool = False


def follow(db: Connection, event: events.Event) -> None:
    """After a close, let everybody who called about the case be called back; after a reopening, not yet."""
    case_id = event.payload["case_id"]
    if event.payload["move"] == "reopen":
        db.execute(
            text(
                "update dispatch.callback set state = 'dropped', ended_at = gis.now() where case_id = :id and state = 'waiting'"
            ),
            {"id": case_id},
        )
    elif event.payload["to"] == "closed" and event.payload["from"] != "closed":
        db.execute(named_sql("dispatch", "calls/open_callbacks"), {"case_id": case_id})


def waiting(db: Connection, actor: Actor, keys: KeyRing, now: datetime, limit: int = 200) -> list[dict[str, Any]]:
    """Who is to be called back, the longest waiting first. Callers are masked; `may_call` says whether the actor may know them."""
    rows = db.execute(
        text(f"{_CALLER} where b.state = 'waiting' order by b.closed_at, b.id limit :n"), {"n": limit}
    ).all()
    ids = tuple(sorted({row.case_id for row in rows}))
    seen = (
        {case["id"]: case for case in listing.cases(db, actor, Filter(ids=ids), now=now, limit=len(ids))} if ids else {}
    )
    return [_shown(row, seen[row.case_id], actor, keys, now) for row in rows if row.case_id in seen]


def reveal(db: Connection, actor: Actor, keys: KeyRing, callback_id: int, trace_id: str) -> Caller:
    """Whom to call; written down. Raises NotFound, NotPermitted."""
    row = _found(db, callback_id, lock=False)
    _must_know(actor, row)
    purpose = f"{row.case_number} #{row.attempts + 1}"
    records.write_down(db, actor, "call_back", row.call_id, row.number_index, purpose, 1, trace_id)
    return callers.opened(dict(row._mapping), keys)


def record(
    db: Connection, settings: Settings, actor: Actor, callback_id: int, said: Said, now: datetime, trace_id: str
) -> str:
    """Enter an attempt; returns the state that the call-back is in then. A wish to reopen moves the case as the citizen's.

    Raises InvalidInput, NotFound, NotPermitted, and what the move `reopen` refuses (its window is over).
    """
    row = _found(db, callback_id, lock=True)
    _must_know(actor, row)
    if row.state != "waiting":
        raise InvalidInput("This call-back has been made already.", "Load the list again.")
    _check(said)
    _append(db, actor, row.id, said, trace_id)
    state = ENDED_BY.get(said.outcome) or ("unreachable" if row.attempts + 1 >= MOST_ATTEMPTS else "waiting")
    if said.reopen:
        note = gettext(settings.locale)(CITIZENS_WISH).format(words=said.words.strip() or "–")
        cases.move(db, settings, row.case_id, Move("reopen", note=note), actor=None, now=now, trace_id=trace_id)
    _update(db, actor, row.id, said, state, now)
    if state != "waiting":
        payload = {"callback_id": row.id, "case_id": row.case_id}
        events.append(db, "callback.ended", f"case:{row.case_id}", payload, trace_id, now)
    return state


def _check(said: Said) -> None:
    reached = said.outcome == "reached"
    if reached and said.solved is None:
        raise InvalidInput("Whoever was reached is asked whether it is solved.", field="solved")
    if not reached and (said.solved is not None or said.satisfied is not None):
        raise InvalidInput("Only who was reached can say whether it is solved.", field="solved")
    if said.reopen and said.solved != "no":
        raise InvalidInput("Only what is not solved is reopened.", field="solved")


def _append(db: Connection, actor: Actor, callback_id: int, said: Said, trace_id: str) -> None:
    db.execute(
        callback_attempt.insert().values(
            callback_id=callback_id,
            account_id=actor.account_id,
            outcome=said.outcome,
            words=said.words.strip(),
            trace_id=trace_id,
        )
    )


def _update(db: Connection, actor: Actor, callback_id: int, said: Said, state: str, now: datetime) -> None:
    db.execute(
        text(
            "update dispatch.callback set state = :state, attempts = attempts + 1, first_attempt_at = coalesce(first_attempt_at, :now),"
            " ended_at = case when :state = 'waiting' then null else cast(:now as timestamptz) end,"
            " ended_by = case when :state = 'waiting' then null else cast(:me as bigint) end,"
            " solved = :solved, satisfied = :satisfied, words = :words, reopened = :reopened where id = :id"
        ),
        {
            "state": state,
            "now": now,
            "me": actor.account_id,
            "solved": said.solved,
            "satisfied": said.satisfied,
            "words": said.words.strip(),
            "reopened": said.reopen,
            "id": callback_id,
        },
    )


def _found(db: Connection, callback_id: int, *, lock: bool) -> Row[Any]:
    row = db.execute(
        text(f"{_CALLER} where b.id = :id" + (" for update of b" if lock else "")), {"id": callback_id}
    ).first()
    if row is None:
        raise NotFound("There is no call-back {callback}.", callback=callback_id)
    return row


def _must_know(actor: Actor, row: Row[Any]) -> None:
    if not rights.may_know(actor, row.taken_by, row.confidential):
        raise NotPermitted("This caller wishes to stay unknown.", "Ask whoever took the call, or the shift leader.")


def _shown(row: Row[Any], case: dict[str, Any], actor: Actor, keys: KeyRing, now: datetime) -> dict[str, Any]:
    may = rights.may_know(actor, row.taken_by, row.confidential)
    who = callers.opened(dict(row._mapping), keys) if may else Caller()
    until: timedelta = policy.of_moves().reopening_window
    return {
        "id": row.id,
        "case": {name: case[name] for name in ("id", "number", "title", "class_name", "address", "state", "unit")},
        "kind": row.kind,
        "description": row.description,
        "closed_at": row.closed_at,
        "attempts": row.attempts,
        "attempts_left": MOST_ATTEMPTS - row.attempts,
        "confidential": row.confidential,
        "may_call": may,
        "name": callers.masked_name(who.name),
        "number": callers.masked_number(who.number),
        "may_reopen": now - row.closed_at <= until,
    }
