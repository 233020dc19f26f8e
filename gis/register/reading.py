"""Everything the register knows of one asset, labelled in the reader's language, and what stands at a place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, text

from config.kinds import Kind, kinds
from gis.db import named_sql
from gis.register import fields, versions
from gis.register.tables import DETAILS

MOST_NEIGHBOURS = 12
"""Of those who name an asset (a cabinet's lamps) so many are listed; how many there are is said."""

_UNIT = text("select case when :en and name_en <> '' then name_en else name end from gis.unit where id = :id")
_STATE = text("select device_id, occurred_at from gis.asset_state where asset_id = :id order by device_id")
_PHOTOS = text(
    "select id, file_name, note, taken_on, recorded_at from gis.asset_photo where asset_id = :id order by id desc"
)
_INSPECTIONS = text("""
    select i.id, i.inspected_on, i.result, i.note, i.next_on, case when :en and a.name_en <> '' then a.name_en else a.name end as who
    from gis.asset_inspection i join gis.account a on a.id = i.account_id
    where i.asset_id = :id order by i.inspected_on desc, i.id desc
""")
_NAMES = text("""
    select id, kind, status, coalesce(nullif(case when :en then name_en end, ''), nullif(name, ''), code, source_ref) as name
    from gis.seen_asset where id = any(:ids)
""")


def read(db: Connection, asset_id: int, moment: datetime, locale: str, joined: int = MOST_NEIGHBOURS) -> dict[str, Any]:
    """The asset as of `moment` with labelled facts; photos, inspections and neighbours are those of today. Raises NotFound.

    Of those who name it `joined` are listed for each relation. A fact is `known` where its kind knows it; the others are its source's.
    """
    row = versions.as_of(db, asset_id, moment)
    who = {"id": asset_id, "en": locale == "en"}
    unit = db.execute(_UNIT, {"id": row["unit_id"], "en": locale == "en"}).scalar() if row["unit_id"] else None
    return {
        **row,
        "kind_title": fields.kind_title(row["kind"], locale),
        "subsystem": _subsystem(row["kind"], locale),
        "facts": list(_facts(row, unit, locale)),
        "neighbours": _neighbours(db, asset_id, row["kind"], locale, joined),
        "devices": [dict(found._mapping) for found in db.execute(_STATE, who)],
        "photos": [dict(found._mapping) for found in db.execute(_PHOTOS, who)],
        "inspections": [dict(found._mapping) for found in db.execute(_INSPECTIONS, who)],
    }


def identify(db: Connection, lon: float, lat: float, within_m: float, locale: str) -> list[dict[str, Any]]:
    """What stands within so many metres of a point (WGS 84 degrees), at most 12: small things first, then by distance."""
    chosen = [kind.code for kind in kinds().kinds.values() if kind.code != "place"]
    values = {"lon": lon, "lat": lat, "within_m": within_m, "kinds": chosen}
    rows = db.execute(named_sql("gis", "register/identify"), values)
    return [{**row._mapping, "kind_title": fields.kind_title(row.kind, locale)} for row in rows]


def city_as_of(
    db: Connection, box: tuple[float, float, float, float], chosen: list[str], moment: datetime, most: int
) -> list[dict[str, Any]]:
    """GeoJSON features of the assets in a box (west, south, east, north; WGS 84 degrees) as they were at `moment`."""
    west, south, east, north = box
    values = {
        "west": west,
        "south": south,
        "east": east,
        "north": north,
        "kinds": chosen,
        "moment": moment,
        "most": most,
    }
    rows = db.execute(named_sql("gis", "register/city_as_of"), values).mappings()
    return [
        {
            "type": "Feature",
            "id": row["id"],
            "geometry": row["geometry"],
            "properties": {name: value for name, value in row.items() if name != "geometry"},
        }
        for row in rows
    ]


def _subsystem(code: str, locale: str) -> str:
    known = kinds().get(code)
    found = kinds().subsystems[known.subsystem] if known else None
    return "" if found is None else found.name if locale == "zh" else found.name_en


def _facts(row: Mapping[str, Any], unit: str | None, locale: str) -> Iterator[dict[str, Any]]:
    """Plain fields that say something, then the attributes in the order of the kind, then what only the source knows."""
    for field in fields.FIELDS:
        if row[field] not in (None, ""):
            said = (unit or "") if field == "unit_id" else None
            yield _fact(row["kind"], field, row[field], locale, said)
    known = kinds().get(row["kind"])
    for name in _in_order(known, row["attributes"]):
        yield _fact(row["kind"], f"attributes.{name}", row["attributes"][name], locale) | {
            "known": known is not None and known.attribute(name) is not None
        }


def _fact(kind: str, field: str, value: Any, locale: str, said: str | None = None) -> dict[str, Any]:
    words = fields.shown(kind, field, value, locale) if said is None else said
    return {"field": field, "title": fields.title(kind, field, locale), "text": words, "value": value, "known": True}


def _in_order(known: Kind | None, attributes: Mapping[str, Any]) -> list[str]:
    order = [each.code for each in known.attributes] if known else []
    return [name for name in order if name in attributes] + [name for name in attributes if name not in order]


def _neighbours(db: Connection, asset_id: int, kind: str, locale: str, joined: int) -> list[dict[str, Any]]:
    """Assets that this one names, and those that name it: [{title, total, assets}]."""
    statement = _relations(kind)
    if not statement:
        return []
    found = list(db.execute(text(statement), {"id": asset_id, "most": joined}))
    rows = db.execute(_NAMES, {"ids": [row.other for row in found], "en": locale == "en"})
    names = {row.id: {**row._mapping, "kind_title": fields.kind_title(row.kind, locale)} for row in rows}
    groups: dict[str, dict[str, Any]] = {}
    for row in found:
        own = row.relation.startswith(">")
        title = fields.title(kind, f"attributes.{row.relation[1:]}", locale) if own else names[row.other]["kind_title"]
        group = groups.setdefault(row.relation if own else title, {"title": title, "total": 0, "assets": []})
        group["total"] = max(group["total"], row.total)
        if row.other not in [each["id"] for each in group["assets"]]:
            group["assets"].append(names[row.other])
    return list(groups.values())


@lru_cache
def _relations(kind: str) -> str:
    """One statement over the typed tables: what an asset of this kind names (">attribute"), and who names it ("<table")."""
    parts = []
    for detail in DETAILS.values():
        for each in detail.references:
            if kind in detail.kinds:
                attribute = each.attributes[0].code
                parts.append(
                    f"select '>{attribute}' as relation, {each.name}_id as other, 1 as total from gis.{detail.name}"
                    f" where asset_id = :id and {each.name}_id in (select id from gis.seen_asset)"
                )
            if kind in each.refers:
                parts.append(
                    f"(select '<{detail.name}' as relation, asset_id as other, cast(count(*) over () as integer) as total"
                    f" from gis.{detail.name}"
                    f" where {each.name}_id = :id and asset_id in (select id from gis.seen_asset) order by asset_id limit :most)"
                )
    return " union all ".join(parts)
