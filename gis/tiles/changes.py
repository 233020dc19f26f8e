"""What has been committed to the map since one last looked, each change once, in whatever order transactions end.

A number drawn from a sequence would not do: a transaction that drew a small one may commit after a transaction with a larger.
PostgreSQL's snapshots say it exactly: a row is new when its transaction is not visible in the snapshot of the last look.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gis.tiles.address import Box
from gis.tiles.cache import Change

SELECT = """
    select pg_current_snapshot()::text as snapshot,
           (select json_agg(json_build_array(source, kind, west, south, east, north)) from gis.tile_change
            where xid >= pg_snapshot_xmin($1) and not pg_visible_in_snapshot(xid, $1)) as changes
"""
"""The snapshot of this look, to be given to the next one as $1, and what is new. Costs a few microseconds when nothing is."""


def read(rows: Sequence[Sequence[Any]] | None) -> list[Change]:
    """The second column as changes."""
    return [Change(source, kind, Box(*box)) for source, kind, *box in rows or ()]
