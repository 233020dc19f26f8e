"""From stated coordinates to WGS 84: every shape that cannot lie where it is said to lie is refused with the likely right reading."""

from __future__ import annotations

import json

import numpy as np
import pytest
import shapely
from pyproj import Transformer

from config.errors import InvalidInput
from gis import coordinates
from gis.importing.placing import Placed, place, raw_position
from gis.importing.systems import system_of

BEIJING = (116.40, 39.90)
PORTO_ALEGRE = (-51.2, -30.05)


def placed(
    *wkt: str | None, system: str = "wgs84", near: tuple[float, float] | None = None, shape: str | None = None
) -> Placed:
    raw = np.array([shapely.from_wkt(each) if each else None for each in wkt], dtype=object)
    return place(raw, system_of(system), near, shape)


def reasons(found: Placed) -> list[str | None]:
    return [found.faults[n].reason if n in found.faults else None for n in range(len(found.shapes))]


def test_shifted_systems_are_undone_at_every_vertex() -> None:
    line = shapely.LineString([(116.40, 39.90), (116.41, 39.905), (116.42, 39.90)])
    x, y = line.coords.xy
    there = coordinates.from_wgs84(np.asarray(x), np.asarray(y), "bd09")
    found = place(np.array([shapely.LineString(np.column_stack(there))], dtype=object), system_of("bd09"))
    assert shapely.hausdorff_distance(found.shapes[0], line) < 1e-9


def test_projected_systems_by_code() -> None:
    x, y = Transformer.from_crs(4326, 4548, always_xy=True).transform(*BEIJING)
    found = placed(f"POINT ({x} {y})", system="EPSG:4548")
    assert shapely.distance(found.shapes[0], shapely.Point(*BEIJING)) < 1e-9


def test_an_unknown_system_is_named() -> None:
    with pytest.raises(InvalidInput, match="beijing54"):
        system_of("beijing54")


def test_what_has_no_place() -> None:
    found = placed("POINT (116.4 39.9)", None, "POINT EMPTY", "POINT (NaN 39.9)", "POINT (0 0)")
    assert reasons(found) == [None, "no_geometry", "no_geometry", "no_geometry", "at_zero"]
    assert [shape is None for shape in found.shapes] == [False, True, True, True, True]


def test_swapped_axes_that_leave_the_earth() -> None:
    found = placed("POINT (39.9 116.4)")
    assert reasons(found) == ["swapped"]
    assert "116.400000, 39.900000" in found.faults[0].detail


def test_swapped_axes_in_a_chinese_system() -> None:
    """35.1, 34.2 is a place on Earth, but not one where GCJ-02 exists; nor is it when swapped: outside, not swapped."""
    found = placed("POINT (39.9 86.4)", "POINT (2.35 48.85)", system="gcj02")
    assert reasons(found) == ["swapped", "outside_china"]
    assert "probably swapped" in found.faults[0].detail


def test_swapped_axes_far_from_the_city() -> None:
    """-30, -51 lies in the ocean: only the known city tells."""
    found = placed("POINT (-30.05 -51.2)", "POINT (-51.2 -30.05)", "POINT (13.4 52.5)", near=PORTO_ALEGRE)
    assert reasons(found) == ["swapped", None, "far_away"]
    assert "-51.200000, -30.050000" in found.faults[0].detail


def test_one_stray_among_many_is_told_from_the_others() -> None:
    points = [f"POINT (116.{40 + n} 39.9)" for n in range(9)]
    assert reasons(placed(*points, "POINT (121.5 31.2)"))[-1] == "far_away"


@pytest.mark.parametrize(
    ("wkt", "hint"),
    [
        ("POINT (448000 4417000)", "projected system"),
        ("POINT (39448000 4417000)", "3-degree Gauss-Krüger zone 39"),
        ("POINT (20448000 4417000)", "6-degree Gauss-Krüger zone 20"),
    ],
)
def test_metres_where_degrees_were_stated(wkt: str, hint: str) -> None:
    found = placed(wkt, system="gcj02")
    assert reasons(found) == ["not_degrees"]
    assert hint in found.faults[0].detail


def test_north_before_east_in_metres() -> None:
    """Chinese surveyors write x for north: read as easting it lies nowhere near the city."""
    x, y = Transformer.from_crs(4326, 4548, always_xy=True).transform(*BEIJING)
    found = placed(f"POINT ({y} {x})", system="EPSG:4548", near=BEIJING)
    assert reasons(found)[0] in ("swapped", "outside_system")
    assert "116.400000, 39.900000" in found.faults[0].detail


