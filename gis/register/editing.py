"""One change of one asset by one person: who, when, why, before and after, and never over somebody else's change.

Whoever changes an asset says which version was looked at. Where another change came in between nothing is written: StaleAsset tells who
changed what, with both values, so that the person can choose.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import shapely
from shapely.errors import ShapelyError
from sqlalchemy import Connection, text

from config.errors import InvalidAsset, InvalidInput, NotFound, StaleAsset
from config.i18n import _, gettext
from config.kinds import Kind, kinds
from gis import events
from gis.actors import Actor
from gis.register import fields, versions

SOURCE = "register"
"""Source of what people enter; their reference is made."""

_SHAPES = {"point": ("Point",), "line": ("LineString", "MultiLineString"), "area": ("Polygon", "MultiPolygon")}

_ROW = text("""
    select id, kind, version, name, name_en, status, class_code, code, unit_id, authority, owner, maintainer, survey_source,
           accuracy_class, survey_date::text, installed_on::text, inspected_on::text, attributes, encode(st_asewkb(geom), 'hex') as geom
    from gis.asset where id = :id for update
""")
_HISTORY = text("""
    insert into gis.asset_history (asset_id, version, change, before, after, why, account_id)
    values (:id, :version, :change, cast(:before as jsonb), cast(:after as jsonb), :why, :account)
""")
_ADD = text("""
    insert into gis.asset (kind, class_code, geom, attributes, source, source_ref, recorded_at)
    values (:kind, :class_code, cast(:geom as geometry), '{}', :source, :ref, gis.now()) returning id
