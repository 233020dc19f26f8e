"""Words for what numbers that lie where they cannot lie may mean: axes swapped, metres for degrees, another zone. Pure.

They are told, never acted upon.
"""

from __future__ import annotations

import re

import numpy as np
import shapely
from pyproj import Geod

from config.i18n import _
from gis import coordinates, readings, zones
from gis.importing.instance import SAME_CITY_M
from gis.importing.systems import Numbers, System

NEAR_DEGREES = 0.5
"""Half the width of the box around the city's middle in which another reading is believed."""


def swapped(x: float, y: float) -> str:
    """Words for numbers that were written in the other order."""
    return _("read as (latitude, longitude) it lies at {x}, {y}: its axes are probably swapped").format(
        x=f"{x:.6f}", y=f"{y:.6f}"
    )


def metres(x: float, y: float) -> str:
    """What numbers too large for degrees probably are."""
    said = _("{x}, {y} are no degrees").format(x=f"{x:,.2f}", y=f"{y:,.2f}")
    high, low = max(abs(x), abs(y)), min(abs(x), abs(y))
    zoned = re.fullmatch(r"(\d{2})\d{6}", str(int(high)))
    if zoned and 13 <= int(zoned[1]) <= 45:
        width = 3 if int(zoned[1]) >= 25 else 6
        probably = _("they are probably metres in {width}-degree Gauss-Krüger zone {zone}: state that system")
        return f"{said}; " + probably.format(width=width, zone=zoned[1])
    if high < 1e8 and low > 1e3:
        return f"{said}; " + _("they are probably metres of a projected system: ask which and state its EPSG code")
    return said


def metres_between(middles: Numbers, centre: Numbers) -> Numbers:
    size = np.ones(len(middles))
    distance = Geod(ellps="WGS84").inv(middles[:, 0], middles[:, 1], size * centre[0], size * centre[1])[2]
    return np.asarray(distance, dtype=np.float64)


def other_order(raw: shapely.Geometry, system: System, near: tuple[float, float] | None) -> str:
    """Words for where the shape lies with its axes swapped, if that is a better place; else empty."""
    x, y = shapely.get_coordinates(raw)[:1].T
    if system.degrees and (abs(x[0]) > 90 or abs(y[0]) > 180):
        return ""
    other_x, other_y = system.to_wgs84(y, x)
    if not np.isfinite([other_x[0], other_y[0]]).all():
        return ""
    if near:
        fits = bool(metres_between(np.column_stack([other_x, other_y]), np.asarray(near))[0] <= SAME_CITY_M)
    else:
        fits = bool(coordinates.inside_china(other_x, other_y)[0])
    return swapped(float(other_x[0]), float(other_y[0])) if fits else ""


def other_zone(raw: shapely.Geometry, system: System) -> str:
    """Words for the other writing of the zone in which the eastings can lie; else empty."""
    named = re.fullmatch(r"EPSG:(\d+)", system.name)
    x = float(shapely.get_coordinates(raw)[0, 0])
    other = zones.other_writing(int(named[1]), x) if named else None
    if other is None:
        return ""
    fits = _("an easting of {x} fits EPSG:{code}: ask the owner, and state that system")
    return "; " + fits.format(x=f"{x:,.0f}", code=other)


def other_reading(raw: shapely.Geometry, system: System, near: tuple[float, float] | None) -> str:
    """Words for what else the numbers may mean, where that puts them near the city's middle; else empty."""
    if near is None or system.name not in coordinates.SYSTEMS:
        return ""
    around = (near[0] - NEAR_DEGREES, near[1] - NEAR_DEGREES, near[0] + NEAR_DEGREES, near[1] + NEAR_DEGREES)
    x, y = shapely.get_coordinates(raw)[0].tolist()
    found = readings.likely(x, y, system.name, around)
    return f". {found[0].advice()}" if found else ""


def hint(raw: shapely.Geometry, system: System, near: tuple[float, float] | None) -> str:
    """Words for another zone or another system in which the shape would lie near the city's middle; else empty."""
    return other_zone(raw, system) or other_reading(raw, system, near)
