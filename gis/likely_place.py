"""Likely right readings of a coordinate for the city of this instance: gis/readings.py with its extent and streets."""

from __future__ import annotations

from sqlalchemy import Connection, text

from gis import readings
from gis.importing import instance
from gis.readings import Reading


def of(db: Connection, x: float, y: float, system: str) -> list[Reading]:
    """Readings that put a pair, stated to be in `system`, into this city; none where it lies there as stated, or before any import."""
    extent = instance.setting(db, "extent")
    if extent is None:
        return []
    west, south, east, north = extent

    def street_m(lon: float, lat: float) -> float | None:
        metres = db.execute(_STREET, {"lon": lon, "lat": lat}).scalar()
        return None if metres is None else float(metres)

    return readings.likely(x, y, system, (west, south, east, north), street_m)


_STREET = text("""
    select min(st_distance(geom::geography, st_setsrid(st_makepoint(:lon, :lat), 4326)::geography)) from gis.asset
    where kind = 'road' and status <> 'removed'
      and geom && st_expand(st_setsrid(st_makepoint(:lon, :lat), 4326), 0.005)
""")
