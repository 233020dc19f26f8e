"""JSON lists as websites hand them out: records with their coordinates, or lists of numbers that draw lines."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from config.errors import InvalidInput
from gis.importing.layer_table import Table, plain, unreadable
from gis.importing.shape_columns import drawn


def records_of(path: Path, place: Mapping[str, Any], first: int | None) -> Table:
    """Records like {"name": …, "lnglat": [[x, y], …]} or {"properties": {…}, "lnglat": […]}."""
    try:
        records = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        raise unreadable(path, str(error)) from error
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        raise unreadable(path, "it is no JSON list of records")
    if "shape" not in place:
        raise InvalidInput('The mapping must say what the coordinates make: shape = "point", "line" or "polygon".')
    at, within = place["coordinates"], place.get("fields")
    records = records[:first]
    rows = [
        {name: plain(value) for name, value in (record.get(within) if within else record or {}).items() if name != at}
        for record in records
    ]
    shapes: NDArray[np.object_] = np.full(len(rows), None, dtype=object)
    for number, record in enumerate(records):
        shapes[number] = drawn(record.get(at), place["shape"])
    fields = list(dict.fromkeys(name for row in rows for name in row))
    return Table(fields, [{name: row.get(name) for name in fields} for row in rows], shapes, None)


def number_lists(path: Path, place: Mapping[str, Any], first: int | None) -> Table:
    """Lines written as lists of numbers: leading facts, the first point, then the way from each point to the next."""
    names = [str(name) for name in place["leading"]]
    try:
        lists = json.loads(path.read_text(encoding="utf-8-sig"))
        numbers = [np.asarray(entry, dtype=np.float64) for entry in lists[:first]]
    except (OSError, ValueError, TypeError) as error:
        raise unreadable(path, str(error)) from error
    rows = [{name: plain(value) for name, value in zip(names, entry, strict=False)} for entry in numbers]
    shapes: NDArray[np.object_] = np.full(len(rows), None, dtype=object)
    for number, entry in enumerate(numbers):
        steps = entry[len(names) :]
        if len(steps) >= 4 and len(steps) % 2 == 0:
            shapes[number] = drawn(steps.reshape(-1, 2).cumsum(axis=0).tolist(), "line")
    return Table(names, rows, shapes, None)
