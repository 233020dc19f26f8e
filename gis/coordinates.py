"""Coordinate systems of Chinese positions, and the plane in which an instance measures metres. Pure; vectorised.

Everything is stored as WGS 84 longitude and latitude in degrees. CGCS2000 differs from it by centimetres over decades of
plate motion and is treated as equal at the accuracy of city assets, but keeps its own name so that the raw pair can be kept
with the system it came in. GCJ-02 (AMap, Tencent) and BD-09 (Baidu) are the shifted systems of Chinese map services; the
formulas are the publicly known approximations. They have no published inverse: it is found by iteration, far below 1 cm.
The client states its system. Nothing here guesses it from the country.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Literal, get_args, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from config.errors import InvalidInput

System = Literal["wgs84", "cgcs2000", "gcj02", "bd09"]
SYSTEMS: tuple[System, ...] = get_args(System)

Degrees = NDArray[np.float64]
Pair = tuple[Degrees, Degrees]

SEMI_MAJOR_M = 6378245.0
"""Krasovsky ellipsoid, on which GCJ-02's shift is defined."""
ECCENTRICITY_SQUARED = 0.00669342162296594323
BD_ANGLE = math.pi * 3000.0 / 180.0
ROUNDS = 12
"""Each round of the inverse shrinks the error about a hundredfold; 12 reach the last bit."""

NEAR = (70.0, 15.0, 138.0, 57.0)
"""West, south, east, north in degrees: no point outside is the shifted image of one in China."""

# (south, west, north, east) in degrees: the patchwork in common use that follows mainland China closer than one box does.
# The gap towards Blagoveshchensk is narrowed so that Heihe and Xunke stay inside.
_INSIDE = (
    (42.8899, 79.4462, 49.2204, 96.3300),
    (39.3742, 109.6872, 54.1415, 135.0002),
    (29.5297, 73.1246, 42.8899, 124.1433),
    (26.7186, 82.9684, 29.5297, 97.0352),
    (20.4141, 97.0253, 29.5297, 124.3674),
    (17.8715, 107.9758, 20.4141, 111.7441),
)
_NOT_INSIDE = (
    (21.7850, 119.9213, 25.3986, 122.4976),
    (20.0988, 101.8652, 22.2840, 106.6650),
    (20.4878, 106.4525, 21.5422, 108.0510),
    (50.3257, 109.0323, 55.8175, 119.1270),
    (49.6000, 127.5500, 55.8175, 137.0227),
    (42.5692, 131.2662, 44.8922, 137.0227),
)


@overload
def to_wgs84(lon: float, lat: float, system: str) -> tuple[float, float]: ...
@overload
def to_wgs84(lon: Degrees, lat: Degrees, system: str) -> Pair: ...
def to_wgs84(lon: float | Degrees, lat: float | Degrees, system: str) -> Pair | tuple[float, float]:
    """Degrees in `system` (one of SYSTEMS) → WGS 84, one point or arrays of one shape.

    Outside mainland China the shifted systems are identity.
    Raises InvalidInput for an unknown system and for values that are not finite degrees.
    """
    x, y = checked(lon, lat)
    shifted = _SHIFTED.get(known_system(system))
    if shifted is None:
        return _like(lon, x, y)
    # Far from China the iteration would run away; what lies there is not shifted anyway.
    near = (x > NEAR[0]) & (x < NEAR[2]) & (y > NEAR[1]) & (y < NEAR[3])
    found_x, found_y = _inverse(shifted, np.where(near, x, 105.0), np.where(near, y, 35.0))
    inside = near & inside_china(found_x, found_y)
    return _like(lon, np.where(inside, found_x, x), np.where(inside, found_y, y))


@overload
def from_wgs84(lon: float, lat: float, system: str) -> tuple[float, float]: ...
@overload
def from_wgs84(lon: Degrees, lat: Degrees, system: str) -> Pair: ...
def from_wgs84(lon: float | Degrees, lat: float | Degrees, system: str) -> Pair | tuple[float, float]:
    """WGS 84 degrees → degrees in `system`. Shapes, errors and the outside are those of `to_wgs84`."""
    x, y = checked(lon, lat)
    shifted = _SHIFTED.get(known_system(system))
    if shifted is None:
        return _like(lon, x, y)
    there_x, there_y = shifted(x, y)
    inside = inside_china(x, y)
    return _like(lon, np.where(inside, there_x, x), np.where(inside, there_y, y))


def known_system(system: str) -> System:
    """The system's name, checked. Raises InvalidInput naming the ones there are."""
    if system not in SYSTEMS:
        raise InvalidInput(
            "The coordinate system '{system}' is not known.",
            "State one of: {systems}.",
            field="system",
            system=system,
            systems=", ".join(SYSTEMS),
        )
    return system


