"""What an import teaches the instance about itself: where its city lies, in which plane it is measured, whom to credit."""

from __future__ import annotations

from typing import Any

from pyproj import Geod
from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert

from config.errors import InvalidInput
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

    Raises InvalidInput where the instance already holds another city.
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
    srid = setting(db, "work_srid") or coordinates.work_srid(*middle(extent))
    set_setting(db, "extent", list(extent))
    set_setting(db, "work_srid", srid)
    return int(srid)


def centre(db: Connection) -> tuple[float, float] | None:
    """The middle of the city that this instance holds (longitude, latitude), or None before the first import."""
    known = setting(db, "extent")
    return middle((known[0], known[1], known[2], known[3])) if known else None


def breadth_m(extent: Extent) -> float:
    """The diagonal of an extent in metres on the ellipsoid."""
    west, south, east, north = extent
    return float(Geod(ellps="WGS84").inv(west, south, east, north)[2])


def credit(db: Connection, attribution: str) -> None:
    """Name a source on every map and export of this instance."""
    known = setting(db, "attributions") or []
    if attribution and attribution not in known:
        set_setting(db, "attributions", [*known, attribution])


def middle(extent: Extent) -> tuple[float, float]:
    """The middle of an extent (longitude, latitude)."""
    return (extent[0] + extent[2]) / 2, (extent[1] + extent[3]) / 2


def metres(one: tuple[float, float], other: tuple[float, float]) -> float:
    """How far two places (longitude, latitude) lie apart on the ellipsoid."""
    return float(Geod(ellps="WGS84").inv(*one, *other)[2])


def elsewhere(where: tuple[float, float], distance_m: float, system: str, hint: str = "") -> InvalidInput:
    """The error for a file that lies in another city, or in none; `hint` is what else its numbers may mean."""
    return InvalidInput(
        "This file lies around {lon}, {lat}: {distance} km from this city. It is the wrong instance, the wrong file,"
        " or its numbers are not in {system}.{hint}",
        "Nothing has been changed. For another city choose its instance ('./citycommand --instance NAME import …'); else ask the"
        " owner of the file which coordinate system its numbers are in, and state that one.",
        lon=f"{where[0]:.4f}",
        lat=f"{where[1]:.4f}",
        distance=f"{distance_m / 1000:,.0f}",
        system=system,
        hint=hint,
    )


def _same_city(known: tuple[Any, ...], extent: Extent) -> None:
    here, there = middle((known[0], known[1], known[2], known[3])), middle(extent)
    if metres(here, there) > SAME_CITY_M:
        raise elsewhere(there, metres(here, there), "wgs84")
