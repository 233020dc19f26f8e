"""Sets and rules as a planner reads them: names instead of ids, conditions in words, what changed against the set before."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from config.i18n import gettext
from dispatch.routing import naming, sets, words
from dispatch.routing.conditions import CONDITIONS
from dispatch.routing.rules import specificity

_PERSON = "case when :locale = 'en' then coalesce(nullif({0}.name_en, ''), {0}.name) else {0}.name end"


def overview(db: Connection, locale: str, now: datetime) -> list[dict[str, Any]]:
    """All sets, the newest first; `role`: in_force, planned, past, or its state."""
    names = ", ".join(f"{_PERSON.format(each)} as {name}" for each, name in (("c", "author"), ("d", "decider")))
    rows = db.execute(
        text(
            "select s.id, s.state, s.why, s.based_on_id, s.created_at, s.submitted_at, s.decided_at, s.decision_note, s.valid_from,"
            f" (select count(*) from dispatch.routing_rule r where r.set_id = s.id) as rules, {names}"
            " from dispatch.routing_set s left join gis.account c on c.id = s.created_by left join gis.account d on d.id = s.decided_by"
            " order by s.id desc limit 200"
        ),
        {"locale": locale},
    ).all()
    begun = [row for row in rows if row.state == "approved" and row.valid_from <= now]
    current = max(begun, key=lambda row: (row.valid_from, row.id)).id if begun else None
    say = gettext(locale)
    found = []
    for row in rows:
        role = row.state
        if row.state == "approved":
            role = "in_force" if row.id == current else "planned" if row.valid_from > now else "past"
        found.append({**row._mapping, "role": role, "state_name": say(sets.STATES[row.state])})
    return found


def rules(db: Connection, set_id: int, locale: str) -> list[dict[str, Any]]:
    """The rules of a set in the order in which they are asked, with conditions in words and `change` against the set before."""
    base = sets.one(db, set_id).based_on_id
    rows = db.execute(
        text(
            "select r.id, r.number, r.version, r.priority, r.name, r.name_en, r.matches, r.target, r.unit_id, u.name as unit,"
            " u.name_en as unit_en, st_asgeojson(r.ground, 6) as ground, b.id is null as added,"
            " (b.priority, b.name, b.name_en, b.matches, b.target, b.unit_id, st_asbinary(b.ground)) is distinct from"
            " (r.priority, r.name, r.name_en, r.matches, r.target, r.unit_id, st_asbinary(r.ground)) as changed"
            " from dispatch.routing_rule r left join gis.unit u on u.id = r.unit_id"
            " left join dispatch.routing_rule b on b.set_id = :base and b.number = r.number where r.set_id = :set"
        ),
        {"set": set_id, "base": base},
    ).all()
    names = naming.of(db, [row.matches for row in rows], locale)
    say = gettext(locale)
    found = []
    for row in rows:
        change = "" if base is None else "added" if row.added else "changed" if row.changed else ""
        unit = (locale == "en" and row.unit_en) or row.unit
        found.append(
            {
                **{
                    name: row._mapping[name]
                    for name in ("id", "number", "version", "priority", "name", "name_en", "matches")
                },
                "target": row.target,
                "unit_id": row.unit_id,
                "who": unit or say(words.TARGET_NAMES[row.target]),
                "specificity": specificity(row.matches),
                "conditions": conditions(row.matches, names, locale),
                "ground": json.loads(row.ground) if row.ground else None,
                "change": change,
            }
        )
    return sorted(found, key=lambda rule: (rule["priority"], -rule["specificity"], rule["number"], rule["id"]))


def conditions(matches: Mapping[str, Any], names: words.Names, locale: str) -> list[dict[str, str]]:
    """Each condition as name and what it must be, in words."""
    say = gettext(locale)
    asked = [name for name in CONDITIONS if name in matches]
    return [
        {
            "key": name,
            "name": say(words.CONDITION_NAMES[name]),
            "words": words.condition(name, matches[name], names, locale),
        }
        for name in asked
    ]


def removed(db: Connection, set_id: int) -> list[dict[str, Any]]:
    """Rules of the set before that this one does not have."""
    rows = db.execute(
        text(
            "select b.number, b.name, b.name_en from dispatch.routing_set s join dispatch.routing_rule b on b.set_id = s.based_on_id"
            " where s.id = :set and not exists (select from dispatch.routing_rule r where r.set_id = s.id and r.number = b.number)"
            " order by b.number"
        ),
        {"set": set_id},
    )
    return [dict(row._mapping) for row in rows]


def changes(db: Connection, locale: str, set_id: int | None = None, number: int | None = None) -> list[dict[str, Any]]:
    """Who did what to sets and rules, when and why, the newest first; of one set or one rule through all sets where asked."""
    rows = db.execute(
        text(
            f"select h.id, h.set_id, h.number, h.change, {_PERSON.format('a')} as person, h.before, h.after, h.why, h.recorded_at"
            " from dispatch.routing_change h left join gis.account a on a.id = h.account_id"
            " where (cast(:set as bigint) is null or h.set_id = :set) and (cast(:number as integer) is null or h.number = :number)"
            " order by h.id desc limit 300"
        ),
        {"locale": locale, "set": set_id, "number": number},
    )
    return [dict(row._mapping) for row in rows]


def choices(db: Connection, locale: str) -> dict[str, list[dict[str, Any]]]:
    """Areas from the largest down, units, kinds of assets that there are, owners of assets."""
    say = gettext(locale)
    levels = {level: say(name) for level, name in words.AREA_LEVELS.items()}
    areas = db.execute(
        text(
            "select code, name, name_en, level from gis.area"
            " order by array_position(array['city', 'district', 'subdistrict', 'community'], level), code"
        )
    )
    units = db.execute(text("select id, code, name, name_en from gis.unit where active order by code"))
    assets = db.execute(text("select distinct kind, owner from gis.seen_asset where status <> 'removed'")).all()
    kinds = sorted({row.kind for row in assets})
    owners = sorted({row.owner for row in assets} - {""})
    return {
        "areas": [{**row._mapping, "hint": levels[row.level]} for row in areas],
        "units": [dict(row._mapping) for row in units],
        "kinds": [{"code": kind, "name": naming.kind_name(kind, locale)} for kind in kinds],
        "owners": [{"code": owner, "name": owner, "hint": ""} for owner in owners],
    }


def in_force_id(db: Connection, now: datetime) -> int | None:
    """Id of the set in force."""
    row = db.execute(
        text(
            "select id from dispatch.routing_set where state = 'approved' and valid_from <= :now order by valid_from desc, id desc limit 1"
        ),
        {"now": now},
    ).first()
    return int(row.id) if row else None
