"""Rows and raw shapes of any vector file: what GDAL reads (Shapefile, GeoPackage, GeoJSON, TopoJSON, FileGDB, CSV, Excel…) and JSON lists.

Shapes come out as the file has them, in its own coordinates; `placing` makes WGS 84 of them. The mapping says where they stand:

    layer = "roads"            which layer, where the file has several
    encoding = "GBK"           of its texts, where the file does not say
    [geometry]
    x = "lon", y = "lat"       two columns; or
    wkt = "geom"               one column of well-known text; or
    coordinates = "lnglat"     numbers in a JSON list of records, with `fields` naming the member that holds the other columns;
                               without any of these the file's own geometry
    pairs = "stops"            one column with all numbers of a line in it, x before y, whatever stands between them
    leading = ["first"]        a JSON list of lists of numbers: names of the first ones, then x, y, then differences from point to point
    shape = "point"            point, line or polygon: what every row must be (needed with `coordinates`, else a check)
    swapped = true             every pair stands north first (latitude before longitude)
"""

from __future__ import annotations

import json
import math
import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pyogrio.errors
import pyogrio.raw
import shapely
from numpy.typing import NDArray

from config.errors import InvalidInput, UnreadableFile
from gis.importing import written_numbers
from gis.importing.placing import SHAPES

Row = dict[str, Any]

ARCS = ("CIRCULARSTRING", "COMPOUNDCURVE", "CURVEPOLYGON", "MULTICURVE", "MULTISURFACE")
"""Kinds of geometry that have arcs. They are drawn as straight pieces of 4 degrees of arc, GDAL's own step."""

HOLD_ARCS = (".gpkg", ".gdb", ".gml", ".sqlite", ".db")
"""Endings of formats that can hold them."""


@dataclass(frozen=True)
class Table:
    """A file's columns, its rows, the raw shape of each (None: it has none), and the coordinate system the file states."""

    fields: list[str]
    rows: list[Row]
    shapes: NDArray[np.object_]
    stated: str | None
    arcs: dict[int, str] = field(default_factory=dict)
    """Rows (from 0) whose shape had arcs, with its type: what `shapes` has of them are straight pieces."""
    odd: dict[int, str] = field(default_factory=dict)
    """Rows (from 0) that have a shape of a kind that cannot be read, with words."""


def read(path: Path, mapping: Mapping[str, Any], first: int | None = None) -> Table:
    """The layer that the mapping names, or its `first` rows. Raises UnreadableFile for a broken file, InvalidInput for a mapping
    that does not fit it.
    """
    place: Mapping[str, Any] = mapping.get("geometry", {})
    known = {"x", "y", "wkt", "coordinates", "fields", "shape", "leading", "pairs", "swapped"}
    if not known.issuperset(place) or place.get("shape") not in (None, *SHAPES):
        raise InvalidInput(
            "The mapping's [geometry] is not understood.",
            "It knows: {known}; a shape is one of: {shapes}.",
            known=", ".join(sorted(known)),
            shapes=", ".join(SHAPES),
        )
    table = _read(path, mapping, place, first)
    return replace(table, shapes=_north_last(table.shapes)) if place.get("swapped") else table


def _read(path: Path, mapping: Mapping[str, Any], place: Mapping[str, Any], first: int | None) -> Table:
    if "coordinates" in place:
        return _json_list(path, place, first)
    if "leading" in place:
        return _number_lists(path, place, first)
    table = _layer(path, mapping, first)
    if "pairs" in place:
        return Table(table.fields, table.rows, _from_pairs(table, place), table.stated)
    if "wkt" in place:
        return _from_wkt(table, place["wkt"])
    if "x" in place or "y" in place:
        return Table(
            table.fields, table.rows, _from_columns(table, place, str(mapping.get("decimal", "."))), table.stated
        )
    return table


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


