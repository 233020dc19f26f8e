"""Tables of the catalogue. A data set is known by the source that its assets, areas or timetable name."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Integer, Table, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from gis.db import metadata
from gis.tables import APPEND_ONLY, NOW, instant, key

data_set = Table(
    "data_set",
    metadata,
    Column("source", Text, primary_key=True),
    Column("name", Text, nullable=False, server_default=""),
    Column("name_en", Text, nullable=False, server_default=""),
    Column("classification", Text, nullable=False, server_default="internal"),
    Column("owner_unit_id", BigInteger, ForeignKey("gis.unit.id")),
    Column("contact", Text, nullable=False, server_default=""),
    Column("rhythm", Text, nullable=False, server_default="none"),
    Column("visible_to", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    Column("note", Text, nullable=False, server_default=""),
    Column("version", Integer, nullable=False, server_default="1"),
    instant("recorded_at", server_default=NOW),
    CheckConstraint("classification in ('public', 'internal')", name="no_secrets"),
    CheckConstraint("rhythm in ('none', 'daily', 'weekly', 'monthly', 'quarterly', 'yearly')", name="rhythm_known"),
    schema="gis",
    comment="数据目录: a data set, whose it is, how often it is refreshed, which posts see it (none named: all who see assets).",
)

data_set_history = Table(
    "data_set_history",
    metadata,
    key(),
    Column("source", Text, nullable=False, index=True),
    Column("version", Integer, nullable=False),
    Column("before", JSONB),
    Column("after", JSONB, nullable=False),
    Column("account_id", BigInteger),
    instant("recorded_at", server_default=NOW),
    schema="gis",
    info=APPEND_ONLY,
)

export_log = Table(
    "export_log",
    metadata,
    key(),
    Column("account_id", BigInteger, nullable=False, index=True),
    Column("selection", JSONB, nullable=False),
    Column("format", Text, nullable=False),
    Column("system", Text, nullable=False),
    Column("counts", JSONB, nullable=False),
    Column("sha256", Text, nullable=False),
    instant("recorded_at", server_default=NOW),
    schema="gis",
    info=APPEND_ONLY,
    comment="Who took which assets out of the system, and the fingerprint of the file.",
)
