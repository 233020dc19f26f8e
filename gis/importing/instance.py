"""What an import teaches the instance about itself: where its city lies, in which plane it is measured, whom to credit."""

from __future__ import annotations

from typing import Any

from pyproj import Geod
from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert

from config.errors import ConfigurationError
from gis import coordinates, tables
from gis.tables import NOW

Extent = tuple[float, float, float, float]
"""West, south, east, north in WGS 84 degrees."""

SAME_CITY_M = 200_000.0
"""Two extents whose centres lie farther apart are two cities, and an instance holds one."""


def setting(db: Connection, name: str) -> Any:
    """The value of a row of gis.setting, or None."""
    return db.execute(select(tables.setting.c.value).where(tables.setting.c.name == name)).scalar()


def set_setting(db: Connection, name: str, value: Any) -> None:
    """Write a row of gis.setting; one that already says so keeps its time."""
    table = tables.setting
    statement = insert(table).values(name=name, value=value)
    statement = statement.on_conflict_do_update(
        index_elements=["name"],
        set_={"value": statement.excluded.value, "recorded_at": NOW},
        where=table.c.value != statement.excluded.value,
    )
    db.execute(statement)


def widen(db: Connection, extent: Extent) -> int:
    """Let the instance's extent hold `extent` too; choose the work system at the first import. Returns its EPSG code.

    Raises ConfigurationError where the instance already holds another city.
    """
    known = setting(db, "extent")
    if known is not None:
        _same_city(tuple(known), extent)
        extent = (
            min(known[0], extent[0]),
            min(known[1], extent[1]),
            max(known[2], extent[2]),
            max(known[3], extent[3]),
        )
    srid = setting(db, "work_srid") or coordinates.work_srid(*_centre(extent))
    set_setting(db, "extent", list(extent))
    set_setting(db, "work_srid", srid)
    return int(srid)


def centre(db: Connection) -> tuple[float, float] | None:
    """The middle of the city that this instance holds (longitude, latitude), or None before the first import."""
    known = setting(db, "extent")
    return _centre((known[0], known[1], known[2], known[3])) if known else None


def breadth_m(extent: Extent) -> float:
    """The diagonal of an extent in metres on the ellipsoid."""
    west, south, east, north = extent
    return float(Geod(ellps="WGS84").inv(west, south, east, north)[2])


def credit(db: Connection, attribution: str) -> None:
    """Name a source on every map and export of this instance."""
    known = setting(db, "attributions") or []
    if attribution and attribution not in known:
        set_setting(db, "attributions", [*known, attribution])


def _centre(extent: Extent) -> tuple[float, float]:
    return (extent[0] + extent[2]) / 2, (extent[1] + extent[3]) / 2


def _same_city(known: tuple[Any, ...], extent: Extent) -> None:
    distance = Geod(ellps="WGS84").inv(*_centre((known[0], known[1], known[2], known[3])), *_centre(extent))[2]
    if distance > SAME_CITY_M:
        raise ConfigurationError(
            "This file lies {distance} km from the city that this instance holds.",
            "An instance holds one city: choose another with './citycommand --instance NAME import …'.",
            distance=f"{distance / 1000:,.0f}",
        )
