"""Tables of the ladder: its rungs, and when each is due on a clock."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    Double,
    ForeignKey,
    Index,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from gis.db import metadata
from gis.tables import NOW, instant, key

escalation_rung = Table(
    "escalation_rung",
    metadata,
    key(),
    Column("name", Text, nullable=False),
    Column("name_en", Text, nullable=False, server_default=""),
    Column("stage", Text),
    Column("class_prefix", Text, nullable=False, server_default=""),
    Column("basis", Text, nullable=False),
    Column("amount", Double, nullable=False),
    Column("limit_kind", Text),
    Column("whom", Text, nullable=False),
    Column("post", Text),
    Column("level", Text),
    Column("valid_from", Date, nullable=False, server_default=text("'2000-01-01'")),
    Column("valid_to", Date),
    Column("account_id", BigInteger, ForeignKey("gis.account.id")),
    Column("ended_by", BigInteger, ForeignKey("gis.account.id")),
    instant("recorded_at", server_default=NOW),
    CheckConstraint("basis in ('share', 'after')", name="basis_known"),
    CheckConstraint("amount > 0 and (basis = 'after' or amount < 1)", name="amount_fits"),
    CheckConstraint(
        "(basis = 'after') = (limit_kind is not null) and limit_kind in ('urgent_hour', 'work_hour')",
        name="hours_after_due",
    ),
    CheckConstraint("whom in ('turn', 'unit', 'post')", name="whom_known"),
    CheckConstraint("(whom = 'post') = (post is not null)", name="post_where_told"),
    CheckConstraint(
        "level is null or (level in ('city', 'district', 'unit') and whom = 'post')", name="level_of_a_post"
    ),
    schema="dispatch",
    comment="升级: at a share of the limit, or some hours after it has run out, somebody is told: whose turn it is, the unit, or a post"
    " (at a level: city, district, unit). An empty stage and an empty class_prefix mean any.",
)

escalation = Table(
    "escalation",
    metadata,
    key(),
    Column("clock_id", BigInteger, ForeignKey("dispatch.clock.id"), nullable=False, index=True),
    Column("root_id", BigInteger, ForeignKey("dispatch.clock.id"), nullable=False),
    Column("rung_id", BigInteger, ForeignKey("dispatch.escalation_rung.id"), nullable=False),
    instant("fires_at"),
    instant("fired_at", nullable=True),
    instant("lapsed_at", nullable=True),
    UniqueConstraint("root_id", "rung_id"),
    CheckConstraint("fired_at is null or lapsed_at is null", name="one_end"),
    Index("ix_escalation_fires_at", "fires_at", postgresql_where=text("fired_at is null and lapsed_at is null")),
    schema="dispatch",
    comment="A rung on a clock: once for a clock with all its pauses and extensions (root_id is its first row). lapsed_at: the clock"
    " stood still or had ended when the rung's moment came.",
)
