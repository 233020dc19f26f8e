"""Tables of calling back (回访): whom to ask after a close, each attempt, what was said. Evaluation counts from here (D6)."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from gis.db import metadata
from gis.tables import APPEND_ONLY, NOW, instant, key

SOLVED = ("yes", "partly", "no")
CALLBACK_STATES = ("waiting", "done", "refused", "unreachable", "dropped")
ATTEMPTS = ("reached", "no_answer", "busy", "wrong_number", "refused")


def _listed(values: tuple[str, ...]) -> str:
    return ", ".join(f"'{value}'" for value in values)


callback = Table(
    "callback",
    metadata,
    key(),
    Column("report_id", BigInteger, ForeignKey("dispatch.report.id"), nullable=False),
    Column("case_id", BigInteger, ForeignKey("dispatch.cases.id"), nullable=False, index=True),
    Column("call_id", BigInteger, ForeignKey("dispatch.call.id"), index=True),
    Column("ticket_id", BigInteger, ForeignKey("dispatch.ticket.id"), index=True),
    Column("unit_id", BigInteger, ForeignKey("gis.unit.id")),
    Column("closing", Integer, nullable=False),
    instant("closed_at"),
    Column("state", Text, nullable=False, server_default="waiting"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    instant("first_attempt_at", nullable=True),
    instant("ended_at", nullable=True),
    Column("ended_by", BigInteger, ForeignKey("gis.account.id")),
    Column("solved", Text),
    Column("satisfied", SmallInteger),
    Column("words", Text, nullable=False, server_default=""),
    Column("reopened", Boolean, nullable=False, server_default=text("false")),
    instant("recorded_at", server_default=NOW),
    UniqueConstraint("report_id", "closing"),
    CheckConstraint("num_nonnulls(call_id, ticket_id) = 1", name="one_caller"),
    CheckConstraint(f"state in ({_listed(CALLBACK_STATES)})", name="state_known"),
    CheckConstraint(f"solved in ({_listed(SOLVED)})", name="solved_known"),
    CheckConstraint("satisfied between 1 and 5", name="satisfied_one_to_five"),
    CheckConstraint("(state = 'waiting') = (ended_at is null)", name="ended_when_not_waiting"),
    CheckConstraint("(state = 'done') = (solved is not null)", name="done_when_asked"),
    CheckConstraint("satisfied is null or state = 'done'", name="satisfied_when_asked"),
    CheckConstraint("not reopened or solved = 'no'", name="reopened_where_not_solved"),
    Index("ix_callback_waiting", "closed_at", postgresql_where=text("state = 'waiting'")),
    Index("ix_callback_ended_at", "ended_at"),
    schema="dispatch",
    comment=(
        "回访: one per report of a call (or ticket that asks for it) and close of its case. state done: reached and asked (solved;"
        " satisfied 1-5, null where not said); refused: would not say; unreachable: too many attempts; dropped: reopened before."
    ),
)

callback_attempt = Table(
    "callback_attempt",
    metadata,
    key(),
    Column("callback_id", BigInteger, ForeignKey("dispatch.callback.id"), nullable=False, index=True),
    Column("account_id", BigInteger, ForeignKey("gis.account.id"), nullable=False),
    Column("outcome", Text, nullable=False),
    Column("words", Text, nullable=False, server_default=""),
    instant("recorded_at", server_default=NOW),
    Column("trace_id", Text, nullable=False),
    CheckConstraint(f"outcome in ({_listed(ATTEMPTS)})", name="outcome_known"),
    schema="dispatch",
    info=APPEND_ONLY,
    comment="Each time that somebody tried to call back, and what came of it.",
)
