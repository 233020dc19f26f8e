"""Words of a question that are in no list: the error says which come near by spelling, and which there are (S5)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from sqlalchemy import Connection, text

from config.errors import InvalidInput, NotFound
from config.kinds import kinds

NEAR = 0.6
"""Likeness (difflib's ratio) from which a word may be what was meant."""

MOST = 5
"""Words that are offered as meant."""


def must_be_kind(db: Connection, *wanted: str) -> None:
    """Raises InvalidInput for a kind that neither config/kinds.toml knows nor any asset has; a name in words leads to its code."""
    for code in wanted:
        if code and kinds().get(code) is None and not _stands(db, "kind", code):
            here = _values(db, "kind") or list(kinds().kinds)
            names = {
                name.lower(): kind.code
                for kind in kinds().kinds.values()
                for name in (kind.code, kind.name, kind.name_en)
            }
            raise InvalidInput(
                "There is no kind of asset '{kind}'.{meant}",
                "Kinds that stand in this city: {known}.",
                field="kind",
                kind=code,
                meant=_meant(near(code, names | {each: each for each in here})),
                known=", ".join(here),
            )


def must_be_source(db: Connection, *wanted: str, hidden: Iterable[str] = ()) -> None:
    """Raises InvalidInput for a source of which nothing stands that the reader may see."""
    for source in wanted:
        if source in hidden or not _stands(db, "source", source):
            here = [each for each in _values(db, "source") if each not in hidden]
            raise InvalidInput(
                "Nothing stands here of a source '{source}'.{meant}",
                "Sources in this city: {known}.",
                field="source",
                source=source,
                meant=_meant(near(source, {each.lower(): each for each in here})),
                known=", ".join(here) or "–",
            )


def no_area(db: Connection, code: str) -> NotFound:
    """The error for a code that no area has, with codes and names that come near, or the city's districts."""
    found = {row.code: row.name for row in db.execute(text("select code, name from gis.area order by level, code"))}
    names = {name.lower(): area for area, name in reversed(found.items())} | {area: area for area in found}
    close = near(code, names) or [area for area in found if code and area.startswith(code)][:MOST]
    upper = db.execute(
        text("select code from gis.area where level in ('city', 'district') order by length(code), code limit 30")
    )
    return NotFound(
        "There is no area {code}.",
        "Areas are named by their code, for example: {known}.",
        code=code,
        known=", ".join(f"{area} {found[area]}" for area in (close or list(upper.scalars()))) or "–",
    )


def near(word: str, known: Mapping[str, str]) -> list[str]:
    """What may be meant by a word: the values of the most similar keys (in small letters), the likeliest first."""
    found = get_close_matches(word.lower(), list(known), MOST, NEAR)
    within = [name for name in known if len(word) > 1 and word.lower() in name]
    return list(dict.fromkeys(known[name] for name in (*found, *within)))[:MOST]


def _meant(close: list[str]) -> str:
    return f" → {', '.join(close)}?" if close else ""


def _stands(db: Connection, column: str, value: str) -> bool:
    statement = {
        "kind": "select exists (select from gis.seen_asset where kind = :value)",
        "source": "select exists (select from gis.seen_asset where source = :value)",
    }[column]
    return bool(db.execute(text(statement), {"value": value}).scalar())


def _values(db: Connection, column: str) -> list[str]:
    statement = {
        "kind": "select kind from gis.seen_asset where status <> 'removed' group by kind order by kind",
        "source": "select source from gis.seen_asset where source <> '' group by source order by source",
    }[column]
    return list(db.execute(text(statement)).scalars())
