"""The official list of administrative divisions, which has codes and names and no borders."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from gis.db import metadata
from gis.tables import APPEND_ONLY, NOW, instant, key

division = Table(
    "division",
    metadata,
    Column("code", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("import_run_id", BigInteger, ForeignKey("gis.import_run.id"), nullable=False),
    Index("ix_division_name", "name"),
    schema="gis",
    comment="行政区划代码: 2, 4, 6, 9 or 12 digits, province to community; a code begins with the one above it.",
)

division_history = Table(
    "division_history",
    metadata,
    key(),
    Column("code", Text, nullable=False, index=True),
    Column("change", Text, nullable=False),
    Column("before", JSONB),
    Column("after", JSONB),
    Column("why", Text, nullable=False, server_default=""),
    Column("import_run_id", BigInteger, index=True),
    instant("recorded_at", server_default=NOW),
    schema="gis",
    info=APPEND_ONLY,
)
