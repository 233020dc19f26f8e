"""Tables of the PostGIS core. Geometry is WGS 84 longitude and latitude (EPSG:4326); metres come from geography or the work system."""

from __future__ import annotations

from geoalchemy2 import Geometry
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Double,
    ForeignKey,
    Identity,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from gis.db import metadata

APPEND_ONLY = {"append_only": True}
"""Mark of tables whose rows the application may add but neither change nor remove (rule 4)."""

READ_ONLY = {"read_only": True}
"""Mark of tables that only a migration fills."""

NOW = text("gis.now()")


def key() -> Column[int]:
    """A generated 64-bit primary key."""
    return Column("id", BigInteger, Identity(always=False), primary_key=True)


def instant(name: str, nullable: bool = False, **options: object) -> Column[object]:
    """A moment, with zone; stored and read as UTC."""
    return Column(name, DateTime(timezone=True), nullable=nullable, **options)  # type: ignore[arg-type]


clock = Table(
    "clock",
    metadata,
    Column("single", Boolean, primary_key=True, server_default=text("true")),
    instant("real_at"),
    instant("virtual_at"),
    Column("rate", Double, nullable=False),
    instant("holds_at", nullable=True),
    CheckConstraint("single", name="single_row"),
    CheckConstraint("rate >= 0", name="rate_not_negative"),
    schema="gis",
    comment="The instance's virtual time; empty means real time. It does not go past holds_at. Read through gis.now().",
)

setting = Table(
    "setting",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", JSONB, nullable=False),
    instant("recorded_at", server_default=NOW),
    schema="gis",
    comment="Facts of this instance that data, not files, decide: work coordinate system, map extent, attributions.",
)

