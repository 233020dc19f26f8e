"""Coordinates that lie where they cannot lie get their likely right reading; those that lie in the city get none."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from pyproj import CRS, Transformer

from config import i18n
from gis import coordinates, readings, zones
from gis.readings import Reading
from gis.zones import Zone

BEIJING = (116.30, 39.83, 116.50, 40.00)
PORTO = (-51.27, -30.12, -51.13, -29.99)
PLACE = (116.404, 39.915)


def to(code: int, place: tuple[float, float] = PLACE) -> tuple[float, float]:
    x, y = Transformer.from_crs(4326, code, always_xy=True).transform(*place)
    return x, y


def first(x: float, y: float, stated: str = "wgs84", city: readings.Extent = BEIJING) -> Reading | None:
    found = readings.likely(x, y, stated, city)
    return found[0] if found else None


MISTAKES = {
    "swapped": ((39.915, 116.404), "swapped", "wgs84"),
    "zone 39 with its number": (to(4527), "metres", "EPSG:4527"),
    "3-degree zone without number": (to(4548), "metres", "EPSG:4548"),
    "6-degree zone with its number": (to(4498), "metres", "EPSG:4498"),
    "north first": (to(4527)[::-1], "metres_swapped", "EPSG:4527"),
    "500 km cut off": ((to(4548)[0] - 500_000, to(4548)[1]), "metres_cut", "EPSG:4548"),
    "degrees, minutes, seconds": ((116.2414, 39.5454), "dms", "wgs84"),
}


@pytest.mark.parametrize("name", sorted(set(MISTAKES) - {"degrees, minutes, seconds"}))
def test_usual_mistakes_are_recognised(name: str) -> None:
    (x, y), kind, system = MISTAKES[name]
    found = first(x, y)
    assert found is not None
    assert (found.kind, found.system) == (kind, system)
    assert (found.lon, found.lat) == pytest.approx(PLACE, abs=1e-6)
    assert f"{found.lon:.6f}" in found.advice()


def test_degrees_minutes_and_seconds_written_as_decimals() -> None:
    found = first(116.2414, 39.5454)
    assert found is not None
    assert found.kind == "dms"
    assert (found.lon, found.lat) == pytest.approx((116 + 24 / 60 + 14 / 3600, 39 + 54 / 60 + 54 / 3600))
    assert first(116.2475, 39.5490) is None, "75 seconds are none"


@pytest.mark.parametrize(("x", "y"), [(51.2, -30.05), (-51.2, 30.05), (51.2, 30.05)])
def test_a_minus_left_out(x: float, y: float) -> None:
    found = first(x, y, city=PORTO)
    assert found is not None
    assert found.kind == "minus"
    assert (found.lon, found.lat) == (-51.2, -30.05)


def test_metres_of_utm_south() -> None:
    x, y = to(32722, (-51.2, -30.05))
    found = first(x, y, city=PORTO)
    assert found is not None
    assert (found.kind, found.system) == ("metres", "EPSG:32722")


@pytest.mark.parametrize(("x", "y"), [(0, 0), (np.nan, 39.9), (np.inf, 0), (3.2, 7.1), (1e12, -4)])
def test_what_has_no_reading_gets_none(x: float, y: float) -> None:
    assert readings.likely(x, y, "wgs84", BEIJING) == []


@given(st.floats(116.30, 116.50), st.floats(39.83, 40.00), st.sampled_from(coordinates.SYSTEMS))
def test_what_lies_in_the_city_is_left_alone(lon: float, lat: float, system: str) -> None:
    x, y = coordinates.from_wgs84(lon, lat, system)
    assert readings.likely(x, y, system, BEIJING) == []


@given(st.floats(-180, 180), st.floats(-90, 90))
def test_every_reading_lies_in_the_city(x: float, y: float) -> None:
    for found in readings.likely(x, y, "wgs84", BEIJING):
        assert 116.28 <= found.lon <= 116.52
        assert 39.81 <= found.lat <= 40.02


def test_readings_near_streets_come_first() -> None:
    wide = (116.0, 39.0, 117.0, 40.5)
    x, y = to(4548)
    near = readings.likely(x, y, "wgs84", wide, lambda lon, _lat: 3.0 if abs(lon - PLACE[0]) < 1e-4 else None)
    assert near[0].system == "EPSG:4548"
    assert near[0].street_m == 3.0


def test_advice_is_said_in_both_languages() -> None:
    found = first(39.915, 116.404)
    assert found is not None
    english = found.advice()
    with i18n.use("zh"):
        assert found.advice() != english


def street_metres(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.float64]:
    """A street every 0.004 degrees north and south, some 440 m."""
    return np.asarray(np.abs((lat + 0.002) % 0.004 - 0.002) * 111_000)


@pytest.mark.parametrize("true", ["gcj02", "bd09"])
def test_many_points_tell_the_shifted_systems_apart(true: str) -> None:
    rng = np.random.default_rng(1)
    lon, lat = rng.uniform(116.35, 116.45, 200), 39.9 + 0.004 * rng.integers(0, 20, 200) + rng.normal(0, 3e-5, 200)
    x, y = coordinates.from_wgs84(lon, lat, true)
    assert readings.system_of_points(x, y, "wgs84", street_metres) == true
    assert readings.system_of_points(x, y, true, street_metres) is None
    assert readings.system_of_points(x[:5], y[:5], "wgs84", street_metres) is None, "too few to tell"


@pytest.mark.parametrize("key", zones.FIRST)
def test_every_zone_has_its_own_code(key: tuple[str, zones.Width, bool]) -> None:
    datum, width, prefixed = key
    names = {"cgcs2000": "CGCS2000", "xian1980": "Xian 1980", "beijing1954": "Beijing 1954"}
    for number in zones.NUMBERS[width]:
        zone = Zone(width, number)
        crs = CRS.from_epsg(zone.code(datum, prefixed))
        assert crs.name.startswith(names[datum])
        assert crs.name.endswith(f"zone {number}" if prefixed else f"CM {zone.meridian}E")
        assert ("3-degree" in crs.name) == (width == 3)


@pytest.mark.parametrize("prefixed", [True, False])
@pytest.mark.parametrize("lon", [75.2, 88.9, 100.0, 104.1, 116.4, 121.5, 126.6, 134.9])
def test_coordinates_of_every_zone_come_back(lon: float, prefixed: bool) -> None:
    for zone in zones.zones(lon):
        way = Transformer.from_crs(4490, zone.code(prefixed=prefixed), always_xy=True)
        x, y = way.transform(lon, 35.0)
        assert way.transform(x, y, direction="INVERSE") == pytest.approx((lon, 35.0), abs=1e-9)
        assert (x > 1e6) == prefixed
        read = zones.metres(x, y)[0]
        assert read.northing == y
        assert read.zone == (zone if prefixed else None)