""")


def create(
    db: Connection, actor: Actor, kind: str, geometry: Mapping[str, Any], new: Mapping[str, Any], why: str
) -> int:
    """Enter an asset; returns its id. `geometry` is GeoJSON in WGS 84 degrees, `new` as the changes of `change`.

    Raises InvalidAsset naming each field that cannot be kept.
    """
    known = _kind(kind)
    _reason(why)
    plain, attributes = _split(new)
    values = {"class_code": known.class_code or None} | plain
    fields.check(kind, values, attributes, set(attributes), actor.locale)
    _standing(db, plain, 0, actor.locale)
    place = _shape(known, geometry)
    made = {"kind": kind, "class_code": values["class_code"], "geom": place, "source": SOURCE, "ref": uuid4().hex}
    asset_id = int(db.execute(_ADD, made).scalar_one())
    _write(db, asset_id, plain, {name: value for name, value in attributes.items() if value is not None} or None, None)
    _record(db, actor, asset_id, 1, "added", None, None, why)
    return asset_id


def change(db: Connection, actor: Actor, asset_id: int, version: int, changes: Mapping[str, Any], why: str) -> int:
    """Change fields and attributes; returns the new version, or the old one where nothing differs.

    `changes` holds plain fields by name and "attributes": only those to change, None takes one away; "geometry" moves it. Raises NotFound,
    InvalidAsset naming each field that cannot be kept, StaleAsset where the asset is no longer at `version`.
    """
    _reason(why)
    row = dict(_locked(db, asset_id)._mapping)
    plain, new = _split(changes)
    geometry = plain.pop("geometry", None)
    if row["version"] != version:
        raise _stale(db, row, version, plain, new, geometry, actor.locale)
    attributes = {name: value for name, value in (row["attributes"] | new).items() if value is not None}
    with_class = {"class_code": row["class_code"]} if plain.get("code") and "class_code" not in plain else {}
    fields.check(row["kind"], plain | with_class, attributes, set(new), actor.locale)
    _standing(db, plain, asset_id, actor.locale)
    place = _shape(_kind(row["kind"]), geometry) if geometry is not None else row["geom"]
    after = {name: value for name, value in plain.items() if value != row[name]}
    after |= {"attributes": attributes} if attributes != row["attributes"] else {}
    after |= {"geom": place} if place.lower() != row["geom"].lower() else {}
    if not after:
        return version
    _write(db, asset_id, plain, after.get("attributes"), after.get("geom"))
    before = {name: row[name] for name in after}
    _record(db, actor, asset_id, version + 1, _word(before, after), before, after, why)
    return version + 1


def _standing(db: Connection, plain: Mapping[str, Any], asset_id: int, locale: str) -> None:
    """See that the unit exists and that no other asset has the code. Raises InvalidAsset."""
    translate = gettext(locale)
    if plain.get("unit_id") is not None:
        unit = db.execute(text("select 1 from gis.unit where id = :id"), {"id": plain["unit_id"]}).first()
        if unit is None:
            raise InvalidAsset("There is no such unit.", fields={"unit_id": translate(_("must be a unit of the list"))})
    if plain.get("code"):
        values = {"code": plain["code"], "id": asset_id}
        other = db.execute(text("select id from gis.asset where code = :code and id <> :id"), values).scalar()
        if other is not None:
            said = translate(_("belongs to another asset already"))
            raise InvalidAsset("Asset {other} has this code already.", other=other, fields={"code": said})


def remove(db: Connection, actor: Actor, asset_id: int, version: int, why: str) -> int:
    """It no longer stands there: it stays in the register with its history, and leaves maps and searches."""
    return change(db, actor, asset_id, version, {"status": "removed"}, why)


def _locked(db: Connection, asset_id: int) -> Any:
    row = db.execute(_ROW, {"id": asset_id}).first()
    if row is None:
        raise NotFound("There is no asset {asset}.", asset=asset_id)
    return row


def _split(changes: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    plain = {name: value for name, value in changes.items() if name != "attributes"}
    attributes = changes.get("attributes") or {}
    if not isinstance(attributes, dict):
        raise InvalidInput("The attributes must be an object.")
    return plain, attributes


def _kind(code: str) -> Kind:
    known = kinds().get(code)
    if known is None:
        raise InvalidInput("There is no kind of asset '{kind}'.", kind=code)
    return known


def _reason(why: str) -> None:
    if not why.strip():
        raise InvalidInput("Say why: the history keeps it.", "Write one sentence about the reason.")


def _shape(kind: Kind, geometry: Any) -> str:
    """GeoJSON as EWKB (hexadecimal). Raises InvalidAsset for what is no valid geometry of this kind on Earth."""
    try:
        shape = shapely.from_geojson(json.dumps(geometry))
    except (ShapelyError, TypeError, ValueError) as error:
        raise InvalidAsset("The geometry is no GeoJSON that can be used.", fields={"geometry": str(error)}) from error
    fitting = [name for each in kind.geometry for name in _SHAPES[each]]
    west, south, east, north = shape.bounds if not shape.is_empty else (999.0,) * 4
    if shape.geom_type not in fitting or not shape.is_valid or west < -180 or south < -90 or east > 180 or north > 90:
        raise InvalidAsset(
            "The geometry of this kind must be a valid {wanted} in WGS 84 degrees.",
            wanted=", ".join(fitting),
            fields={"geometry": ", ".join(fitting)},
        )
    return str(shapely.to_wkb(shapely.set_srid(shape, 4326), hex=True, include_srid=True)).lower()


def _write(
    db: Connection, asset_id: int, plain: Mapping[str, Any], attributes: Mapping[str, Any] | None, geom: str | None
) -> None:
    """Set what is given. Names of columns come from fields.FIELDS, never from outside."""
    parts = [
        f"{name} = cast(:{name} as {'date' if name in fields.DATES else 'bigint' if name == 'unit_id' else 'text'})"
        for name in plain
    ]
    values: dict[str, Any] = {"id": asset_id, **plain}
    if attributes is not None:
        parts.append("attributes = cast(:attributes as jsonb)")
        values["attributes"] = json.dumps(attributes, ensure_ascii=False)
    if geom is not None:
        parts.append("geom = cast(:geom as geometry)")
        values["geom"] = geom
    if parts:
        db.execute(text(f"update gis.asset set {', '.join(parts)} where id = :id"), values)


def _record(
    db: Connection, actor: Actor, asset_id: int, version: int, change: str, before: Any, after: Any, why: str
) -> None:
    kept = {"before": before, "after": after}
    said = {name: None if value is None else json.dumps(value, ensure_ascii=False) for name, value in kept.items()}
    values = {"id": asset_id, "version": version, "change": change, "why": why.strip(), "account": actor.account_id}
    db.execute(_HISTORY, values | said)
    bump = text("update gis.asset set version = :version, recorded_at = gis.now() where id = :id")
    db.execute(bump, {"id": asset_id, "version": version})
    news = {"asset_id": asset_id, "version": version, "change": change, "fields": sorted(after or {})}
    events.append(db, "asset.changed", f"asset {asset_id}", news, trace_id=events.new_trace())
    events.notify_live(db, "asset", {"id": asset_id})


def _word(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    if after.get("status") == "removed":
        return "removed"
    if before.get("status") == "removed":
        return "restored"
    return "moved" if list(after) == ["geom"] else "changed"


def _stale(
    db: Connection,
    row: dict[str, Any],
    seen: int,
    plain: Mapping[str, Any],
    new: Mapping[str, Any],
    geometry: Any,
    locale: str,
) -> StaleAsset:
    """Who changed what since version `seen`, beside what was wanted here."""
    kind = row["kind"]
    wanted = dict(plain) | {f"attributes.{name}": value for name, value in new.items()}
    wanted |= {"geom": geometry} if geometry is not None else {}
    since = [each for each in versions.of(db, row["id"], locale) if each["version"] > seen]
    touched = {change["field"] for each in since for change in each["changes"]}
    now = dict(row) | {f"attributes.{name}": value for name, value in row["attributes"].items()}
    both = [
        {
            "field": field,
            "title": fields.title(kind, field, locale),
            "mine": wanted.get(field),
            "mine_text": "" if field == "geom" else fields.shown(kind, field, wanted.get(field), locale),
            "theirs": None if field == "geom" else now.get(field),
            "theirs_text": "" if field == "geom" else fields.shown(kind, field, now.get(field), locale),
            "changed_by_both": field in touched,
        }
        for field in wanted
    ]
    comma = "、" if locale == "zh" else ", "
    who = comma.join(dict.fromkeys(each["who"] or gettext(locale)("an import") for each in since))
    return StaleAsset(
        "{who} has changed this asset meanwhile: {fields}.",
        who=who or "?",
        fields=comma.join(dict.fromkeys(change["title"] for each in since for change in each["changes"])) or "?",
        version=row["version"],
        since=since,
        both=both,
    )
