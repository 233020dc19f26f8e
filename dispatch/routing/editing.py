"""Rules of a draft: added, changed, removed, each with who and what; checked against the city before they are kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, text

from config.errors import InvalidInput, NotFound
from dispatch.routing import ground, sets
from dispatch.routing.conditions import CONDITIONS
from dispatch.routing.rules import TARGETS
from dispatch.routing.words import WEATHER


@dataclass(frozen=True)
class Wanted:
    """A rule as somebody wants it. `matches`: conditions by name; a zone comes with its `shape` as GeoJSON."""

    name: str
    target: str
    priority: int = 100
    unit_id: int | None = None
    name_en: str = ""
    matches: Mapping[str, Any] = field(default_factory=dict)


def save(db: Connection, account_id: int, set_id: int, number: int | None, wanted: Wanted, why: str) -> int:
    """Add a rule to a draft, or put it in the place of number; returns its number. Raises InvalidInput, NotFound, IllegalMove."""
    draft = sets.in_state(db, set_id, "draft")
    matches, shape = _checked(db, set_id, number, wanted)
    rule = {name: getattr(wanted, name) for name in ("priority", "name", "name_en", "target", "unit_id")}
    rule |= {"matches": matches}
    before = _standing(db, set_id, number) if number is not None else None
    if number is not None and before is None:
        raise NotFound("There is no rule {number} in this draft.", number=number)
    if before is None:
        fresh = int(db.execute(text("select coalesce(max(number), 0) + 1 from dispatch.routing_rule")).scalar_one())
        sets.insert_rule(db, set_id, rule, fresh, 1, shape)
        sets.note(db, set_id, fresh, "added", account_id, after=rule, why=why)
        return fresh
    _remove(db, set_id, before["number"])
    version = _version_before(db, draft.based_on_id, before["number"]) + 1
    sets.insert_rule(db, set_id, rule, before["number"], version, shape)
    sets.note(db, set_id, before["number"], "changed", account_id, before=before, after=rule, why=why)
    return int(before["number"])


def remove(db: Connection, account_id: int, set_id: int, number: int, why: str) -> None:
    """Take a rule out of a draft. Raises NotFound, IllegalMove."""
    sets.in_state(db, set_id, "draft")
    before = _standing(db, set_id, number)
    if before is None:
        raise NotFound("There is no rule {number} in this draft.", number=number)
    _remove(db, set_id, number)
    sets.note(db, set_id, number, "removed", account_id, before=before, why=why)


def _remove(db: Connection, set_id: int, number: int) -> None:
    db.execute(
        text("delete from dispatch.routing_rule where set_id = :set and number = :number"),
        {"set": set_id, "number": number},
    )


def _standing(db: Connection, set_id: int, number: int) -> dict[str, Any] | None:
    row = db.execute(
        text(
            "select number, version, priority, name, name_en, matches, target, unit_id from dispatch.routing_rule"
            " where set_id = :set and number = :number"
        ),
        {"set": set_id, "number": number},
    ).first()
    return dict(row._mapping) if row else None


def _version_before(db: Connection, base: int | None, number: int) -> int:
    statement = text("select version from dispatch.routing_rule where set_id = :base and number = :number")
    return int(db.execute(statement, {"base": base, "number": number}).scalar() or 0)


def _checked(db: Connection, set_id: int, number: int | None, wanted: Wanted) -> tuple[dict[str, Any], str | None]:
    """The conditions as they are kept, and the polygon of the ground."""
    if not wanted.name.strip():
        raise InvalidInput("The rule has no name.", "Give it one that others understand.", field="name")
    if wanted.target not in TARGETS or (wanted.target == "unit") != (wanted.unit_id is not None):
        raise InvalidInput("A rule names a unit, or says whose unit it is.", "Choose one.", field="unit_id")
    if wanted.unit_id is not None:
        _all_known(db, "select id from gis.unit where active and id = any(:ids)", [wanted.unit_id], "unit_id")
    matches = {name: value for name, value in wanted.matches.items() if value not in (None, [], {}, "")}
    strange = sorted(set(matches) - set(CONDITIONS))
    if strange:
        raise InvalidInput("There is no condition '{name}'.", name=strange[0], field="matches")
    if "areas" in matches:
        matches["areas"] = _areas(db, [area["code"] for area in matches["areas"]])
    if "conditions" in matches:
        found = "select id from dispatch.filing_condition where id = any(:ids)"
        _all_known(db, found, matches["conditions"], "conditions")
    if "weather" in matches and not set(matches["weather"]) <= set(WEATHER):
        raise InvalidInput("There is no such weather flag.", field="weather")
    if "hours" in matches and matches["hours"]["from"] == matches["hours"]["to"]:
        raise InvalidInput("The hours have no length.", "Leave them out for the whole day.", field="hours")
    asked = matches.get("ground")
    if asked and asked["kind"] == "zone" and not asked.get("shape") and number is not None:
        before, drawn = _ground_as_it_was(db, set_id, number)
        return matches | {"ground": before | {"name": asked.get("name") or before.get("name", "")}}, drawn
    kept, shape = ground.of(db, asked)
    return matches | ({"ground": kept} if kept else {}), shape


def _ground_as_it_was(db: Connection, set_id: int, number: int) -> tuple[dict[str, Any], str]:
    row = db.execute(
        text(
            "select matches -> 'ground' as kept, encode(st_asewkb(ground), 'hex') as shape from dispatch.routing_rule"
            " where set_id = :set and number = :number and matches -> 'ground' ->> 'kind' = 'zone'"
        ),
        {"set": set_id, "number": number},
    ).first()
    if row is None:
        raise InvalidInput("The zone is not drawn.", "Draw it on the map.", field="ground")
    return dict(row.kept), str(row.shape)


def _areas(db: Connection, codes: list[str]) -> list[dict[str, str]]:
    rows = db.execute(text("select code, level from gis.area where code = any(:codes)"), {"codes": codes})
    levels = {row.code: row.level for row in rows}
    missing = [code for code in codes if code not in levels]
    if missing:
        raise NotFound("There is no area '{area}'.", "Choose one of the list.", area=missing[0])
    return [{"code": code, "level": levels[code]} for code in codes]


def _all_known(db: Connection, statement: str, ids: list[int], name: str) -> None:
    known = set(db.execute(text(statement), {"ids": ids}).scalars())
    if set(ids) - known:
        raise InvalidInput(
            "There is no such unit." if name == "unit_id" else "There is no such filing condition.", field=name
        )
