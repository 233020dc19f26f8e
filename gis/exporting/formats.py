"""The file formats of an export, each a writer of one layer a kind of asset. GDAL writes GeoPackage and Shapefile, through pyogrio.

A writer gets the kinds with their columns and a stream of rows each; nothing of a city stands in memory as a whole. What a
format cannot say in itself (shortened names, a coordinate system without a code) stands in a file README.txt beside it.
"""

from __future__ import annotations

import csv
import json
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.exporting.cells import harmless
from gis.exporting.columns import ColumnPlan, short_names

CHUNK = 20_000
LONGEST = 254
"""Bytes of a text that a Shapefile holds; GDAL cuts what is longer."""

FAMILIES = {0: "Point", 1: "LineString", 2: "LineString", 3: "Polygon", 4: "MultiPoint", 5: "LineString", 6: "Polygon"}
"""Shapely's geometry types → the type of the Shapefile that holds them; lines and polygons of several parts lie with single ones."""

GDAL_TYPES = {int: np.int64, float: np.float64, bool: np.bool_, str: np.object_}


@dataclass(frozen=True)
class Chunk:
    """Some rows of one kind: values by column, shapes in the system of the export."""

    values: list[list[Any]]
    shapes: NDArray[np.object_]


@dataclass(frozen=True)
class Layer:
    """All assets of one kind: name, columns, and the rows in chunks, to be read once."""

    name: str
    columns: list[ColumnPlan]
    chunks: Iterable[Chunk]


@dataclass(frozen=True)
class Target:
    """Where to write, and how the coordinate system is called: `crs` for GDAL (None where it has no code), `system` for people."""

    directory: Path
    name: str
    crs: str | None
    system: str


Writer = Callable[[Target, Iterable[Layer]], Path]


@dataclass(frozen=True)
class Format:
    """One format: media type and writer. `degrees_only`: its standard knows WGS 84 and nothing else."""

    media_type: str
    write: Writer
    wgs84_only: bool = False


def geopackage(target: Target, layers: Iterable[Layer]) -> Path:
    """One file, one table a kind."""
    path = target.directory / f"{target.name}.gpkg"
    for layer in layers:
        for number, chunk in enumerate(layer.chunks):
            names = [column.name for column in layer.columns]
            _gdal(path, "GPKG", layer.columns, names, chunk, target.crs, "Unknown", append=number > 0, layer=layer.name)
    return path


def shapefile(target: Target, layers: Iterable[Layer]) -> Path:
    """A zip of Shapefiles, one for each kind and family of geometry, in UTF-8; README.txt says what shortened names mean."""
    readme = [f"Coordinate system: {target.system}", "Texts: UTF-8", ""]
    written: list[Path] = []
    for layer in layers:
        names = short_names([column.name for column in layer.columns])
        readme += [layer.name, *(f"  {s} = {c.name}" for s, c in zip(names, layer.columns, strict=True) if s != c.name)]
        begun: set[str] = set()
        cut: Counter[str] = Counter()
        for chunk in layer.chunks:
            held = _cut(chunk, layer.columns, cut)
            for family, part in _families(held):
                path = target.directory / f"{layer.name}_{family.lower()}.shp"
                _gdal(path, "ESRI Shapefile", layer.columns, names, part, target.crs, family, append=family in begun)
                begun.add(family)
        readme += [
            f"  {name}: cut to {LONGEST} bytes in {rows} rows; GeoPackage has them whole" for name, rows in cut.items()
        ]
        written += [
            file for family in sorted(begun) for file in target.directory.glob(f"{layer.name}_{family.lower()}.*")
        ]
    return _zipped(target, written, readme)


def geojson(target: Target, layers: Iterable[Layer]) -> Path:
    """One FeatureCollection (RFC 7946: WGS 84, longitude first), every feature with its kind."""
    path = target.directory / f"{target.name}.geojson"
    with path.open("w", encoding="utf-8") as file:
        file.write('{"type": "FeatureCollection", "features": [')
        comma = "\n"
        for layer in layers:
            names = [column.name for column in layer.columns]
            for chunk in layer.chunks:
                for values, shape in zip(chunk.values, shapely.to_geojson(chunk.shapes), strict=True):
                    properties = json.dumps(dict(zip(names, values, strict=True)), ensure_ascii=False)
                    file.write(
                        f'{comma}{{"type": "Feature", "id": {values[0]}, "properties": {properties}, "geometry": {shape}}}'
                    )
                    comma = ",\n"
        file.write("\n]}\n")
    return path


