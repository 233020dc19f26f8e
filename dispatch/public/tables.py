"""Tables of what the public sends and sees: services, keys of other programs, submissions, what is withheld, use of the doors."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from dispatch.tables import case_event
from gis.db import metadata
from gis.tables import APPEND_ONLY, NOW, instant, key

public_service = Table(
    "public_service",
    metadata,
    key(),
    Column("code", Text, nullable=False),
    Column("class_code", Text, ForeignKey("dispatch.case_class.code")),
    Column("kind", Text, nullable=False, server_default="realtime"),
    Column("name", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("description", Text, nullable=False, server_default=""),
    Column("description_en", Text, nullable=False, server_default=""),
    Column("keywords", Text, nullable=False, server_default=""),
    Column("keywords_en", Text, nullable=False, server_default=""),
    Column("group_name", Text, nullable=False, server_default=""),
    Column("group_name_en", Text, nullable=False, server_default=""),
    Column("icon", Text, nullable=False, server_default=""),
    Column("rounding_m", Double, nullable=False, server_default="0"),
    Column("attributes", JSONB, nullable=False, server_default=text("'[]'")),
    Column("ordinal", SmallInteger, nullable=False, server_default="0"),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date),
    UniqueConstraint("code", "valid_from"),
    CheckConstraint("kind in ('realtime', 'batch', 'blackbox')", name="kind_known"),
    CheckConstraint("rounding_m >= 0 and rounding_m <= 2000", name="rounding_plausible"),
    CheckConstraint("valid_to is null or valid_to > valid_from", name="in_order"),
    Index("ix_public_service_class_code", "class_code"),
    schema="dispatch",
    comment="公众服务: what the public may report and see, from a day on. blackbox: never shown; rounding_m: positions no finer.",
)

reporting_key = Table(
    "reporting_key",
    metadata,
    key(),
    Column("key_hash", LargeBinary, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("contact", Text, nullable=False, server_default=""),
    Column("source", Text, nullable=False),
    Column("per_minute", Integer, nullable=False),
    Column("account_id", BigInteger, ForeignKey("gis.account.id"), nullable=False),
    instant("created_at"),
    instant("revoked_at", nullable=True),
    CheckConstraint("source in ('citizen', 'other')", name="source_known"),
    CheckConstraint("per_minute > 0", name="per_minute_positive"),
    schema="dispatch",
    comment="Api keys of programs that report over Open311. Only the hash is kept. Times are real time.",
)

submission = Table(
    "submission",
    metadata,
    key(),
    Column("report_id", BigInteger, ForeignKey("dispatch.report.id"), nullable=False, unique=True),
    Column("case_id", BigInteger, ForeignKey("dispatch.cases.id"), nullable=False, index=True),
    Column("door", Text, nullable=False),
    Column("service_code", Text),
    Column("reporting_key_id", BigInteger, ForeignKey("dispatch.reporting_key.id")),
    Column("repeat_hash", LargeBinary, nullable=False, index=True),
    Column("fingerprint", LargeBinary, nullable=False),
    Column("nonce", LargeBinary, nullable=False),
    Column("code_hash", LargeBinary, nullable=False, unique=True),
    Column("share_words", Boolean, nullable=False, server_default=text("false")),
    instant("recorded_at", server_default=NOW),
    CheckConstraint("door in ('open311', 'page')", name="door_known"),
    schema="dispatch",
    info=APPEND_ONLY,
    comment="Reports through a public door. The code follows from the nonce and the instance's secret; only the code's hash is kept.",
)

withheld_case = Table(
    "withheld_case",
    metadata,
    Column("case_id", BigInteger, ForeignKey("dispatch.cases.id"), primary_key=True, autoincrement=False),
    Column("reason", Text, nullable=False),
    Column("account_id", BigInteger, ForeignKey("gis.account.id"), nullable=False),
    instant("recorded_at", server_default=NOW),
    schema="dispatch",
    comment="Cases that are shown to nobody outside, whatever their class.",
)

released_photo = Table(
    "released_photo",
    metadata,
    Column("evidence_id", BigInteger, ForeignKey("dispatch.evidence.id"), primary_key=True, autoincrement=False),
    Column("account_id", BigInteger, ForeignKey("gis.account.id"), nullable=False),
    instant("recorded_at", server_default=NOW),
    schema="dispatch",
    comment="Photos that somebody of the centre has looked at and lets the public see, as a small copy without what the camera wrote.",
)

door_use = Table(
    "door_use",
    metadata,
    key(),
    Column("door", Text, nullable=False),
    Column("sender", LargeBinary, nullable=False),
    instant("at"),
    Index("ix_door_use_door_at", "door", "at"),
    Index("ix_door_use_door_sender_at", "door", "sender", "at"),
    schema="dispatch",
    comment="Uses of the public doors, for their limits; senders as keyed hashes, gone after a day. Times are real time.",
)

Index("ix_case_event_recorded_at", case_event.c.recorded_at)
# What changed since when is asked by other programs and by readers of the feeds all day.