area = Table(
    "area",
    metadata,
    key(),
    Column("code", Text, nullable=False, unique=True),
    Column("level", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("name_en", Text, nullable=False, server_default=""),
    Column("parent_id", BigInteger, ForeignKey("gis.area.id")),
    Column("population", Integer),
    Column("geom", Geometry("MULTIPOLYGON", srid=4326, spatial_index=False), nullable=False),
    Column("source", Text, nullable=False, server_default=""),
    instant("recorded_at", server_default=NOW),
    Column("raw_position", JSONB),
    CheckConstraint("level in ('city', 'district', 'subdistrict', 'community')", name="level_known"),
    Index("ix_area_geom", "geom", postgresql_using="gist"),
    Index("ix_area_level_code", "level", "code"),
    schema="gis",
    comment="Administrative areas at four levels; a child's code begins with its parent's.",
)

unit_grid = Table(
    "unit_grid",
    metadata,
    key(),
    Column("code", Text, nullable=False, unique=True),
    Column("area_id", BigInteger, ForeignKey("gis.area.id"), nullable=False, index=True),
    Column("responsibility_grid_id", BigInteger, ForeignKey("gis.responsibility_grid.id"), index=True),
    Column("geom", Geometry("MULTIPOLYGON", srid=4326, spatial_index=False), nullable=False),
    instant("recorded_at", server_default=NOW),
    Index("ix_unit_grid_geom", "geom", postgresql_using="gist"),
    schema="gis",
    comment="单元网格: smallest cell of responsibility, never across a community.",
)

responsibility_grid = Table(
    "responsibility_grid",
    metadata,
    key(),
    Column("code", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("inspector_id", BigInteger, ForeignKey("gis.account.id"), index=True),
    schema="gis",
    comment="责任网格: unit grids that one inspector walks.",
)

centre = Table(
    "centre",
    metadata,
    key(),
    Column("code", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("name_en", Text, nullable=False, server_default=""),
    Column("axis", Text, nullable=False),
    Column("level", Text, nullable=False, server_default="city"),
    Column("area_id", BigInteger, ForeignKey("gis.area.id")),
    Column("parent_id", BigInteger, ForeignKey("gis.centre.id")),
    CheckConstraint("axis in ('command', 'supervision', 'combined')", name="axis_known"),
    CheckConstraint("level in ('city', 'district', 'unit')", name="level_known"),
    CheckConstraint("level <> 'district' or area_id is not null", name="below_the_city_has_an_area"),
    schema="gis",
    comment="Centres on two axes (C1): command, supervision; second-level centres are combined.",
)

post_axis = Table(
    "post_axis",
    metadata,
    Column("post", Text, primary_key=True),
    Column("axis", Text, nullable=False),
    CheckConstraint("axis in ('command', 'supervision')", name="axis_known"),
    schema="gis",
    comment="Which centre a post belongs to where its assignment names none (C1): data, the city may change it.",
)

unit = Table(
    "unit",
    metadata,
    key(),
    Column("code", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("name_en", Text, nullable=False, server_default=""),
    Column("parent_id", BigInteger, ForeignKey("gis.unit.id")),
    Column("centre_id", BigInteger, ForeignKey("gis.centre.id")),
    Column("fallback", Boolean, nullable=False, server_default=text("false")),
    Column("active", Boolean, nullable=False, server_default=text("true")),
    Index("uq_unit_fallback", "fallback", unique=True, postgresql_where=text("fallback")),
    schema="gis",
    comment="专业部门: who is responsible. One is the fallback desk, so that no case goes nowhere.",
)

account = Table(
    "account",
    metadata,
    key(),
    Column("username", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("name_en", Text, nullable=False, server_default=""),
    Column("password_hash", Text, nullable=False),
    Column("unit_id", BigInteger, ForeignKey("gis.unit.id"), index=True),
    Column("locale", Text, nullable=False, server_default="zh"),
    Column("active", Boolean, nullable=False, server_default=text("true")),
    instant("recorded_at", server_default=NOW),
    schema="gis",
)

post_assignment = Table(
    "post_assignment",
    metadata,
    key(),
    Column("account_id", BigInteger, ForeignKey("gis.account.id"), nullable=False, index=True),
    Column("post", Text, nullable=False),
    Column("centre_id", BigInteger, ForeignKey("gis.centre.id")),
    Column("area_id", BigInteger, ForeignKey("gis.area.id")),
    UniqueConstraint("account_id", "post", "centre_id", postgresql_nulls_not_distinct=True),
    schema="gis",
    comment="Which account acts in which post, in which centre and area. Which post belongs to which centre is data (C1).",
)

refusal = Table(
    "refusal",
    metadata,
    key(),
    Column("account_id", BigInteger, ForeignKey("gis.account.id"), nullable=False, index=True),
    Column("kind", Text, nullable=False),
    Column("method", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("facts", JSONB, nullable=False, server_default=text("'{}'")),
    instant("recorded_at", server_default=NOW),
    Column("trace_id", Text, nullable=False),
    schema="gis",
    info=APPEND_ONLY,
    comment="Who tried what they may not do: rights, and duties kept apart (C1).",
)

MAPPED_TOGETHER = {
    "road": "'road'",
    "building": "'building'",
    "ground": "'water', 'green'",
    "pipe": "'water_main', 'sewer'",
    "bus_line": "'bus_line', 'transit_line'",
    "landmark": "'lamp_cabinet', 'flow_meter', 'pressure_meter', 'water_plant', 'outfall', 'sewer_level_meter', 'traffic_signal',"
    " 'bus_stop', 'place', 'camera', 'bridge', 'metro_station', 'bus_station', 'car_park', 'service_point', 'public_facility'",
    "lamp": "'street_lamp'",
}
"""Kinds of assets that a layer of the map shows together from some zoom (gis/tiles/layers.py), each with an index of places of its own."""

asset = Table(
    "asset",
    metadata,
    key(),
    Column("kind", Text, nullable=False),
    Column("class_code", Text),
    Column("code", Text, unique=True),
    Column("name", Text, nullable=False, server_default=""),
    Column("name_en", Text, nullable=False, server_default=""),
    Column("status", Text, nullable=False, server_default="intact"),
    Column("unit_id", BigInteger, ForeignKey("gis.unit.id")),
    Column("authority", Text, nullable=False, server_default=""),
    Column("owner", Text, nullable=False, server_default=""),
    Column("geom", Geometry("GEOMETRY", srid=4326, spatial_index=False), nullable=False),
    Column("attributes", JSONB, nullable=False, server_default=text("'{}'")),
    Column("source", Text, nullable=False),
    Column("source_ref", Text, nullable=False),
    Column("raw_position", JSONB),
    Column("survey_date", Date),
    Column("accuracy_class", Text),
    Column("import_run_id", BigInteger),  # a run there is: gis.refuse_unknown_run() looks, statement by statement
    Column("version", Integer, nullable=False, server_default="1"),
    instant("recorded_at", server_default=NOW),
    Column("maintainer", Text, nullable=False, server_default=""),
    Column("survey_source", Text, nullable=False, server_default=""),
    Column("installed_on", Date),
    Column("inspected_on", Date),
    UniqueConstraint("source", "source_ref"),
    CheckConstraint("status in ('intact', 'damaged', 'lost', 'disused', 'removed')", name="status_known"),
    CheckConstraint("accuracy_class in ('A', 'B', 'C')", name="accuracy_class_known"),
    # One index of places for all, and small ones for what a map asks for by kind. A text before the geometry in one index for
    # everything costs three times the time to keep (decision 0066).
    Index("ix_asset_geom", "geom", postgresql_using="gist"),
    *(
        Index(f"ix_asset_{name}", "geom", postgresql_using="gist", postgresql_where=text(f"kind in ({kinds})"))
        for name, kinds in MAPPED_TOGETHER.items()
    ),
    Index("ix_asset_standing", "kind", "source", postgresql_where=text("status <> 'removed'")),
    Index("ix_asset_name", "name", postgresql_using="gin", postgresql_ops={"name": "gin_trgm_ops"}),
    schema="gis",
    comment="One register for all that stands in the city. class_code: component class; null for mains, sewers, road surface.",
)

asset_history = Table(
    "asset_history",
    metadata,
    key(),
    Column("asset_id", BigInteger, nullable=False, index=True),
    Column("version", Integer, nullable=False),
    Column("change", Text, nullable=False),
    Column("before", JSONB),
    Column("after", JSONB),
    Column("why", Text, nullable=False, server_default=""),
    Column("account_id", BigInteger),
    Column("import_run_id", BigInteger, index=True),
    instant("recorded_at", server_default=NOW),
    Column("change_set_id", BigInteger),
    Index("ix_asset_history_moved", "recorded_at", postgresql_where=text("before ? 'geom'")),
    Index("ix_asset_history_change_set", "change_set_id", postgresql_where=text("change_set_id is not null")),
    schema="gis",
    info=APPEND_ONLY,
)

asset_state = Table(
    "asset_state",
    metadata,
    Column("asset_id", BigInteger, primary_key=True, autoincrement=False),
    Column("device_id", Text, primary_key=True),
    Column("profile_id", SmallInteger, nullable=False),
    instant("occurred_at"),
    instant("recorded_at"),
    Column("values", ARRAY(Double), nullable=False),
    schema="gis",
    postgresql_with={"fillfactor": "60"},
    comment="Latest message of each device of each asset, values in the order of its profile's metrics. Narrow: updated all the time.",
)

event = Table(
    "event",
    metadata,
    key(),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("payload", JSONB, nullable=False),
    Column("trace_id", Text, nullable=False),
    instant("occurred_at"),
    instant("recorded_at", server_default=NOW),
    Index("ix_event_trace_id", "trace_id"),
    schema="gis",
    info=APPEND_ONLY,
    comment="What happened and others may act on; written in the transaction that caused it.",
)

delivery = Table(
    "delivery",
    metadata,
    Column("event_id", BigInteger, ForeignKey("gis.event.id"), primary_key=True),
    Column("consumer", Text, primary_key=True),
    Column("attempts", SmallInteger, nullable=False, server_default="0"),
    instant("next_at"),
    instant("done_at", nullable=True),
    Column("error", Text),
    Index("ix_delivery_open", "consumer", "next_at", postgresql_where=text("done_at is null and attempts < 20")),
    schema="gis",
    comment="The outbox: which consumer still has to act on which event. 20 failed attempts make a dead letter.",
)

subscription = Table(
    "subscription",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("consumer", Text, primary_key=True),
    schema="gis",
    info=READ_ONLY,
    comment="Which consumer acts on which kind of event; appending an event writes a delivery for each.",
)

import_run = Table(
    "import_run",
    metadata,
    key(),
    Column("kind", Text, nullable=False),
    Column("file_name", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("mapping", JSONB),
    Column("account_id", BigInteger, ForeignKey("gis.account.id")),
    Column("state", Text, nullable=False, server_default="running"),
    Column("counts", JSONB, nullable=False, server_default=text("'{}'")),
    instant("started_at", server_default=NOW),
    instant("finished_at", nullable=True),
    Column("options", JSONB, nullable=False, server_default=text("'{}'")),
    Column("effects", JSONB, nullable=False, server_default=text("'{}'")),
    Column("progress", JSONB, nullable=False, server_default=text("'{}'")),
    Column("problem", JSONB),
    Column("undoes", BigInteger, ForeignKey("gis.import_run.id")),
    Column("replays", BigInteger, ForeignKey("gis.import_run.id")),
    CheckConstraint(
        "state in ('running', 'previewed', 'applied', 'undone', 'failed', 'discarded')", name="state_known"
    ),
    schema="gis",
)

import_reject = Table(
    "import_reject",
    metadata,
    key(),
    Column("run_id", BigInteger, ForeignKey("gis.import_run.id"), nullable=False, index=True),
    Column("row", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("raw", JSONB, nullable=False),
    instant("replayed_at", nullable=True),
    schema="gis",
    comment="Rows that could not be used, each with its reason, kept for correction and replay.",
)
