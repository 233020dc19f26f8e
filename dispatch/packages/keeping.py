"""Who handed which evidence to whom, and why: written with the package, shown on the case (D10)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, text

from gis.actors import Actor

_TURN = text("select pg_advisory_xact_lock(hashtextextended('evidence_package', :id))")
_NEXT = text("select coalesce(max(ordinal), 0) + 1 from dispatch.evidence_package where case_id = :id")


def next_ordinal(db: Connection, case_id: int) -> int:
    """The number of the next package of this case; whoever makes another one meanwhile waits."""
    db.execute(_TURN, {"id": case_id})
    return int(db.execute(_NEXT, {"id": case_id}).scalar_one())


def write_down(
    db: Connection,
    actor: Actor,
    case_id: int,
    ordinal: int,
    recipient: str,
    reason: str,
    manifest: str,
    sha256: bytes,
    size: int,
    trace_id: str,
) -> None:
    """Keep that a package was made."""
    db.execute(
        text(
            "insert into dispatch.evidence_package (case_id, ordinal, account_id, recipient, reason, manifest, sha256, size, trace_id)"
            " values (:case, :ordinal, :me, :recipient, :reason, :manifest, :sha256, :size, :trace)"
        ),
        {
            "case": case_id,
            "ordinal": ordinal,
            "me": actor.account_id,
            "recipient": recipient,
            "reason": reason,
            "manifest": manifest,
            "sha256": sha256,
            "size": size,
            "trace": trace_id,
        },
    )


def of_case(db: Connection, case_id: int, locale: str) -> list[dict[str, Any]]:
    """The packages of a case, the newest first."""
    rows = db.execute(
        text(
            "select p.ordinal, case when :en and a.name_en <> '' then a.name_en else a.name end as by, p.recipient, p.reason,"
            " encode(p.sha256, 'hex') as sha256, p.size, p.recorded_at"
            " from dispatch.evidence_package p join gis.account a on a.id = p.account_id where p.case_id = :id order by p.ordinal desc"
        ),
        {"id": case_id, "en": locale == "en"},
    )
    return [dict(row._mapping) for row in rows]


def known_hash(db: Connection, number: str) -> bytes | None:
    """SHA-256 of the whole package with this number (case number, hyphen, ordinal) as it was handed out; None where there is none."""
    case_number, _, ordinal = number.rpartition("-")
    if not ordinal.isdigit():
        return None
    found = db.execute(
        text(
            "select p.sha256 from dispatch.evidence_package p join dispatch.seen_case c on c.id = p.case_id"
            " where c.number = :number and p.ordinal = :ordinal"
        ),
        {"number": case_number, "ordinal": int(ordinal)},
    ).scalar()
    return None if found is None else bytes(found)
