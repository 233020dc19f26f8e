"""Which assets are meant: by kind, source, area, drawn shape, or one by one. The same words for exports, command line and API."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import shapely
from sqlalchemy import Connection, text

from config.errors import InvalidInput
from gis.db import named_sql
from gis.register import spelling

CHUNK = 5000
"""Rows fetched at once: a city's assets never stand in memory together."""


@dataclass(frozen=True)
class Selection:
    """All conditions hold together; an empty one means no condition. Removed assets are left out unless `removed`.

    `area` is the code of an area, `shape` a polygon in well-known text (WGS 84 degrees): what touches it belongs to it.
    `hidden` are sources that the reader may not see (gis/catalogue).
    """

    kinds: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    area: str = ""
    shape: str = ""
    ids: tuple[int, ...] = ()
    removed: bool = False
    hidden: tuple[str, ...] = ()


def stage(db: Connection, selection: Selection) -> dict[str, int]:
    """Fix the selection for this transaction; returns how many assets of each kind it holds, in the alphabet's order.

    Raises NotFound for an unknown area, InvalidInput for a shape that is none and for a kind or source that nobody knows.
    """
    spelling.must_be_kind(db, *selection.kinds)
    spelling.must_be_source(db, *selection.sources, hidden=selection.hidden)
    db.execute(text("drop table if exists pg_temp.selected_asset"))
    db.execute(named_sql("gis.exporting", "stage_selection"), _values(db, selection))
    found = db.execute(text("select kind, count(*) as number from selected_asset group by kind order by kind"))
    return {row.kind: row.number for row in found}


def rows(db: Connection, kind: str) -> Iterator[Any]:
    """The staged assets of one kind in the order of their ids; `geom` is WKB in WGS 84 degrees."""
    statement = named_sql("gis.exporting", "selected_assets").execution_options(
        stream_results=True, max_row_buffer=CHUNK
    )
    yield from db.execute(statement, {"kind": kind})


def attribute_types(db: Connection, kind: str) -> dict[str, set[str]]:
    """Free attributes of the staged assets of one kind, each with the JSON types that occur."""
    found = db.execute(named_sql("gis.exporting", "attribute_types"), {"kind": kind})
    return {row.name: set(row.types) for row in found}


def _values(db: Connection, selection: Selection) -> dict[str, Any]:
    return {
        "kinds": list(selection.kinds) or None,
        "sources": list(selection.sources) or None,
        "ids": list(selection.ids) or None,
        "removed": selection.removed,
        "hidden": list(selection.hidden),
        "region": _region(db, selection.area, selection.shape),
    }


def _region(db: Connection, area: str, shape: str) -> str | None:
    """The place that is meant as hexadecimal WKB; where area and shape are given, what they have in common."""
    places: Sequence[shapely.Geometry] = [
        place for place in (_area(db, area) if area else None, _drawn(shape) if shape else None) if place
    ]
    return shapely.intersection_all(list(places)).wkb_hex if places else None


def _area(db: Connection, code: str) -> shapely.Geometry:
    found = db.execute(text("select st_asbinary(geom) from gis.area where code = :code"), {"code": code}).scalar()
    if found is None:
        raise spelling.no_area(db, code)
    return shapely.from_wkb(bytes(found))


def _drawn(shape: str) -> shapely.Geometry:
    try:
        drawn = shapely.from_wkt(shape)
    except shapely.errors.ShapelyError:
        drawn = None
    if drawn is None or drawn.geom_type not in ("Polygon", "MultiPolygon") or drawn.is_empty or not drawn.is_valid:
        raise InvalidInput("The shape is no polygon.", "Draw it again; its border may not cross itself.", field="shape")
    return drawn
