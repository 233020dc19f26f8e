"""Rows and raw shapes of any vector file: what GDAL reads (Shapefile, GeoPackage, GeoJSON, TopoJSON, FileGDB, CSV, Excel…) and JSON lists.

Shapes come out as the file has them, in its own coordinates; `placing` makes WGS 84 of them. The mapping says where they stand:

    layer = "roads"            which layer, where the file has several; "*" all of them, told apart by {layer}
    header, delimiter          of tables, see sheets.py;  fill_down = ["district"]  blank cells repeat the one above (merged cells)
    [columns]                  names that change from file to file, see column_names.py
    encoding = "GBK"           of its texts, where the file does not say
    [geometry]
    x = "lon", y = "lat"       two columns, or two lists of columns: degrees, minutes, seconds; negative = ["x"] counts westward; or
    wkt = "geom"               one column of well-known text, hexadecimal WKB or GeoJSON; or
    coordinates = "lnglat"     numbers in a JSON list of records, with `fields` naming the member that holds the other columns;
                               without any of these the file's own geometry
    pairs = "stops"            one column with all numbers of a shape in it, x before y, whatever stands between them
    leading = ["first"]        a JSON list of lists of numbers: names of the first ones, then x, y, then differences from point to point
    shape = "point"            point, line or polygon: what every row must be (needed with `coordinates`, else a check)
    swapped = true             every pair stands north first (latitude before longitude)
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pyogrio.errors
import pyogrio.raw
import shapely
from numpy.typing import NDArray

from config.errors import InvalidInput, UnreadableFile
from gis.importing import books, column_names, json_lists, shape_columns, sheets
from gis.importing.layer_table import Table, of_sheet, plain, refuse_empty, unreadable
from gis.importing.placing import SHAPES, Fault
from gis.importing.shape_columns import ARCS

HOLD_ARCS = (".gpkg", ".gdb", ".gml", ".sqlite", ".db")
"""Endings of formats that can hold arcs."""

BOOKS = (".xlsx", ".ods")
ALL = "*"
PLACES = {"x", "y", "wkt", "coordinates", "fields", "shape", "leading", "pairs", "swapped", "negative"}


def read(path: Path, mapping: Mapping[str, Any], first: int | None = None) -> Table:
    """The layer that the mapping names, or its `first` rows. Raises UnreadableFile for a broken file, InvalidInput for a mapping
    that does not fit it and for a layer without a row.
    """
    place: Mapping[str, Any] = mapping.get("geometry", {})
    if not PLACES.issuperset(place) or place.get("shape") not in (None, *SHAPES):
        raise InvalidInput(
            "The mapping's [geometry] is not understood.",
            "It knows: {known}; a shape is one of: {shapes}.",
            known=", ".join(sorted(PLACES)),
            shapes=", ".join(SHAPES),
        )
    table = _read(path, mapping, place, first)
    return replace(table, shapes=_north_last(table.shapes)) if place.get("swapped") else table


def _read(path: Path, mapping: Mapping[str, Any], place: Mapping[str, Any], first: int | None) -> Table:
    if "coordinates" in place:
        table = json_lists.records_of(path, place, first)
    elif "leading" in place:
        table = json_lists.number_lists(path, place, first)
    elif path.suffix.lower() in sheets.TEXTS:
        table = of_sheet(sheets.read_text(path, mapping, first))
    elif path.suffix.lower() in books.OLD:
        table = _old_book(path, mapping, first)
    else:
        table = _layer(path, mapping, first)
    refuse_empty(path, table)
    fields, rows = column_names.renamed(table.fields, table.rows, mapping)
    column_names.filled_down(rows, mapping.get("fill_down", ()))
    table = replace(table, fields=fields, rows=rows)
    found = shape_columns.read(fields, rows, place, str(mapping.get("decimal", ".")))
    if found is None:
        return table
    return replace(table, shapes=found.shapes, odd={**found.faults, **table.odd}, stated=found.stated or table.stated)


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
            names = _layer_names(path, mapping)
            tables = [_one_layer(path, name, encoding, first) for name in names]
            if path.suffix.lower() in BOOKS and not _headed(tables[0], mapping):
                return _below_its_title(path, names[0], mapping, first)
    except (UnicodeDecodeError, LookupError) as error:
        raise UnreadableFile(
            "The texts of {file} are not in the encoding {encoding}.",
            'State the right one in the mapping, for example encoding = "GB18030".',
            file=path.name,
            encoding=encoding or "UTF-8",
        ) from error
    except (RuntimeError, ValueError) as error:
        raise unreadable(path, str(error)) from error
    return tables[0] if mapping.get("layer") != ALL else _joined(path, names, tables)


def _old_book(path: Path, mapping: Mapping[str, Any], first: int | None) -> Table:
    chosen = _layer_names(path, mapping)
    tables = [of_sheet(books.read(path, name, mapping, first)) for name in chosen]
    return tables[0] if mapping.get("layer") != ALL else _joined(path, chosen, tables)


def layers(path: Path) -> list[str]:
    """The names of a file's layers, in its order. Raises UnreadableFile where there is none, RuntimeError for what GDAL cannot open."""
    old = path.suffix.lower() in books.OLD
    found = books.names(path) if old else [str(name) for name in pyogrio.list_layers(path)[:, 0]]
    if not found:
        raise UnreadableFile(
            "The file {file} holds no layer.",
            "Hand in what is in it: an archive within an archive is not opened.",
            file=path.name,
        )
    return found


