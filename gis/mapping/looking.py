"""What a handed-in layer holds: its layers, columns, shapes, encoding, by its first rows. Nothing is guessed that is not shown."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from config.errors import InvalidInput, UnreadableFile
from config.kinds import kinds
from config.settings import MEGABYTE
from gis.importing import books, corrections, gdal_layers, layer_table, systems, vector_files
from gis.importing.layer_table import Table
from gis.mapping import columns, encodings, suggesting
from gis.mapping.columns import Column

FIRST = 1000
"""Rows from the beginning that are looked at, however many there are."""

MOST_COLUMNS = 500
WHOLE = (".xlsx", ".ods", ".json", *books.OLD)
"""Formats that must be read whole to see their beginning …"""

MOST_WHOLE = 60 * MEGABYTE
"""… and how large such a file may be."""


@dataclass(frozen=True)
class Look:
    """A layer as its first rows show it. `place` is where a JSON list keeps its coordinates, as a mapping says it."""

    layers: list[str]
    layer: str
    encoding: str
    guessed: str
    table: Table
    columns: list[Column]
    more: bool
    place: dict[str, str]

    @property
    def shapes(self) -> dict[str, int]:
        """Kinds of shape that the file itself has, with their number."""
        names = Counter(shape.geom_type for shape in self.table.shapes if shape is not None)
        return dict(names.most_common())

    def mapping(self, kind_code: str, name: str) -> dict[str, Any]:
        """A mapping to begin with: what the columns suggest for a kind, and what reading the file has shown."""
        kind = kinds().get(kind_code)
        drawn = bool(self.shapes) or bool(self.place)
        made = suggesting.mapping(self.columns, kind, name, drawn)
        place = self.place or made.get("geometry", {})
        if kind and len(kind.geometry) == 1 and "shape" not in place:
            place = place | {"shape": {"area": "polygon"}.get(kind.geometry[0], kind.geometry[0])}
        said = {"encoding": self.encoding} if self.guessed and self.encoding != "UTF-8" else {}
        said |= {"layer": self.layer} if len(self.layers) > 1 else {}
        return made | said | ({"geometry": place} if place else {})

    def told(self) -> dict[str, Any]:
        """The look as JSON."""
        return {
            "layers": self.layers,
            "layer": self.layer,
            "encoding": self.encoding,
            "guessed": self.guessed,
            "encodings": [*encodings.CHOICES] if self.guessed else [],
            "rows": len(self.table.rows),
            "more": self.more,
            "shapes": self.shapes,
            "stated": systems.system_of(self.table.stated).name if self.table.stated else "",
            "columns": [asdict(column) for column in self.columns],
        }


def look(path: Path, layer: str = "", encoding: str = "", first: int = FIRST) -> Look:
    """Look at a file (unpacked: gis/importing/archives.py). Raises UnreadableFile for what cannot be read, InvalidInput for a layer
    without columns, or with more than can be shown.
    """
    must_be_small_enough(path)
    guessed = encodings.of_file(path)
    encoding = encoding or guessed
    place = _json_place(path)
    layers = [path.stem] if place else _layers(path)
    layer = layer or layers[0]
    if layer not in layers:
        raise InvalidInput(
            "The file has no layer '{layer}'.", "Its layers are: {layers}.", layer=layer, layers=", ".join(layers)
        )
    asked: dict[str, Any] = {"geometry": place} if place else {"layer": layer}
    table = vector_files.read(path, asked | ({"encoding": encoding} if guessed else {}), first + 1)
    more = len(table.rows) > first
    table = replace(table, rows=table.rows[:first], shapes=table.shapes[:first])
    _check(path, table)
    found = [columns.profile(name, [row.get(name) for row in table.rows]) for name in table.fields]
    return Look(layers, layer, encoding, guessed, table, found, more, place)


def must_be_small_enough(path: Path) -> None:
    """Raises UnreadableFile for a large file of a format whose beginning cannot be read alone."""
    if path.suffix.lower() in WHOLE and path.stat().st_size > MOST_WHOLE:
        raise UnreadableFile(
            "The file {file} is too large to be looked at: {ending} must be read whole.",
            "Save it as CSV or GeoPackage, or write the mapping by hand (docs/guide/imports.md).",
            file=path.name,
            ending=path.suffix,
        )


def _check(path: Path, table: Table) -> None:
    if not table.fields and not any(shape is not None for shape in table.shapes):
        raise InvalidInput("The file {file} has no columns and no shapes.", "Check what was exported.", file=path.name)
    if len(table.fields) > MOST_COLUMNS:
        raise InvalidInput(
            "The layer has {count} columns; at most {most} can be mapped here.",
            "Export it with the columns that are needed.",
            count=len(table.fields),
            most=MOST_COLUMNS,
        )


def _layers(path: Path) -> list[str]:
    """Names of the layers, in the file's order."""
    if path.is_file() and path.stat().st_size == 0:
        raise UnreadableFile("The file {file} is empty.", "Choose another file.", file=path.name)
    try:
        return gdal_layers.layers(path)
    except (RuntimeError, ValueError, UnicodeDecodeError) as error:
        raise layer_table.unreadable(path, str(error)) from error


def _json_place(path: Path) -> dict[str, str]:
    """Where a JSON list of records keeps its coordinates; nothing for any other file, GeoJSON among them."""
    if path.suffix.lower() != ".json":
        return {}
    with path.open("rb") as file:
        if not file.read(200).lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"["):
            return {}
    try:
        records = json.loads(path.read_text(encoding="utf-8-sig"))
    except ValueError:
        return {}
    samples = [record for record in records[:50] if isinstance(record, dict)]
    for name, value in ((name, value) for record in samples for name, value in record.items()):
        shape = _shape_of(value)
        if shape:
            within = next((key for key, inner in samples[0].items() if isinstance(inner, dict)), "")
            return {"coordinates": name, "shape": shape} | ({"fields": within} if within else {})
    return {}


def _shape_of(value: Any) -> str:
    """What nested lists of numbers draw: a pair (alone, or in a list of its own) a point, closed pairs a polygon, others a line."""
    if not isinstance(value, list) or not value:
        return ""
    numbers = np.asarray(value[0] if _depth(value) == 3 else value, dtype=object)
    try:
        pairs = np.asarray(numbers.tolist(), dtype=np.float64)
    except (ValueError, TypeError):
        return ""
    if pairs.ndim == 1:
        return "point" if len(pairs) in (2, 3) else ""
    if pairs.ndim != 2 or pairs.shape[1] not in (2, 3):
        return ""
    closed = len(pairs) > 3 and bool((pairs[0] == pairs[-1]).all())
    return "point" if len(pairs) == 1 else "polygon" if closed or _depth(value) == 3 else "line"


def _depth(value: Any) -> int:
    return 1 + _depth(value[0]) if isinstance(value, list) and value else 0


def rows_by(path: Path, mapping: Mapping[str, Any], first: int = FIRST) -> Table:
    """The first rows as a mapping reads them, with their raw shapes, numbered by where they stand."""
    must_be_small_enough(path)
    table = vector_files.read(path, mapping, first)
    rows = [{name: value for name, value in row.items() if name != corrections.ROW} for row in table.rows]
    return replace(table, rows=rows)
