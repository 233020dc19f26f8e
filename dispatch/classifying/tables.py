"""What was suggested for a report, and what people chose."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, ForeignKey, SmallInteger, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB

from gis.db import metadata
from gis.tables import APPEND_ONLY, NOW, instant

suggestion = Table(
    "suggestion",
    metadata,
    Column("report_id", BigInteger, ForeignKey("dispatch.report.id"), primary_key=True, autoincrement=False),
    Column("shown", JSONB, nullable=False),
    Column("class_code", Text),
    Column("condition_id", BigInteger),
    Column("rank", SmallInteger),
    Column("alone", Boolean, nullable=False, server_default=text("false")),
    instant("recorded_at", server_default=NOW),
    CheckConstraint("rank > 0", name="rank_positive"),
    schema="dispatch",
    info=APPEND_ONLY,
    comment="分类建议: classes shown for a report and the one chosen; rank: its place among them, null where another was chosen. "
    "alone: no person chose, the classifier did.",
)
