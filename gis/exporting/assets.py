"""Assets into a file: the selection, the format and the coordinate system are the reader's; what left is written down (C3)."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from sqlalchemy import Connection

from config.errors import InvalidInput
from gis import coordinates
from gis.exporting import columns, selection
from gis.exporting.formats import FORMATS, Chunk, Layer, Target, chunked
from gis.exporting.selection import Selection
from gis.importing import systems

Shapes = NDArray[np.object_]


@dataclass(frozen=True)
class Exported:
    """A finished file in a directory of its own, which the caller removes; `counts` by kind; `sha256` of the file in hex."""

    path: Path
    media_type: str
    counts: dict[str, int]
    system: str
    sha256: str


def export_assets(db: Connection, chosen: Selection, file_format: str, system: str, directory: Path) -> Exported:
    """Write the selected assets below `directory` (made if missing).

    Raises InvalidInput for an unknown format or system, one that the format cannot carry, and for an empty selection.
    """
    if file_format not in FORMATS:
        raise InvalidInput(
            "There is no format {format}.",
            "Choose one of: {known}.",
            field="format",
            format=file_format,
            known=sorted(FORMATS),
        )
    writer = FORMATS[file_format]
    target_system = systems.system_of(system)
    if writer.wgs84_only and target_system.name != "wgs84":
        raise InvalidInput(
            "GeoJSON is always in WGS 84.", "Choose the system wgs84, or another format.", field="system"
        )
    counts = selection.stage(db, chosen)
    if not counts:
        raise InvalidInput(
            "No asset meets the selection.", "Take a condition away, or look for the kinds that there are."
        )
    directory.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="export-", dir=directory))
    target = Target(
        folder, "assets" if len(counts) > 1 else next(iter(counts)), _code(target_system.name), target_system.name
    )
    path = writer.write(target, _layers(db, counts, _mover(target_system.name)))
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Exported(path, writer.media_type, counts, target_system.name, digest)


def format_of(file_name: str) -> str:
    """The format that a file's name asks for. Raises InvalidInput for an ending that none has."""
    endings = {f".{name}": name for name in FORMATS} | {f".{name}.zip": name for name in ("shp", "csv")}
    found = next((name for ending, name in endings.items() if file_name.lower().endswith(ending)), None)
    if found is None:
        raise InvalidInput(
            "The name {file} does not say which format is meant.",
            "End it in one of: {known}.",
            file=file_name,
            known=sorted(endings),
        )
    return found


def _layers(db: Connection, kinds: dict[str, int], move: Callable[[Shapes], Shapes]) -> Iterator[Layer]:
    for kind in kinds:
        planned = columns.plan(selection.attribute_types(db, kind))
        yield Layer(kind, planned, _chunks(db, kind, planned, move))


def _chunks(
    db: Connection, kind: str, planned: list[columns.ColumnPlan], move: Callable[[Shapes], Shapes]
) -> Iterator[Chunk]:
    yield from chunked(((columns.values(row, planned), bytes(row.geom)) for row in selection.rows(db, kind)), move)


def _mover(system: str) -> Callable[[Shapes], Shapes]:
    """WGS 84 degrees → the system, for arrays of shapes; x is longitude or easting."""
    if system in ("wgs84", "cgcs2000"):
        return lambda shapes: shapes
    if system in coordinates.SYSTEMS:
        return lambda shapes: _moved(shapes, lambda x, y: coordinates.from_wgs84(x, y, system))
    transformer = Transformer.from_crs(4326, CRS.from_user_input(system), always_xy=True)
    return lambda shapes: _moved(shapes, transformer.transform)


def _moved(
    shapes: Shapes,
    move: Callable[[NDArray[np.float64], NDArray[np.float64]], tuple[NDArray[np.float64], NDArray[np.float64]]],
) -> Shapes:
    points = shapely.get_coordinates(shapes)
    x, y = move(points[:, 0].copy(), points[:, 1].copy())
    moved = np.column_stack([x, y])
    if not np.isfinite(moved).all():
        raise InvalidInput(
            "Some of the assets lie where the coordinate system does not reach.",
            "Choose a system of this region.",
            field="system",
        )
    return np.asarray(shapely.set_coordinates(shapes, moved))


def _code(system: str) -> str | None:
    """How files name the system; the shifted systems of map services have no code, README.txt names them."""
    return {"wgs84": "EPSG:4326", "cgcs2000": "EPSG:4490"}.get(
        system, None if system in coordinates.SYSTEMS else system
    )
