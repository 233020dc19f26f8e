"""Finding places and things by name, code, pinyin, initials, other or English name, in spite of a slip (S7)."""

from __future__ import annotations

import math
import re
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, text

from config.kinds import kinds
from gis.db import named_sql
from gis.naming.catch_up import catch_up
from gis.naming.folding import fold, is_chinese
from gis.naming.ranking import Match, cost_of_thing, match
from gis.naming.spellings import sought, spellings

MOST = 20
"""Hits shown."""

MOST_KINDS = 3

_CODE = re.compile(r"(?=.*\d)[A-Za-z0-9._/-]{3,40}")
"""What may be a code, or the number that a component's plain name ends in."""


def search(db: Connection, q: str, locale: str, limit: int = MOST) -> list[dict[str, Any]]:
    """The best hits first: kind, id, name, detail (area), WGS 84 point, extent, and by which spelling and how it was found."""
    if not fold(q):
        return []
    hits = by_code(db, q, locale)
    known = {(hit["kind"], hit["id"]) for hit in hits}
    named = [hit for hit in by_name(db, q, locale, limit) if (hit["kind"], hit["id"]) not in known]
    return (hits + named)[:limit]


def by_code(db: Connection, q: str, locale: str) -> list[dict[str, Any]]:
    """Areas, grids and assets whose code begins so, and components by the number in their plain name."""
    code = q.strip()
    if not _CODE.fullmatch(code):
        return []
    values = {"code": code, "any": f"%{_literal(code)}%"}
    rows = db.execute(named_sql("gis.naming", "coded"), values).all()
    exact = [row for row in rows if row.code == code]
    return [
        {
            "kind": row.kind,
            "id": row.id,
            "name": (locale == "en" and row.name_en) or row.name or row.code,
            "detail": row.code,
            "lon": row.lon,
            "lat": row.lat,
            "how": "code",
            "found_by": row.code,
        }
        for row in exact or rows
    ]


def by_kind(db: Connection, q: str, locale: str) -> list[dict[str, Any]]:
    """Kinds of assets that are called so in either language or in pinyin, and of which some stand: hits without a place.

    `how`: exact, or begun where only the beginning of its name is typed.
    """
    form = fold(q)
    called = {kind.code: _called(kind.code, kind.name, kind.name_en) for kind in kinds().kinds.values()}
    whole = [code for code, forms in called.items() if form in forms]
    enough = len(form) >= (2 if is_chinese(q) else 4)
    begun = [code for code, forms in called.items() if enough and any(each.startswith(form) for each in forms)]
    wanted = [code for code in dict.fromkeys(whole + begun) if _stands(db, code)][:MOST_KINDS]
    none = {"id": None, "detail": "", "lon": None, "lat": None}
    return [
        none | {"kind": "kind", "code": code, "name": kinds().kinds[code].title(locale), "how": "exact" if code in whole else "begun"}
        for code in wanted
    ]  # fmt: skip


@lru_cache(maxsize=512)
def _called(code: str, name: str, name_en: str) -> frozenset[str]:
    """How people type the name of a kind, folded; initials are left to names."""
    written = [each.form for each in spellings(name) if each.sort != "initials"]
    return frozenset({fold(code), fold(name_en), f"{fold(name_en)}s", *written})


def _stands(db: Connection, kind: str) -> bool:
    query = text("select exists (select from gis.seen_asset where kind = :kind and status <> 'removed')")
    return bool(db.execute(query, {"kind": kind}).scalar())


def by_name(db: Connection, q: str, locale: str, limit: int = MOST) -> list[dict[str, Any]]:
    """Named things, one hit for each however many pieces it has."""
    catch_up(db)
    best = _ranked(db, q)[:limit]
    if not best:
        return []
    values = {"ids": [place for place, _, _ in best], "en": locale == "en"}
    rows = {row.id: row for row in db.execute(named_sql("gis.naming", "described"), values)}
    return [_hit(rows[place], found, spelt, locale) for place, found, spelt in best]


def _ranked(db: Connection, q: str) -> list[tuple[int, Match, str]]:
    """Place, how it fits and by which writing, the best first."""
    wanted = sought(q)
    each_word = {f"word_{n + 1}": wanted.words[n] if n < len(wanted.words) else [] for n in range(4)}
    values = {
        "start": f"{wanted.form}%",
        "any": f"%{wanted.form}%",
        "whole": wanted.whole if len(wanted.form) > 1 else [],
        "begun": wanted.begun,
        "pairs": wanted.pairs,
        **each_word,
    }
    best: dict[int, tuple[float, str, int, Match, str]] = {}
    for row in db.execute(named_sql("gis.naming", "candidates"), values):
        spelt = _written(row)
        found = match(row.form, wanted.form, q, row.sort, spelt)
        if found is None:
            continue
        cost = found.cost + cost_of_thing(row.kind, row.size_m)
        if cost < best.get(row.id, (math.inf,))[0]:
            best[row.id] = (cost, row.name, row.id, found, spelt)
    return [(place, found, spelt) for _, _, place, found, spelt in sorted(best.values(), key=lambda each: each[:3])]


def _written(row: Any) -> str:
    """The writing behind a folded form; pinyin and initials are shown as they are."""
    if row.sort == "name":
        return str(row.name)
    if row.sort == "english":
        return str(row.name_en)
    if row.sort == "other":
        return str(next((name for name in row.other_names if fold(name).startswith(row.form)), row.form))
    return str(row.form)


def _hit(row: Any, found: Match, spelt: str, locale: str) -> dict[str, Any]:
    return {
        "kind": row.kind,
        "id": row.subject_id,
        "name": (locale == "en" and row.name_en) or row.name,
        "local_name": row.name,
        "areas": row.areas,
        "detail": " · ".join(dict.fromkeys(row.areas[:2])),
        "lon": row.lon,
        "lat": row.lat,
        "extent": row.extent,
        "parts": row.parts,
        "size_m": round(row.size_m),
        "how": found.how,
        "found_by": spelt,
    }


def _literal(text: str) -> str:
    """For LIKE, where % and _ mean something."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
