"""Layers as GDAL reads them: Shapefile, GeoPackage, GeoJSON, FileGDB, workbooks and the rest; which layer, which encoding, which arcs.

GeoPackage, Shapefile and FileGDB are read from the middle, so that a large one never stands in memory as a whole. pyogrio is
imported where it reads, because it brings geopandas and pandas, which take a quarter of a second of every start.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import shapely

from config.errors import InvalidInput, UnreadableFile
from gis.importing import books, json_numbers, sheets
from gis.importing.layer_table import Table, of_sheet, plain, unreadable
from gis.importing.placing import Fault
from gis.importing.shape_columns import ARCS

HOLD_ARCS = (".gpkg", ".gdb", ".gml", ".sqlite", ".db")
"""Endings of formats that can hold arcs."""

FROM_THE_MIDDLE = (".gpkg", ".gdb", ".shp")
"""Endings of formats whose later rows are found without reading those before."""

BOOKS = (".xlsx", ".ods")
ALL = "*"


def read(path: Path, mapping: Mapping[str, Any], first: int | None = None) -> Table:
    """The layer that the mapping names (or all of them), or its `first` rows, with the file's own shapes.

    Raises UnreadableFile for a broken file, InvalidInput where the mapping does not say which layer.
    """
    try:
        return _read(path, mapping, first)
    except UnreadableFile as error:
        if json_numbers.MET not in str(error) or path.suffix.lower() not in json_numbers.ENDINGS:
            raise
        with TemporaryDirectory(prefix="citycommand-json-") as folder:
            copy = Path(folder, path.name)
            found = json_numbers.without(path, copy)
            if found is None:
                raise
            return json_numbers.told(_read(copy, mapping, first), found)


def _read(path: Path, mapping: Mapping[str, Any], first: int | None) -> Table:
    with _opened(path, mapping):
        names = layer_names(path, mapping)
        tables = [_one_layer(path, name, mapping, {} if first else _arcs(path, name), first) for name in names]
        if path.suffix.lower() in BOOKS and not _headed(tables[0], mapping):
            return _below_its_title(path, names[0], mapping, first)
    return tables[0] if mapping.get("layer") != ALL else joined(path, names, tables)


def parts(path: Path, mapping: Mapping[str, Any], size: int) -> Iterator[Table]:
    """The same, so many rows at a time; one table without rows where there are none."""
    if path.suffix.lower() not in FROM_THE_MIDDLE or mapping.get("layer") == ALL:
        yield from read(path, mapping).slices(size)
        return
    with _opened(path, mapping):
        (name,) = layer_names(path, mapping)
        arcs = _arcs(path, name)
    for skip in count(0, size):
        with _opened(path, mapping):
            table = _one_layer(path, name, mapping, arcs, size, skip)
        if table.rows or not skip:
            yield table
        if len(table.rows) < size:
            return


@contextmanager
def _opened(path: Path, mapping: Mapping[str, Any]) -> Iterator[None]:
    """GDAL's faults as ours; its remarks on single rows are left aside, for rows are judged one by one here."""
    encoding = mapping.get("encoding")
    if path.suffix.lower() == ".shp" and not encoding:
        _refuse_unknown_encoding(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            yield
    except (UnicodeDecodeError, LookupError) as error:
        raise UnreadableFile(
            "The texts of {file} are not in the encoding {encoding}.",
            'State the right one in the mapping, for example encoding = "GB18030".',
            file=path.name,
            encoding=encoding or "UTF-8",
        ) from error
    except (RuntimeError, ValueError) as error:
        raise unreadable(path, str(error)) from error


def layers(path: Path) -> list[str]:
    """The names of a file's layers, in its order. Raises UnreadableFile where there is none, RuntimeError for what GDAL cannot open."""
    old = path.suffix.lower() in books.OLD
    import pyogrio

    found = books.names(path) if old else [str(name) for name in pyogrio.list_layers(path)[:, 0]]
    if not found:
        raise UnreadableFile(
            "The file {file} holds no layer.",
            "Hand in what is in it: an archive within an archive is not opened.",
            file=path.name,
        )
    return found


def _one_layer(
    path: Path, layer: str, mapping: Mapping[str, Any], arcs: Mapping[int, str], most: int | None, skip: int = 0
) -> Table:
    import pyogrio.raw

    encoding = mapping.get("encoding")
    shaped = pyogrio.read_info(path, layer=layer, encoding=encoding)["geometry_type"] is not None
    meta, numbers, geometry, columns = pyogrio.raw.read(
        path,
        layer=layer,
        encoding=encoding,
        return_fids=True,
        read_geometry=shaped,
        max_features=most,
        skip_features=skip,
    )
    names = [str(name) for name in meta["fields"]]
    values = [[plain(value) for value in column] for column in columns]
    rows = [dict(zip(names, row, strict=True)) for row in zip(*values, strict=True)]
    if geometry is None:
        return of_sheet(sheets.Sheet(names, rows, {}))
    shapes = shapely.from_wkb(geometry, on_invalid="ignore")
    rows = rows or [{} for _ in shapes]
    curved = {row: arcs[int(number)] for row, number in enumerate(numbers) if int(number) in arcs}
    unread = Fault(
        "unreadable_shape", "its shape cannot be read: one point for a line, a ring left open, or a kind not known"
    )
    odd = {int(n): unread for n in np.flatnonzero(shapely.is_missing(shapes)) if geometry[n]}
    return Table(names, rows, shapes, meta["crs"], curved, odd)


def joined(path: Path, names: Sequence[str], tables: Sequence[Table]) -> Table:
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
    import pyogrio.raw

    _, _, _, columns = pyogrio.raw.read(path, layer=layer, read_geometry=False, HEADERS="DISABLE")
    values = [["" if (cell := plain(value)) is None else str(cell) for value in column] for column in columns]
    return of_sheet(sheets.sheet(zip(*values, strict=True), mapping, first))


def _arcs(path: Path, layer: str) -> dict[int, str]:
    """Rows by their number whose shape has arcs, with the type the file gives it. GDAL hands them over as straight pieces."""
    import pyogrio.raw

    if path.suffix.lower() not in HOLD_ARCS or pyogrio.read_info(path, layer=layer)["geometry_type"] is None:
        return {}
    wanted = " or ".join(f"OGR_GEOMETRY = '{kind}'" for kind in ARCS)
    quoted = layer.replace('"', '""')
    query = f'select OGR_GEOMETRY as kind from "{quoted}" where {wanted}'
    _, found, _, columns = pyogrio.raw.read(
        path, sql=query, sql_dialect="OGRSQL", read_geometry=False, return_fids=True
    )
    return {int(number): str(kind) for number, kind in zip(found, columns[0], strict=True)}


def layer_names(path: Path, mapping: Mapping[str, Any]) -> list[str]:
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
