"""The versions of one asset: who changed what when and why, in words; and the asset as it was at any moment."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import shapely
from sqlalchemy import Connection, text

from config.errors import NotFound
from gis.db import named_sql
from gis.register import fields

_HISTORY = text("""
    select h.version, h.change, h.before, h.after, h.why, h.recorded_at, h.account_id, h.import_run_id, a.kind,
           round(st_distance(st_centroid((h.before ->> 'geom')::geometry)::geography,
                             st_centroid((h.after ->> 'geom')::geometry)::geography)::numeric, 2)::float8 as moved_m,
           case when :en and u.name_en <> '' then u.name_en else u.name end as who, r.file_name
    from gis.asset_history h join gis.seen_asset a on a.id = h.asset_id
    left join gis.account u on u.id = h.account_id left join gis.import_run r on r.id = h.import_run_id
    where h.asset_id = :id order by h.version desc, h.id desc
""")
_KNOWN = text("select exists (select from gis.seen_asset where id = :id)")
_ALONE = text("""
    select h.change_set_id is not null or not exists (
               select from gis.asset_history o where o.id between h.id - 8 and h.id + 8 and o.asset_id <> h.asset_id and o.xmin = h.xmin)
    from gis.asset_history h where h.asset_id = :id and h.version = :version order by h.id desc limit 1
""")
"""Whether a change stands alone: splitting and joining lines write two assets in one transaction. Whatever a restored backup brought
came in one, so it counts as not alone."""

_FOUND = text("select before from gis.asset_history where asset_id = :id and version > :version order by version, id")


def of(db: Connection, asset_id: int, locale: str) -> list[dict[str, Any]]:
    """All versions, the newest first: version, change, when, who, why, file, and changes [{field, title, before, after}].

    Of a geometry the change has `moved_m`: metres between the middles of both shapes. `back` of the newest: the change that takes
    it back, as `editing.change` takes it; null where it cannot be taken back alone.
    """
    rows = list(db.execute(_HISTORY, {"id": asset_id, "en": locale == "en"}))
    return [
        {
            "version": row.version,
            "change": row.change,
            "recorded_at": row.recorded_at,
            "who": row.who,
            "why": row.why,
            "file": row.file_name,
            "changes": _changes(row.kind, row.before or {}, row.after or {}, row.moved_m, locale),
            "back": _back(db, asset_id, row) if row is rows[0] else None,
        }
        for row in rows
    ]


def found_since(db: Connection, asset_id: int, version: int) -> list[dict[str, Any]]:
    """What each change after `version` found where it wrote, the oldest first."""
    rows = db.execute(_FOUND, {"id": asset_id, "version": version})
    return [row.before for row in rows if row.before]


def as_of(db: Connection, asset_id: int, moment: datetime) -> dict[str, Any]:
    """The asset as the register knew it at `moment`, geometry as GeoJSON.

    Raises NotFound where there is no such asset for the reader, or was none then.
    """
    row = db.execute(named_sql("gis", "register/asset_as_of"), {"id": asset_id, "moment": moment}).first()
    if row is None:
        if not db.execute(_KNOWN, {"id": asset_id}).scalar():
            raise NotFound("There is no asset {asset}.", asset=asset_id)
        raise NotFound("There was no asset {asset} at that time.", "Choose a later time.", asset=asset_id)
    return dict(row._mapping)


def _back(db: Connection, asset_id: int, row: Any) -> dict[str, Any] | None:
    by_hand = row.change in ("changed", "moved") and row.import_run_id is None
    if not by_hand or not db.execute(_ALONE, {"id": asset_id, "version": row.version}).scalar():
        return None
    back: dict[str, Any] = {}
    for field, old, _new in fields.differences(row.before or {}, row.after or {}):
        if field.startswith("attributes."):
            back.setdefault("attributes", {})[field.removeprefix("attributes.")] = old
        elif field == "geom":
            back["geometry"] = shapely.geometry.mapping(shapely.from_wkb(old))
        elif field in fields.FIELDS:
            back[field] = old
    return back or None


def _changes(
    kind: str, before: Mapping[str, Any], after: Mapping[str, Any], moved_m: float | None, locale: str
) -> list[dict[str, Any]]:
    return [
        {
            "field": field,
            "title": fields.title(kind, field, locale),
            "before": "" if field == "geom" else fields.shown(kind, field, old, locale),
            "after": "" if field == "geom" else fields.shown(kind, field, new, locale),
        }
        | ({"moved_m": moved_m} if field == "geom" else {})
        for field, old, new in fields.differences(before, after)
        if field != "raw_position"
    ]