def csv_tables(target: Target, layers: Iterable[Layer]) -> Path:
    """A zip of tables, one a kind: UTF-8 with byte order mark (spreadsheets ask for it), the shape as well-known text."""
    written = []
    for layer in layers:
        path = target.directory / f"{layer.name}.csv"
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            table = csv.writer(file)
            table.writerow([*(column.name for column in layer.columns), "wkt"])
            for chunk in layer.chunks:
                texts = shapely.to_wkt(chunk.shapes, rounding_precision=-1, trim=True)
                table.writerows(
                    [*map(harmless, values), text] for values, text in zip(chunk.values, texts, strict=True)
                )
        written.append(path)
    return _zipped(target, written, [f"Coordinate system of column wkt: {target.system}"])


FORMATS = {
    "gpkg": Format("application/geopackage+sqlite3", geopackage),
    "geojson": Format("application/geo+json", geojson, wgs84_only=True),
    "shp": Format("application/zip", shapefile),
    "csv": Format("application/zip", csv_tables),
}


def chunked(
    rows: Iterable[tuple[list[Any], bytes]], move: Callable[[NDArray[np.object_]], NDArray[np.object_]]
) -> Iterator[Chunk]:
    """Rows of (values, WKB) in portions, their shapes taken to the export's system by `move`."""
    stream = iter(rows)
    while portion := list(islice(stream, CHUNK)):
        shapes = shapely.from_wkb(np.array([wkb for _values, wkb in portion], dtype=object))
        yield Chunk([values for values, _wkb in portion], move(shapes))


def _gdal(
    path: Path,
    driver: str,
    columns: list[ColumnPlan],
    names: list[str],
    chunk: Chunk,
    crs: str | None,
    shape: str,
    *,
    append: bool,
    layer: str | None = None,
) -> None:
    data: list[NDArray[Any]] = []
    masks: list[NDArray[np.bool_] | None] = []
    for column, entries in zip(columns, zip(*chunk.values, strict=True), strict=True):
        missing = np.array([entry is None for entry in entries])
        filled = [column.type() if entry is None else entry for entry in entries]
        data.append(np.array(filled, dtype=GDAL_TYPES[column.type]))
        masks.append(missing if missing.any() else None)
    import pyogrio.raw  # here, because it brings geopandas and pandas, which a web page does without

    pyogrio.raw.write(
        path,
        shapely.to_wkb(chunk.shapes),
        data,
        np.array(names),
        field_mask=masks,
        layer=layer,
        driver=driver,
        geometry_type=shape,
        crs=crs,
        encoding="UTF-8",
        append=append,
    )


def _cut(chunk: Chunk, columns: list[ColumnPlan], counted: Counter[str]) -> Chunk:
    """The rows with texts as long as a Shapefile holds them, no character cut in two; how many were longer is counted by column."""
    rows = [list(values) for values in chunk.values]
    for values in rows:
        for at, value in enumerate(values):
            if isinstance(value, str) and len(value) * 4 > LONGEST and len(value.encode()) > LONGEST:
                values[at] = value.encode()[:LONGEST].decode(errors="ignore")
                counted[columns[at].name] += 1
    return Chunk(rows, chunk.shapes)


def _families(chunk: Chunk) -> Iterator[tuple[str, Chunk]]:
    """The rows of a chunk by the Shapefile that can hold them."""
    kinds = np.array([FAMILIES.get(int(kind), "") for kind in shapely.get_type_id(chunk.shapes)])
    for family in sorted(set(kinds) - {""}):
        chosen = np.flatnonzero(kinds == family)
        yield str(family), Chunk([chunk.values[number] for number in chosen], chunk.shapes[chosen])


def _zipped(target: Target, files: list[Path], readme: list[str]) -> Path:
    path = target.directory / f"{target.name}.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("README.txt", "\n".join(readme) + "\n")
        for file in files:
            archive.write(file, file.name)
            file.unlink()
    return path
