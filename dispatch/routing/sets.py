"""Sets of rules: drafted from what is in force, submitted, approved by another person, in force from a moment, rolled back (D4).

Everything that is done to a set leaves a row in dispatch.routing_change: who, when, what, why. What is approved never changes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, text

from config.errors import IllegalMove, InvalidInput, NotFound, SeparationOfDuties
from config.i18n import _

STATES = {
    "draft": _("Draft"),
    "submitted": _("Waits for approval"),
    "approved": _("Approved"),
    "withdrawn": _("Withdrawn"),
    "dropped": _("Dropped"),
}

BEGINNING = datetime.fromisoformat("2000-01-01T00:00:00+00:00")


def found(db: Connection, rules: Iterable[Mapping[str, Any]], why: str) -> int:
    """The first set of an instance that is being set up, in force from the beginning; returns its id."""
    set_id = int(
        db.execute(text("insert into dispatch.routing_set (why) values (:why) returning id"), {"why": why}).scalar_one()
    )
    for number, rule in enumerate(rules, start=1):
        insert_rule(db, set_id, {"name_en": "", "matches": {}, "unit_id": None, **rule}, number, 1, None)
    _bring_into_force(db, set_id, BEGINNING)
    note(db, set_id, None, "approved", None, why=why)
    return set_id


def insert_rule(
    db: Connection, set_id: int, rule: Mapping[str, Any], number: int, version: int, ground: str | None
) -> int:
    """One rule into a draft; `ground`: its polygon as hexadecimal WKB. Returns its id."""
    row = db.execute(
        text(
            "insert into dispatch.routing_rule (set_id, number, version, priority, name, name_en, matches, target, unit_id, ground)"
            " values (:set, :number, :version, :priority, :name, :name_en, cast(:matches as jsonb), :target, :unit_id,"
            " cast(:ground as geometry)) returning id"
        ),
        {
            **{name: rule[name] for name in ("priority", "name", "name_en", "target", "unit_id")},
            "matches": json.dumps(rule["matches"], ensure_ascii=False),
            "set": set_id,
            "number": number,
            "version": version,
            "ground": ground,
        },
    )
    return int(row.scalar_one())


def one(db: Connection, set_id: int, *, lock: bool = False) -> Row[Any]:
    """A set. Raises NotFound."""
    statement = "select * from dispatch.routing_set where id = :id" + (" for update" if lock else "")
    row = db.execute(text(statement), {"id": set_id}).first()
    if row is None:
        raise NotFound("There is no set of rules {set}.", set=set_id)
    return row


def in_state(db: Connection, set_id: int, *states: str) -> Row[Any]:
    """A set, locked, that is in one of the states. Raises NotFound or IllegalMove."""
    row = one(db, set_id, lock=True)
    if row.state not in states:
        raise IllegalMove(
            "This set of rules is not open for that any more.", "Make a new draft from it.", set=set_id, state=row.state
        )
    return row


def draft(db: Connection, account_id: int, based_on: int | None, why: str) -> int:
    """A new draft with the rules of another set; without one it is empty. Returns its id."""
    if based_on is not None:
        one(db, based_on)
    made = text(
        "insert into dispatch.routing_set (why, based_on_id, created_by) values (:why, :base, :account) returning id"
    )
    set_id = int(db.execute(made, {"why": why, "base": based_on, "account": account_id}).scalar_one())
    db.execute(
        text(
            "insert into dispatch.routing_rule (set_id, number, version, priority, name, name_en, matches, target, unit_id, ground)"
            " select :set, number, version, priority, name, name_en, matches, target, unit_id, ground"
            " from dispatch.routing_rule where set_id = :base order by number"
        ),
        {"set": set_id, "base": based_on},
    )
    note(db, set_id, None, "drafted", account_id, after={"based_on": based_on}, why=why)
    return set_id


def submit(db: Connection, account_id: int, set_id: int, why: str) -> None:
    """Ask for approval. Raises InvalidInput without a reason, IllegalMove for what is no draft."""
    in_state(db, set_id, "draft")
    if not why.strip():
        raise InvalidInput("Say why the rules shall change.", "Whoever approves reads it.", field="why")
    db.execute(
        text(
            "update dispatch.routing_set set state = 'submitted', why = :why, submitted_by = :account, submitted_at = gis.now()"
            " where id = :id"
        ),
        {"id": set_id, "account": account_id, "why": why},
    )
    note(db, set_id, None, "submitted", account_id, why=why)


def approve(db: Connection, account_id: int, set_id: int, valid_from: datetime | None, now: datetime, why: str) -> None:
    """Bring a submitted set into force from a moment, now unless told.

    Raises SeparationOfDuties for somebody who worked on it, InvalidInput for a moment that has passed: decisions keep what was
    in force when they were made.
    """
    in_state(db, set_id, "submitted")
    if account_id in _authors(db, set_id):
        raise SeparationOfDuties("You worked on these rules yourself.", "Ask another person to approve them.")
    if valid_from is not None and valid_from < now:
        raise InvalidInput("Rules cannot begin in the past.", "Choose a moment to come.", field="valid_from")
    db.execute(
        text(
            "update dispatch.routing_set set decided_by = :account, decided_at = gis.now(), decision_note = :why where id = :id"
        ),
        {"id": set_id, "account": account_id, "why": why},
    )
    _bring_into_force(db, set_id, valid_from or now)
    note(db, set_id, None, "approved", account_id, after={"valid_from": (valid_from or now).isoformat()}, why=why)


def send_back(db: Connection, account_id: int, set_id: int, why: str) -> None:
    """Back to its authors, with a reason."""
    in_state(db, set_id, "submitted")
    if not why.strip():
        raise InvalidInput("Say what should be changed.", "Its authors read it.", field="why")
    db.execute(text("update dispatch.routing_set set state = 'draft' where id = :id"), {"id": set_id})
    note(db, set_id, None, "sent_back", account_id, why=why)


def drop(db: Connection, account_id: int, set_id: int, why: str) -> None:
    """Give up a draft, or withdraw an approved set that has not begun."""
    row = in_state(db, set_id, "draft", "submitted", "approved")
    if row.state == "approved":
        if not db.execute(text("select cast(:at as timestamptz) > gis.now()"), {"at": row.valid_from}).scalar_one():
            raise IllegalMove("These rules are or were in force.", "Go back to an earlier set instead.", set=set_id)
        state = "withdrawn"
    else:
        state = "dropped"
    db.execute(text("update dispatch.routing_set set state = :state where id = :id"), {"id": set_id, "state": state})
    note(db, set_id, None, state, account_id, why=why)


def roll_back(db: Connection, account_id: int, to_set: int, why: str) -> int:
    """Ask for the rules of an earlier set again: a copy of it, submitted; in force once another person approves."""
    if one(db, to_set).state != "approved":
        raise IllegalMove("Only rules that were in force can come back.", "Choose an approved set.", set=to_set)
    set_id = draft(db, account_id, to_set, why)
    submit(db, account_id, set_id, why)
    return set_id


def note(
    db: Connection,
    set_id: int,
    number: int | None,
    change: str,
    account_id: int | None,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    why: str = "",
) -> None:
    """A row of the history of sets."""
    db.execute(
        text(
            "insert into dispatch.routing_change (set_id, number, change, account_id, before, after, why)"
            " values (:set, :number, :change, :account, cast(:before as jsonb), cast(:after as jsonb), :why)"
        ),
        {
            "set": set_id,
            "number": number,
            "change": change,
            "account": account_id,
            "before": json.dumps(before or {}, ensure_ascii=False),
            "after": json.dumps(after or {}, ensure_ascii=False),
            "why": why,
        },
    )


def _authors(db: Connection, set_id: int) -> set[int]:
    worked = "change in ('drafted', 'submitted', 'added', 'changed', 'removed', 'accepted')"
    rows = db.execute(
        text(f"select distinct account_id from dispatch.routing_change where set_id = :set and {worked}"),
        {"set": set_id},
    )
    return {row.account_id for row in rows}


def _bring_into_force(db: Connection, set_id: int, moment: datetime) -> None:
    """Its fingerprint names this set of rules for good: processes keep it in memory under it."""
    db.execute(
        text(
            "update dispatch.routing_set set state = 'approved', valid_from = :at, fingerprint = md5(concat(cast(:id as text), '|',"
            " gen_random_uuid())) where id = :id"
        ),
        {"id": set_id, "at": moment},
    )
