"""What the centre decides of one case for the public: withheld with a reason, or shown; which of its photos anybody may see."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, text

from config.errors import InvalidInput
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
    _note(db, "case.withheld", case_id, actor, trace_id, reason=reason)


def show(db: Connection, case_id: int, actor: Actor, trace_id: str) -> None:
    """The public sees it again, as far as its service is public."""
    db.execute(text("delete from dispatch.withheld_case where case_id = :case"), {"case": case_id})
    _note(db, "case.shown", case_id, actor, trace_id)


def reason_of(db: Connection, case_id: int) -> str | None:
    """Why the case is withheld; None where it is not."""
    found = text("select reason from dispatch.withheld_case where case_id = :case")
    return db.execute(found, {"case": case_id}).scalar()


def release(db: Connection, case_id: int, evidence_ids: Sequence[int], actor: Actor, trace_id: str) -> None:
    """Let the public see exactly these photos of the case. Raises InvalidInput for one that is not its own, or has no small copy yet."""
    known = set(db.execute(_OWN, {"case": case_id}).scalars())
    if set(evidence_ids) - known:
        raise InvalidInput("A photo is not of this case, or is not ready yet.", "Load the case again.", field="photos")
    db.execute(
        text(
            "delete from dispatch.released_photo where evidence_id in (select id from dispatch.evidence where case_id = :case)"
            " and evidence_id <> all (:ids)"
        ),
        {"case": case_id, "ids": list(evidence_ids)},
    )
    for evidence_id in evidence_ids:
        db.execute(
            text(
                "insert into dispatch.released_photo (evidence_id, account_id) values (:id, :account) on conflict do nothing"
            ),
            {"id": evidence_id, "account": actor.account_id},
        )
    _note(db, "photos.released", case_id, actor, trace_id, evidence_ids=sorted(evidence_ids))


def released(db: Connection, case_id: int) -> list[int]:
    """The photos of the case that the public may see."""
    found = text(
        "select p.evidence_id from dispatch.released_photo p join dispatch.evidence e on e.id = p.evidence_id"
        " where e.case_id = :case order by 1"
    )
    return list(db.execute(found, {"case": case_id}).scalars())


def case_of_photo(db: Connection, evidence_id: int) -> tuple[str, bytes] | None:
    """Case number and content hash of a released photo; None for any other."""
    found = text(
        "select c.number, e.sha256 from dispatch.released_photo p join dispatch.evidence e on e.id = p.evidence_id"
        " join dispatch.cases c on c.id = e.case_id where p.evidence_id = :id"
    )
    row = db.execute(found, {"id": evidence_id}).first()
    return (row.number, bytes(row.sha256)) if row else None


_OWN = text(
    "select e.id from dispatch.evidence e join dispatch.evidence_reading r on r.evidence_id = e.id and r.thumbnail where e.case_id = :case"
)


def _note(db: Connection, kind: str, case_id: int, actor: Actor, trace_id: str, **facts: object) -> None:
    payload = {"case_id": case_id, "account_id": actor.account_id, **facts}
    events.append(db, kind, f"case:{case_id}", payload, trace_id)
    events.notify_live(db, "case", {"id": case_id})
