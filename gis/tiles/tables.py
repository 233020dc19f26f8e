"""What changed on the map: one row a changed place, old and new, kept for a week. Triggers write it (after_tables.sql)."""

from __future__ import annotations

from sqlalchemy import Column, DateTime, Double, Index, Table, Text, text
from sqlalchemy.types import UserDefinedType

from gis.db import metadata
from gis.tables import key


class TransactionNumber(UserDefinedType[int]):
    """PostgreSQL's xid8: 64 bits, never used twice."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        """Its name in SQL."""
        return "xid8"


tile_change = Table(
    "tile_change",
    metadata,
    key(),
    Column("xid", TransactionNumber(), nullable=False, server_default=text("pg_current_xact_id()")),
    Column("source", Text, nullable=False),
    Column("kind", Text),
    *(Column(side, Double, nullable=False) for side in ("west", "south", "east", "north")),
    Column("changed_at", DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()")),
    Index("ix_tile_change_xid", "xid"),
    Index("ix_tile_change_changed_at", "changed_at"),
    schema="gis",
    comment="Boxes (WGS 84 degrees) of changed assets, areas, unit grids, old and new place. Read by transaction: gis/tiles/changes.py.",
)
