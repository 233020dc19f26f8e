"""Raw shapes out of the columns of a table: two numbers, degrees in parts, well-known text, or all numbers of a line in one cell. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from config.errors import InvalidInput
from gis.importing import written_numbers
from gis.importing.placing import Fault

Row = Mapping[str, Any]
Shapes = NDArray[np.object_]

ARCS = ("CIRCULARSTRING", "COMPOUNDCURVE", "CURVEPOLYGON", "MULTICURVE", "MULTISURFACE")
"""Kinds of geometry that have arcs. In binary formats they are drawn as straight pieces of 4 degrees of arc, GDAL's own step."""

UNREAD = (*ARCS, "POLYHEDRALSURFACE", "TIN", "TRIANGLE")


class Read(NamedTuple):
    """A shape for each row (None: it has none), why it has none (by row, from 0), and the system that the texts themselves name."""

    shapes: Shapes
    faults: dict[int, Fault]
    stated: str | None = None


def read(fields: Sequence[str], rows: Sequence[Row], place: Mapping[str, Any], decimal: str) -> Read | None:
    """The shapes that [geometry] of the mapping makes of columns, or None where it names none. Raises InvalidInput for a missing one."""
    if "pairs" in place:
        return _from_pairs(fields, rows, place)
    if "wkt" in place:
        return _from_texts(rows, *_columns(fields, place["wkt"]))
    return _from_numbers(fields, rows, place, decimal) if "x" in place or "y" in place else None


def _columns(fields: Sequence[str], names: Any) -> list[str]:
    """Names of columns that are there: one, or those of degrees, minutes and seconds."""
    listed = list(names) if isinstance(names, list) else [names]
    for name in listed or [""]:
        if name not in fields:
            raise InvalidInput(
                "The file has no column '{name}' for its coordinates.",
                "Its columns are: {fields}.",
                name=name or "",
                fields=", ".join(fields),
            )
    return listed


def _from_numbers(fields: Sequence[str], rows: Sequence[Row], place: Mapping[str, Any], decimal: str) -> Read:
    """Points of two columns, or of degrees, minutes and seconds in up to three each."""
    sides = {axis: _columns(fields, place.get(axis)) for axis in ("x", "y")}
    turned = [-1.0 if axis in place.get("negative", ()) else 1.0 for axis in sides]
    x, y = (sign * _axis(rows, names, decimal) for sign, names in zip(turned, sides.values(), strict=True))
    usable = np.isfinite(x) & np.isfinite(y)
    shapes: Shapes = np.full(len(rows), None, dtype=object)
    shapes[usable] = shapely.points(x[usable], y[usable])
    return Read(shapes, {at: Fault("no_geometry", _said(rows[at], sides)) for at in np.flatnonzero(~usable).tolist()})


def _axis(rows: Sequence[Row], names: list[str], decimal: str) -> NDArray[np.float64]:
    found = (_number([row.get(name) for name in names], decimal) for row in rows)
    return np.fromiter(found, dtype=np.float64, count=len(rows))


def _number(cells: Sequence[Any], decimal: str) -> float:
    try:
        if len(cells) == 1:
            return written_numbers.coordinate(cells[0], decimal)
        return written_numbers.together(*(written_numbers.number(cell, decimal) for cell in cells))
    except (TypeError, ValueError):
        return math.nan


def _said(row: Row, sides: Mapping[str, list[str]]) -> str:
    cells = [
        (name, str(row.get(name) if row.get(name) is not None else "")) for names in sides.values() for name in names
    ]
    if not any(value.strip() for _, value in cells):
        return f"{', '.join(name for name, _ in cells)} are blank"
    said = ", ".join(f"{name} = '{value}'" for name, value in cells)
    comma = any(re.fullmatch(r"\s*[+-]?\d+,\d+\s*", value) for _, value in cells)
    return f"{said} are no coordinates that can be read" + ('; for decimal commas state decimal = ","' if comma else "")


def _from_texts(rows: Sequence[Row], name: str) -> Read:
    """Well-known text, also with SRID=…; before it, hexadecimal WKB, and GeoJSON in a cell."""
    texts, codes, faults = [], set(), {}
    for number, row in enumerate(rows):
        found = re.fullmatch(r"(?:SRID=(\d+);)?\s*(.*)", str(row.get(name) or "").strip(), re.DOTALL | re.IGNORECASE)
        code, words = (found[1], found[2]) if found else (None, "")
        codes.add(code) if words else None
        kind = re.match(r"[A-Za-z]*", words)
        if kind and kind[0].upper() in UNREAD:
            why = f"a {kind[0].upper()} cannot be read from text; give it with straight pieces"
            faults[number] = Fault("unreadable_shape", why)
            words = ""
        texts.append(words)
    shapes: Shapes = np.full(len(rows), None, dtype=object)
    for number, words in enumerate(texts):
        shapes[number] = _shape(words)
        if shapes[number] is None and number not in faults:
            what = f"'{words[:60]}' is no shape that can be read" if words else f"{name} is blank"
            faults[number] = Fault("no_geometry", what)
    (code,) = codes if len(codes) == 1 else (None,)
    return Read(shapes, faults, f"EPSG:{code}" if code else None)


def _shape(words: str) -> shapely.Geometry | None:
    if not words:
        return None
    if words.startswith("{"):
        return shapely.from_geojson(words, on_invalid="ignore")
    if re.fullmatch(r"[0-9A-Fa-f]{18,}", words):
        return shapely.from_wkb(words, on_invalid="ignore")
    return shapely.from_wkt(words, on_invalid="ignore")


_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


def _from_pairs(fields: Sequence[str], rows: Sequence[Row], place: Mapping[str, Any]) -> Read:
    """Points, lines or polygons of one column that holds their numbers, x before y, in lists of any style."""
    (name,) = _columns(fields, place["pairs"])
    shape = place.get("shape", "line")
    least = {"point": 2, "line": 4, "polygon": 6}[shape]
    shapes: Shapes = np.full(len(rows), None, dtype=object)
    faults = {}
    for number, row in enumerate(rows):
        found = [float(written) for written in _NUMBER.findall(str(row.get(name) or ""))]
        if len(found) >= least and len(found) % 2 == 0:
            shapes[number] = drawn(list(zip(found[::2], found[1::2], strict=True)), shape)
        if shapes[number] is None:
            faults[number] = Fault("no_geometry", f"{name} holds {len(found)} numbers, which make no {shape}")
    return Read(shapes, faults)


def drawn(numbers: Any, shape: str) -> shapely.Geometry | None:
    """The shape that nested lists of numbers make, or None. One pair in a list of its own is a point as well."""
    try:
        if shape == "point":
            pair = numbers[0] if isinstance(numbers[0], (list, tuple)) and len(numbers) == 1 else numbers
            return shapely.Point(*map(float, pair))
        if shape == "line":
            return shapely.LineString(numbers)
        rings: Sequence[Any] = numbers if isinstance(numbers[0][0], list) else [numbers]
        return shapely.Polygon(rings[0], rings[1:])
    except (TypeError, ValueError, IndexError, KeyError, shapely.errors.ShapelyError):
        return None
