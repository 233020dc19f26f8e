"""One change of one asset by one person: who, when, why, before and after, and never over somebody else's change.

Whoever changes an asset says which version was looked at. Where another change came in between nothing is written: StaleAsset tells who
changed what, with both values, so that the person can choose.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from config.errors import CodeTaken, InvalidAsset, InvalidInput, NotFound
from config.i18n import _, gettext
from config.kinds import Kind, kinds
from gis import events
from gis.actors import Actor
from gis.importing import instance
from gis.register import conflicts, fields, shapes

SOURCE = "register"
"""Source of what people enter; their reference is made."""

_ROW = text("""
    select id, kind, version, name, name_en, status, class_code, code, unit_id, authority, owner, maintainer, survey_source,
           accuracy_class, survey_date::text, installed_on::text, inspected_on::text, attributes, encode(st_asewkb(geom), 'hex') as geom
    from gis.asset where id = :id for update
""")
_HISTORY = text("""
    insert into gis.asset_history (asset_id, version, change, before, after, why, account_id, change_set_id)
    values (:id, :version, :change, cast(:before as jsonb), cast(:after as jsonb), :why, :account, :change_set)
""")
_WITH_CODE = text(
    """
    select id, kind, coalesce(nullif(case when :en then name_en end, ''), nullif(name, ''), name_en) as name, status
    from gis.asset where code = :code and id <> :id
"""
)
_ADD = text("""
    insert into gis.asset (kind, class_code, geom, attributes, source, source_ref, recorded_at)
    values (:kind, :class_code, cast(:geom as geometry), '{}', :source, :ref, gis.now()) returning id
