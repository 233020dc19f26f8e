"""Assets of a network out of the register, as lines and points in metres of the work system."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from pyproj import Transformer
from sqlalchemy import Connection, text

from gis.importing import instance
from gis.networks.graph import Floats
from gis.networks.kinds import Kind
from gis.networks.topology import Line, Point

_MARKS = text("""
    select id, cast(cast(xmin as text) as bigint) as mark
    from gis.asset where kind = any (:kinds) and status not in ('removed', 'disused') order by id
""")
"""`mark` is the transaction that wrote the row last, whoever that was and by whatever way: an equal mark is an equal row."""

_ASSETS = text("""
    select id, source, source_ref, kind, attributes, st_asbinary(st_force2d(
               case when geometrytype(geom) = 'MULTILINESTRING' then st_linemerge(geom) else geom end)) as shape
    from gis.asset where id = any (:ids)
""")
CLOSED = ("closed", "shut")
UPPER, LOWER = "invert_up_m", "invert_down_m"


def transformer(db: Connection) -> Transformer:
    """WGS 84 degrees → metres of the work system; `.transform(x, y, direction="INVERSE")` leads back."""
    return Transformer.from_crs(4326, int(instance.setting(db, "work_srid") or 3857), always_xy=True)


@dataclass
class Known:
    """What was read of a network before, by asset: its mark, and the line or point made of it (None: no usable geometry)."""

    system: str = ""
    things: dict[int, tuple[int, Line | Point | None]] = field(default_factory=dict)


def read(
    db: Connection, kind: Kind, project: Transformer, known: Known | None = None
) -> tuple[list[Line], list[Point]]:
    """Lines and points of a network by id; those without a usable geometry are left out.

    With `known` only what was written since is read; it then holds what stands now.
    """
    known = known if known is not None else Known()
    if known.system != project.definition:
        known.system, known.things = project.definition, {}
    marks = {row.id: row.mark for row in db.execute(_MARKS, {"kinds": kind.assets})}
    stale = [id for id, mark in marks.items() if id not in known.things or known.things[id][0] != mark]
    fresh = _things(db, stale, kind, project)
    # A row that another transaction took away between the two statements is noted, and the next build misses it.
    same = {id: known.things[id] for id in marks.keys() - set(stale)}
    known.things = {
        id: (mark, fresh[id]) if id in fresh else same[id] for id, mark in marks.items() if id in fresh or id in same
    }
    things = [thing for _, thing in known.things.values()]
    return [each for each in things if isinstance(each, Line)], [each for each in things if isinstance(each, Point)]


def _things(db: Connection, ids: list[int], kind: Kind, project: Transformer) -> dict[int, Line | Point | None]:
    rows = list(db.execute(_ASSETS, {"ids": ids})) if ids else []
    if not rows:
        return {}
    shapes = shapely.from_wkb([bytes(row.shape) for row in rows])
    metres = shapely.transform(shapes, lambda xy: np.column_stack(project.transform(xy[:, 0], xy[:, 1])))
    return {row.id: _thing(row, shape, kind) for row, shape in zip(rows, metres, strict=True)}


def _thing(row: Any, shape: Any, kind: Kind) -> Line | Point | None:
    if row.kind in kind.lines:
        usable = shape.geom_type == "LineString" and len(shape.coords) > 1
        return _line(row, shapely.get_coordinates(shape)) if usable else None
    if shape.is_empty or row.kind not in kind.points:
        return None
    place = shape if shape.geom_type == "Point" else shape.representative_point()
    return _point(row, place.x, place.y, kind)


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
