"""Kinds of asset (设施种类) as data: `kinds.toml` read and checked, and the JSON Schema (2020-12) of each kind's attributes.

The file says what there is; nothing else in the system lists kinds, attributes, units or the columns of typed tables.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from config.errors import ConfigurationError

FILE = Path(__file__).with_name("kinds.toml")
DIALECT = "https://json-schema.org/draft/2020-12/schema"

Code = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_]*$", max_length=64)]
Name = Annotated[str, msgspec.Meta(min_length=1)]
Type = Literal["text", "number", "integer", "flag", "date", "list", "object"]

JSON_TYPES: dict[Type, dict[str, Any]] = {
    "text": {"type": ["string", "number"]},
    "number": {"type": "number"},
    "integer": {"type": "integer"},
    "flag": {"type": ["boolean", "string"]},
    "date": {"type": "string", "format": "date"},
    "list": {"type": "array"},
    "object": {"type": "object"},
}
"""What a value of each type is in JSON. A number is taken for a text too: files are rarely strict about it."""

UNIT_TEXTS = {"deg": "°", "m2": "m²", "m3/d": "m³/d", "m3/h": "m³/h"}
"""UCUM codes that people write otherwise."""

SQL_TYPES: dict[Type, str] = {
    "text": "text",
    "number": "double precision",
    "integer": "integer",
    "flag": "boolean",
    "date": "date",
    "list": "text[]",
}
"""What a typed table keeps of each type, where the attribute's `column` does not say otherwise."""


