"""What a layer's mapping makes of a row: which asset it is, under which reference, with which attributes. Pure.

Texts in the mapping are templates: {COLUMN} stands for the row's value, {COLUMN:03} pads a number, {row} is the number of the
row and {place} ten characters computed from its raw coordinates, for layers whose owner gives no reference.
"""

from __future__ import annotations

import hashlib
import re
import string
from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

import shapely

from config.errors import InvalidInput
from gis.importing.placing import Fault

Row = Mapping[str, Any]
OWN_FIELDS = ("row", "place")
OTHERWISE = "*"
"""In a table of values: any value that the table does not name."""


class Attribute(NamedTuple):
    """One attribute to keep: the column it comes from, and what it is read as."""

    column: str
    type: str


class Facts(NamedTuple):
    """A row as an asset, without its shape. `remarks` are values that could not be read and were left out."""

    reference: str
    kind: str
    class_code: str | None
    name: str
    name_en: str
    attributes: dict[str, Any]
    remarks: list[Fault]


@dataclass(frozen=True)
class LookUp:
    """A table of values: the column it reads and what each of its values means."""

    column: str
    values: Mapping[str, str]


@dataclass(frozen=True)
class Rules:
    """A mapping, checked. `references` are tried in order: the first of which every part is filled counts."""

    source: str
    attribution: str
    references: tuple[str, ...]
    kind: str
    class_code: str
    name: str
    name_en: str
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    look_up: Mapping[str, LookUp] = field(default_factory=dict)
    select: Mapping[str, frozenset[str]] = field(default_factory=dict)
    unknown: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def wants(self, row: Row) -> bool:
        """Every line of [select] holds."""
        return all(text(row.get(column)) in wanted for column, wanted in self.select.items())


KEYS = {
    "source", "attribution", "system", "layer", "encoding", "geometry", "reference", "kind", "class_code", "name", "name_en",
    "attributes", "look_up", "select", "unknown",
}  # fmt: skip


def read_rules(mapping: Mapping[str, Any]) -> Rules:
    """The rules of a mapping file. Raises InvalidInput for what it lacks or does not know."""
    check_keys(mapping, KEYS, ("source", "reference", "kind"))
    references = mapping["reference"]
    return Rules(
        source=str(mapping["source"]),
        attribution=str(mapping.get("attribution", "")),
        references=(references,) if isinstance(references, str) else tuple(references),
        kind=str(mapping["kind"]),
        class_code=str(mapping.get("class_code", "")),
        name=str(mapping.get("name", "")),
        name_en=str(mapping.get("name_en", "")),
        attributes={name: _attribute(name, entry) for name, entry in mapping.get("attributes", {}).items()},
        look_up=read_look_up(mapping),
        select=_texts(mapping.get("select", {})),
        unknown=_texts(mapping.get("unknown", {})),
    )


def check_keys(mapping: Mapping[str, Any], known: Set[str], needed: Iterable[str]) -> None:
    """See that a mapping has what it must and nothing that would be passed over. Raises InvalidInput naming both."""
    strange = [f"'{name}' is not known" for name in sorted(mapping.keys() - known)]
    missing = [f"{name} is missing" for name in needed if not mapping.get(name)]
    if strange or missing:
        raise InvalidInput(
            "The mapping is not complete or not understood: {names}.",
            "It must have {needed}; it may have {known}.",
            names=", ".join([*missing, *strange]),
            needed=", ".join(needed),
            known=", ".join(sorted(known)),
        )


def read_look_up(mapping: Mapping[str, Any]) -> dict[str, LookUp]:
    """The tables of values: [look_up.NAME] with column and values makes a field NAME."""
    found = {}
    for name, entry in mapping.get("look_up", {}).items():
        if not {"column", "values"} <= entry.keys():
            raise InvalidInput("The table [look_up.{name}] must have a column and values.", name=name)
        found[name] = LookUp(entry["column"], {str(key): str(value) for key, value in entry["values"].items()})
    return found


def check_columns(rules: Rules, columns: Iterable[str]) -> None:
    """See that the file has every column that the mapping names. Raises InvalidInput naming those it has."""
    have = {*columns, *OWN_FIELDS, *rules.look_up}
    templates = (*rules.references, rules.kind, rules.class_code, rules.name, rules.name_en)
    named = {name for template in templates for name in _names(template)}
    named |= {kept.column for kept in rules.attributes.values()} | {table.column for table in rules.look_up.values()}
    named |= {*rules.select, *rules.unknown}
    if named - have:
        raise InvalidInput(
            "The mapping names columns that the file does not have: {missing}.",
            "Its columns are: {columns}.",
            missing=", ".join(sorted(named - have)),
            columns=", ".join(sorted(have - {*OWN_FIELDS})) or "none",
        )


