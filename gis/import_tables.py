"""Tables of imports in steps: what a previewed run would do, the history of areas, mappings made in the browser.

The run itself is gis.import_run (gis/tables.py). The difference of an applied run is not kept twice: it stands in the history.
"""

from __future__ import annotations

from geoalchemy2 import Geometry
from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from gis.db import metadata
from gis.tables import APPEND_ONLY, NOW, instant, key

import_change = Table(
    "import_change",
    metadata,
    Column("run_id", BigInteger, ForeignKey("gis.import_run.id"), primary_key=True, autoincrement=False),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("object", Text, nullable=False),
    Column("ref", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("change", Text, nullable=False),
    Column("before", JSONB),
    Column("after", JSONB),
    Column("geom", Geometry("GEOMETRY", srid=4326, spatial_index=False)),
    Column("old_geom", Geometry("GEOMETRY", srid=4326, spatial_index=False)),
    CheckConstraint("change in ('added', 'changed', 'removed', 'absent')", name="change_known"),
    Index("ix_import_change_geom", "run_id", "geom", postgresql_using="gist"),
    schema="gis",
    comment="What a previewed run would do to each asset and area; gone once it is applied or discarded.",
)

area_history = Table(
    "area_history",
    metadata,
    key(),
    Column("area_id", BigInteger, nullable=False, index=True),
    Column("code", Text, nullable=False),
    Column("change", Text, nullable=False),
    Column("before", JSONB),
    Column("after", JSONB),
    Column("why", Text, nullable=False, server_default=""),
    Column("import_run_id", BigInteger, index=True),
    instant("recorded_at", server_default=NOW),
    schema="gis",
    info=APPEND_ONLY,
)

mapping = Table(
    "mapping",
    metadata,
    Column("name", Text, primary_key=True),
    Column("content", Text, nullable=False),
    Column("account_id", BigInteger, ForeignKey("gis.account.id")),
    instant("recorded_at", server_default=NOW),
    schema="gis",
    comment="Mappings made in the browser: TOML as config/mappings/ has it, used by name.",
)
