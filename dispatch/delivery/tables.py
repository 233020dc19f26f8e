"""Tables of delivery: who has read what, channels, choices, templates, and the outbox."""

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
    Time,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from dispatch.delivery.kinds import CHANNELS, MODES, OWN
from gis.db import metadata
from gis.tables import APPEND_ONLY, NOW, instant, key


def _one_of(column: str, names: tuple[str, ...]) -> CheckConstraint:
    listed = ", ".join(f"'{name}'" for name in names)
    return CheckConstraint(f"{column} in ({listed})", name=f"{column}_known")


def _sealed() -> tuple[Column[object], ...]:
    """Columns of a text that is sealed (gis/vault.py)."""
    return (
        Column("sealed_index", LargeBinary, nullable=False),
        Column("sealed_cipher", LargeBinary, nullable=False),
        Column("sealed_algorithm", Text, nullable=False),
        Column("sealed_key_version", Integer, nullable=False),
    )


notice_reading = Table(
    "notice_reading",
    metadata,
    Column("notice_id", BigInteger, ForeignKey("dispatch.notice.id"), primary_key=True, autoincrement=False),
    Column("account_id", BigInteger, ForeignKey("gis.account.id"), primary_key=True, autoincrement=False),
    instant("recorded_at", server_default=NOW),
    schema="dispatch",
    info=APPEND_ONLY,
    comment="Who has read which notice; a notice to a unit or a post is read by each of its people for themselves.",
)

notice_read_through = Table(
    "notice_read_through",
    metadata,
    Column("account_id", BigInteger, ForeignKey("gis.account.id"), primary_key=True, autoincrement=False),
    Column("notice_id", BigInteger, nullable=False),
    schema="dispatch",
    comment="Up to which notice somebody has marked all as read.",
)

