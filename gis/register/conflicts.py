"""What a person sees whose change came too late: theirs, mine and what was before, side by side. Nothing is merged in silence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, text

from config.errors import NotFound, RetiredAsset, StaleAsset
from config.i18n import _, gettext
from gis.register import fields, shapes, versions

_STANDS = text("select id, kind, name, version, status from gis.asset where id = :id for update")


def stale(
    db: Connection,
    row: Mapping[str, Any],
    seen: int,
    plain: Mapping[str, Any],
    attributes: Mapping[str, Any],
    geometry: Any,
    locale: str,
) -> StaleAsset:
    """Who changed what since version `seen`, and for each field wanted here: mine, theirs, before. `row` is the asset as it stands.

    Of a geometry the three are GeoJSON.
    """
    kind = row["kind"]
    wanted = dict(plain) | {f"attributes.{name}": value for name, value in attributes.items()}
    wanted |= {"geom": geometry} if geometry is not None else {}
    since = [each for each in versions.of(db, row["id"], locale) if each["version"] > seen]
    touched = {change["field"] for each in since for change in each["changes"]}
    now = _flat(row)
    was = now | _flat(_before(db, row["id"], seen))
    both = [
        {
            "field": field,
            "title": fields.title(kind, field, locale),
            **_sides(kind, field, {"mine": wanted[field], "theirs": now.get(field), "before": was.get(field)}, locale),
            "changed_by_both": field in touched,
        }
        for field in wanted
    ]
    comma = "、" if locale == "zh" else ", "
    who = comma.join(dict.fromkeys(each["who"] or gettext(locale)(_("an import")) for each in since))
    return StaleAsset(
        "{who} has changed this asset meanwhile: {fields}.",
        who=who or "?",
        fields=comma.join(dict.fromkeys(change["title"] for each in since for change in each["changes"])) or "?",
        version=row["version"],
        since=since,
        both=both,
    )


def retired(db: Connection, row: Mapping[str, Any], locale: str) -> RetiredAsset:
    """Who took the asset out of the register, and when. `row`: its id, kind, name and version."""
    last = next((each for each in versions.of(db, row["id"], locale) if each["change"] == "removed"), None)
    name = " ".join(filter(None, (fields.kind_title(row["kind"], locale), row["name"] or f"#{row['id']}")))
    facts = {"name": name, "asset": row["id"], "version": row["version"]}
    if last is None:
        return RetiredAsset("{name} is retired.", **facts)
    who = last["who"] or gettext(locale)(_("an import"))
    return RetiredAsset("{name} is retired: {who}, {when}.", **facts, who=who, when=last["recorded_at"])


def must_stand(db: Connection, asset_id: int, locale: str) -> None:
    """Raises RetiredAsset for an asset that no longer stands, NotFound for one that never did; locks it."""
    row = db.execute(_STANDS, {"id": asset_id}).mappings().first()
    if row is None:
        raise NotFound("There is no asset {asset}.", asset=asset_id)
    if row["status"] == "removed":
        raise retired(db, dict(row), locale)


def _before(db: Connection, asset_id: int, seen: int) -> dict[str, Any]:
    """Of every field touched since version `seen`, what the first such change found."""
    found: dict[str, Any] = {}
    for before in versions.found_since(db, asset_id, seen):
        found = before | found
    return found


def _flat(row: Mapping[str, Any]) -> dict[str, Any]:
    """Plain fields and attributes by the names that forms use; a geometry as GeoJSON."""
    flat = {name: value for name, value in row.items() if name != "attributes"}
    if flat.get("geom"):
        flat["geom"] = shapes.as_geojson(flat["geom"])
    return flat | {f"attributes.{name}": value for name, value in (row.get("attributes") or {}).items()}


def _sides(kind: str, field: str, values: Mapping[str, Any], locale: str) -> dict[str, Any]:
    texts = {
        f"{side}_text": "" if field == "geom" else fields.shown(kind, field, value, locale)
        for side, value in values.items()
    }
    return {**values, **texts}
