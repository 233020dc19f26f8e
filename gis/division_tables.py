"""The official list of administrative divisions, which has codes and names and no borders."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Table, Text

from gis.db import metadata

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
