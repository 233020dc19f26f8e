"""Timetables of public transport as GTFS has them: feeds in versions, lines, stop patterns, trips, stop times, service days.

Times are whole seconds since noon minus twelve hours of the service day in the feed's zone, as GTFS counts them: 25:10:00 is
90,600, and a day with a change of clocks keeps its timetable. Metres are ellipsoidal along the pattern's line. Everything of a
feed hangs on its row; a newer edition is a new row with its own, and the older one stays for the days that it described.
`other` keeps the columns that have no place of their own, so that the feed can be written out again.
"""

from __future__ import annotations

from geoalchemy2 import Geometry
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from gis.db import metadata
from gis.tables import NOW, instant, key


def _feed() -> Column[int]:
    return Column("feed_id", BigInteger, ForeignKey("gis.transit_feed.id"), nullable=False)


def _same_feed() -> Column[int]:
    """The feed's id where a key of several columns leads to it already."""
    return Column("feed_id", BigInteger, nullable=False)


def _other() -> Column[object]:
    return Column("other", JSONB, nullable=False, server_default=text("'{}'"))


transit_feed = Table(
    "transit_feed",
    metadata,
    key(),
    Column("name", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("current", Boolean, nullable=False, server_default=text("true")),
    Column("time_zone", Text, nullable=False),
    Column("first_day", Date),
    Column("last_day", Date),
    Column("agencies", JSONB, nullable=False),
    Column("info", JSONB, nullable=False, server_default=text("'{}'")),
    Column("import_run_id", BigInteger, ForeignKey("gis.import_run.id")),
    instant("recorded_at", server_default=NOW),
    UniqueConstraint("name", "version"),
    Index("uq_transit_feed_current", "name", unique=True, postgresql_where=text("current")),
    schema="gis",
    comment="班次数据: one edition of an operator's timetable; the newest of each name is current. sha256 is of the files in the zip.",
)

transit_route = Table(
    "transit_route",
    metadata,
    _feed(),
    Column("route_id", Text, nullable=False),
    Column("route_type", Integer, nullable=False),
    Column("short_name", Text, nullable=False, server_default=""),
    Column("long_name", Text, nullable=False, server_default=""),
    _other(),
    PrimaryKeyConstraint("feed_id", "route_id"),
    schema="gis",
)

transit_service = Table(
    "transit_service",
    metadata,
    _feed(),
    Column("service_id", Text, nullable=False),
    Column("weekdays", Text),
    Column("first_day", Date),
    Column("last_day", Date),
    PrimaryKeyConstraint("feed_id", "service_id"),
    schema="gis",
    comment="Weekdays as seven digits from Monday, with first and last day; null where only single days are named.",
)

transit_service_day = Table(
    "transit_service_day",
    metadata,
    _same_feed(),
    Column("day", Date, nullable=False),
    Column("service_id", Text, nullable=False),
    Column("runs", Boolean, nullable=False),
    Column("exception", SmallInteger),
    PrimaryKeyConstraint("feed_id", "day", "service_id"),
    ForeignKeyConstraint(["feed_id", "service_id"], ["gis.transit_service.feed_id", "gis.transit_service.service_id"]),
    schema="gis",
    comment="运营日: days of a service, by its weekdays or by exception (1 added, 2 taken away, as GTFS writes it).",
)

transit_pattern = Table(
    "transit_pattern",
    metadata,
    _same_feed(),
    Column("number", Integer, nullable=False),
    Column("route_id", Text, nullable=False),
    Column("direction", Text, nullable=False),
    Column("shape_id", Text),
    Column("asset_id", BigInteger, ForeignKey("gis.asset.id"), nullable=False, index=True),
    Column("length_m", Double, nullable=False),
    Column("geom", Geometry("LINESTRING", srid=4326, spatial_index=False), nullable=False),
    PrimaryKeyConstraint("feed_id", "number"),
    ForeignKeyConstraint(["feed_id", "route_id"], ["gis.transit_route.feed_id", "gis.transit_route.route_id"]),
    schema="gis",
    comment="Trips that call at the same stops in the same order along the same line. shape_id null: drawn through the stops.",
)

transit_pattern_stop = Table(
    "transit_pattern_stop",
    metadata,
    _same_feed(),
    Column("pattern", Integer, nullable=False),
    Column("position", SmallInteger, nullable=False),
    Column("stop_id", Text, nullable=False),
    Column("asset_id", BigInteger, ForeignKey("gis.asset.id"), nullable=False, index=True),
    Column("along_m", Double, nullable=False),
    Column("offset_m", Double, nullable=False),
    PrimaryKeyConstraint("feed_id", "pattern", "position"),
    ForeignKeyConstraint(["feed_id", "pattern"], ["gis.transit_pattern.feed_id", "gis.transit_pattern.number"]),
    schema="gis",
    comment="Stops of a pattern in order (from 0): metres along its line, never backward, and metres beside it.",
)

transit_trip = Table(
    "transit_trip",
    metadata,
    _same_feed(),
    Column("number", Integer, nullable=False),
    Column("trip_id", Text, nullable=False),
    Column("pattern", Integer, nullable=False),
    Column("service_id", Text, nullable=False),
    Column("headsign", Text, nullable=False, server_default=""),
    Column("block_id", Text),
    Column("start_s", Integer, nullable=False),
    Column("end_s", Integer, nullable=False),
    _other(),
    PrimaryKeyConstraint("feed_id", "number"),
    UniqueConstraint("feed_id", "trip_id"),
    ForeignKeyConstraint(["feed_id", "pattern"], ["gis.transit_pattern.feed_id", "gis.transit_pattern.number"]),
    ForeignKeyConstraint(["feed_id", "service_id"], ["gis.transit_service.feed_id", "gis.transit_service.service_id"]),
    Index("ix_transit_trip_pattern", "feed_id", "pattern", "start_s"),
    Index("ix_transit_trip_service_id", "feed_id", "service_id"),
    schema="gis",
)

transit_stop_time = Table(
    "transit_stop_time",
    metadata,
    _same_feed(),
    Column("trip", Integer, nullable=False),
    Column("position", SmallInteger, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("arrival_s", Integer, nullable=False),
    Column("departure_s", Integer, nullable=False),
    Column("given", Boolean, nullable=False),
    Column("other", JSONB),
    PrimaryKeyConstraint("feed_id", "trip", "position"),
    ForeignKeyConstraint(["feed_id", "trip"], ["gis.transit_trip.feed_id", "gis.transit_trip.number"]),
    schema="gis",
    comment="position is that of transit_pattern_stop, sequence the feed's own. given is false where the time lies between two given ones.",
)

transit_frequency = Table(
    "transit_frequency",
    metadata,
    _same_feed(),
    Column("trip", Integer, nullable=False),
    Column("start_s", Integer, nullable=False),
    Column("end_s", Integer, nullable=False),
    Column("headway_s", Integer, nullable=False),
    Column("exact", Boolean, nullable=False),
    PrimaryKeyConstraint("feed_id", "trip", "start_s"),
    ForeignKeyConstraint(["feed_id", "trip"], ["gis.transit_trip.feed_id", "gis.transit_trip.number"]),
    schema="gis",
    comment="A trip that runs again and again from start to end, every headway; its stop times tell only the time between stops.",
)

transit_shape = Table(
    "transit_shape",
    metadata,
    _feed(),
    Column("shape_id", Text, nullable=False),
    Column("points", JSONB, nullable=False),
    PrimaryKeyConstraint("feed_id", "shape_id"),
    schema="gis",
    comment="Points of a line as the feed wrote them, row by row: patterns are drawn from them, exports give them back.",
)

transit_row = Table(
    "transit_row",
    metadata,
    _feed(),
    Column("file", Text, nullable=False),
    Column("line", Integer, nullable=False),
    Column("values", JSONB, nullable=False),
    PrimaryKeyConstraint("feed_id", "file", "line"),
    schema="gis",
    comment="Rows of a feed without a table of their own (stops whole, fares, transfers, …), so that it can be written out again.",
)
