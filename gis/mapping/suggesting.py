"""What a layer's columns probably mean: by their names, their values, and the words of config/column_words.toml. Pure.

Everything here is a suggestion that the steward sees before it counts. The coordinate system is never among them.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from config import kinds as kinds_file
from config.kinds import Attribute, Kind
from gis.importing.attribute_rules import YES_NO
from gis.mapping.columns import Column

WORDS = Path(kinds_file.__file__).with_name("column_words.toml")
TYPES = {"number": "number", "integer": "integer", "flag": "boolean", "date": "date", "text": "text"}
"""What a kind's attribute type is called in a mapping; lists and objects come from other doors."""

PLACE = "{place}"
_PAIRS = re.compile(r"[\[({\s'\"]*(-?\d+\.\d+[\s,;\])}({'\"\[]+){2}-?\d+\.\d")
"""How a line's numbers begin in a cell: three of them at least, x before y, whatever stands between."""

_BRACKETS = re.compile(r"[(\[（【〔]([^)\]）】〕]*)[)\]）】〕]")


@lru_cache
def words() -> dict[str, dict[str, Any]]:
    """config/column_words.toml."""
    return tomllib.loads(WORDS.read_text(encoding="utf-8"))


def key(name: str) -> str:
    """A name as it is compared: no case, no spaces and signs, nothing in brackets."""
    plain = _BRACKETS.sub("", unicodedata.normalize("NFKC", name)).lower()
    return re.sub(r"[\W_]+", "", plain) or re.sub(r"\s+", "", name.lower())


def unit(name: str) -> str:
    """The unit that stands in brackets behind a column's name."""
    found = _BRACKETS.search(name)
    return unicodedata.normalize("NFKC", found[1]).strip().lower() if found else ""


def kind(name: str, columns: Sequence[Column]) -> str:
    """The kind that a layer of this name (or one of its columns' values) probably holds, or ""."""
    plain = key(name)
    found = [(len(word), code) for code, word in _kind_words() if word and word in plain]
    if found:
        return max(found)[1]
    values = {key(value) for column in columns for value in column.values if len(column.values) == 1}
    return next((code for code, word in _kind_words() if word in values), "")


def _kind_words() -> Iterator[tuple[str, str]]:
    for code, extra in words()["kind"].items():
        yield from ((code, key(word)) for word in extra)
    for code, each in kinds_file.kinds().kinds.items():
        yield from ((code, key(word)) for word in (each.name, each.name_en, code))


def mapping(columns: Sequence[Column], kind: Kind | None, name: str, drawn: bool) -> dict[str, Any]:
    """A whole mapping but for its coordinate system: source, reference, kind, names, where coordinates stand, attributes.

    `drawn` says that the file has shapes of its own; then no column is looked for.
    """
    place = {} if drawn else geometry(columns)
    left = [column for column in columns if column.name not in place.values() and column.type]
    unique = _role("reference", [column for column in left if column.nearly])
    unique = unique or _reference([column for column in left if column.unique])
    called = _role("name", [column for column in left if column.type == "text"])
    english = _role("name_en", left)
    code = _role("class_code", left)
    made: dict[str, Any] = {"source": name, "reference": f"{{{unique.name}}}" if unique else PLACE}
    if kind:
        made["kind"] = kind.code
        if kind.class_code:
            made["class_code"] = kind.class_code
    if code:
        made["class_code"] = f"{{{code.name}}}"
    if called:
        made["name"] = f"{{{called.name}}}"
    if english:
        made["name_en"] = f"{{{english.name}}}"
    if any(column.comma for column in columns):
        made["decimal"] = ","
    if place:
        made["geometry"] = place
    used = {column.name for column in (unique, code, english) if column}
    kept = attributes([column for column in left if column.name not in used], kind) if kind else {}
    return made | ({"attributes": kept} if kept else {})


def _reference(columns: Sequence[Column]) -> Column | None:
    """The column that numbers its rows for good; else one that a program counted. All of them have a value for each row."""
    counted = {key(word) for word in words()["role"]["counted"]}
    lasting = [column for column in columns if key(column.name) not in counted]
    return (
        _role("reference", lasting)
        or next((column for column in lasting if key(column.name).endswith("id")), None)
        or _role("counted", columns)
    )


