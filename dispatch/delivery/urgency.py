"""Which kinds of notice break quiet hours: the system's opinion, and the city's where it has another."""

from __future__ import annotations

from sqlalchemy import Connection, text

from config.errors import InvalidInput
from dispatch.delivery.kinds import KINDS


def kinds(db: Connection) -> frozenset[str]:
    """The urgent kinds. Notices of cases that are emergencies are urgent besides, whatever their kind."""
    said = {row.kind: row.urgent for row in db.execute(text("select kind, urgent from dispatch.notice_urgency"))}
    return frozenset(kind for kind, known in KINDS.items() if said.get(kind, known.urgent))


def declare(db: Connection, kind: str, urgent: bool) -> None:
    """Say whether notices of this kind are urgent from now on. Raises InvalidInput."""
    known(kind)
    db.execute(
        text(
            "insert into dispatch.notice_urgency (kind, urgent) values (:kind, :urgent)"
            " on conflict (kind) do update set urgent = excluded.urgent"
        ),
        {"kind": kind, "urgent": urgent},
    )


def known(kind: str) -> None:
    """Raise InvalidInput for what is no kind of notice."""
    if kind not in KINDS:
        raise InvalidInput("There is no kind of notice '{kind}'.", kind=kind, field="kind")
