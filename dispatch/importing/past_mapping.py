"""How another system's reports translate into ours: the mapping file as values, checked once. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from config.errors import InvalidInput
from dispatch.deadlines import Limit
from dispatch.reports import SOURCES
from dispatch.tables import LIMIT_KINDS
from gis import coordinates

SAME_POINT_DEGREES = 1e-6

NEEDED_COLUMNS = ("ref", "opened", "type")


@dataclass(frozen=True)
class TypeRule:
    """What a type of the other system is here. `assumed`: it promised no time there, the limit is ours."""

    name: str
    class_code: str
    condition: str
    limit: Limit
    assumed: bool


@dataclass(frozen=True)
class UnitRule:
    """A department of the other system as a unit here."""

    code: str
    name: str
    name_en: str
    fallback: bool


@dataclass(frozen=True)
class ClassRule:
    """A class that types may name, for instances whose class table does not have it."""

    code: str
    major: str
    major_en: str
    name: str
    name_en: str

    @property
    def kind(self) -> str:
        """component or matter, as the letter says."""
        return "component" if self.code.startswith("C") else "matter"


@dataclass(frozen=True)
class PastMapping:
    """The whole mapping file."""

    source_system: str
    attribution: str
    columns: Mapping[str, str]
    description: tuple[str, ...]
    meaningless: frozenset[str]
    notes: tuple[str, ...]
    """Patterns of what the work on a request wrote into its words; no part of what was said."""
    time_format: str
    zone: ZoneInfo
    system: str
    default_points: tuple[tuple[float, float], ...]
    refuse_closed_before_opened: bool
    channels: Mapping[str, str]
    departments: Mapping[str, UnitRule]
    classes: Mapping[str, ClassRule]
    types: Mapping[str, TypeRule]

    def is_default_point(self, lon: float, lat: float) -> bool:
        """Whether the other system pins reports here that it could not locate."""
        return any(
            abs(lon - x) < SAME_POINT_DEGREES and abs(lat - y) < SAME_POINT_DEGREES for x, y in self.default_points
        )


def read_mapping(mapping: Mapping[str, Any]) -> PastMapping:
    """Check a mapping file and hand it on as values. Raises InvalidInput naming the line that does not fit."""
    try:
        return _read(mapping)
    except (KeyError, TypeError, AttributeError) as error:
        raise InvalidInput(
            "The mapping lacks or misuses {problem}.",
            "Take config/mappings/boston-311.toml as the pattern.",
            problem=error,
        ) from error


def _read(mapping: Mapping[str, Any]) -> PastMapping:
    position = mapping.get("position", {})
    columns = mapping["columns"]
    for name in NEEDED_COLUMNS:
        columns[name]
    for channel, source in mapping.get("channels", {}).items():
        _one_of("channels", channel, source, SOURCES)
    return PastMapping(
        source_system=mapping["source_system"],
        attribution=mapping.get("attribution", ""),
        columns=columns,
        description=tuple(mapping.get("description", [columns["type"]])),
        meaningless=frozenset(mapping.get("meaningless", [])),
        notes=tuple(mapping.get("notes", [])),
        time_format=mapping["time"]["format"],
        zone=_zone(mapping["time"]["zone"]),
        system=coordinates.known_system(position.get("system", "wgs84")),
        default_points=tuple((float(x), float(y)) for x, y in position.get("default_points", [])),
        refuse_closed_before_opened=mapping.get("flaws", {}).get("closed_before_opened") == "refuse",
        channels=mapping.get("channels", {}),
        departments={name: _unit(entry) for name, entry in mapping.get("departments", {}).items()},
        classes={code: _class(code, entry) for code, entry in mapping.get("classes", {}).items()},
        types={name: _type(name, entry) for name, entry in mapping["types"].items()},
    )


def _type(name: str, entry: Mapping[str, Any]) -> TypeRule:
    limit = entry["limit"]
    _one_of("types", name, limit["kind"], LIMIT_KINDS)
    return TypeRule(
        name,
        entry["class"],
        entry["condition"],
        Limit(limit["kind"], float(limit["amount"])),
        bool(entry.get("assumed")),
    )


def _unit(entry: Mapping[str, Any]) -> UnitRule:
    return UnitRule(entry["code"], entry["name"], entry.get("name_en", ""), bool(entry.get("fallback")))


def _class(code: str, entry: Mapping[str, Any]) -> ClassRule:
    if code[:1] not in ("C", "M") or not code[1:].isdecimal() or len(code) < 5:
        raise InvalidInput("'{code}' is no class code: C or M, then major and minor code.", code=code)
    return ClassRule(code, entry["major"], entry.get("major_en", ""), entry["name"], entry.get("name_en", ""))


def _one_of(table: str, name: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise InvalidInput(
            "[{table}] of the mapping says '{value}' for '{name}'.",
            "Use one of: {allowed}.",
            table=table,
            name=name,
            value=value,
            allowed=", ".join(allowed),
        )


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise InvalidInput(
            "The time zone '{zone}' is not known.", "Use a name such as Asia/Shanghai or America/New_York.", zone=name
        ) from error