def _north_last(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Shapes whose pairs stand north first, with east first."""
    turned: NDArray[np.object_] = shapely.transform(shapes, lambda numbers: numbers[:, ::-1])
    return turned


def _layer(path: Path, mapping: Mapping[str, Any], first: int | None) -> Table:
    encoding = mapping.get("encoding")
    if path.suffix.lower() == ".shp" and not encoding:
        _refuse_unknown_encoding(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore", RuntimeWarning
            )  # GDAL's remarks on single rows, which are judged row by row here
            layer = _layer_name(path, mapping)
            meta, numbers, geometry, columns = pyogrio.raw.read(
                path, layer=layer, encoding=encoding, return_fids=True, max_features=first
            )
            arcs = _arcs(path, layer, numbers) if first is None else {}
    except (UnicodeDecodeError, LookupError) as error:
        raise UnreadableFile(
            "The texts of {file} are not in the encoding {encoding}.",
            'State the right one in the mapping, for example encoding = "GB18030".',
            file=path.name,
            encoding=encoding or "UTF-8",
        ) from error
    except (RuntimeError, ValueError) as error:
        raise unreadable(path, str(error)) from error
    names = [str(name) for name in meta["fields"]]
    values = [[plain(value) for value in column] for column in columns]
    rows = [dict(zip(names, row, strict=True)) for row in zip(*values, strict=True)]
    shapes: NDArray[np.object_] = np.full(len(rows), None, dtype=object)
    if geometry is not None:
        shapes = shapely.from_wkb(geometry, on_invalid="ignore")
        rows = rows or [{} for _ in shapes]
    unread = "its shape is of a kind that cannot be read here"
    odd = (
        {} if geometry is None else {int(n): unread for n in np.flatnonzero(shapely.is_missing(shapes)) if geometry[n]}
    )
    return Table(names, rows, shapes, meta["crs"], arcs, odd)


def _arcs(path: Path, layer: str, numbers: NDArray[np.int64]) -> dict[int, str]:
    """Rows whose shape has arcs, with the type the file gives it. GDAL draws them as straight pieces when it hands them over."""
    if path.suffix.lower() not in HOLD_ARCS:
        return {}
    wanted = " or ".join(f"OGR_GEOMETRY = '{kind}'" for kind in ARCS)
    quoted = layer.replace('"', '""')
    query = f'select OGR_GEOMETRY as kind from "{quoted}" where {wanted}'
    _, found, _, columns = pyogrio.raw.read(
        path, sql=query, sql_dialect="OGRSQL", read_geometry=False, return_fids=True
    )
    at = {int(number): row for row, number in enumerate(numbers)}
    return {at[int(number)]: str(kind) for number, kind in zip(found, columns[0], strict=True) if int(number) in at}


def _layer_name(path: Path, mapping: Mapping[str, Any]) -> str:
    """The layer to read. Raises InvalidInput where the choice is not clear, naming those there are."""
    layers = [str(name) for name in pyogrio.list_layers(path)[:, 0]]
    wanted = mapping.get("layer") or (layers[0] if len(layers) == 1 else None)
    if wanted not in layers:
        raise InvalidInput(
            "The file {file} has the layers: {layers}.",
            'Say which one is meant: layer = "…" in the mapping.',
            file=path.name,
            layers=", ".join(layers) or "none",
        )
    return str(wanted)


def _refuse_unknown_encoding(path: Path) -> None:
    """Chinese names in a Shapefile that does not say how they are written would be read wrongly without a word."""
    table = path.with_suffix(".dbf")
    if path.with_suffix(".cpg").exists() or not table.exists():
        return
    content = table.read_bytes()
    if len(content) > 32 and content[29] == 0 and not content[32:].isascii():
        raise UnreadableFile(
            "The file {file} does not say in which encoding its texts are written.",
            'State it in the mapping: encoding = "GBK" is usual in China, "UTF-8" elsewhere.',
            file=table.name,
        )


def _from_columns(table: Table, place: Mapping[str, Any], decimal: str) -> NDArray[np.object_]:
    """Points of two columns; an entry that is no number makes no shape."""
    x, y = (
        [_number(row[name], decimal) for row in table.rows] for name in _columns(table, place.get("x"), place.get("y"))
    )
    usable = np.isfinite(x) & np.isfinite(y)
    shapes: NDArray[np.object_] = np.full(len(table.rows), None, dtype=object)
    shapes[usable] = shapely.points(np.asarray(x)[usable], np.asarray(y)[usable])
    return shapes


def _from_wkt(table: Table, name: Any) -> Table:
    texts = [str(row[_columns(table, name)[0]] or "").strip() for row in table.rows]
    odd = {n: f"a {kind} cannot be read from text; give it with straight pieces" for n, kind in _odd_kinds(texts)}
    plain_texts = np.asarray(["" if n in odd else words for n, words in enumerate(texts)], dtype=object)
    shapes = np.asarray(shapely.from_wkt(plain_texts, on_invalid="ignore"), dtype=object)
    return Table(table.fields, table.rows, shapes, table.stated, odd=odd)


def _odd_kinds(texts: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Texts whose shape GEOS does not know: it would refuse all for one."""
    for number, words in enumerate(texts):
        kind = re.match(r"[A-Za-z]*", words)
        if kind and kind[0].upper() in (*ARCS, "POLYHEDRALSURFACE", "TIN", "TRIANGLE"):
            yield number, kind[0].upper()


def _columns(table: Table, *names: Any) -> list[str]:
    for name in names:
        if name not in table.fields:
            raise InvalidInput(
                "The file has no column '{name}' for its coordinates.",
                "Its columns are: {fields}.",
                name=name or "",
                fields=", ".join(table.fields),
            )
    return list(names)


def _number(value: Any, decimal: str) -> float:
    try:
        return written_numbers.coordinate(value, decimal)
    except (TypeError, ValueError):
        return math.nan


def _json_list(path: Path, place: Mapping[str, Any], first: int | None) -> Table:
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
        shapes[number] = _drawn(record.get(at), place["shape"])
    fields = list(dict.fromkeys(name for row in rows for name in row))
    return Table(fields, [{name: row.get(name) for name in fields} for row in rows], shapes, None)


def _number_lists(path: Path, place: Mapping[str, Any], first: int | None) -> Table:
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
            shapes[number] = _drawn(steps.reshape(-1, 2).cumsum(axis=0).tolist(), "line")
    return Table(names, rows, shapes, None)


_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


def _from_pairs(table: Table, place: Mapping[str, Any]) -> NDArray[np.object_]:
    """Lines of one column that holds their numbers, in lists of any style."""
    (name,) = _columns(table, place["pairs"])
    shapes: NDArray[np.object_] = np.full(len(table.rows), None, dtype=object)
    for number, row in enumerate(table.rows):
        found = [float(written) for written in _NUMBER.findall(str(row[name] or ""))]
        if len(found) >= 4 and len(found) % 2 == 0:
            shapes[number] = _drawn(list(zip(found[::2], found[1::2], strict=True)), place.get("shape", "line"))
    return shapes


def _drawn(numbers: Any, shape: str) -> shapely.Geometry | None:
    """The shape that nested lists of numbers make, or None. One pair in a list of its own is a point as well."""
    try:
        if shape == "point":
            pair = numbers[0] if isinstance(numbers[0], list) and len(numbers) == 1 else numbers
            return shapely.Point(*map(float, pair))
        if shape == "line":
            return shapely.LineString(numbers)
        rings: Sequence[Any] = numbers if isinstance(numbers[0][0], list) else [numbers]
        return shapely.Polygon(rings[0], rings[1:])
    except (TypeError, ValueError, IndexError, KeyError, shapely.errors.ShapelyError):
        return None


def unreadable(path: Path, problem: str) -> UnreadableFile:
    """The error for a file that is no layer, with what reads it said."""
    if path.suffix.lower() == ".xls":
        return UnreadableFile(
            "Workbooks of the old kind (.xls) are not read here: {file}.",
            "Save it as .xlsx or CSV and hand it in again.",
            file=path.name,
        )
    return UnreadableFile(
        "The file {file} cannot be read as a map layer: {problem}.",
        "Shapefile (with its .dbf, .shx, .prj), GeoPackage, GeoJSON, TopoJSON, FileGDB, CSV, Excel and JSON lists are read.",
        file=path.name,
        problem=problem.rstrip("."),
    )
