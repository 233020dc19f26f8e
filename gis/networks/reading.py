"""Assets of a network out of the register, as lines and points in metres of the work system."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import shapely
from pyproj import Transformer
from sqlalchemy import Connection, text

from gis.importing import instance
from gis.networks.graph import Floats
from gis.networks.kinds import Kind
from gis.networks.topology import Line, Point

_ASSETS = text("""
    select id, source, source_ref, kind, attributes, st_asbinary(st_force2d(
               case when geometrytype(geom) = 'MULTILINESTRING' then st_linemerge(geom) else geom end)) as shape
    from gis.asset where kind = any (:kinds) and status not in ('removed', 'disused') order by id
""")
CLOSED = ("closed", "shut")
UPPER, LOWER = "invert_up_m", "invert_down_m"


def transformer(db: Connection) -> Transformer:
    """WGS 84 degrees → metres of the work system; `.transform(x, y, direction="INVERSE")` leads back."""
    return Transformer.from_crs(4326, int(instance.setting(db, "work_srid") or 3857), always_xy=True)


def read(db: Connection, kind: Kind, project: Transformer) -> tuple[list[Line], list[Point]]:
    """Lines and points of a network; those without a usable geometry are left out."""
    rows = list(db.execute(_ASSETS, {"kinds": kind.assets}))
    if not rows:
        return [], []
    shapes = shapely.from_wkb([bytes(row.shape) for row in rows])
    lines, points = [], []
    metres = shapely.transform(shapes, lambda xy: np.column_stack(project.transform(xy[:, 0], xy[:, 1])))
    for row, shape in zip(rows, metres, strict=True):
        if row.kind in kind.lines:
            if shape.geom_type == "LineString" and len(shape.coords) > 1:
                lines.append(_line(row, shapely.get_coordinates(shape)))
        elif not shape.is_empty:
            place = shape if shape.geom_type == "Point" else shape.representative_point()
            points.append(_point(row, place.x, place.y, kind))
    return lines, points


def _line(row: Any, xy: Floats) -> Line:
    facts: Mapping[str, Any] = row.attributes
    return Line(
        row.id,
        row.source,
        row.source_ref,
        row.kind,
        xy,
        _reference(facts.get("from")),
        _reference(facts.get("to")),
        str(facts.get("status", "open")).lower() not in CLOSED,
        _number(facts.get(UPPER)),
        _number(facts.get(LOWER)),
        _number(facts.get("length_m")),
        _number(facts.get("diameter_mm")) or 0.0,
    )


def _point(row: Any, x: float, y: float, kind: Kind) -> Point:
    facts: Mapping[str, Any] = row.attributes
    opened = str(facts.get("status", "open")).lower() not in CLOSED
    pipe, node = _reference(facts.get("pipe")), _reference(facts.get("node"))
    return Point(row.id, row.source, row.source_ref, row.kind, x, y, kind.points[row.kind], opened, pipe, node)


def _reference(value: Any) -> str | None:
    return None if value is None or value == "" else str(value)


def _number(value: Any) -> float | None:
    """A number, or None where the source wrote something else."""
    try:
        found = float(value)
    except (TypeError, ValueError):
        return None
    return found if np.isfinite(found) else None
