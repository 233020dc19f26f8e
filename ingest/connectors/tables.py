"""Tables of the connectors: what is read on which schedule, and what came of each attempt."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from gis.db import metadata
from gis.tables import APPEND_ONLY, NOW, instant, key

connector = Table(
    "connector",
    metadata,
    Column("code", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("name_en", Text, nullable=False, server_default=""),
    Column("reads", Text, nullable=False),
    Column("settings", JSONB, nullable=False),
    Column("import_kind", Text, nullable=False, server_default="layer"),
    Column("mapping", Text, nullable=False, server_default=""),
    Column("every_s", Integer, nullable=False),
    Column("hold_share", Double, nullable=False, server_default=text("0.2")),
    Column("active", Boolean, nullable=False, server_default=text("true")),
    instant("next_at", server_default=NOW),
    instant("recorded_at", server_default=NOW),
    CheckConstraint("reads in ('api', 'view', 'folder', 'topic')", name="reader_known"),
    CheckConstraint("every_s >= 10", name="not_too_often"),
    CheckConstraint("hold_share between 0 and 1", name="hold_is_share"),
    schema="ingest",
    comment="接入系统: another system that is read on a schedule. settings name its secret, never hold it.",
)

fetch = Table(
    "fetch",
    metadata,
    key(),
    Column("connector_code", Text, ForeignKey("ingest.connector.code"), nullable=False),
    Column("outcome", Text, nullable=False),
    instant("started_at"),
    instant("recorded_at", server_default=NOW),
    instant("data_at", nullable=True),
    Column("sha256", Text),
    Column("bytes", BigInteger),
    Column("run_id", BigInteger, ForeignKey("gis.import_run.id")),
    Column("problem", JSONB),
    CheckConstraint("outcome in ('applied', 'unchanged', 'held', 'failed')", name="outcome_known"),
    Index("ix_fetch_connector_code_id", "connector_code", "id"),
    schema="ingest",
    info=APPEND_ONLY,
    comment="Each attempt to read a connected system: data_at is the time of its newest data, where it says so.",
)
