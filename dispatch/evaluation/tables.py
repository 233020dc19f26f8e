"""Tables of the evaluation: facts kept per case, cases whose facts are to be made again, formulas."""

from __future__ import annotations

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
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

SEEN = ["id", "area_code", "centre_id", "unit_id", "class_code", "source"]
"""What filters and the reader's reach look at: with it in the index, a dashboard reads the index alone."""

case_fact = Table(
    "case_fact",
    metadata,
    Column(
        "id", BigInteger, ForeignKey("dispatch.cases.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    ),
    Column("version", Integer, nullable=False),
    instant("occurred_at"),
    instant("closed_at", nullable=True),
    Column("state", Text, nullable=False),
    Column("area_code", Text),
    Column("grid_code", Text),
    Column("class_code", Text),
    Column("source", Text, nullable=False),
    Column("unit_id", BigInteger),
    Column("centre_id", BigInteger),
    Column("reporter_id", BigInteger),
    Column("verifier_id", BigInteger),
    Column("checker_id", BigInteger),
    Column("accepter_id", BigInteger),
    Column("verification_sender_id", BigInteger),
    Column("check_sender_id", BigInteger),
    Column("filer_id", BigInteger),
    Column("closer_id", BigInteger),
    Column("dispatcher_id", BigInteger),
    Column("handled_by_id", BigInteger),
    Column("missed_by_id", BigInteger),
    Column("hours_to_close", Double),
    Column("marks", BigInteger, nullable=False),
    Column("unit_marks", BigInteger, nullable=False),
    Column("other_units", ARRAY(BigInteger)),
    instant("holds_from", nullable=True),
    instant("holds_until", nullable=True),
    Index(
        "ix_case_fact_occurred_at", "occurred_at", postgresql_include=[*SEEN, "marks", "unit_marks", "hours_to_close"]
    ),
    Index("ix_case_fact_closed_at", "closed_at", postgresql_include=SEEN, postgresql_where=text("state = 'closed'")),
    Index("ix_case_fact_unit_id_occurred_at", "unit_id", "occurred_at"),
    Index("ix_case_fact_area_code_occurred_at", "area_code", "occurred_at"),
    Index("ix_case_fact_holds_until", "holds_until", postgresql_where=text("holds_until is not null")),
    Index("ix_case_fact_holds_from", "holds_from", postgresql_where=text("holds_from is not null")),
    schema="dispatch",
    comment="What the evaluation counts of each case, computed from its history (dispatch/evaluation/facts.sql) and true from"
    " holds_from until holds_until. marks: a bit for each named count; unit_marks: the same by the clocks of its own unit;"
    " other_units: units that let the limit pass before it went elsewhere.",
)

figure_change = Table(
    "figure_change",
    metadata,
    key(),
    Column("case_id", BigInteger, nullable=False),
    schema="dispatch",
    comment="Cases with a new row of history, whose facts are to be made again; written by a trigger.",
)

formula = Table(
    "formula",
    metadata,
    key(),
    Column("kind", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("definition", JSONB, nullable=False),
    Column("active", Boolean, nullable=False, server_default=text("true")),
    Column("valid_from", Date, nullable=False),
    Column("reason", Text, nullable=False),
    Column("account_id", BigInteger, ForeignKey("gis.account.id"), nullable=False),
    instant("recorded_at", server_default=NOW),
    CheckConstraint("kind in ('indicator', 'score')", name="kind_known"),
    Index("ix_formula_kind_code", "kind", "code"),
    schema="dispatch",
    info=APPEND_ONLY,
    comment="Indicators and composite scores as the city has changed them since config/indicators.toml: the latest in force on a day,"
    " as it was known at a moment, counts.",
)
