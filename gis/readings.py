"""What else a coordinate may mean that lies where it cannot lie, the likeliest first. Pure; the caller never corrects by it alone.

Candidates: axes swapped, a minus left out, degrees-minutes-seconds written as decimals, another of the shifted systems, metres of a
Gauss-Krüger zone (also swapped, also with their 500 km or zone number cut off). They are ranked by whether they fall into the city
and how near to a street. 0, 0 has no reading: nobody entered a place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from pyproj import Transformer

from config.i18n import _
from gis import coordinates, zones
from gis.zones import Zone

Extent = tuple[float, float, float, float]
"""West, south, east, north in WGS 84 degrees."""

StreetDistance = Callable[[float, float], float | None]
"""Metres from a WGS 84 point to the nearest street; None where none is near."""

MARGIN_DEGREES = 0.02
FAR_M = 500.0
NEARER = 3.0
"""Points are taken to be in another system when in it half of them are this many times nearer to streets …"""

OFF_STREET_M = 40.0
"""… and as stated half of them are farther than this."""

ENOUGH_POINTS = 20


SYSTEM_NAMES = {"wgs84": "WGS 84", "cgcs2000": "CGCS2000", "gcj02": "GCJ-02", "bd09": "BD-09"}


@dataclass(frozen=True)
class Reading:
    """One way to read a pair: `kind`, where it then lies (WGS 84), what to state instead, metres to the nearest street."""

    kind: str
    lon: float
    lat: float
    system: str
    street_m: float | None = None

    def advice(self) -> str:
        """What to do, in the language of the request."""
        facts = {
            "lon": f"{self.lon:.6f}",
            "lat": f"{self.lat:.6f}",
            "system": SYSTEM_NAMES.get(self.system, self.system),
        }
        return _advice()[self.kind].format(**facts)


def _advice() -> dict[str, str]:
    return {
        "swapped": _("Longitude and latitude are probably swapped: it then lies at {lon}, {lat}. Send longitude first."),
        "minus": _("A minus sign is probably missing: with it the place lies at {lon}, {lat}."),
        "dms": _("Degrees, minutes and seconds were probably written as decimals: it then lies at {lon}, {lat}. Send decimal degrees."),
        "system": _("The numbers are probably {system}: it then lies at {lon}, {lat}. State that system."),
        "metres": _("The numbers are probably metres of {system}: it then lies at {lon}, {lat}. Ask the owner, and state that system."),
        "metres_swapped": _("The numbers are probably metres of {system}, north first: it then lies at {lon}, {lat}. Ask the owner."),
        "metres_cut": _("The numbers are probably metres of {system} without their 500 km: it then lies at {lon}, {lat}. Ask the owner."),
    }  # fmt: skip


def likely(
    x: float, y: float, stated: str, city: Extent, street_m: StreetDistance = lambda _lon, _lat: None
) -> list[Reading]:
    """Other readings of a pair that put it into the city, the likeliest first; none where it lies in the city as stated.

    `x`, `y` are the numbers as sent, `stated` the system they were said to be in (one of coordinates.SYSTEMS). Every reading is a
    guess to be told, never to be acted upon.
    """
    if not np.isfinite([x, y]).all() or (x == 0 and y == 0):
        return []
    if _within(_degrees(x, y, stated), city):
        return []
    found: dict[tuple[str, float, float], Reading] = {}
    for kind, place, system in _candidates(x, y, stated, city):
        if place is not None and _within(place, city):
            key = (kind, round(place[0], 5), round(place[1], 5))
            found.setdefault(key, Reading(kind, *place, system, street_m(*place)))
    return sorted(found.values(), key=lambda each: each.street_m is None or each.street_m > FAR_M)


def system_of_points(
    lon: NDArray[np.float64], lat: NDArray[np.float64], stated: str, street_m: Callable[..., NDArray[np.float64]]
) -> str | None:
    """The system in which points of streets or things beside them lie much nearer to streets than in the stated one, or None.

    The shifted systems differ by 100 m to 1 km, so one point in the city cannot tell; ENOUGH_POINTS can. `street_m` takes arrays
    of WGS 84 degrees and gives metres to the nearest street.
    """
    if len(lon) < ENOUGH_POINTS:
        return None
    middle = {
        system: float(np.median(street_m(*coordinates.to_wgs84(lon, lat, system))))
        for system in ("wgs84", "gcj02", "bd09")
    }
    here = middle["wgs84" if stated == "cgcs2000" else stated]
    best = min(middle, key=lambda system: middle[system])
    return best if here > OFF_STREET_M and middle[best] * NEARER < here else None


def _candidates(x: float, y: float, stated: str, city: Extent) -> Iterator[tuple[str, tuple[float, float] | None, str]]:
    """Every reading there is, the usual mistakes first."""
    yield "swapped", _degrees(y, x, stated), stated
    for other in coordinates.SYSTEMS:
        if other not in (stated, "cgcs2000"):
            yield "system", _degrees(x, y, other), other
    for east, north in ((-1, 1), (1, -1), (-1, -1)):
        yield "minus", _degrees(east * x, north * y, stated), stated
    yield "dms", _degrees(*_from_sexagesimal(x, y), stated), stated
    yield "dms", _degrees(*_from_sexagesimal(y, x), stated), stated
    yield from _metres(x, y, city)


def _metres(x: float, y: float, city: Extent) -> Iterator[tuple[str, tuple[float, float] | None, str]]:
    for reading in zones.metres(x, y):
        kind = "metres_cut" if reading.without_false_easting else "metres_swapped" if reading.swapped else "metres"
        around = [reading.zone] if reading.zone else zones.zones((city[0] + city[2]) / 2)
        for zone in around:
            code = zone.code(prefixed=reading.zone is not None)
            yield kind, _from_metres(zone, reading.easting, reading.northing), f"EPSG:{code}"
    utm = coordinates.work_srid((city[0] + city[2]) / 2, (city[1] + city[3]) / 2)
    if 32600 < utm < 32800:
        for kind, pair in (("metres", (x, y)), ("metres_swapped", (y, x))):
            yield kind, _projected(utm, *pair), f"EPSG:{utm}"


def _degrees(x: float, y: float, system: str) -> tuple[float, float] | None:
    if not (abs(x) <= 180 and abs(y) <= 90):
        return None
    return coordinates.to_wgs84(x, y, system)


def _from_sexagesimal(*numbers: float) -> tuple[float, float]:
    """116.2345 meant as 116° 23' 45'' → decimal degrees; numbers with minutes or seconds of 60 or more are no such thing."""
    degrees = []
    for number in numbers:
        whole = int(abs(number))
        rest = round((abs(number) - whole) * 1e4, 6)
        minutes, seconds = int(rest // 100), rest % 100
        fits = minutes < 60 and seconds < 60
        degrees.append(float(np.copysign(whole + minutes / 60 + seconds / 3600, number)) if fits else 999.0)
    return degrees[0], degrees[1]


def _from_metres(zone: Zone, easting: float, northing: float) -> tuple[float, float] | None:
    return _projected(zone.code(), easting, northing)


def _projected(code: int, x: float, y: float) -> tuple[float, float] | None:
    lon, lat = _way(code).transform(x, y)
    return (lon, lat) if np.isfinite([lon, lat]).all() else None


@lru_cache(maxsize=64)
def _way(code: int) -> Transformer:
    return Transformer.from_crs(code, 4326, always_xy=True)


def _within(place: tuple[float, float] | None, city: Extent) -> bool:
    if place is None:
        return False
    west, south, east, north = city
    across = MARGIN_DEGREES
    return west - across <= place[0] <= east + across and south - across <= place[1] <= north + across


def told(readings: Sequence[Reading]) -> dict[str, object] | None:
    """The likeliest reading as the API says it, or None."""
    if not readings:
        return None
    best = readings[0]
    return {"kind": best.kind, "lon": best.lon, "lat": best.lat, "system": best.system, "advice": best.advice()}
