"""The questions one asks of the map, each answered by one statement. Points are WGS 84, distances metres on the spheroid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection

from config.errors import InvalidInput, NotFound
from gis.db import named_sql
from gis.geocoding.geocode import geocode
from gis.locate import place
from gis.questions import shapes
from gis.register import spelling

MOST = 2_000
"""Things in one list; a statistic has no such limit."""

BY = ("kind", "class", "status")
LEVELS = ("city", "district", "subdistrict", "community", "walk", "grid")
"""Areas, then responsibility grids and unit grids."""

Rows = list[dict[str, Any]]


def identify(db: Connection, lon: float, lat: float, locale: str, reach_m: float = 15.0) -> dict[str, Any]:
    """What is at a point: unit grid, areas upwards, and the things within reach, the nearest first."""
    at = place(db, lon, lat, None)
    areas = [
        {"level": area.level, "code": area.code, "name": (locale == "en" and area.name_en) or area.name}
        for area in at.areas
    ]
    return {"grid": at.grid_code, "areas": areas, "things": nearest(db, lon, lat, locale, reach_m=reach_m, most=50)}


def nearest(
    db: Connection,
    lon: float,
    lat: float,
    locale: str,
    *,
    kind: str = "",
    class_code: str = "",
    reach_m: float = 1000.0,
    most: int = 10,
) -> Rows:
    """The nearest things, at most so many, within reach. Raises InvalidInput for a kind that nobody knows, like all below."""
    spelling.must_be_kind(db, kind)
    values = {"lon": lon, "lat": lat, "kind": kind, "class_code": class_code, "reach_m": reach_m, "most": most}
    return _rows(db, "nearest", locale, values, ("distance_m",))


def within(db: Connection, shape: BaseGeometry, locale: str, kind: str = "", most: int = MOST) -> Rows:
    """The things that a shape meets."""
    spelling.must_be_kind(db, kind)
    return _rows(db, "within", locale, {"shape": shape.wkb, "kind": kind, "most": most})


def statistics(db: Connection, shape: BaseGeometry, by: str = "kind", kind: str = "") -> Rows:
    """Number, metres and square metres of what a shape holds, by kind, class or status. Raises InvalidInput for another word."""
    spelling.must_be_kind(db, kind)
    if by not in BY:
        raise InvalidInput("There are no statistics by '{by}'.", "Choose one of: {known}.", by=by, known=", ".join(BY))
    found = db.execute(named_sql("gis.questions", "statistics"), {"shape": shape.wkb, "by": by, "kind": kind})
    return [_rounded(row._mapping, ("length_m", "area_m2")) for row in found]


def by_area(db: Connection, level: str, locale: str, kind: str = "") -> Rows:
    """Number and metres of things in every area of a level, by kind. Raises InvalidInput for an unknown level."""
    if level not in LEVELS:
        raise InvalidInput(
            "There is no level '{level}'.", "Choose one of: {known}.", level=level, known=", ".join(LEVELS)
        )
    spelling.must_be_kind(db, kind)
    values = {"level": level, "kind": kind, "en": locale == "en"}
    rows = db.execute(named_sql("gis.questions", "by_area"), values)
    return [_rounded(row._mapping, ("length_m",)) for row in rows]


def along(db: Connection, start: str, end: str, locale: str, kind: str = "", reach_m: float = 30.0) -> dict[str, Any]:
    """The things along a road from one address of it to another (numbers or crossings), with the stretch and its length.

    Raises InvalidInput where they share no road.
    """
    spelling.must_be_kind(db, kind)
    first, last, road = _ends(db, start, end)
    ends = {"west": first["lon"], "south": first["lat"], "east": last["lon"], "north": last["lat"]}
    lines = list(db.execute(named_sql("gis.questions", "stretch"), {"road": road, **ends}))
    shapes_of_it = [bytes(line.shape) for line in lines]
    values = {"road": road, "lines": shapes_of_it, "kind": kind, "reach_m": reach_m, "most": MOST}
    drawn = shapely.MultiLineString([shapely.from_wkb(shape) for shape in shapes_of_it])
    return {
        "road": road,
        "from": first["name"],
        "to": last["name"],
        "length_m": round(max((line.length_m for line in lines), default=0.0), 1),
        "shape": shapely.geometry.mapping(drawn),
        "things": _rows(db, "along", locale, values, ("along_m",)),
    }


def circle(db: Connection, lon: float, lat: float, radius_m: float) -> BaseGeometry:
    """All places within a radius of a point."""
    row = db.execute(named_sql("gis.questions", "circle"), {"lon": lon, "lat": lat, "radius_m": radius_m}).one()
    return shapely.from_wkb(bytes(row.shape))


def around(db: Connection, asset_id: int, radius_m: float) -> BaseGeometry:
    """All places within a radius of a thing of the register. Raises NotFound."""
    row = db.execute(named_sql("gis.questions", "around"), {"id": asset_id, "radius_m": radius_m}).first()
    if row is None:
        raise NotFound("There is no asset {id}.", id=asset_id)
    return shapely.from_wkb(bytes(row.shape))


def area(db: Connection, code: str) -> BaseGeometry:
    """The ground of an area. Raises NotFound."""
    row = db.execute(named_sql("gis.questions", "area"), {"code": code}).first()
    if row is None:
        raise spelling.no_area(db, code)
    return shapely.from_wkb(bytes(row.shape))


def drawn(shape: Mapping[str, Any]) -> BaseGeometry:
    """A shape that somebody drew, as GeoJSON. Raises InvalidInput."""
    return shapes.polygon(shape)


def _ends(db: Connection, start: str, end: str) -> tuple[dict[str, Any], dict[str, Any], str]:
    firsts, lasts = geocode(db, start, "zh"), geocode(db, end, "zh")
    for first in firsts:
        for last in lasts:
            shared = [road for road in first["roads"] if road in last["roads"]]
            if shared and first["precision"] != "road" and last["precision"] != "road":
                return first, last, shared[0]
    raise InvalidInput(
        "'{start}' and '{end}' are not two places on one road.",
        "Give house numbers or crossings of the same road.",
        start=start,
        end=end,
    )


def _rows(db: Connection, name: str, locale: str, values: Mapping[str, Any], metres: Sequence[str] = ()) -> Rows:
    found = db.execute(named_sql("gis.questions", name), {**values, "en": locale == "en"})
    return [_rounded(row._mapping, metres) for row in found]


def _rounded(row: Mapping[Any, Any], names: Sequence[str]) -> dict[str, Any]:
    return {str(name): round(float(value), 1) if name in names else value for name, value in row.items()}
