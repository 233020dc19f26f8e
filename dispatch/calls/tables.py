"""Tables of the hotline: calls with their sealed callers, what became of each, the knowledge base (C4, S6)."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    text,
)

from gis.db import metadata
from gis.tables import APPEND_ONLY, NOW, instant, key

CALL_KINDS = ("consultation", "complaint", "request", "suggestion", "praise")
_CALL_KIND_LIST = ", ".join(f"'{kind}'" for kind in CALL_KINDS)


def sealed_caller() -> tuple[Column[object], ...]:
    """Columns of a caller: name and number sealed as one text (gis/vault.py), and the number's blind index."""
    return (
        Column("caller_index", LargeBinary),
        Column("caller_cipher", LargeBinary),
        Column("caller_algorithm", Text),
        Column("caller_key_version", Integer),
        Column("number_index", LargeBinary),
        Column("confidential", Boolean, nullable=False, server_default=text("false")),
    )


def sealed_whole() -> CheckConstraint:
    """A caller is sealed with all that opens it, or is not known."""
    return CheckConstraint(
        "num_nulls(caller_index, caller_cipher, caller_algorithm, caller_key_version) in (0, 4)", name="caller_whole"
    )


call = Table(
    "call",
    metadata,
    key(),
    Column("taken_by", BigInteger, ForeignKey("gis.account.id"), nullable=False),
    Column("kind", Text),
    Column("words", Text, nullable=False, server_default=""),
    *sealed_caller(),
    instant("begun_at"),
    instant("ended_at", nullable=True),
    Column("trace_id", Text, nullable=False),
    CheckConstraint(f"kind in ({_CALL_KIND_LIST})", name="kind_known"),
    CheckConstraint("ended_at is null or kind is not null", name="kind_by_the_end"),
    CheckConstraint("ended_at >= begun_at", name="in_order"),
    sealed_whole(),
    Index("ix_call_number_index", "number_index", postgresql_where=text("number_index is not null")),
    Index("ix_call_taken_by_begun_at", "taken_by", "begun_at"),
    Index("ix_call_begun_at", "begun_at"),
    schema="dispatch",
    comment="来电: a call at the hotline. The caller is sealed; confidential: opened only to who took it and the shift leader.",
)

call_report = Table(
    "call_report",
    metadata,
    Column("report_id", BigInteger, ForeignKey("dispatch.report.id"), primary_key=True, autoincrement=False),
    Column("call_id", BigInteger, ForeignKey("dispatch.call.id"), nullable=False, index=True),
    Column("case_id", BigInteger, ForeignKey("dispatch.cases.id"), nullable=False, index=True),
    instant("recorded_at", server_default=NOW),
    schema="dispatch",
    info=APPEND_ONLY,
    comment="What a call reported: a report belongs to one call at most; one call may bring several.",
)

handover = Table(
    "handover",
    metadata,
    key(),
    Column("call_id", BigInteger, ForeignKey("dispatch.call.id"), nullable=False, index=True),
    Column("service", Text, nullable=False),
    Column("words", Text, nullable=False),
    Column("account_id", BigInteger, ForeignKey("gis.account.id"), nullable=False),
    instant("recorded_at", server_default=NOW),
    CheckConstraint("service in ('110', '119', '120', '122', 'other')", name="service_known"),
    CheckConstraint("words <> ''", name="words_given"),
    schema="dispatch",
    info=APPEND_ONLY,
    comment="转接: a caller was handed over to police, fire, ambulance, traffic police or others: when, by whom, with which words.",
)

caller_reading = Table(
    "caller_reading",
    metadata,
    key(),
    Column("reader_id", BigInteger, ForeignKey("gis.account.id"), nullable=False),
    Column("what", Text, nullable=False),
    Column("call_id", BigInteger, ForeignKey("dispatch.call.id"), index=True),
    Column("number_index", LargeBinary),
    Column("purpose", Text, nullable=False),
    Column("found", Integer, nullable=False),
    instant("recorded_at", server_default=NOW),
    Column("trace_id", Text, nullable=False),
    CheckConstraint("what in ('history', 'caller', 'call_back')", name="what_known"),
    CheckConstraint("purpose <> ''", name="purpose_given"),
    Index("ix_caller_reading_recorded_at", "recorded_at"),
    schema="dispatch",
    info=APPEND_ONLY,
    comment="Who looked up the calls of a number, or opened a caller's name and number, and for what.",
)

article = Table(
    "article",
    metadata,
    key(),
    instant("recorded_at", server_default=NOW),
    instant("withdrawn_at", nullable=True),
    Column("withdrawn_by", BigInteger, ForeignKey("gis.account.id")),
    CheckConstraint("(withdrawn_at is null) = (withdrawn_by is null)", name="withdrawn_by_somebody"),
    schema="dispatch",
    comment="知识库: one subject that callers are answered on; its words are editions.",
)

article_edition = Table(
    "article_edition",
    metadata,
    key(),
    Column("article_id", BigInteger, ForeignKey("dispatch.article.id"), nullable=False, index=True),
    Column("title", Text, nullable=False),
    Column("title_en", Text, nullable=False, server_default=""),
    Column("body", Text, nullable=False),
    Column("body_en", Text, nullable=False, server_default=""),
    Column("keywords", Text, nullable=False, server_default=""),
    Column("origin", Text, nullable=False, server_default=""),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date),
    Column("written_by", BigInteger, ForeignKey("gis.account.id"), nullable=False),
    instant("recorded_at", server_default=NOW),
    Column("decided_by", BigInteger, ForeignKey("gis.account.id")),
    instant("decided_at", nullable=True),
    Column("approved", Boolean),
    Column("decision_note", Text, nullable=False, server_default=""),
    CheckConstraint("title <> '' and body <> ''", name="words_given"),
    CheckConstraint("valid_to > valid_from", name="in_order"),
    CheckConstraint("num_nulls(decided_by, decided_at, approved) in (0, 3)", name="decided_whole"),
    CheckConstraint("decided_by <> written_by", name="decided_by_another"),
    schema="dispatch",
    comment="An article as somebody wrote it and somebody else approved it, in force from a day on.",
)

call_answer = Table(
    "call_answer",
    metadata,
    key(),
    Column("call_id", BigInteger, ForeignKey("dispatch.call.id"), nullable=False, index=True),
    Column("edition_id", BigInteger, ForeignKey("dispatch.article_edition.id"), nullable=False, index=True),
    Column("account_id", BigInteger, ForeignKey("gis.account.id"), nullable=False),
    instant("recorded_at", server_default=NOW),
    schema="dispatch",
    info=APPEND_ONLY,
    comment="From which edition of which article a caller was answered.",
)
