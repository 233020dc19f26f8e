"""Tables of networks: versions with their nodes, edges and valves, what changed since, and the work list of findings.

Rows of a version are written once and never changed; `gis.network.version` says which one counts.
"""

from __future__ import annotations

from geoalchemy2 import Geometry
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from gis.db import metadata
from gis.tables import NOW, instant, key

network = Table(
    "network",
    metadata,
    Column("name", Text, primary_key=True),
    Column("kinds", ARRAY(Text), nullable=False),
    Column("version", Integer, nullable=False, server_default="0"),
    Column("token", Text, nullable=False, server_default=""),
    Column("counts", JSONB, nullable=False, server_default=text("'{}'")),
    instant("built_at", nullable=True),
    schema="gis",
    comment="Networks and the version that counts; kinds: assets whose change makes a new version. Version 0: never built.",
)

network_change = Table(
    "network_change",
    metadata,
    key(),
    Column("name", Text, nullable=False, index=True),
    instant("recorded_at", server_default=NOW),
    schema="gis",
    comment="That assets of a network changed since its version; written by a trigger, taken away by the next build.",
)

network_node = Table(
    "network_node",
    metadata,
    Column("name", Text, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("node", Integer, primary_key=True, autoincrement=False),
    Column("asset_id", BigInteger),
    Column("ref", Text, nullable=False, server_default=""),
    Column("role", Text, nullable=False),
    Column("geom", Geometry("POINT", srid=4326, spatial_index=False), nullable=False),
    CheckConstraint("role in ('node', 'source', 'outlet', 'valve')", name="role_known"),
    schema="gis",
)

network_edge = Table(
    "network_edge",
    metadata,
    Column("name", Text, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("edge", Integer, primary_key=True, autoincrement=False),
    Column("asset_id", BigInteger, nullable=False),
    Column("start_node", Integer, nullable=False),
    Column("end_node", Integer, nullable=False),
    Column("length_m", Double, nullable=False),
    Column("passable", Boolean, nullable=False),
    Column("width", Double, nullable=False),
    Column("customers", Integer),
    Column("population", Double),
    Column("geom", Geometry("LINESTRING", srid=4326, spatial_index=False), nullable=False),
    Index("ix_network_edge_asset_id", "asset_id"),
    Index("ix_network_edge_geom", "geom", postgresql_using="gist"),
    schema="gis",
    comment="From node to node; in sewers in the direction of flow. customers: buildings this main is nearest to; population: estimated.",
)

network_valve = Table(
    "network_valve",
    metadata,
    Column("name", Text, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("valve", Integer, primary_key=True, autoincrement=False),
    Column("asset_id", BigInteger, nullable=False),
    Column("open", Boolean, nullable=False),
    Column("width", Double, nullable=False),
    Column("edges", ARRAY(Integer), nullable=False),
    Column("sides", ARRAY(SmallInteger), nullable=False),
    Column("geom", Geometry("POINT", srid=4326, spatial_index=False), nullable=False),
    schema="gis",
    comment="Valves: which edges they cut, and at which side (0 start, 1 end).",
)

network_model = Table(
    "network_model",
    metadata,
    Column("source", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("system", Text, nullable=False),
    Column("rest", JSONB, nullable=False),
    instant("recorded_at", server_default=NOW),
    CheckConstraint("kind in ('epanet', 'swmm')", name="kind_known"),
    schema="gis",
    comment="Hydraulic models that were imported: all of their files that is not an asset, section by section.",
)

finding = Table(
    "finding",
    metadata,
    key(),
    Column("identity", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("check", Text, nullable=False),
    Column("asset_id", BigInteger, nullable=False),
    Column("other_id", BigInteger),
    Column("facts", JSONB, nullable=False, server_default=text("'{}'")),
    Column("state", Text, nullable=False, server_default="open"),
    Column("note", Text, nullable=False, server_default=""),
    Column("account_id", BigInteger, ForeignKey("gis.account.id")),
    instant("decided_at", nullable=True),
    instant("recorded_at", server_default=NOW),
    instant("gone_at", nullable=True),
    Column("geom", Geometry("POINT", srid=4326, spatial_index=False), nullable=False),
    Column("assignee_id", BigInteger, ForeignKey("gis.account.id")),
    UniqueConstraint("identity"),
    CheckConstraint("state in ('open', 'done', 'ignored')", name="state_known"),
    CheckConstraint("state <> 'ignored' or note <> ''", name="ignored_with_reason"),
    Index("ix_finding_name_check", "name", "check", postgresql_where=text("gone_at is null")),
    schema="gis",
    comment="What checks of a network found: a work list. gone_at: the last build did not find it any more.",
)
