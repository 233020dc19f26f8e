"""Tables of what handling costs (D5): contractors of a unit, and lines of cost on a case, in yuan."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Computed,
    ForeignKey,
    Index,
    Numeric,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from gis.db import metadata
from gis.tables import APPEND_ONLY, NOW, instant, key

KINDS = ("labour", "material", "machine", "contractor")
_KIND_LIST = ", ".join(f"'{kind}'" for kind in KINDS)

contractor = Table(
    "contractor",
    metadata,
    key(),
    Column("unit_id", BigInteger, ForeignKey("gis.unit.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("name_en", Text, nullable=False, server_default=""),
    Column("contact", Text, nullable=False, server_default=""),
    Column("active", Boolean, nullable=False, server_default=text("true")),
    UniqueConstraint("unit_id", "name"),
    schema="dispatch",
    comment="承包单位: who works for a unit, by contract.",
)

cost = Table(
    "cost",
    metadata,
    key(),
    Column("case_id", BigInteger, ForeignKey("dispatch.cases.id"), nullable=False, index=True),
    Column("unit_id", BigInteger, ForeignKey("gis.unit.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("quantity", Numeric(12, 3), nullable=False),
    Column("measure", Text, nullable=False, server_default=""),
    Column("unit_price", Numeric(12, 2), nullable=False),
    Column("amount", Numeric(14, 2), Computed("round(quantity * unit_price, 2)", persisted=True), nullable=False),
    Column("contractor_id", BigInteger, ForeignKey("dispatch.contractor.id")),
    Column("fallback", Boolean, nullable=False, server_default=text("false")),
    Column("takes_back_id", BigInteger, ForeignKey("dispatch.cost.id"), unique=True),
    Column("account_id", BigInteger, ForeignKey("gis.account.id"), nullable=False),
    instant("recorded_at", server_default=NOW),
    Column("trace_id", Text, nullable=False),
    CheckConstraint(f"kind in ({_KIND_LIST})", name="kind_known"),
    CheckConstraint("kind <> 'contractor' or contractor_id is not null", name="contractor_named"),
    CheckConstraint(
        "(quantity < 0) = (takes_back_id is not null) and quantity <> 0", name="below_nothing_only_to_take_back"
    ),
    CheckConstraint("unit_price >= 0", name="price_not_negative"),
    Index("ix_cost_unit_id_recorded_at", "unit_id", "recorded_at"),
    schema="dispatch",
    info=APPEND_ONLY,
    comment="处置费用: labour, material, machines, contractors, in yuan. fallback: spent by the fallback unit on what nobody owns (托底).",
)