def test_bow_ties_are_repaired_and_named() -> None:
    found = placed("POLYGON ((116 39, 116.01 39.01, 116.01 39, 116 39.01, 116 39))", shape="polygon")
    assert "Self-intersection" in found.repaired[0]
    assert found.shapes[0].is_valid
    assert found.shapes[0].geom_type == "MultiPolygon"


def test_shapes_that_cover_nothing() -> None:
    found = placed("POLYGON ((116 39, 116.01 39, 116 39, 116 39))", "LINESTRING (116 39, 116 39)")
    assert reasons(found) == ["no_geometry", "no_geometry"]


def test_a_wrong_shape_is_refused() -> None:
    found = placed("POINT (116 39)", "LINESTRING (116 39, 116.1 39)", shape="line")
    assert reasons(found) == ["wrong_shape", None]


def test_height_is_kept_raw_and_left_out_of_the_map() -> None:
    found = placed("LINESTRING Z (116 39 50, 116.1 39 51)")
    assert not found.shapes[0].has_z
    kept = json.loads(raw_position(shapely.from_wkt("LINESTRING Z (116 39 50, 116.1 39 51)"), system_of("wgs84")))
    assert shapely.from_wkb(kept["wkb"]).has_z


def test_raw_positions_are_lossless() -> None:
    point, line = shapely.Point(116.43942999993011, 39.87419000006456), shapely.LineString([(0.1, 0.2), (0.3, 1 / 3)])
    assert json.loads(raw_position(point, system_of("gcj02"))) == {
        "system": "gcj02",
        "lon": 116.43942999993011,
        "lat": 39.87419000006456,
    }
    assert shapely.from_wkb(json.loads(raw_position(line, system_of("EPSG:4548")))["wkb"]).equals_exact(line)
    assert json.loads(raw_position(line, system_of("wgs84"))) == {"system": "wgs84"}


@pytest.mark.parametrize(
    ("x", "y", "reason", "words"),
    [
        (-116.404, 39.915, "far_away", "A minus sign is probably missing"),
        (39448984.0, 4420234.0, "not_degrees", "metres of EPSG:4527"),
        (4420234.0, 39448984.0, "not_degrees", "EPSG:4527, north first"),
        (3.0, 7.0, "far_away", "km from the city"),
    ],
)
def test_a_point_far_away_is_refused_with_its_likely_reading(x: float, y: float, reason: str, words: str) -> None:
    raw = np.array([shapely.Point(x, y)], dtype=object)
    placed = place(raw, system_of("wgs84"), (116.4, 39.9))
    assert placed.faults[0].reason == reason
    assert words in placed.faults[0].detail


@pytest.mark.parametrize(
    ("easting", "system", "fits"),
    [
        (500_000, "EPSG:4527", "EPSG:4548"),  # CGCS2000, zone 39 with its number; the numbers are without
        (39_500_000, "EPSG:4548", "EPSG:4527"),
        (38_500_000, "EPSG:4527", "EPSG:4526"),
        (39_500_000, "EPSG:2436", "EPSG:2415"),  # Beijing 1954
    ],
)
def test_eastings_with_and_without_the_number_of_their_zone(easting: float, system: str, fits: str) -> None:
    found = placed(f"POINT ({easting} 4318000)", system=system, near=(117.0, 39.0))
    assert found.faults[0].reason in ("outside_system", "far_away")
    assert f"fits {fits}" in found.faults[0].detail


def test_eastings_that_fit_are_not_doubted() -> None:
    assert placed("POINT (39500000 4318000)", system="EPSG:4527", near=(117.0, 39.0)).faults == {}


def test_a_plane_that_is_nowhere_on_earth_is_asked_for() -> None:
    with pytest.raises(InvalidInput, match="tied to no place on Earth"):
        system_of('LOCAL_CS["City grid",UNIT["Meter",1.0]]')


def test_a_rough_way_to_wgs84_is_known_as_such() -> None:
    assert system_of("EPSG:2436").accuracy_m == 15  # Beijing 1954
    assert system_of("EPSG:4548").accuracy_m == system_of("EPSG:31370").accuracy_m == 0
