"""Coordinates out of columns: degrees in many writings, parts of degrees, shapes as text; what is none says what stood there."""

from __future__ import annotations

from typing import Any

import pytest
import shapely

from config.errors import InvalidInput
from gis.importing import shape_columns, written_numbers


@pytest.mark.parametrize(
    "written",
    [
        "116°24'00\"E", "116°24′00″", "E116°24'0.0\"", "116 24 00", "116d24m0s", "116:24:00", "116度24分0秒", "东经116°24′00″",
        "116.4°", "116.4E", " 116.4 ", "116。4", "１１６．４", "116-24-00", "116°24.000'", "+116.4", '"116.4"', "1.164e2",
        "116º24’00’’", 116.4,
    ],
)  # fmt: skip
def test_one_angle_in_many_writings(written: Any) -> None:
    assert written_numbers.coordinate(written) == pytest.approx(116.4)


@pytest.mark.parametrize(
    ("written", "degrees"), [("西经2°34′12″", -2.57), ("2.5 W", -2.5), ("-71 3", -71.05), ("33°30'S", -33.5)]
)
def test_west_and_south(written: str, degrees: float) -> None:
    assert written_numbers.coordinate(written) == pytest.approx(degrees)


@pytest.mark.parametrize("written", ["", "-", "abc", "116,4", "116.4.5", "116°70'", "2024-01-05", "08:61", None])
def test_what_is_no_angle_or_may_be_several(written: Any) -> None:
    with pytest.raises((ValueError, TypeError)):
        written_numbers.coordinate(written)


def test_degrees_minutes_and_seconds_in_columns() -> None:
    rows: list[dict[str, Any]] = [
        {"d": "71", "m": "25", "s": "8.148", "D": 42, "M": 29, "S": 56.7852},
        {"d": "71", "m": "25", "s": "60", "D": 42, "M": 29, "S": 0},
        {"d": "71", "m": "61", "s": "0", "D": 42, "M": 29, "S": 0},
        {"d": "", "m": "", "s": "", "D": None, "M": None, "S": None},
    ]
    place = {"x": ["d", "m", "s"], "y": ["D", "M", "S"], "negative": ["x"]}
    found = shape_columns.read(list(rows[0]), rows, place, ".")
    assert found is not None
    assert shapely.distance(found.shapes[0], shapely.Point(-71.418930, 42.499107)) < 1e-6
    assert found.shapes[1].x == pytest.approx(-(71 + 26 / 60)), "60 seconds are the next minute"
    assert sorted(found.faults) == [2, 3]
    assert "m = '61'" in found.faults[2].detail
    assert found.faults[3].detail == "d, m, s, D, M, S are blank"
    with pytest.raises(InvalidInput, match="no column 'H'"):
        shape_columns.read(list(rows[0]), rows, place | {"x": ["H"]}, ".")


def test_a_decimal_comma_is_named() -> None:
    rows = [{"x": "116,4", "y": "39,9"}]
    place = {"x": "x", "y": "y"}
    unread, read = (shape_columns.read(["x", "y"], rows, place, decimal) for decimal in ".,")
    assert unread is not None
    assert read is not None
    assert 'decimal = ","' in unread.faults[0].detail
    assert read.shapes[0].equals(shapely.Point(116.4, 39.9))


def test_shapes_as_text() -> None:
    point = shapely.Point(116.4, 39.9)
    texts = [
        "POINT (116.4 39.9)", "srid=4490; POINT(116.4 39.9)", shapely.to_wkb(point, hex=True), shapely.to_geojson(point), "",
        "nowhere", "CURVEPOLYGON (CIRCULARSTRING (0 0, 1 1, 2 0, 1 -1, 0 0))",
    ]  # fmt: skip
    found = shape_columns.read(["g"], [{"g": text} for text in texts], {"wkt": "g"}, ".")
    assert found is not None
    assert all(shape.equals(point) for shape in found.shapes[:4])
    assert {at: fault.reason for at, fault in found.faults.items()} == {
        4: "no_geometry",
        5: "no_geometry",
        6: "unreadable_shape",
    }
    assert "nowhere" in found.faults[5].detail
    assert found.stated is None, "texts that do not agree on a system state none"


def test_the_system_that_all_texts_name() -> None:
    found = shape_columns.read(["g"], [{"g": "SRID=4547;POINT(1 2)"}, {"g": ""}], {"wkt": "g"}, ".")
    assert found is not None
    assert found.stated == "EPSG:4547"


def test_both_numbers_of_a_point_in_one_cell() -> None:
    rows = [{"at": "116.4,39.9"}, {"at": "(116.4 39.9)"}, {"at": "116.4"}]
    found = shape_columns.read(["at"], rows, {"pairs": "at", "shape": "point"}, ".")
    assert found is not None
    assert [shape is None for shape in found.shapes] == [False, False, True]
    assert found.faults[2].detail == "at holds 1 numbers, which make no point"
