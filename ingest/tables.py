"""Tables of telemetry. Keys carry the asset id, so that rows can later be spread over machines by it."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from gis.db import metadata
from gis.tables import APPEND_ONLY, NOW, instant, key

profile = Table(
    "profile",
    metadata,
    Column("id", SmallInteger, Identity(always=False), primary_key=True),
    Column("code", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("metrics", JSONB, nullable=False),
    Column("interval_s", Integer, nullable=False),
    CheckConstraint("jsonb_typeof(metrics) = 'array'", name="metrics_is_list"),
    schema="ingest",
    comment="设备型号: metrics [{name, unit (UCUM), min, max}] in the order in which readings keep their values.",
)

device = Table(
    "device",
    metadata,
    Column("id", Text, primary_key=True),
    Column("asset_id", BigInteger, ForeignKey("gis.asset.id"), nullable=False, index=True),
    Column("profile_id", SmallInteger, ForeignKey("ingest.profile.id"), nullable=False),
    Column("active", Boolean, nullable=False, server_default=text("true")),
    instant("recorded_at", server_default=NOW),
    schema="ingest",
    comment="设备: sends readings for the asset it belongs to.",
)

reading = Table(
    "reading",
    metadata,
    Column("asset_id", BigInteger, primary_key=True, autoincrement=False),
    instant("occurred_at", primary_key=True),
    Column("device_id", Text, primary_key=True),
    instant("recorded_at"),
    Column("profile_id", SmallInteger, nullable=False),
    Column("values", ARRAY(Double), nullable=False),
    Column("trace_id", Text),
    schema="ingest",
    info=APPEND_ONLY,
    postgresql_partition_by="RANGE (occurred_at)",
    comment="One row a message, its values together in the order of the profile's metrics. Partitioned by day.",
)

quarantine = Table(
    "quarantine",
    metadata,
    key(),
    Column("topic", Text, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Column("reason", Text, nullable=False, index=True),
    Column("detail", Text, nullable=False),
    instant("recorded_at", server_default=NOW),
    instant("replayed_at", nullable=True),
    schema="ingest",
    comment="Messages that could not be used, whole, with the reason; replayed after a correction.",
)

detection_rule = Table(
    "detection_rule",
    metadata,
    key(),
    Column("code", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("profile_id", SmallInteger, ForeignKey("ingest.profile.id"), nullable=False),
    Column("metric", Text, nullable=False),
    Column("comparison", Text, nullable=False),
    Column("threshold", Double, nullable=False),
    Column("clears_at", Double, nullable=False),
    Column("class_code", Text, nullable=False),
    Column("active", Boolean, nullable=False, server_default=text("true")),
    Column("kind", Text, nullable=False, server_default=text("'threshold'")),
    Column("settings", JSONB, nullable=False, server_default=text("'{}'")),
    CheckConstraint("comparison in ('above', 'below')", name="comparison_known"),
    CheckConstraint("kind in ('threshold', 'group', 'silence', 'headway')", name="kind_known"),
    schema="ingest",
    comment="告警规则: a value above or below the threshold raises an alarm; past clears_at it ends (hysteresis).",
)

alarm = Table(
    "alarm",
    metadata,
    key(),
    Column("asset_id", BigInteger, nullable=False),
    Column("rule_id", BigInteger, ForeignKey("ingest.detection_rule.id"), nullable=False),
    Column("device_id", Text, nullable=False),
    Column("value", Double, nullable=False),
    instant("occurred_at"),
    instant("recorded_at", server_default=NOW),
    instant("cleared_at", nullable=True),
    Column("trace_id", Text, nullable=False),
    Column("members", ARRAY(BigInteger), nullable=False, server_default=text("'{}'")),
    Column("lon", Double),
    Column("lat", Double),
    Index("uq_alarm_open", "asset_id", "rule_id", unique=True, postgresql_where=text("cleared_at is null")),
    schema="ingest",
    comment="告警: one open instance for each asset and rule.",
)

holding = Table(
    "holding",
    metadata,
    Column("asset_id", BigInteger, primary_key=True, autoincrement=False),
    Column("rule_id", BigInteger, ForeignKey("ingest.detection_rule.id"), primary_key=True, autoincrement=False),
    Column("device_id", Text, nullable=False),
    Column("value", Double, nullable=False),
    instant("since"),
    instant("seen_at"),
    instant("recorded_at", server_default=NOW),
    Column("trace_id", Text),
    schema="ingest",
    comment="What a rule says holds on an asset, since when and last seen when (device time);"
    " an alarm follows when it has held long enough.",
)

usual = Table(
    "usual",
    metadata,
    Column("asset_id", BigInteger, primary_key=True, autoincrement=False),
    Column("metric", Text, primary_key=True),
    Column("hour", SmallInteger, primary_key=True, autoincrement=False),
    Column("mean", Double, nullable=False),
    instant("learned_at"),
    CheckConstraint("hour between 0 and 167", name="hour_of_week"),
    schema="ingest",
    comment="What an asset usually measures by hour of the week (0: Monday 0 to 1 h, local time).",
)
