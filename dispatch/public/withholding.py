"""Which cases are shown to nobody outside although their class is public: decided case by case, with a reason."""

from __future__ import annotations

from sqlalchemy import Connection, text

from gis import events
from gis.actors import Actor


def withhold(db: Connection, case_id: int, reason: str, actor: Actor, trace_id: str) -> None:
    """From now on the public does not see the case; who decided it and why stays in the event log."""
    db.execute(
        text(
            "insert into dispatch.withheld_case (case_id, reason, account_id) values (:case, :reason, :account)"
            " on conflict (case_id) do update set reason = excluded.reason, account_id = excluded.account_id"
        ),
        {"case": case_id, "reason": reason, "account": actor.account_id},
    )
    _note(db, "case.withheld", case_id, actor, trace_id)


def show(db: Connection, case_id: int, actor: Actor, trace_id: str) -> None:
    """The public sees it again, as far as its service is public."""
    db.execute(text("delete from dispatch.withheld_case where case_id = :case"), {"case": case_id})
    _note(db, "case.shown", case_id, actor, trace_id)


def reason_of(db: Connection, case_id: int) -> str | None:
    """Why the case is withheld; None where it is not."""
    return db.execute(
        text("select reason from dispatch.withheld_case where case_id = :case"), {"case": case_id}
    ).scalar()


def _note(db: Connection, kind: str, case_id: int, actor: Actor, trace_id: str) -> None:
    events.append(db, kind, f"case:{case_id}", {"case_id": case_id, "account_id": actor.account_id}, trace_id)
    events.notify_live(db, "case", {"id": case_id})
