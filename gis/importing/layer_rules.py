"""What a layer's mapping makes of a row: which asset it is, under which reference, with which attributes. Pure.

Texts in the mapping are templates: {COLUMN} stands for the row's value, {COLUMN:03} pads a number, {row} is the number of the
row and {place} ten characters computed from its raw coordinates, for layers whose owner gives no reference.
"""

from __future__ import annotations

import hashlib
import json
import re
import string
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import shapely

from config import i18n
from config.errors import InvalidInput
from config.i18n import _
from gis.importing import attribute_rules, choosing, written_numbers
from gis.importing.attribute_rules import OTHERWISE, Attribute, text
from gis.importing.placing import Fault
from gis.register import checking

Row = Mapping[str, Any]
OWN_FIELDS = ("row", "place")


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
        return choosing.meets(self.select, row)


KEYS = {
    "source", "attribution", "system", "layer", "encoding", "geometry", "reference", "kind", "class_code", "name", "name_en",
    "attributes", "look_up", "select", "unknown", "decimal", "header", "delimiter", "fill_down", "columns",
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
        attributes={
            name: attribute_rules.read(name, entry, decimal_of(mapping))
            for name, entry in mapping.get("attributes", {}).items()
        },
        look_up=read_look_up(mapping),
        select=choosing.read(mapping),
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


def decimal_of(mapping: Mapping[str, Any]) -> str:
    """The sign before decimals that the mapping states. Raises InvalidInput for any but point and comma."""
    decimal = str(mapping.get("decimal", "."))
    if decimal not in written_numbers.DECIMALS:
        raise InvalidInput('The mapping\'s decimal must be "." or ",".')
    return decimal


def check_columns(rules: Rules, columns: Iterable[str]) -> None:
    """See that the file has every column that the mapping names. Raises InvalidInput naming those it has."""
    have = {*columns, *OWN_FIELDS, *rules.look_up}
    templates = (*rules.references, rules.kind, rules.class_code, rules.name, rules.name_en)
    named = {name for template in templates for name in _names(template)}
    named |= {kept.column for kept in rules.attributes.values() if kept.column} | {
        table.column for table in rules.look_up.values()
    }
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
        return Fault("no_reference", _("none of {references} is filled").format(references=", ".join(rules.references)))
    kind = filled(rules.kind, values) or ""
    if not re.fullmatch(r"[a-z][a-z0-9_]*", kind):
        return Fault("unknown_value", _("'{kind}' is no kind of asset (small letters, digits, _)").format(kind=kind))
    attributes, remarks = attribute_rules.kept(rules.attributes, values)
    unfit = checking.check(kind, json.dumps(attributes, ensure_ascii=False), i18n.current())
    if unfit:
        return Fault("unfit_attributes", unfit)
    name, name_en = loose(rules.name, values), loose(rules.name_en, values)
    return Facts(reference, kind, loose(rules.class_code, values) or None, name, name_en, attributes, remarks)


def look_up(values: dict[str, Any], tables: Mapping[str, LookUp]) -> Fault | None:
    """Add the fields that tables of values make; a value that its table does not name is a fault."""
    for name, table in tables.items():
        value = text(values.get(table.column))
        found = table.values.get(value, table.values.get(OTHERWISE))
        if found is None:
            words = _("{column} = '{value}': [look_up.{table}] does not say what it means")
            return Fault("unknown_value", words.format(column=table.column, value=value, table=name))
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


class _Formatter(string.Formatter):
    """Fields are columns by their whole name, also one with a dot or brackets in it."""

    def get_field(self, field_name: str, _args: Any, kwargs: Any) -> Any:
        return kwargs[field_name], field_name

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
