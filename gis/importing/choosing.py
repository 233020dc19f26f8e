"""Which rows a mapping's [select] chooses, and what to say where it chooses none, or none can be used. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from config.errors import InvalidInput
from gis.importing.attribute_rules import text
from gis.importing.runs import Reject

Select = Mapping[str, frozenset[str]]
"""Column → the values that its rows may have, as text."""

MOST_SHOWN = 8


def read(mapping: Mapping[str, Any]) -> Select:
    """[select] of a mapping."""
    return {column: frozenset(text(value) for value in values) for column, values in mapping.get("select", {}).items()}


def meets(select: Select, row: Mapping[str, Any]) -> bool:
    """Every line of [select] holds."""
    return all(text(row.get(column)) in wanted for column, wanted in select.items())


def nothing_chosen(path: Path, select: Select, rows: Iterable[Mapping[str, Any]]) -> InvalidInput:
    """The error for a [select] that no row meets: the first column that leaves none, what it should hold and what it holds."""
    met: dict[str, Counter[str]] = {column: Counter() for column in select}
    for row in rows:
        for column, wanted in select.items():  # what a column holds in the rows that those before it leave
            value = text(row.get(column))
            met[column][value] += 1
            if value not in wanted:
                break
    column = next(column for column, wanted in select.items() if not wanted & met[column].keys())
    wanted, found = select[column], met[column]
    return InvalidInput(
        "No row of {file} meets [select] of the mapping: {column} should hold {wanted}, and holds {found}.",
        "Correct the values there; they must match exactly, letter by letter.",
        file=path.name,
        column=column,
        wanted=_listed(sorted(wanted)),
        found=_listed([value for value, _ in found.most_common(MOST_SHOWN)], len(found)),
    )


def nothing_usable(path: Path, rejects: Sequence[Reject], rows: int) -> InvalidInput:
    """The error for a file of whose `rows` none can be used: the most frequent reason, with an example."""
    reason, count = Counter(reject.reason for reject in rejects).most_common(1)[0]
    example = next(reject for reject in rejects if reject.reason == reason)
    return InvalidInput(
        "Not one row of {file} can be used. {count} of {rows}: {reason}, for example row {row}: {detail}.",
        "Correct the file or what the mapping says about it, and import it again; nothing has been changed.",
        file=path.name,
        count=count,
        rows=rows,
        reason=reason,
        row=example.row,
        detail=example.detail,
    )


def _listed(values: list[str], of: int | None = None) -> str:
    shown = ", ".join(f"'{value}'" for value in values[:MOST_SHOWN])
    return shown + (", …" if (of or len(values)) > MOST_SHOWN else "")