def describe(rules: Rules, row: Row, number: int, raw: shapely.Geometry) -> Facts | Fault:
    """What the row is, or why it cannot be taken. `number` counts from 1; `raw` is its shape as it came."""
    values = {name: None if text(value) in rules.unknown.get(name, ()) else value for name, value in row.items()}
    values |= {"row": number, "place": hashlib.blake2b(raw.wkb, digest_size=5).hexdigest()}
    fault = look_up(values, rules.look_up)
    if fault:
        return fault
    reference = next((found for found in (filled(each, values) for each in rules.references) if found), None)
    if not reference:
        return Fault("no_reference", f"none of {', '.join(rules.references)} is filled")
    kind = filled(rules.kind, values) or ""
    if not re.fullmatch(r"[a-z][a-z0-9_]*", kind):
        return Fault("unknown_value", f"'{kind}' is no kind of asset (small letters, digits, _)")
    attributes, remarks = _kept(rules, values)
    name, name_en = loose(rules.name, values), loose(rules.name_en, values)
    return Facts(reference, kind, loose(rules.class_code, values) or None, name, name_en, attributes, remarks)


def look_up(values: dict[str, Any], tables: Mapping[str, LookUp]) -> Fault | None:
    """Add the fields that tables of values make; a value that its table does not name is a fault."""
    for name, table in tables.items():
        value = text(values.get(table.column))
        found = table.values.get(value, table.values.get(OTHERWISE))
        if found is None:
            return Fault("unknown_value", f"{table.column} = '{value}': [look_up.{name}] does not say what it means")
        values[name] = found
    return None


def filled(template: str, values: Row) -> str | None:
    """The template with the row's values, or None where one of them is empty. Raises InvalidInput for a bad format."""
    if any(text(values.get(name)) == "" for name in _names(template)):
        return None
    return loose(template, values)


def loose(template: str, values: Row) -> str:
    """The template with the row's values; empty ones leave nothing."""
    try:
        return _FORMATTER.vformat(template, (), values).strip()
    except (KeyError, ValueError, TypeError, AttributeError, IndexError) as error:
        raise InvalidInput(
            "The mapping's '{template}' does not fit the file: {problem}.",
            "Its fields are: {fields}.",
            template=template,
            problem=error,
            fields=", ".join(values),
        ) from error


def text(value: Any) -> str:
    """A value as text: nothing is empty, a whole number has no '.0'."""
    if value is None:
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()


class _Formatter(string.Formatter):
    def format_field(self, value: Any, format_spec: str) -> str:
        return format(value, format_spec) if format_spec else text(value)


_FORMATTER = _Formatter()


def _names(template: str) -> list[str]:
    try:
        return [name for _, name, _, _ in string.Formatter().parse(template) if name is not None]
    except ValueError as error:
        raise InvalidInput("The mapping's '{template}' is no template.", template=template) from error


def _texts(lists: Mapping[str, Any]) -> dict[str, frozenset[str]]:
    return {column: frozenset(text(value) for value in values) for column, values in lists.items()}


def _attribute(name: str, entry: Any) -> Attribute:
    attribute = (
        Attribute(entry, "as_is")
        if isinstance(entry, str)
        else Attribute(entry.get("column", name), entry.get("type", "as_is"))
    )
    if attribute.type not in READERS:
        raise InvalidInput(
            "The attribute '{name}' cannot be read as '{type}'.",
            "Types are: {types}.",
            name=name,
            type=attribute.type,
            types=", ".join(READERS),
        )
    return attribute


def _kept(rules: Rules, values: Row) -> tuple[dict[str, Any], list[Fault]]:
    kept, remarks = {}, []
    for name, attribute in rules.attributes.items():
        value = values.get(attribute.column)
        if text(value) == "":
            continue
        try:
            kept[name] = READERS[attribute.type](value)
        except ValueError:
            words = f"{attribute.column} = '{value}' is no {attribute.type}; the row was taken without it"
            remarks.append(Fault("unreadable_value", words))
    return kept, remarks


def _integer(value: Any) -> int:
    number = float(str(value).replace(",", ""))
    if not number.is_integer():
        raise ValueError(value)
    return int(number)


def _number(value: Any) -> float:
    number = float(str(value).replace(",", ""))
    if number - number != 0:  # infinite, or no number
        raise ValueError(value)
    return number


YES_NO = {"true": True, "yes": True, "1": True, "y": True, "是": True, "有": True,
          "false": False, "no": False, "0": False, "n": False, "否": False, "无": False}  # fmt: skip


def _boolean(value: Any) -> bool:
    try:
        return YES_NO[text(value).lower()]
    except KeyError as error:
        raise ValueError(value) from error


def _date(value: Any) -> str:
    digits = text(value).replace("/", "-")[:10]
    return date.fromisoformat(digits if "-" in digits else digits[:8]).isoformat()


READERS: dict[str, Callable[[Any], Any]] = {
    "as_is": lambda value: value.strip() if isinstance(value, str) else value,
    "text": text,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "date": _date,
}
"""What an attribute may be read as. `as_is` keeps the file's own type."""