def geometry(columns: Sequence[Column]) -> dict[str, str]:
    """Where the coordinates probably stand: a column of well-known text, or of a line's numbers, or two of numbers."""
    for column in columns:
        if _is_wkt(column):
            return {"wkt": column.name}
        if column.examples and all(_PAIRS.match(value) for value in column.examples):
            return {"pairs": column.name}
    numbers = [column for column in columns if column.type in ("integer", "number", "degrees")]
    x, y = _role("x", numbers), _role("y", numbers)
    return {"x": x.name, "y": y.name} if x and y and x is not y else {}


def _is_wkt(column: Column) -> bool:
    return any(re.match(r"\s*(MULTI)?(POINT|LINESTRING|POLYGON)\b", value, re.IGNORECASE) for value in column.examples)


def attributes(columns: Iterable[Column], kind: Kind) -> dict[str, Any]:
    """Attributes of the kind by the columns that seem to hold them; each column at most once, the best match first."""
    pairs = [
        (rank, place, column, attribute)
        for place, column in enumerate(columns)
        for attribute in kind.attributes
        if (rank := _match(column, attribute)) is not None
    ]
    found: dict[str, Any] = {}
    taken: set[str] = set()
    for _rank, _place, column, attribute in sorted(pairs, key=lambda pair: pair[:2]):
        if attribute.code not in found and column.name not in taken:
            found[attribute.code] = entry(column, attribute)
            taken.add(column.name)
    return found


def _match(column: Column, attribute: Attribute) -> int | None:
    """How well a column's name fits an attribute: 0 the best, None not at all. A unit that cannot be converted fits nothing."""
    if attribute.types[0] not in TYPES or factor(column.name, attribute) is None:
        return None
    if attribute.types[0] in ("number", "integer") and column.type not in ("number", "integer"):
        return None
    said = key(column.name)
    if said == key(attribute.code) or said in (key(attribute.name), key(attribute.name_en)):
        return 0
    extra = [key(word) for word in words()["attribute"].get(attribute.code, ())]
    if said in extra:
        return 1 + extra.index(said)
    return None


def factor(name: str, attribute: Attribute) -> float | None:
    """What makes the attribute's unit of the one in brackets behind the column's name; None where that is another quantity."""
    stated, known = unit(name), words()["unit"].get(attribute.unit, {})
    if not stated or not known or attribute.types[0] not in ("number", "integer"):
        return 1.0
    found = known.get(stated)
    return None if found is None else float(found)


def entry(column: Column, attribute: Attribute) -> dict[str, Any]:
    """The line of [attributes] that reads a column as this attribute, with its words translated where they are known."""
    made: dict[str, Any] = {"column": column.name, "type": TYPES.get(attribute.types[0], "as_is")}
    times = factor(column.name, attribute)
    if times not in (None, 1.0):
        made["factor"] = times
    values = translated(column.values, attribute)
    return made | ({} if values is None else {"values": values})


def translated(values: Mapping[str, int], attribute: Attribute) -> dict[str, Any] | None:
    """The column's words as the attribute's choices where a choice is called so; None where nothing is to be translated.

    Words that are not known are left to the steward: a row that has one is remarked upon.
    """
    if attribute.types[0] == "flag":
        return None if all(word.lower() in YES_NO for word in values) else {}
    codes = {code for code, _zh, _en in attribute.choices}
    if not codes or all(word in codes for word in values):
        return None
    by_name = {key(word): code for code, zh, en in attribute.choices for word in (code, zh, en)}
    return {word: by_name[key(word)] for word in values if key(word) in by_name}


def _role(role: str, columns: Sequence[Column]) -> Column | None:
    """The column that is called as one of the role's words, earlier words first; else one whose name ends or begins so."""
    called: dict[str, Column] = {}
    for column in columns:
        called.setdefault(key(column.name), column)
    plain = [key(word) for word in words()["role"][role]]
    exact = next((called[word] for word in plain if word in called), None)
    long = [word for word in plain if len(word) > (2 if word.isascii() else 1)]
    return exact or next((called[name] for word in long for name in called if _begins_or_ends(name, word)), None)


def _begins_or_ends(name: str, word: str) -> bool:
    """灯杆编号 ends with 编号; bd_lng ends with lng."""
    return name.endswith(word) or (name.startswith(word) and not word.isascii())
