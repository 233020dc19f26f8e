"""Columns whose names change from year to year, under one name of the mapping. Pure.

[columns]
health = ["HealthIndex", "*_Health_Index"]    the first of these that the file has; * stands for anything
posted = ["*_Posting", ""]                    "" at the end: the file may be without it, the column is then empty
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from config.errors import InvalidInput


def found(fields: Sequence[str], mapping: Mapping[str, Any]) -> dict[str, str]:
    """New name → the file's own, "" for a column that the file may lack and does. Raises InvalidInput for one it must have."""
    chosen = {}
    for name, patterns in mapping.get("columns", {}).items():
        wanted = [patterns] if isinstance(patterns, str) else [str(pattern) for pattern in patterns]
        fits = [field for pattern in wanted for field in fields if pattern and fnmatchcase(field, pattern)]
        if not fits and "" not in wanted:
            raise InvalidInput(
                "The file has no column that the mapping's [columns] {name} fits: {patterns}.",
                "Its columns are: {columns}.",
                name=name,
                patterns=", ".join(wanted),
                columns=", ".join(fields),
            )
        chosen[name] = fits[0] if fits else ""
    return chosen


def renamed(
    fields: list[str], rows: list[dict[str, Any]], mapping: Mapping[str, Any]
) -> tuple[list[str], list[dict[str, Any]]]:
    """Fields and rows with the mapping's names in the place of the file's. All other columns stay as they are."""
    chosen = found(fields, mapping)
    if not chosen:
        return fields, rows
    turned = {own: name for name, own in chosen.items() if own}
    blank = {name: None for name, own in chosen.items() if not own}
    renamed_rows = [{turned.get(field, field): value for field, value in row.items()} | blank for row in rows]
    return [*(turned.get(field, field) for field in fields), *blank], renamed_rows


def filled_down(rows: Sequence[dict[str, Any]], names: Sequence[str], above: dict[str, Any]) -> None:
    """Give blank cells of these columns the value above: what merged cells of a sheet leave behind.

    Changes the rows, and `above`, which holds the last values of the rows before them.
    """
    for row in rows:
        for name in names:
            if row.get(name) in (None, ""):
                row[name] = above.get(name)
            above[name] = row.get(name)
