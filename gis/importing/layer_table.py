"""What any file of a layer becomes when it is read: columns, rows, raw shapes, and what is odd about single rows."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from config.errors import InvalidInput, UnreadableFile
from config.i18n import _
from gis.importing.placing import Fault
from gis.importing.sheets import Sheet

Row = dict[str, Any]


@dataclass(frozen=True)
class Table:
    """A file's columns, its rows, the raw shape of each (None: it has none), and the coordinate system the file states."""

    fields: list[str]
    rows: list[Row]
    shapes: NDArray[np.object_]
    stated: str | None
    arcs: dict[int, str] = field(default_factory=dict)
    """Rows (from 0) whose shape had arcs, with its type: what `shapes` has of them are straight pieces."""
    odd: dict[int, Fault] = field(default_factory=dict)
    """Rows (from 0) that cannot be used as they came: their shape cannot be read, or they do not fit the header."""

    before: int = 0
    """Rows of the file that stand before the first of these."""

    def slices(self, size: int) -> Iterator[Table]:
        """The same rows, so many at a time."""
        for at in range(0, max(len(self.rows), 1), size):
            end = at + size
            arcs = {row - at: kind for row, kind in self.arcs.items() if at <= row < end}
            odd = {row - at: fault for row, fault in self.odd.items() if at <= row < end}
            yield Table(self.fields, self.rows[at:end], self.shapes[at:end], self.stated, arcs, odd, self.before + at)


def of_sheet(found: Sheet) -> Table:
    """Rows of a sheet as a layer whose shapes stand in its columns."""
    none: NDArray[np.object_] = np.full(len(found.rows), None, dtype=object)
    return Table(found.fields, found.rows, none, None, odd=found.faults)


def refuse_empty(path: Path, table: Table) -> None:
    """Raises InvalidInput for a layer without a row, before anything is said of its columns."""
    if not table.rows:
        raise InvalidInput(
            "The layer of {file} is empty: it has no row.",
            "Check that the right layer was exported; nothing has been changed.",
            file=path.name,
        )


def plain(value: Any) -> Any:
    """A value of a file as JSON and text can carry it: NaN is no value, dates are written out, no character zero."""
    if isinstance(value, np.ndarray):
        return [plain(entry) for entry in value.tolist()]
    value = value.item() if isinstance(value, np.generic) else value
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    return value.replace("\x00", "") if isinstance(value, str) else value


def unreadable(path: Path, problem: str) -> UnreadableFile:
    """The error for a file that is no layer, with what reads it said."""
    if path.suffix.lower() == ".inp":
        return UnreadableFile(
            "The file {file} is a network's model, not a layer.",
            "Hand it in as a water network (EPANET) or a sewer network (SWMM).",
            file=path.name,
        )
    if "not recognized" in problem:  # GDAL's words name the file's whole path on this server
        problem = _("it is in none of the formats that are read")
    return UnreadableFile(
        "The file {file} cannot be read as a map layer: {problem}.",
        "Shapefile (with its .dbf, .shx, .prj), GeoPackage, GeoJSON, TopoJSON, FileGDB, MapInfo, KML, GPX, DXF, CSV, Excel (.xlsx, .xls)"
        " and JSON lists are read.",
        file=path.name,
        problem=problem.replace(f"{path.parent}/", "").rstrip("."),
    )