def _one_layer(path: Path, layer: str, encoding: str | None, first: int | None) -> Table:
    shaped = pyogrio.read_info(path, layer=layer, encoding=encoding)["geometry_type"] is not None
    meta, numbers, geometry, columns = pyogrio.raw.read(
        path, layer=layer, encoding=encoding, return_fids=True, read_geometry=shaped, max_features=first
    )
    names = [str(name) for name in meta["fields"]]
    values = [[plain(value) for value in column] for column in columns]
    rows = [dict(zip(names, row, strict=True)) for row in zip(*values, strict=True)]
    if geometry is None:
        return of_sheet(sheets.Sheet(names, rows, {}))
    shapes = shapely.from_wkb(geometry, on_invalid="ignore")
    rows = rows or [{} for _ in shapes]
    arcs = _arcs(path, layer, numbers) if first is None else {}
    unread = Fault(
        "unreadable_shape", "its shape cannot be read: one point for a line, a ring left open, or a kind not known"
    )
    odd = {int(n): unread for n in np.flatnonzero(shapely.is_missing(shapes)) if geometry[n]}
    return Table(names, rows, shapes, meta["crs"], arcs, odd)


def _joined(path: Path, names: Sequence[str], tables: Sequence[Table]) -> Table:
    """All layers of a file as one, with the column `layer`. Raises InvalidInput where they state different systems."""
    if len({table.stated for table in tables}) > 1:
        raise InvalidInput(
            "The layers of {file} state different coordinate systems.", "Import them one by one.", file=path.name
        )
    fields = list(dict.fromkeys(["layer", *(name for table in tables for name in table.fields)]))
    joined = Table(fields, [], np.concatenate([table.shapes for table in tables]), tables[0].stated)
    for name, table in zip(names, tables, strict=True):
        before = len(joined.rows)
        joined.arcs.update({before + at: words for at, words in table.arcs.items()})
        joined.odd.update({before + at: fault for at, fault in table.odd.items()})
        joined.rows.extend(dict.fromkeys(fields) | {"layer": name} | row for row in table.rows)
    return joined


def _headed(table: Table, mapping: Mapping[str, Any]) -> bool:
    """Whether the first row of a sheet is its header: nothing else is stated, and it has what the mapping names."""
    return not mapping.get("header") and sheets.has_all(table.fields, sheets.wanted(mapping))


def _below_its_title(path: Path, layer: str, mapping: Mapping[str, Any], first: int | None) -> Table:
    """A sheet whose header is not its first row: every cell as text, the header as the mapping has it."""
    _, _, _, columns = pyogrio.raw.read(path, layer=layer, read_geometry=False, HEADERS="DISABLE")
    values = [["" if (cell := plain(value)) is None else str(cell) for value in column] for column in columns]
    return of_sheet(sheets.sheet(zip(*values, strict=True), mapping, first))


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


def _layer_names(path: Path, mapping: Mapping[str, Any]) -> list[str]:
    """The layers to read: one, or all for "*". Raises InvalidInput where the choice is not clear, naming those there are."""
    found = layers(path)
    if mapping.get("layer") == ALL:
        return found
    wanted = mapping.get("layer") or (found[0] if len(found) == 1 else None)
    if wanted not in found:
        raise InvalidInput(
            "The file {file} has the layers: {layers}.",
            'Say which one is meant: layer = "…" in the mapping, or "*" for all of them.',
            file=path.name,
            layers=", ".join(found),
        )
    return [str(wanted)]


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