class Attribute(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One attribute of a kind; the head of kinds.toml says what each field means. `unit` is in UCUM."""

    code: Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_:]*$", max_length=64)]
    name: Name
    name_en: Name
    type: Type | tuple[Type, ...]
    unit: str = ""
    min: float | None = None
    max: float | None = None
    choices: tuple[tuple[str, str, str], ...] = ()
    column: str = ""
    refers: tuple[Code, ...] = ()
    measured: Literal["", "length", "area"] = ""

    @property
    def types(self) -> tuple[Type, ...]:
        """The types that a value may have."""
        return self.type if isinstance(self.type, tuple) else (self.type,)

    @property
    def unit_text(self) -> str:
        """The unit as people write it; what is merely counted has none."""
        return "" if self.unit.startswith("{") else UNIT_TEXTS.get(self.unit, self.unit)

    @property
    def column_name(self) -> str:
        """The typed table's column, without its type; for a reference the beginning of its two columns."""
        return self.column.split(" ", 1)[0]

    @property
    def sql_type(self) -> str:
        """The SQL type of that column. A bounded text (a width as somebody stated it) is kept where it is a number."""
        _, _, stated = self.column.partition(" ")
        if stated:
            return stated
        numeric_text = self.types == ("text",) and self.max is not None
        return "double precision" if numeric_text else SQL_TYPES[self.types[0]]

    def title(self, locale: str) -> str:
        """What it is called in `locale`."""
        return self.name if locale == "zh" else self.name_en

    def choice_title(self, value: object, locale: str) -> str:
        """What one of its choices is called; any other value says itself."""
        return next((zh if locale == "zh" else en for code, zh, en in self.choices if code == value), str(value))

    def schema(self) -> dict[str, Any]:
        """Its part of the JSON Schema. `title` is English, `x-title-zh` Chinese, `x-unit` UCUM, `x-choices` names of the values.

        `x-seldom`: nothing is computed with it; forms fold it away.
        """
        kinds = [JSON_TYPES[each]["type"] for each in self.types]
        flat = sorted({name for each in kinds for name in ([each] if isinstance(each, str) else each)})
        made: dict[str, Any] = {"title": self.name_en, "x-title-zh": self.name, "x-type": self.types[0]}
        made["type"] = flat[0] if len(flat) == 1 else flat
        if self.types == ("date",):
            made["format"] = "date"
        if self.types[0] in ("number", "integer"):
            made |= {} if self.min is None else {"minimum": self.min}
            made |= {} if self.max is None else {"maximum": self.max}
        if self.types[0] == "text":
            made["maxLength"] = 2000
        if self.choices:
            made |= {
                "enum": [code for code, _zh, _en in self.choices],
                "x-choices": [list(each) for each in self.choices],
            }
        unit = {"x-unit": self.unit, "x-unit-text": self.unit_text} if self.unit else {}
        seldom = {} if self.column or self.choices or self.unit else {"x-seldom": True}
        return made | unit | seldom | ({"x-refers": self.refers} if self.refers else {})


class Kind(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A kind of asset with all its attributes, those of shared lists included."""

    code: Code
    name: Name
    name_en: Name
    geometry: Annotated[tuple[Literal["point", "line", "area"], ...], msgspec.Meta(min_length=1)]
    subsystem: Code
    class_code: Annotated[str, msgspec.Meta(pattern=r"^(C\d{4,5})?$")] = ""
    table: str = ""
    same: str = ""
    shared: tuple[Code, ...] = msgspec.field(default=(), name="with")
    attributes: tuple[Attribute, ...] = ()

    def title(self, locale: str) -> str:
        """What it is called in `locale`."""
        return self.name if locale == "zh" else self.name_en

    def attribute(self, code: str) -> Attribute | None:
        """The attribute of this name, if the kind knows it."""
        return next((each for each in self.attributes if each.code == code), None)

    def schema(self) -> dict[str, Any]:
        """The JSON Schema (2020-12) of this kind's attributes. What it does not name is kept as the source has it."""
        return {
            "$schema": DIALECT,
            "$id": f"urn:city-command:kind:{self.code}",
            "title": self.name_en,
            "x-title-zh": self.name,
            "type": "object",
            "properties": {each.code: each.schema() for each in self.attributes},
        }


class Subsystem(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A municipal subsystem, by which kinds are grouped."""

    code: Code
    name: Name
    name_en: Name


class _Shared(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    code: Code
    attributes: tuple[Attribute, ...]


class _File(msgspec.Struct, forbid_unknown_fields=True):
    subsystem: tuple[Subsystem, ...]
    kind: tuple[Kind, ...]
    shared: tuple[_Shared, ...] = ()


class Kinds(msgspec.Struct, frozen=True):
    """The whole file: kinds by code, in its order."""

    subsystems: dict[str, Subsystem]
    kinds: dict[str, Kind]

    def get(self, code: str) -> Kind | None:
        """The kind of this name; None for one that only a source knows."""
        return self.kinds.get(code)

    def rank(self, code: str) -> int:
        """0 for kinds that name no other asset, 1 for those that name such, 2 for the rest: a good order for loading."""
        named = self._named(code)
        return 0 if not named else 2 if any(self._named(each) for each in named) else 1

    def _named(self, code: str) -> set[str]:
        kind = self.kinds.get(code)
        return {name for each in kind.attributes for name in each.refers} if kind else set()


def read(path: Path = FILE) -> Kinds:
    """The kinds of a file. Raises ConfigurationError naming the file and what is wrong in it."""
    try:
        content = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), _File)
        return _complete(content)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError, ValueError) as error:
        raise ConfigurationError(
            "The kinds of assets in {file} cannot be used: {problem}.",
            "Correct the named line of the file.",
            file=path.name,
            problem=error,
        ) from error


@lru_cache
def kinds() -> Kinds:
    """The kinds of this installation."""
    return read()


def _complete(content: _File) -> Kinds:
    """Kinds with their shared attributes; what is named twice, or nowhere, is a ValueError."""
    shared = {each.code: each.attributes for each in content.shared}
    own = {kind.code: kind for kind in content.kind}
    subsystems = {each.code: each for each in content.subsystem}
    if len(own) < len(content.kind):
        raise ValueError("a kind stands there twice")
    found = {
        code: msgspec.structs.replace(kind, attributes=_attributes(kind, own, shared)) for code, kind in own.items()
    }
    for kind in found.values():
        _check(kind, found, subsystems)
    return Kinds(subsystems, found)


def _attributes(kind: Kind, kinds: dict[str, Kind], shared: dict[str, tuple[Attribute, ...]]) -> tuple[Attribute, ...]:
    """Its own attributes first; a shared one that it names itself is its own."""
    found = {each.code: each for each in kind.attributes}
    for lent in _lent(kind, kinds, shared):
        plain = lent if kind.table else msgspec.structs.replace(lent, column="", refers=(), measured="")
        found.setdefault(lent.code, plain)
    return tuple(found.values())


def _lent(kind: Kind, kinds: dict[str, Kind], shared: dict[str, tuple[Attribute, ...]]) -> Iterator[Attribute]:
    if kind.same:
        yield from kinds[kind.same].attributes
    for name in kind.shared:
        yield from shared[name]


def _check(kind: Kind, kinds: dict[str, Kind], subsystems: dict[str, Subsystem]) -> None:
    if kind.subsystem not in subsystems:
        raise ValueError(f"{kind.code}: there is no subsystem {kind.subsystem}")
    for each in kind.attributes:
        strange = [name for name in each.refers if name not in kinds]
        if strange:
            raise ValueError(f"{kind.code}.{each.code} refers to {', '.join(strange)}, which is no kind")
        if each.column and not kind.table:
            raise ValueError(f"{kind.code}.{each.code} has a column, but the kind has no table")
        if each.refers and not each.column:
            raise ValueError(f"{kind.code}.{each.code} refers to assets and needs a column")