channel = Table(
    "channel",
    metadata,
    key(),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("shown", Text, nullable=False),
    *_sealed(),
    Column("locale", Text, nullable=False, server_default="zh"),
    Column("unit_id", BigInteger, ForeignKey("gis.unit.id")),
    Column("post", Text),
    Column("kinds", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    Column("per_minute", Integer, nullable=False),
    Column("made_by", BigInteger, ForeignKey("gis.account.id"), nullable=False),
    instant("recorded_at", server_default=NOW),
    instant("ended_at", nullable=True),
    Column("failures", Integer, nullable=False, server_default=text("0")),
    instant("next_at", server_default=text("clock_timestamp()")),
    Column("last_error", JSONB),
    instant("last_sent_at", nullable=True),
    _one_of("kind", CHANNELS),
    _one_of("locale", ("zh", "en")),
    CheckConstraint("per_minute between 1 and 6000", name="per_minute_fits"),
    CheckConstraint("kind not in ('mail', 'sms') or (unit_id is null and post is null)", name="own_address_of_each"),
    CheckConstraint("num_nonnulls(unit_id, post) <= 1", name="one_audience"),
    Index(
        "uq_channel_open", "kind", unique=True, postgresql_where=text("kind in ('mail', 'sms') and ended_at is null")
    ),
    schema="dispatch",
    comment="渠道: a way out for notices. sealed: address and secrets as JSON; shown: what of the address is no secret. Mail and SMS go to"
    " each person's own address; the others to whoever reads there: of one unit, of one post, or all, of these kinds (empty: all)."
    " next_at (real time): not before; failures count in a row.",
)

notice_address = Table(
    "notice_address",
    metadata,
    Column("account_id", BigInteger, ForeignKey("gis.account.id"), primary_key=True, autoincrement=False),
    Column("channel_kind", Text, primary_key=True),
    *_sealed(),
    instant("recorded_at", server_default=NOW),
    _one_of("channel_kind", OWN),
    schema="dispatch",
    comment="Where somebody wants mail and SMS; sealed.",
)

notice_hours = Table(
    "notice_hours",
    metadata,
    Column("account_id", BigInteger, ForeignKey("gis.account.id"), primary_key=True, autoincrement=False),
    Column("quiet_from", Time),
    Column("quiet_until", Time),
    Column("daily_at", Time, nullable=False, server_default=text("'08:00'")),
    CheckConstraint("num_nulls(quiet_from, quiet_until) in (0, 2) and quiet_from <> quiet_until", name="quiet_whole"),
    schema="dispatch",
    comment="免打扰时段: somebody's quiet hours and the hour of the daily digest, in the city's time.",
)

notice_choice = Table(
    "notice_choice",
    metadata,
    Column("account_id", BigInteger, ForeignKey("gis.account.id"), primary_key=True, autoincrement=False),
    Column("kind", Text, primary_key=True),
    Column("channel_kind", Text, primary_key=True),
    Column("mode", Text, nullable=False),
    _one_of("channel_kind", OWN),
    _one_of("mode", MODES),
    schema="dispatch",
    comment="What somebody wants otherwise than the default of their posts.",
)

notice_default = Table(
    "notice_default",
    metadata,
    Column("post", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("channel_kind", Text, primary_key=True),
    Column("mode", Text, nullable=False),
    _one_of("channel_kind", OWN),
    _one_of("mode", MODES),
    schema="dispatch",
    comment="What holders of a post get unless they choose otherwise; nothing beyond the pages where there is no row.",
)

notice_urgency = Table(
    "notice_urgency",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("urgent", Boolean, nullable=False),
    schema="dispatch",
    comment="Kinds that break quiet hours and digests, where the city says otherwise than dispatch/delivery/kinds.py.",
)

notice_template = Table(
    "notice_template",
    metadata,
    key(),
    Column("kind", Text, nullable=False),
    Column("locale", Text, nullable=False),
    Column("words", Text, nullable=False),
    Column("account_id", BigInteger, ForeignKey("gis.account.id"), nullable=False),
    instant("recorded_at", server_default=NOW),
    _one_of("locale", ("zh", "en")),
    Index("ix_notice_template_kind_locale_id", "kind", "locale", "id"),
    schema="dispatch",
    info=APPEND_ONLY,
    comment="The city's own sentences; the newest of a kind and language holds, an empty one means the sentence of the system.",
)

delivery = Table(
    "delivery",
    metadata,
    key(),
    Column("notice_id", BigInteger, ForeignKey("dispatch.notice.id"), nullable=False),
    Column("channel_id", BigInteger, ForeignKey("dispatch.channel.id"), nullable=False),
    Column("account_id", BigInteger, ForeignKey("gis.account.id")),
    Column("grouped", Boolean, nullable=False, server_default=text("false")),
    instant("due_at"),
    Column("state", Text, nullable=False, server_default="pending"),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    instant("next_at", server_default=text("clock_timestamp()")),
    Column("message_id", Text),
    Column("error", JSONB),
    Column("fell_back", Boolean, nullable=False, server_default=text("false")),
    instant("sent_at", nullable=True),
    instant("recorded_at", server_default=NOW),
    UniqueConstraint("notice_id", "channel_id", "account_id", postgresql_nulls_not_distinct=True),
    _one_of("state", ("pending", "sent", "failed", "dead", "dropped")),
    CheckConstraint("(state = 'sent') = (sent_at is not null)", name="sent_when_sent"),
    Index("ix_delivery_open", "channel_id", "due_at", "id", postgresql_where=text("state in ('pending', 'failed')")),
    Index("ix_delivery_message_id", "message_id", postgresql_where=text("message_id is not null")),
    Index("ix_delivery_dead", "id", postgresql_where=text("state = 'dead'")),
    schema="dispatch",
    comment="投递: one notice for one person (or for all who read a channel) on one channel, at most once. due_at: not before, in the"
    " city's time (quiet hours, digest); next_at: not before, in real time (after a failure). message_id: what was, or will be, sent"
    " together under one id. dropped: nobody to send it to any more, with the reason in error. fell_back: the city's template could not"
    " be used.",
)
