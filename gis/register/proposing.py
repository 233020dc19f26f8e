"""What the register can say of a new asset before anybody has typed: its component code, and what a drawing may hold on to."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import Connection, text

from config.errors import InvalidInput
from config.kinds import kinds
from gis.db import named_sql
from gis.register import codes

MOST_ANCHORS = 3000
"""Things that a drawing may hold on to, of one part of the map."""

HELD = ("point", "line")
"""Geometries that a drawing holds on to: nodes and edges of networks, streets, everything that stands at a point."""

NOT_HELD = ("place", "lamp_circuit", "bus_line")
"""Kinds that are drawn for the eye, not where they lie."""

_COUNTY = text("""
    select left(a.code, :width) from gis.area a
    where st_covers(a.geom, st_setsrid(st_point(:lon, :lat), 4326)) and length(a.code) >= :width order by length(a.code) limit 1
""")
_LAST = text("select max(code) from gis.asset where code >= :low and code <= :high and length(code) = :digits")


def component_code(db: Connection, class_code: str, lon: float, lat: float) -> str | None:
    """The next free code of a class in the county at a place (WGS 84 degrees), by the layout in force; None where none can be made.

    Removed assets keep their codes. Two who ask at the same time get the same: saving tells the second (CodeTaken).
    """
    layout = next(iter(codes.layouts().values()))
    if not re.fullmatch(r"C\d+", class_code) or len(class_code) - 1 != layout.major + layout.minor:
        return None
    county = db.execute(_COUNTY, {"lon": lon, "lat": lat, "width": layout.division}).scalar()
    if county is None or not (county.isascii() and county.isdigit()):
        return None
    first = codes.make(county, class_code, 1)
    stem = first[: -layout.sequence]
    values = {"low": stem + "0" * layout.sequence, "high": stem + "9" * layout.sequence, "digits": layout.digits}
    last = db.execute(_LAST, values).scalar()
    try:
        return codes.make(county, class_code, int(last[-layout.sequence :]) + 1) if last else first
    except InvalidInput:
        return None  # the last number of the class is given away


def anchors(db: Connection, box: tuple[float, float, float, float]) -> list[dict[str, Any]]:
    """GeoJSON features inside west, south, east, north (WGS 84 degrees, 9 decimals) that a drawing may hold on to."""
    west, south, east, north = box
    held = [
        kind.code for kind in kinds().kinds.values() if set(kind.geometry) & set(HELD) and kind.code not in NOT_HELD
    ]
    values = {"west": west, "south": south, "east": east, "north": north, "kinds": held, "most": MOST_ANCHORS}
    return [
        {
            "type": "Feature",
            "id": row.id,
            "geometry": row.geometry,
            "properties": {"id": row.id, "kind": row.kind, "name": row.name},
        }
        for row in db.execute(named_sql("gis", "register/nearby"), values)
    ]
