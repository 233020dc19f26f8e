"""Tables of the inspectors' work: shifts with attendance, tracks, special surveys, bulletins (D2, D6, D9)."""

from __future__ import annotations

from geoalchemy2 import Geometry
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, ExcludeConstraint

from gis.db import metadata
from gis.tables import APPEND_ONLY, NOW, instant, key

shift = Table(
    "shift",
    metadata,
    key(),
    Column("account_id", BigInteger, ForeignKey("gis.account.id"), nullable=False),
    instant("starts_at"),
    instant("ends_at"),
    instant("checked_in_at", nullable=True),
    instant("checked_out_at", nullable=True),
    Column("check_in_geom", Geometry("POINT", srid=4326, spatial_index=False)),
    Column("check_out_geom", Geometry("POINT", srid=4326, spatial_index=False)),
    Column("note", Text, nullable=False, server_default=""),
    Column("planned_by", BigInteger, ForeignKey("gis.account.id")),
    instant("recorded_at", server_default=NOW),
    CheckConstraint("ends_at > starts_at and ends_at <= starts_at + interval '24 hours'", name="at_most_a_day"),
    CheckConstraint("checked_out_at >= checked_in_at", name="in_order"),
    CheckConstraint("checked_in_at is not null or checked_out_at is null", name="in_before_out"),
    ExcludeConstraint(
        ("account_id", "="),
        (func.tstzrange(text("starts_at"), text("ends_at")), "&&"),
        name="ex_shift_one_at_a_time",
        using="gist",
    ),
    Index("ix_shift_starts_at", "starts_at"),
    Index(
        "uq_shift_on_duty",
        "account_id",
        unique=True,
        postgresql_where=text("checked_in_at is not null and checked_out_at is null"),
    ),
    schema="dispatch",
    comment="班次: when an inspector is to work, and when they came and went (考勤). At most one at a time.",
)

track_point = Table(
    "track_point",
    metadata,
    key(),
    Column("shift_id", BigInteger, ForeignKey("dispatch.shift.id"), nullable=False),
    Column("account_id", BigInteger, ForeignKey("gis.account.id"), nullable=False),
    Column("geom", Geometry("POINT", srid=4326, spatial_index=False), nullable=False),
    Column("accuracy_m", Double),
    Column("unit_grid_id", BigInteger, ForeignKey("gis.unit_grid.id")),
    instant("occurred_at"),
    instant("recorded_at", server_default=NOW),
    UniqueConstraint("account_id", "occurred_at"),
    Index("ix_track_point_unit_grid_id", "unit_grid_id", "occurred_at"),
    Index("ix_track_point_shift_id", "shift_id"),
    schema="dispatch",
    info=APPEND_ONLY,
    comment="轨迹: where an inspector was, only while on shift. Every reading of somebody's track is written down.",
)

track_reading = Table(
    "track_reading",
    metadata,
    key(),
    Column("reader_id", BigInteger, ForeignKey("gis.account.id"), nullable=False),
    Column("account_id", BigInteger, ForeignKey("gis.account.id"), nullable=False, index=True),
    Column("purpose", Text, nullable=False),
    instant("since"),
    instant("until"),
    Column("points", Integer, nullable=False),
    instant("recorded_at", server_default=NOW),
    Column("trace_id", Text, nullable=False),
    CheckConstraint("purpose <> ''", name="purpose_given"),
    schema="dispatch",
    info=APPEND_ONLY,
    comment="Who looked at whose track, of which time, for what.",
)

survey = Table(
    "survey",
    metadata,
    key(),
    Column("title", Text, nullable=False),
    Column("title_en", Text, nullable=False, server_default=""),
    Column("instructions", Text, nullable=False, server_default=""),
    Column("class_codes", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    Column("area_code", Text, nullable=False),
    instant("starts_at"),
    instant("ends_at"),
    instant("closed_at", nullable=True),
    Column("made_by", BigInteger, ForeignKey("gis.account.id"), nullable=False),
    instant("recorded_at", server_default=NOW),
    CheckConstraint("ends_at > starts_at", name="in_order"),
    schema="dispatch",
    comment="专项普查: all inspectors of an area look for certain things, grid by grid.",
)

survey_visit = Table(
    "survey_visit",
    metadata,
    Column("survey_id", BigInteger, ForeignKey("dispatch.survey.id"), primary_key=True),
    Column("unit_grid_id", BigInteger, ForeignKey("gis.unit_grid.id"), primary_key=True),
    Column("account_id", BigInteger, ForeignKey("gis.account.id"), nullable=False),
    Column("found", Integer, nullable=False),
    Column("note", Text, nullable=False, server_default=""),
    instant("occurred_at"),
    CheckConstraint("found >= 0", name="found_not_negative"),
    schema="dispatch",
    comment="That a unit grid was gone through for a survey, and how many things were found.",
)

bulletin = Table(
    "bulletin",
    metadata,
    key(),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("posts", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    Column("made_by", BigInteger, ForeignKey("gis.account.id"), nullable=False),
    instant("recorded_at", server_default=NOW),
    instant("withdrawn_at", nullable=True),
    schema="dispatch",
    comment="通知公告: to everybody, or to some posts; who has read it is seen.",
)

bulletin_reading = Table(
    "bulletin_reading",
    metadata,
    Column("bulletin_id", BigInteger, ForeignKey("dispatch.bulletin.id"), primary_key=True),
    Column("account_id", BigInteger, ForeignKey("gis.account.id"), primary_key=True),
    instant("recorded_at", server_default=NOW),
    schema="dispatch",
    info=APPEND_ONLY,
    comment="Who has read a bulletin, and when.",
)