""")


def create(
    db: Connection, actor: Actor, kind: str, geometry: Mapping[str, Any], new: Mapping[str, Any], why: str
) -> int:
    """Enter an asset; returns its id. `geometry` is GeoJSON in WGS 84 degrees, `new` as the changes of `change`.

    Raises InvalidAsset naming each field that cannot be kept, CodeTaken where another asset has its code.
    """
    known = _kind(kind)
    plain, attributes = _split(new)
    values = {"class_code": known.class_code or None} | plain
    place, misplaced = _placed(db, known, geometry, actor.locale)
    wrong = _unreasoned(why, actor.locale) | misplaced | _unknown_unit(db, plain, actor.locale)
    with _code_told_too(db, kind, plain, 0, actor.locale):
        fields.check(kind, values, attributes, set(attributes), actor.locale, wrong)
    made = {"kind": kind, "class_code": values["class_code"], "geom": place, "source": SOURCE, "ref": uuid4().hex}
    asset_id = int(db.execute(_ADD, made).scalar_one())
    kept = {name: value for name, value in attributes.items() if value is not None}
    _write(db, actor, asset_id, plain, kept or None, None)
    _record(db, actor, asset_id, 1, "added", None, None, why)
    return asset_id


def change(
    db: Connection,
    actor: Actor,
    asset_id: int,
    version: int,
    changes: Mapping[str, Any],
    why: str,
    *,
    change_set: int | None = None,
) -> int:
    """Change fields and attributes; returns the new version, or the old one where nothing differs.

    `changes` holds plain fields by name and "attributes": only those to change, None takes one away; "geometry" moves it. Raises NotFound,
    InvalidAsset naming each field that cannot be kept, CodeTaken, StaleAsset where the asset is no longer at `version`,
    RetiredAsset where it was retired and `changes` do not bring it back.
    """
    row = dict(_locked(db, asset_id)._mapping)
    if row["status"] == "removed" and (changes.get("status") or "removed") == "removed" and set(changes) != {"status"}:
        raise conflicts.retired(db, row, actor.locale)
    plain, new = _split(changes)
    geometry = plain.pop("geometry", None)
    if row["version"] != version:
        raise conflicts.stale(db, row, version, plain, new, geometry, actor.locale)
    attributes = {name: value for name, value in (row["attributes"] | new).items() if value is not None}
    with_class = {"class_code": row["class_code"]} if plain.get("code") and "class_code" not in plain else {}
    place: str = row["geom"]
    misplaced: dict[str, str] = {}
    if geometry is not None:
        place, misplaced = _placed(db, _kind(row["kind"]), geometry, actor.locale)
    wrong = _unreasoned(why, actor.locale) | misplaced | _unknown_unit(db, plain, actor.locale)
    with _code_told_too(db, row["kind"], plain, asset_id, actor.locale):
        fields.check(row["kind"], plain | with_class, attributes, set(new), actor.locale, wrong)
    after = {name: value for name, value in plain.items() if value != row[name]}
    after |= {"attributes": attributes} if attributes != row["attributes"] else {}
    after |= {"geom": place} if place.lower() != row["geom"].lower() else {}
    if not after:
        return version
    _write(db, actor, asset_id, plain, after.get("attributes"), after.get("geom"))
    before = {name: row[name] for name in after}
    _record(db, actor, asset_id, version + 1, _word(before, after), before, after, why, change_set)
    return version + 1


def _unreasoned(why: str, locale: str) -> dict[str, str]:
    """A change without a reason, as the fault of a field."""
    return {} if why.strip() else {"why": gettext(locale)(_("Say why: the history keeps it."))}


def _unknown_unit(db: Connection, plain: Mapping[str, Any], locale: str) -> dict[str, str]:
    wanted = plain.get("unit_id")
    if not isinstance(wanted, int) or not 0 < wanted < 2**63:
        return {}  # empty, or told by fields.check
    unit = db.execute(text("select 1 from gis.unit where id = :id"), {"id": wanted}).first()
    return {} if unit else {"unit_id": gettext(locale)(_("must be a unit of the list"))}


def _placed(db: Connection, kind: Kind, geometry: Any, locale: str) -> tuple[str, dict[str, str]]:
    """GeoJSON as EWKB (hexadecimal), or what is wrong with it."""
    try:
        return shapes.as_wkb(kind, geometry, locale, instance.setting(db, "extent")), {}
    except InvalidAsset as error:
        return "", dict(error.facts["fields"])  # type: ignore[call-overload]


@contextmanager
def _code_told_too(db: Connection, kind: str, plain: Mapping[str, Any], asset_id: int, locale: str) -> Iterator[None]:
    """Where other fields are at fault, a code that another asset has is told with them, not only once they are corrected."""
    try:
        yield
    except InvalidAsset as error:
        wrong: dict[str, str] = dict(error.facts["fields"])  # type: ignore[call-overload]
        asked = plain.get("code") and "code" not in wrong
        taken = _taken(db, str(plain["code"]), asset_id, locale) if asked else None
        if taken is None:
            raise
        wrong |= dict(taken.facts["fields"])  # type: ignore[call-overload]
        raise fields.unfit(kind, wrong, locale, other=taken.facts["other"], status=taken.facts["status"]) from error


def _taken(db: Connection, code: str, asset_id: int, locale: str) -> CodeTaken | None:
    """The error that names the asset which has a code, if another one has it."""
    row = db.execute(_WITH_CODE, {"code": code, "id": asset_id, "en": locale == "en"}).first()
    if row is None:
        return None
    name = " ".join(filter(None, (fields.kind_title(row.kind, locale), row.name or f"#{row.id}")))
    said = gettext(locale)(_("belongs to another asset already: {name}")).format(name=name)
    return CodeTaken(
        "{name} has the code {code} already.",
        name=name,
        code=code,
        other=row.id,
        status=row.status,
        fields={"code": said},
    )


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


def _write(
    db: Connection,
    actor: Actor,
    asset_id: int,
    plain: Mapping[str, Any],
    attributes: Mapping[str, Any] | None,
    geom: str | None,
) -> None:
    """Set what is given. Names of columns come from fields.FIELDS, never from outside. Raises CodeTaken.

    Whether a code is free is asked of its unique index alone: whoever asks first and writes then can be overtaken in between.
    """
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
    if not parts:
        return
    try:
        with db.begin_nested():
            db.execute(text(f"update gis.asset set {', '.join(parts)} where id = :id"), values)
    except IntegrityError as error:
        taken = _taken(db, plain["code"], asset_id, actor.locale) if plain.get("code") else None
        raise taken or error from error


def _record(
    db: Connection,
    actor: Actor,
    asset_id: int,
    version: int,
    change: str,
    before: Any,
    after: Any,
    why: str,
    change_set: int | None = None,
) -> None:
    kept = {"before": before, "after": after}
    said = {name: None if value is None else json.dumps(value, ensure_ascii=False) for name, value in kept.items()}
    values = {"id": asset_id, "version": version, "change": change, "why": why.strip()}
    values |= {"account": actor.account_id, "change_set": change_set}
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
