"""Shifted Chinese coordinate systems: known pairs, round trips far below a centimetre, identity outside China."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from config.errors import InvalidInput
from gis.coordinates import SYSTEMS, from_wgs84, inside_china, to_wgs84, work_srid

GEOD = Geod(ellps="WGS84")

CITIES = {
    "Beijing": (116.397, 39.909),
    "Shanghai": (121.474, 31.230),
    "Shenzhen": (114.209, 22.688),
    "Ürümqi": (87.617, 43.826),
    "Lhasa": (91.132, 29.660),
    "Harbin": (126.642, 45.757),
    "Heihe": (127.528, 50.245),
    "Sanya": (109.512, 18.253),
    "Hong Kong": (114.171, 22.319),
}
ABROAD = {
    "Boston": (-71.0587, 42.3594),
    "Monaco": (7.42, 43.737),
    "Porto Alegre": (-51.2, -30.05),
    "Tokyo": (139.76, 35.68),
    "Seoul": (126.98, 37.57),
    "Pyongyang": (125.75, 39.02),
    "Taipei": (121.56, 25.04),
    "Hanoi": (105.85, 21.03),
    "Ulaanbaatar": (106.92, 47.92),
    "Vladivostok": (131.89, 43.12),
    "New Delhi": (77.21, 28.61),
}


def well_inside(lon: float, lat: float) -> bool:
    """Away from the edge, where no point in the world has some of the shifted coordinates."""
    around = [(lon + x, lat + y) for x in (-0.02, 0, 0.02) for y in (-0.02, 0, 0.02)]
    return all(inside_china(*point) for point in around)


def metres_apart(a: tuple[float, float], b: tuple[float, float]) -> float:
    return float(GEOD.inv(*a, *b)[2])


@pytest.mark.parametrize(("name", "point"), CITIES.items())
def test_cities_of_mainland_china_are_shifted(name: str, point: tuple[float, float]) -> None:
    assert inside_china(*point)
    lon, lat = from_wgs84(*point, "gcj02")
    assert 50 < metres_apart(point, (lon, lat)) < 1000


@pytest.mark.parametrize(("name", "point"), ABROAD.items())
@pytest.mark.parametrize("system", SYSTEMS)
def test_outside_china_every_system_is_identity(name: str, point: tuple[float, float], system: str) -> None:
    assert to_wgs84(*point, system) == point
    assert from_wgs84(*point, system) == point


def test_tiananmen_in_the_shifted_systems() -> None:
    """Reference values computed from the published formulas, agreed on by the libraries in common use."""
    assert np.allclose(from_wgs84(116.404, 39.915, "gcj02"), (116.41024449916938, 39.91640428150164), atol=1e-9)
    assert np.allclose(from_wgs84(116.404, 39.915, "bd09"), (116.41662724378733, 39.922699552216216), atol=1e-7)


@given(
    st.floats(75, 134),
    st.floats(18.5, 53),
    st.sampled_from(("gcj02", "bd09")),
)
def test_a_round_trip_stays_within_a_tenth_of_a_millimetre(lon: float, lat: float, system: str) -> None:
    shifted = from_wgs84(lon, lat, system)
    back = to_wgs84(*shifted, system)
    assert not inside_china(lon, lat) or metres_apart((lon, lat), back) < 1e-4


@given(st.floats(76, 132), st.floats(23, 45), st.sampled_from(("gcj02", "bd09")))
def test_the_round_trip_from_the_shifted_side(lon: float, lat: float, system: str) -> None:
    if well_inside(lon, lat):
        back = from_wgs84(*to_wgs84(lon, lat, system), system)
        assert metres_apart((lon, lat), back) < 1e-4


def test_arrays_keep_their_shape_and_agree_with_single_points() -> None:
    lon = np.array([[116.4, 121.5], [-71.06, 114.2]])
    lat = np.array([[39.9, 31.2], [42.36, 22.7]])
    x, y = to_wgs84(lon, lat, "bd09")
    assert x.shape == y.shape == (2, 2)
    for place in np.ndindex(2, 2):
        assert to_wgs84(float(lon[place]), float(lat[place]), "bd09") == (float(x[place]), float(y[place]))


def test_cgcs2000_is_equal_but_named() -> None:
    assert to_wgs84(116.4, 39.9, "cgcs2000") == (116.4, 39.9)


@pytest.mark.parametrize(
    ("lon", "lat", "system"),
    [(116.4, 39.9, "utm"), (39.9, 116.4, "wgs84"), (float("nan"), 39.9, "gcj02"), (float("inf"), 0, "wgs84")],
)
def test_what_cannot_be_a_position_is_refused_with_a_next_step(lon: float, lat: float, system: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        to_wgs84(lon, lat, system)
    assert "." in str(refused.value)


@pytest.mark.parametrize(
    ("point", "srid"),
    [
        ((114.2, 22.69), 4547),
        ((121.47, 31.23), 4549),
        ((-51.2, -30.05), 32722),
        ((7.42, 43.73), 32632),
        ((-71.06, 42.36), 32619),
        ((180.0, 10.0), 32660),
    ],
)
def test_the_plane_a_city_is_measured_in(point: tuple[float, float], srid: int) -> None:
    assert work_srid(*point) == srid


@given(st.floats(-180, 180), st.floats(-90, 90), st.sampled_from(("gcj02", "bd09")))
def test_nowhere_on_earth_does_the_inverse_run_away(lon: float, lat: float, system: str) -> None:
    there = to_wgs84(lon, lat, system)
    assert metres_apart((lon, lat), there) < 2_000


EDGES = [
    *((lon, lat) for west, east, lat in ((97.05, 110.0, 24.0), (80.0, 124.0, 41.0)) for lon in np.linspace(west, east, 25)),
    (97.03, 22.0), (124.36, 29.0), (73.2, 39.5), (134.9, 48.4), (79.5, 49.2), (107.98, 18.0), (111.74, 20.4),
]  # fmt: skip


@pytest.mark.parametrize("system", ["gcj02", "bd09"])
def test_along_the_borders_a_round_trip_stays_within_a_centimetre(system: str) -> None:
    for lon, lat in EDGES:
        if inside_china(lon, lat):
            back = to_wgs84(*from_wgs84(lon, lat, system), system)
            assert metres_apart((lon, lat), back) < 0.01