def checked(lon: ArrayLike, lat: ArrayLike) -> Pair:
    """Both as float64 arrays of one shape, in degrees. Raises InvalidInput for what cannot be a position."""
    try:
        x, y = np.broadcast_arrays(np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64))
    except (TypeError, ValueError) as error:
        raise InvalidInput("A position needs a longitude and a latitude in degrees.", field="position") from error
    if not (np.all(np.abs(x) <= 180) and np.all(np.abs(y) <= 90)):  # NaN compares false and is caught here too
        raise InvalidInput(
            "The position is not on Earth: longitude goes from -180 to 180, latitude from -90 to 90.",
            "Check the order (longitude first) and the unit (degrees), and send it again.",
            field="position",
        )
    return x, y


def inside_china(lon: ArrayLike, lat: ArrayLike) -> NDArray[np.bool_]:
    """Where the shifted systems apply, by rectangles: exact to some 10 km along the land border. Degrees, WGS 84."""
    # Judged to 0.1 mm, so that the last bit of an inverse does not move a point on an edge to the other side.
    x, y = np.asarray(lon, dtype=np.float64).round(9), np.asarray(lat, dtype=np.float64).round(9)
    return _in_any(x, y, _INSIDE) & ~_in_any(x, y, _NOT_INSIDE)


def work_srid(lon: float, lat: float) -> int:
    """EPSG code of the metric system for a city around this WGS 84 point.

    In China the CGCS2000 3-degree Gauss-Krüger zone (EPSG:4534 for 75°E to EPSG:4554 for 135°E), else the UTM zone.
    """
    if inside_china(lon, lat):
        return 4534 + round(lon / 3) - 25
    zone = min(int((lon + 180) // 6) + 1, 60)
    return (32600 if lat >= 0 else 32700) + zone


def _like(given: float | Degrees, x: Degrees, y: Degrees) -> Pair | tuple[float, float]:
    return (x, y) if isinstance(given, np.ndarray) else (float(x), float(y))


def _in_any(x: Degrees, y: Degrees, boxes: tuple[tuple[float, float, float, float], ...]) -> NDArray[np.bool_]:
    result = np.zeros(np.broadcast(x, y).shape, dtype=bool)
    for south, west, north, east in boxes:
        result |= (y >= south) & (y <= north) & (x >= west) & (x <= east)
    return result


def _gcj02(x: Degrees, y: Degrees) -> Pair:
    """WGS 84 → GCJ-02 wherever it is asked for."""
    shift_x, shift_y = _shift_m(x - 105.0, y - 35.0)
    slope = np.sin(np.radians(y))
    magic = 1 - ECCENTRICITY_SQUARED * slope * slope
    metres_north = SEMI_MAJOR_M * (1 - ECCENTRICITY_SQUARED) / (magic * np.sqrt(magic))
    metres_east = SEMI_MAJOR_M / np.sqrt(magic) * np.cos(np.radians(y))
    return x + np.degrees(shift_x / metres_east), y + np.degrees(shift_y / metres_north)


def _shift_m(x: Degrees, y: Degrees) -> Pair:
    """GCJ-02's displacement east and north in metres; x, y in degrees from 105°E 35°N."""
    root = np.sqrt(np.abs(x))
    common = _waves(x, (20, 6), (20, 2))
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + common
    east = east + _waves(x, (20, 1), (40, 1 / 3)) + _waves(x, (150, 1 / 12), (300, 1 / 30))
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + common
    north = north + _waves(y, (20, 1), (40, 1 / 3)) + _waves(y, (160, 1 / 12), (320, 1 / 30))
    return east, north


def _waves(angle: Degrees, *terms: tuple[float, float]) -> Degrees:
    """Two thirds of a sum of sines: (amplitude in metres, frequency in half turns a degree)."""
    total = np.zeros_like(angle)
    for amplitude, frequency in terms:
        total = total + amplitude * np.sin(frequency * np.pi * angle)
    return total * 2.0 / 3.0


def _bd09(x: Degrees, y: Degrees) -> Pair:
    """WGS 84 → BD-09 by way of GCJ-02."""
    gcj_x, gcj_y = _gcj02(x, y)
    radius = np.hypot(gcj_x, gcj_y) + 0.00002 * np.sin(gcj_y * BD_ANGLE)
    angle = np.arctan2(gcj_y, gcj_x) + 0.000003 * np.cos(gcj_x * BD_ANGLE)
    return radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006


_SHIFTED: dict[System, Callable[[Degrees, Degrees], Pair]] = {"gcj02": _gcj02, "bd09": _bd09}


def _inverse(forward: Callable[[Degrees, Degrees], Pair], x: Degrees, y: Degrees) -> Pair:
    """The point that `forward` moves to (x, y), as the fixed point of p = p + target − forward(p)."""
    guess_x, guess_y = x, y
    for _ in range(ROUNDS):
        there_x, there_y = forward(guess_x, guess_y)
        guess_x, guess_y = guess_x + x - there_x, guess_y + y - there_y
    return guess_x, guess_y
