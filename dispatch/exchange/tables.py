"""Tables of the exchange with 12345: partners, tickets that came, tickets refused, messages that go out."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from dispatch.calls.tables import CALL_KINDS, sealed_caller, sealed_whole
from gis.db import metadata
from gis.tables import APPEND_ONLY, NOW, instant, key

MESSAGES = ("accepted", "refused", "progress", "reply", "closed", "call_back")

partner = Table(
    "partner",
    metadata,
    key(),
    Column("code", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("key_hash", LargeBinary, nullable=False, unique=True),
    Column("push_url", Text, nullable=False, server_default=""),
    Column("secret_index", LargeBinary, nullable=False),
    Column("secret_cipher", LargeBinary, nullable=False),
    Column("secret_algorithm", Text, nullable=False),
    Column("secret_key_version", Integer, nullable=False),
    Column("made_by", BigInteger, ForeignKey("gis.account.id"), nullable=False),
    instant("recorded_at", server_default=NOW),
    instant("ended_at", nullable=True),
    schema="dispatch",
    comment="Another hotline that tickets are exchanged with. Of its key only the hash is kept; the signing secret is sealed.",
)

ticket = Table(
    "ticket",
    metadata,
    key(),
    Column("partner_id", BigInteger, ForeignKey("dispatch.partner.id"), nullable=False),
    Column("number", Text, nullable=False),
    Column("fingerprint", LargeBinary, nullable=False),
    Column("kind", Text, nullable=False),
    Column("content", Text, nullable=False),
    *sealed_caller(),
    Column("report_id", BigInteger, ForeignKey("dispatch.report.id"), nullable=False, unique=True),
    Column("case_id", BigInteger, ForeignKey("dispatch.cases.id"), nullable=False, index=True),
    instant("limit_at", nullable=True),
    Column("call_back", Boolean, nullable=False, server_default=text("false")),
    instant("recorded_at", server_default=NOW),
    Column("trace_id", Text, nullable=False),
    UniqueConstraint("partner_id", "number"),
    CheckConstraint(f"kind in ({', '.join(repr(kind) for kind in CALL_KINDS)})", name="kind_known"),
    sealed_whole(),
    Index("ix_ticket_number_index", "number_index", postgresql_where=text("number_index is not null")),
    schema="dispatch",
    info=APPEND_ONLY,
    comment="工单: a ticket of the other hotline and the case that follows it. limit_at is theirs, ours stands on the case.",
)

ticket_refusal = Table(
    "ticket_refusal",
    metadata,
    key(),
    Column("partner_id", BigInteger, ForeignKey("dispatch.partner.id"), nullable=False, index=True),
    Column("number", Text, nullable=False),
    Column("payload_index", LargeBinary, nullable=False),
    Column("payload_cipher", LargeBinary, nullable=False),
    Column("payload_algorithm", Text, nullable=False),
    Column("payload_key_version", Integer, nullable=False),
    Column("problem", JSONB, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="1"),
    instant("recorded_at", server_default=NOW),
    instant("settled_at", nullable=True),
    Column("ticket_id", BigInteger, ForeignKey("dispatch.ticket.id")),
    Index(
        "uq_ticket_refusal_open",
        "partner_id",
        "number",
        "payload_index",
        unique=True,
        postgresql_where=text("settled_at is null"),
    ),
    schema="dispatch",
    comment="Tickets that could not be used, sealed as they came, with the reason; replayed once the reason is mended.",
)

ticket_message = Table(
    "ticket_message",
    metadata,
    key(),
    Column("partner_id", BigInteger, ForeignKey("dispatch.partner.id"), nullable=False),
    Column("ticket_number", Text, nullable=False),
    Column("ticket_id", BigInteger, ForeignKey("dispatch.ticket.id"), index=True),
    Column("kind", Text, nullable=False),
    Column("body", JSONB, nullable=False),
    Column("cause", Text, nullable=False),
    instant("occurred_at"),
    instant("recorded_at", server_default=NOW),
    instant("sent_at", nullable=True),
    instant("acknowledged_at", nullable=True),
    Column("trace_id", Text, nullable=False),
    UniqueConstraint("partner_id", "ticket_number", "kind", "cause"),
    CheckConstraint(f"kind in ({', '.join(repr(kind) for kind in MESSAGES)})", name="kind_known"),
    Index("ix_ticket_message_open", "partner_id", "id", postgresql_where=text("acknowledged_at is null")),
    schema="dispatch",
    comment="What the other hotline is told, in order of ids; polled, or pushed and signed; open until acknowledged.",
)
