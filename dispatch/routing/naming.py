"""Looks up the names behind what rules say: classes, areas, units, conditions, kinds; then words.py makes the sentences."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, text

from config.i18n import _, gettext
from config.kinds import kinds
from dispatch.routing import words
from dispatch.routing.words import Names


def considered(db: Connection, entries: Sequence[Mapping[str, Any]], locale: str) -> list[dict[str, Any]]:
    """Every rule that was asked with `why` in words; rules that no longer stand keep the name they had."""
    ids = [entry["rule"] for entry in entries if entry.get("rule") is not None]
    rows = db.execute(text("select id, matches from dispatch.routing_rule where id = any(:ids)"), {"ids": ids})
    matches = {row.id: row.matches for row in rows}
    names = of(db, matches.values(), locale)
    return [
        {**_named(entry, locale), "why": words.why(entry, matches.get(entry.get("rule")), names, locale)}
        for entry in entries
    ]


def _named(entry: Mapping[str, Any], locale: str) -> dict[str, Any]:
    if entry.get("rule") is not None or "count" not in entry:
        return dict(entry)
    name = gettext(locale)(_("{n} more rules")).format(n=entry["count"])
    return {**entry, "name": name, "name_en": name}


def of(db: Connection, conditions: Iterable[Mapping[str, Any]], locale: str) -> Names:
    """Names of everything that these conditions mention."""
    found = list(conditions)
    codes = {code for each in found for code in each.get("classes", ())}
    areas = {area["code"] for each in found for area in each.get("areas", ())}
    units = {unit for each in found for unit in each.get("asset_units", ())}
    filing = {each_id for each in found for each_id in each.get("conditions", ())}
    kind = {name for each in found for name in each.get("asset_kinds", ())}
    return Names(
        classes=_classes(db, codes, locale),
        areas=_named_rows(db, "select code as key, name, name_en from gis.area where code = any(:keys)", areas, locale),
        units=_named_rows(db, "select id as key, name, name_en from gis.unit where id = any(:keys)", units, locale),
        conditions=_named_rows(
            db,
            "select id as key, text as name, text_en as name_en from dispatch.filing_condition where id = any(:keys)",
            filing,
            locale,
        ),
        kinds={name: kind_name(name, locale) for name in kind},
    )


def kind_name(kind: str, locale: str) -> str:
    """A kind of asset in words; its code where this version does not know it."""
    known = kinds().get(kind)
    return known.title(locale) if known else kind


def _classes(db: Connection, codes: set[str], locale: str) -> dict[str, str]:
    say = gettext(locale)
    names = _named_rows(
        db,
        "select code as key, name, name_en from dispatch.case_class where code = any(:keys)"
        " union select left(code, 3), min(major_name), min(major_name_en) from dispatch.case_class"
        " where left(code, 3) = any(:keys) group by 1",
        codes,
        locale,
    )
    kinds_of = {"C": say(_("all components")), "M": say(_("all matters"))}
    return names | {code: kinds_of[code] for code in codes & kinds_of.keys()}


def _named_rows(db: Connection, statement: str, keys: set[Any], locale: str) -> dict[Any, str]:
    if not keys:
        return {}
    rows = db.execute(text(statement), {"keys": list(keys)})
    return {row.key: (locale == "en" and row.name_en) or row.name for row in rows}
