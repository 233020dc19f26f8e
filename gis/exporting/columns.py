"""An asset as one flat row of a table: the register's own columns, then its free attributes with a type for each. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

OWN = (
    "id", "kind", "class_code", "code", "name", "name_en", "status", "unit", "authority", "owner", "source", "source_ref",
    "survey_date", "accuracy_class", "version", "recorded_at",
)  # fmt: skip
"""The register's own columns, in the order of every export."""

WHOLE = {"id", "version"}
SHORT = 10
"""Bytes that a Shapefile allows for a column's name."""


@dataclass(frozen=True)
class ColumnPlan:
    """One column of an export: its name, the attribute it comes from (None: the register's own), and its type for files."""

    name: str
    attribute: str | None
    type: type


def plan(types: Mapping[str, Set[str]]) -> list[ColumnPlan]:
    """The columns for assets whose attributes have these JSON types. An attribute named like an own column gets `attribute_` before it."""
    own = [ColumnPlan(name, None, int if name in WHOLE else str) for name in OWN]
    free = [
        ColumnPlan(f"attribute_{name}" if name in OWN or name == "geom" else name, name, _type(kinds - {"null"}))
        for name, kinds in types.items()
    ]
    return own + free


def values(row: Any, columns: Sequence[ColumnPlan]) -> list[Any]:
    """One row's values in the order of the columns. Lists and objects become JSON text; an absent value is None."""
    fields = row._mapping
    return [_fit(fields[c.name] if c.attribute is None else row.attributes.get(c.attribute), c.type) for c in columns]


def short_names(names: Sequence[str]) -> list[str]:
    """Names of at most 10 bytes, each once, for Shapefiles; the same names give the same result."""
    found: list[str] = []
    for name in names:
        candidate, number = _cut(name, SHORT), 0
        while candidate.lower() in (taken.lower() for taken in found):
            number += 1
            candidate = _cut(name, SHORT - len(f"_{number}")) + f"_{number}"
        found.append(candidate)
    return found


def _type(kinds: Set[str]) -> type:
    known: dict[str, type] = {"number": float, "boolean": bool}
    return known.get(next(iter(kinds)), str) if len(kinds) == 1 else str


def _fit(value: Any, wanted: type) -> Any:
    if value is None:
        return None
    if wanted is not str:
        return wanted(value)
    if isinstance(value, list | dict | bool):
        return json.dumps(value, ensure_ascii=False)
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _cut(name: str, size: int) -> str:
    """The beginning of a name that fits into `size` bytes, no character cut in two."""
    return name.encode()[:size].decode(errors="ignore")
