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

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from config.errors import InvalidInput
from gis.importing import books, column_names, gdal_layers, json_lists, shape_columns, sheets
from gis.importing.layer_table import Table, of_sheet, refuse_empty
from gis.importing.placing import SHAPES

PART = 5_000
"""Rows of a layer that are in memory at a time."""

PLACES = {"x", "y", "wkt", "coordinates", "fields", "shape", "leading", "pairs", "swapped", "negative"}


def read(path: Path, mapping: Mapping[str, Any], first: int | None = None) -> Table:
    """The layer that the mapping names, or its `first` rows. Raises UnreadableFile for a broken file, InvalidInput for a mapping
    that does not fit it and for a layer without a row.
    """
    place = _place(mapping)
    table = _read(path, mapping, place, first)
    refuse_empty(path, table)
    return _finished(table, mapping, {})


def parts(path: Path, mapping: Mapping[str, Any], size: int = PART) -> Iterator[Table]:
    """The same layer, so many rows at a time. Texts, GeoPackage, Shapefile and FileGDB are never in memory as a whole.

    Raises what `read` raises, a later part's fault when it comes to it.
    """
    above: dict[str, Any] = {}
    before = 0
    for table in _raw_parts(path, mapping, size):
        if not before:
            refuse_empty(path, table)
        yield replace(_finished(table, mapping, above), before=before)
        before += len(table.rows)


def _raw_parts(path: Path, mapping: Mapping[str, Any], size: int) -> Iterator[Table]:
    place = _place(mapping)
    ending = path.suffix.lower()
    if {"coordinates", "leading"} & {*place}:
        yield from _read(path, mapping, place, None).slices(size)
    elif ending in sheets.TEXTS:
        yield from map(of_sheet, sheets.text_parts(path, mapping, size))
    elif ending in books.OLD:
        yield from _old_book(path, mapping, None).slices(size)
    else:
        yield from gdal_layers.parts(path, mapping, size)


def _place(mapping: Mapping[str, Any]) -> Mapping[str, Any]:
    """[geometry] of a mapping. Raises InvalidInput for one that is not understood."""
    place: Mapping[str, Any] = mapping.get("geometry", {})
    if not PLACES.issuperset(place) or place.get("shape") not in (None, *SHAPES):
        raise InvalidInput(
            "The mapping's [geometry] is not understood.",
            "It knows: {known}; a shape is one of: {shapes}.",
            known=", ".join(sorted(PLACES)),
            shapes=", ".join(SHAPES),
        )
    return place


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
        table = gdal_layers.read(path, mapping, first)
    return table


def _finished(table: Table, mapping: Mapping[str, Any], above: dict[str, Any]) -> Table:
    """Columns under the mapping's names, blank cells filled, shapes from where the mapping has them; `above` are the last values before."""
    place = mapping.get("geometry", {})
    fields, rows = column_names.renamed(table.fields, table.rows, mapping)
    column_names.filled_down(rows, mapping.get("fill_down", ()), above)
    table = replace(table, fields=fields, rows=rows)
    found = shape_columns.read(fields, rows, place, str(mapping.get("decimal", ".")))
    if found is not None:
        odd = {**found.faults, **table.odd}
        table = replace(table, shapes=found.shapes, odd=odd, stated=found.stated or table.stated)
    return replace(table, shapes=_north_last(table.shapes)) if place.get("swapped") else table


def _north_last(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Shapes whose pairs stand north first, with east first."""
    turned: NDArray[np.object_] = shapely.transform(shapes, lambda numbers: numbers[:, ::-1])
    return turned


def _old_book(path: Path, mapping: Mapping[str, Any], first: int | None) -> Table:
    chosen = gdal_layers.layer_names(path, mapping)
    tables = [of_sheet(books.read(path, name, mapping, first)) for name in chosen]
    return tables[0] if mapping.get("layer") != gdal_layers.ALL else gdal_layers.joined(path, chosen, tables)
