"""Editions of unit grids. What holds now is gis.unit_grid; what held before lies here, with the time during which it did."""

from __future__ import annotations

from geoalchemy2 import Geometry
from sqlalchemy import BigInteger, CheckConstraint, Column, Double, ForeignKey, Index, Integer, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from gis.db import metadata
from gis.tables import APPEND_ONLY, NOW, instant, key

grid_edition = Table(
    "grid_edition",
    metadata,
    key(),
    Column("area_code", Text, nullable=False, server_default=""),
    Column("method", Text, nullable=False),
    Column("target_m2", Double, nullable=False),
    Column("grids", Integer, nullable=False),
    Column("replaced", Integer, nullable=False),
    Column("report", JSONB, nullable=False),
    Column("account_id", BigInteger, ForeignKey("gis.account.id")),
    instant("recorded_at", server_default=NOW),
    CheckConstraint("method in ('streets', 'lattice')", name="method_known"),
    schema="gis",
    info=APPEND_ONLY,
    comment="Each drawing of unit grids: for which area (empty: the city), how, how good, and how many it replaced.",
)

former_grid = Table(
    "former_grid",
    metadata,
    key(),
    Column("unit_grid_id", BigInteger, nullable=False),
    Column("code", Text, nullable=False),
    Column("area_code", Text, nullable=False),
    Column("walk_code", Text),
    Column("geom", Geometry("MULTIPOLYGON", srid=4326, spatial_index=False), nullable=False),
    instant("since"),
    instant("recorded_at", server_default=NOW),
    Column("edition_id", BigInteger, ForeignKey("gis.grid_edition.id"), nullable=False, index=True),
    Index("ix_former_grid_geom", "geom", postgresql_using="gist"),
    Index("ix_former_grid_code", "code", "recorded_at"),
    schema="gis",
    info=APPEND_ONLY,
    comment="Unit grids that held from `since` until `recorded_at`, when edition_id replaced them. Cases keep their code.",
)
