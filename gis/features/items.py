"""Features of a collection, page by page. A page goes on after the last id of the one before: stable while the data changes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, text

from config.errors import InvalidInput, NotFound
from gis.features import filters, sorting
from gis.features.collections import Collection
from gis.features.sorting import Key
from gis.features.systems import CRS84, System, system
from gis.tiles.address import Box

DECIMALS = 9
MOST = 10_000
USUAL = 100


@dataclass(frozen=True)
class Wanted:
    """What a client asks for. `bbox` in the system `bbox_crs`; `moments` from and to, None where open."""

    limit: int = USUAL
    after: str = ""
    """The cursor of the page before; empty for the first page."""
    sort: tuple[Key, ...] = ()
    bbox: Box | None = None
    bbox_crs: System = field(default_factory=lambda: system(CRS84))
    crs: System = field(default_factory=lambda: system(CRS84))
    filter: str = ""
    filter_crs: System = field(default_factory=lambda: system(CRS84))
    moments: tuple[datetime | None, datetime | None] | None = None


def page(db: Connection, wanted: Wanted, of: Collection) -> tuple[list[dict[str, Any]], str | None]:
    """Features as GeoJSON objects in the wanted system, and the cursor of the next page, None on the last.

    Raises InvalidInput for a filter or a cursor that cannot be read.
    """
    condition, values = _where(wanted, of)
    if wanted.after:
        beyond, more = sorting.after(wanted.sort, wanted.after)
        condition, values = f"{condition} and {beyond}", values | more
    chosen = _select(of, wanted.crs, sorting.columns(wanted.sort))
    rows = db.execute(
        text(f"{chosen} where {condition} order by {sorting.order(wanted.sort)} limit :limit"),
        {**values, "limit": wanted.limit + 1},
    ).all()
    shown = [_feature(row, of) for row in rows[: wanted.limit]]
    more_follow = len(rows) > wanted.limit
    return shown, sorting.cursor(wanted.sort, rows[wanted.limit - 1]._mapping) if more_follow else None


def matched(db: Connection, wanted: Wanted, of: Collection) -> int:
    """How many features all pages together have."""
    condition, values = _where(wanted, of)
    return int(db.execute(text(f"select count(*) from gis.{of.table} a where {condition}"), values).scalar_one())


def one(db: Connection, of: Collection, id: int, crs: System) -> dict[str, Any]:
    """One feature. Raises NotFound."""
    row = db.execute(text(f"{_select(of, crs)} where {of.condition} and a.id = :id"), {"id": id}).first()
    if row is None:
        raise NotFound("There is no feature {id} in this collection.", id=id)
    return _feature(row, of)


def extent(db: Connection, of: Collection) -> Box | None:
    """West, south, east, north of the collection in degrees, None where it is empty; from the city's areas where it has any."""
    sides = "st_xmin(e), st_ymin(e), st_xmax(e), st_ymax(e)"
    row = db.execute(
        text(f"select {sides} from (select st_extent(a.geom) as e from gis.{of.table} a where {of.condition}) x")
    )
    found = row.one()
    return None if found[0] is None else Box(*found)


def _select(of: Collection, crs: System, first: str = "") -> str:
    columns = ", ".join(f'{known.sql} as "{name}"' for name, known in of.properties.items())
    return f"select {first}a.id as id, st_asgeojson({crs.geometry('a.geom')}, {DECIMALS}, 0) as shape, {columns} from gis.{of.table} a"


def _feature(row: Any, of: Collection) -> dict[str, Any]:
    found = row._mapping
    properties = {name: found[name] for name in of.properties}
    return {
        "type": "Feature",
        "id": found["id"],
        "geometry": msgspec.Raw(found["shape"].encode()),
        "properties": properties,
    }


def _where(wanted: Wanted, of: Collection) -> tuple[str, dict[str, Any]]:
    conditions = [of.condition]
    values: dict[str, Any] = {}
    if wanted.bbox is not None:
        if any(
            high < low for low, high in ((wanted.bbox.west, wanted.bbox.east), (wanted.bbox.south, wanted.bbox.north))
        ):
            raise InvalidInput("The box's first corner must lie south and west of its second.")
        srid = wanted.bbox_crs.srid
        made = f"st_makeenvelope(:west, :south, :east, :north, {srid})"
        conditions.append(f"st_intersects(a.geom, {made if srid == 4326 else f'st_transform({made}, 4326)'})")
        values |= wanted.bbox._asdict()
    if wanted.moments is not None and of.time:
        for name, sign, moment in zip(("since", "until"), (">=", "<="), wanted.moments, strict=True):
            if moment is not None:
                conditions.append(f"{of.time} {sign} :{name}")
                values[name] = moment
    if wanted.filter:
        condition, more = filters.where(wanted.filter, of.queryables, wanted.filter_crs.srid)
        conditions.append(condition)
        values |= more
    return " and ".join(conditions), values
