"""`import areas`: communities from any vector file GDAL reads (TopoJSON, GeoJSON, GeoPackage, Shapefile…), with all levels above."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pyogrio.errors
import pyogrio.raw
import shapely
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError
from sqlalchemy import Connection

from config.errors import InvalidInput, UnreadableFile
from gis import areas
from gis.area_plan import LEVELS, Planned, multipolygon
from gis.importing import instance, runs
from gis.importing.runs import Outcome, Reject

Row = dict[str, Any]


@dataclass(frozen=True)
class Layer:
    """Rows of a file with their shapes in WGS 84, and the references of shapes that had to be repaired, with the reason."""

    rows: list[Row]
    shapes: list[shapely.MultiPolygon]
    rejects: list[Reject]
    repaired: dict[str, str]


def import_areas(db: Connection, path: Path, mapping: Mapping[str, Any]) -> Outcome:
    """Load the areas of a file and make unit grids in their communities. The same file again changes nothing.

    Raises UnreadableFile for a file GDAL cannot read, InvalidInput for a mapping that does not fit it; nothing is changed then.
    """
    run_id = runs.start(db, "areas", [path], mapping)
    layer = read(path, mapping)
    chosen = [(row, shape) for row, shape in zip(layer.rows, layer.shapes, strict=True) if _selected(row, mapping)]
    if not chosen:
        raise InvalidInput(
            "No row of {file} meets [select] of the mapping.",
            "Correct the values there; they must match exactly.",
            file=path.name,
        )
    source = str(mapping.get("source", path.stem))
    planned = plan(chosen, mapping)
    changes = areas.load(db, source, planned)
    bounds = [float(value) for value in shapely.total_bounds([shape for _, shape in chosen])]
    srid = instance.widen(db, (bounds[0], bounds[1], bounds[2], bounds[3]))
    instance.credit(db, str(mapping.get("attribution", "")))
    grids = areas.make_grids(db, srid)
    mine = {_reference(row, mapping) for row, _ in chosen}
    repaired = {reference: reason for reference, reason in layer.repaired.items() if reference in mine}
    counts = {
        "rows": len(layer.rows) + len(layer.rejects),
        "chosen": len(chosen),
        "invalid": len(layer.repaired),
        "repaired": repaired,
        "areas": vars(changes) | {level: sum(area.level == level for area in planned) for level in LEVELS},
        "grids": vars(grids),
        "work_srid": srid,
    }
    notes = []
    if layer.repaired:
        invalid = len(layer.repaired)
        notes.append(
            f"{invalid} polygons of the file are invalid; the {len(repaired)} of them that were taken were repaired."
        )
    if layer.rejects:
        notes.append(f"{len(layer.rejects)} rows of the file enclose no ground and were left out.")
    notes += areas.notes(changes, grids)
    return runs.finish(db, Outcome(run_id, counts, runs.keep_rejects(db, run_id, layer.rejects), notes))


def read(path: Path, mapping: Mapping[str, Any]) -> Layer:
    """Rows and shapes of the first layer, in WGS 84; rows without a polygon are rejects."""
    try:
        meta, _, geometry, columns = pyogrio.raw.read(path)
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
        raise UnreadableFile(
            "The file {file} cannot be read as a map layer: {problem}.",
            "TopoJSON, GeoJSON, GeoPackage and Shapefile (with its .dbf, .shx, .prj) are read.",
            file=path.name,
            problem=str(error).rstrip("."),
        ) from error
    to_wgs84 = _transformer(path, meta["crs"], mapping.get("crs"))
    names = list(meta["fields"])
    layer = Layer([], [], [], {})
    for number, wkb in enumerate(geometry):
        row = {name: _plain(column[number]) for name, column in zip(names, columns, strict=True)}
        _take(layer, number, row, wkb, to_wgs84, mapping)
    return layer


def plan(chosen: Sequence[tuple[Row, shapely.MultiPolygon]], mapping: Mapping[str, Any]) -> list[Planned]:
    """Areas of all levels: rows whose code at a level is the same are one area. Parents come before children."""
    entries = {entry.get("level"): entry for entry in mapping.get("level", [])}
    if set(entries) != set(LEVELS):
        raise InvalidInput("The mapping must have one [[level]] for each of: {levels}.", levels=", ".join(LEVELS))
    planned: list[Planned] = []
    for depth, level in enumerate(LEVELS):
        above = entries[LEVELS[depth - 1]] if depth else None
        groups: dict[str, list[tuple[Row, shapely.MultiPolygon]]] = {}
        for row, shape in chosen:
            groups.setdefault(_filled(entries[level]["code"], row), []).append((row, shape))
        for code, members in sorted(groups.items()):
            planned.append(_area(level, code, members, entries[level], above, mapping))
    return planned


def _area(
    level: Any,
    code: str,
    members: list[tuple[Row, shapely.MultiPolygon]],
    entry: Mapping[str, Any],
    above: Mapping[str, Any] | None,
    mapping: Mapping[str, Any],
) -> Planned:
    row = members[0][0]
    shape = members[0][1] if len(members) == 1 else multipolygon(shapely.union_all([shape for _, shape in members]))
    name = _filled(entry["name"], row)
    people: list[Any] = [member.get(entry["population"]) for member, _ in members] if "population" in entry else []
    return Planned(
        ref=_reference(row, mapping) if level == LEVELS[-1] else f"{level}/{code}",
        level=level,
        code=code,
        name=name,
        name_en=_filled(entry.get("name_en", ""), row) or name,
        parent_code=_filled(above["code"], row) if above else None,
        population=int(sum(people)) if people and None not in people else None,
        shape=shape,
    )


def _take(
    layer: Layer, number: int, row: Row, wkb: bytes | None, to_wgs84: Transformer | None, mapping: Mapping[str, Any]
) -> None:
    """Add one row with its shape to the layer, repaired where it was invalid; or to its rejects."""
    reference = _reference(row, mapping)
    shape = shapely.from_wkb(wkb) if wkb is not None else shapely.MultiPolygon()
    if not shapely.is_valid(shape):
        layer.repaired[reference] = shapely.is_valid_reason(shape)
        shape = shapely.make_valid(shape)
    polygons = multipolygon(shapely.force_2d(shape))
    if polygons.is_empty or not np.isfinite(shapely.get_coordinates(polygons)).all():
        layer.rejects.append(
            Reject(str(number + 1), "no_polygon", f"{reference}: its {shape.geom_type} encloses nothing", row)
        )
        return
    layer.rows.append(row)
    layer.shapes.append(shapely.transform(polygons, to_wgs84.transform, interleaved=False) if to_wgs84 else polygons)


def _transformer(path: Path, stated: str | None, assumed: str | None) -> Transformer | None:
    """From the file's system to WGS 84; None where it is that already. The system is asked for, never guessed."""
    if not stated and not assumed:
        raise InvalidInput(
            "The file {file} states no coordinate system.",
            'Ask its owner and state it as crs = "EPSG:…" in the mapping.',
            file=path.name,
        )
    try:
        system = CRS.from_user_input(stated or assumed)
    except CRSError as error:
        raise InvalidInput("The coordinate system '{system}' is not known.", system=stated or assumed) from error
    return (
        None
        if system.equals(CRS.from_epsg(4326), ignore_axis_order=True)
        else Transformer.from_crs(system, 4326, always_xy=True)
    )


def _selected(row: Row, mapping: Mapping[str, Any]) -> bool:
    return all(row.get(name) in values for name, values in mapping.get("select", {}).items())


def _reference(row: Row, mapping: Mapping[str, Any]) -> str:
    return _filled(str(mapping.get("reference", "")), row)


def _filled(template: str, row: Row) -> str:
    try:
        return str(template).format_map(row)
    except (KeyError, ValueError, TypeError) as error:
        raise InvalidInput(
            "The mapping's '{template}' does not fit the file: {problem}.",
            "Its fields are: {fields}.",
            template=template,
            problem=error,
            fields=", ".join(row),
        ) from error


def _plain(value: Any) -> Any:
    """A NumPy value as Python's own, so that it can be padded, compared and stored as JSON; NaN is no value."""
    value = value.item() if isinstance(value, np.generic) else value
    return None if isinstance(value, float) and not math.isfinite(value) else value
