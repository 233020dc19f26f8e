"""Locating many points in one statement (D3): what gis/locate.py says of one, for a whole file of past reports."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from sqlalchemy import Connection, text

from gis.copying import copy_rows
from gis.db import named_sql
from gis.locate import REACH_M


class Point(NamedTuple):
    """A WGS 84 point with a key of the caller's; `class_code` chooses which components count, None looks for none."""

    key: int
    lon: float
    lat: float
    class_code: str | None


class Spot(NamedTuple):
    """What is known of a point, by ids and codes; all None outside the city."""

    grid_id: int | None = None
    grid_code: str | None = None
    inspector_id: int | None = None
    area_code: str | None = None
    asset_id: int | None = None
    asset_code: str | None = None
    asset_unit_id: int | None = None
    road: str = ""


NOWHERE = Spot()

_STAGE = text(
    "create temporary table staged_point (key bigint, class_code text, geom geometry(point, 4326)) on commit drop"
)


def place_all(db: Connection, points: Iterable[Point], reach_m: float = REACH_M) -> dict[int, Spot]:
    """Key → spot for each point."""
    db.execute(text("drop table if exists pg_temp.staged_point"))
    db.execute(_STAGE)
    rows = ((point.key, point.class_code, f"SRID=4326;POINT({point.lon!r} {point.lat!r})") for point in points)
    copy_rows(db, "staged_point", ("key", "class_code", "geom"), rows)
    db.execute(text("analyze staged_point"))
    found = db.execute(named_sql("gis", "locate_many"), {"reach_m": reach_m})
    return {row.key: _spot(row) for row in found}


def _spot(row: Any) -> Spot:
    return Spot(
        row.grid_id,
        row.grid_code,
        row.inspector_id,
        row.area_code,
        row.asset_id,
        row.asset_code,
        row.asset_unit_id,
        row.road_name or "",
    )
