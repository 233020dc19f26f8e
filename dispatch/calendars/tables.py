"""Tables of the working calendar. A change is a new edition; what an edition said stays readable, so no clock's past moves."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, Date, ForeignKey, Index, SmallInteger, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from gis.db import metadata
from gis.tables import APPEND_ONLY, NOW, instant, key

LAYER_KNOWN = "layer in ('city', 'published')"

calendar_edition = Table(
    "calendar_edition",
    metadata,
    key(),
    Column("source", Text, nullable=False),
    Column("account_id", BigInteger, ForeignKey("gis.account.id")),
    Column("note", Text, nullable=False, server_default=""),
    instant("recorded_at", server_default=NOW),
    schema="dispatch",
    info=APPEND_ONLY,
    comment="One change of the working calendar: who, when, from where. The newest holds for clocks that start now.",
)

calendar_day = Table(
    "calendar_day",
    metadata,
    Column("edition_id", BigInteger, ForeignKey("dispatch.calendar_edition.id"), primary_key=True, autoincrement=False),
    Column("layer", Text, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("working", Boolean),
    Column("name", Text, nullable=False, server_default=""),
    Column("name_en", Text, nullable=False, server_default=""),
    instant("recorded_at", server_default=NOW),
    CheckConstraint(LAYER_KNOWN, name="layer_known"),
    Index("ix_calendar_day_day", "layer", "day", "edition_id"),
    schema="dispatch",
    info=APPEND_ONLY,
    comment="Days that differ from Monday to Friday. The layer of the city goes before what was published; of one layer the row of"
    " the latest edition holds. working is null where an edition took the day out.",
)

calendar_year = Table(
    "calendar_year",
    metadata,
    Column("edition_id", BigInteger, ForeignKey("dispatch.calendar_edition.id"), primary_key=True, autoincrement=False),
    Column("layer", Text, primary_key=True),
    Column("year", SmallInteger, primary_key=True),
    Column("known", Boolean, nullable=False),
    instant("recorded_at", server_default=NOW),
    CheckConstraint(LAYER_KNOWN, name="layer_known"),
    schema="dispatch",
    info=APPEND_ONLY,
    comment="Years whose holidays are complete, by the city's own table or as published. Limits beyond them are provisional.",
)

working_hours = Table(
    "working_hours",
    metadata,
    key(),
    Column("edition_id", BigInteger, ForeignKey("dispatch.calendar_edition.id"), nullable=False),
    Column("ended_edition_id", BigInteger, ForeignKey("dispatch.calendar_edition.id")),
    Column("name", Text, nullable=False, server_default=""),
    Column("name_en", Text, nullable=False, server_default=""),
    Column("begins", Date, nullable=False),
    Column("yearly", Boolean, nullable=False),
    Column("ends", Date),
    Column("shifts", JSONB, nullable=False),
    CheckConstraint("ends > begins", name="ends_after_it_begins"),
    CheckConstraint("ended_edition_id > edition_id", name="in_order"),
    schema="dispatch",
    comment="Working hours of a season: from `begins` on, each year where `yearly`, no longer from `ends` on. Of several the one that"
    " began last holds. Rows are in the editions from edition_id up to before ended_edition_id.",
)
