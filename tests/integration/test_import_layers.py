"""`import layer`: every way a city hands over a layer goes in, and every row that cannot is named with its reason."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pyogrio
import pytest
import shapely
from sqlalchemy import Connection, text

from config.errors import InvalidInput, UnreadableFile
from gis.db import make_engine
from gis.importing import vector_files
from gis.importing.layers import import_layer
from tests.support.databases import Database

MAPPING: dict[str, Any] = {
    "source": "lamps",
    "reference": "{code}",
    "kind": "street_lamp",
    "class_code": "C0137",
    "name": "{road}",
    "attributes": {"power_w": {"column": "watt", "type": "integer"}},
}
ROWS = [
    ("L1", "人民路", 150, 116.401, 39.901),
    ("L2", "解放路", 70, 116.402, 39.902),
    ("L3", "东四十条", 70, 116.403, 39.903),
]


@pytest.fixture
def db(database: Database) -> Iterator[Connection]:
    """A transaction of which nothing stays."""
    with make_engine(database.app_url, pool_size=1).connect() as connection, connection.begin() as outer:
        yield connection
        outer.rollback()


def frame() -> geopandas.GeoDataFrame:
    names = ("code", "road", "watt", "lon", "lat")
    columns = dict(zip(names, map(list, zip(*ROWS, strict=True)), strict=True))
    points = geopandas.points_from_xy(columns.pop("lon"), columns.pop("lat"))
    return geopandas.GeoDataFrame(columns, geometry=points, crs="EPSG:4326").astype({"watt": "int32"})


def write_csv(path: Path, rows: list[tuple[Any, ...]], header: tuple[str, ...], encoding: str = "utf-8") -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def stored(db: Connection) -> list[tuple[str, str, int, float, float]]:
    rows = db.execute(
        text("""
            select source_ref, name, (attributes ->> 'power_w')::int as watt, round(st_x(geom)::numeric, 9)::float8 as lon,
                   round(st_y(geom)::numeric, 9)::float8 as lat
            from gis.asset where source = 'lamps' order by source_ref
        """)
    )
    return [(row.source_ref, row.name, row.watt, row.lon, row.lat) for row in rows]


def rejected(db: Connection, run_id: int) -> dict[str, str]:
    query = text("select row, reason from gis.import_reject where run_id = :id")
    return {row.row: row.reason for row in db.execute(query, {"id": run_id})}


@pytest.mark.parametrize(
    ("name", "driver", "options"),
    [
        ("lamps.gpkg", "GPKG", {}),
        ("lamps.geojson", "GeoJSON", {}),
        ("lamps.gdb", "OpenFileGDB", {}),
        ("lamps.fgb", "FlatGeobuf", {}),
        ("lamps.shp", "ESRI Shapefile", {"encoding": "GBK"}),
    ],
)
def test_vector_files(db: Connection, tmp_path: Path, name: str, driver: str, options: dict[str, str]) -> None:
    path = tmp_path / name
    frame().to_file(path, driver=driver, engine="pyogrio", **options)
    outcome = import_layer(db, path, MAPPING)
    assert stored(db) == ROWS
    assert outcome.counts["assets"]["added"] == 3
    assert import_layer(db, path, MAPPING).counts["assets"]["unchanged"] == 3


def test_topojson(db: Connection, tmp_path: Path) -> None:
    lamps = [
        {"type": "Point", "coordinates": [lon, lat], "properties": {"code": code, "road": road, "watt": watt}}
        for code, road, watt, lon, lat in ROWS
    ]
    path = tmp_path / "lamps.topojson"
    topology = {
        "type": "Topology",
        "arcs": [],
        "objects": {"lamps": {"type": "GeometryCollection", "geometries": lamps}},
    }
    path.write_text(json.dumps(topology), encoding="utf-8")
    import_layer(db, path, MAPPING | {"system": "wgs84"})
    assert stored(db) == ROWS


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_a_table_with_two_columns(db: Connection, tmp_path: Path, encoding: str) -> None:
    path = write_csv(tmp_path / "lamps.csv", list(ROWS), ("code", "road", "watt", "lon", "lat"), encoding)
    place = {"geometry": {"x": "lon", "y": "lat"}, "system": "wgs84"}
    mapping = MAPPING | place | ({} if encoding == "utf-8-sig" else {"encoding": encoding})
    import_layer(db, path, mapping)
    assert stored(db) == ROWS


def test_a_table_with_well_known_text(db: Connection, tmp_path: Path) -> None:
    rows = [(code, road, watt, f"POINT ({lon} {lat})") for code, road, watt, lon, lat in ROWS]
    path = write_csv(tmp_path / "lamps.csv", [*rows, ("L4", "", 1, "POINT (oops")], ("code", "road", "watt", "shape"))
    outcome = import_layer(db, path, MAPPING | {"geometry": {"wkt": "shape"}, "system": "wgs84"})
    assert stored(db) == ROWS
    assert rejected(db, outcome.run_id) == {"4": "no_geometry"}


def test_a_spreadsheet(db: Connection, tmp_path: Path) -> None:
    table = frame()
    table["lon"], table["lat"] = table.geometry.x, table.geometry.y
    path = tmp_path / "lamps.xlsx"
    pyogrio.write_dataframe(table.drop(columns="geometry"), path, driver="XLSX")
    import_layer(db, path, MAPPING | {"geometry": {"x": "lon", "y": "lat"}, "system": "wgs84"})
    assert stored(db) == ROWS


def test_a_shapefile_that_hides_its_encoding_is_not_guessed(db: Connection, tmp_path: Path) -> None:
    path = tmp_path / "lamps.shp"
    frame().to_file(path, driver="ESRI Shapefile", engine="pyogrio", encoding="GBK")
    path.with_suffix(".cpg").unlink()
    table = bytearray(path.with_suffix(".dbf").read_bytes())
    table[29] = 0
    path.with_suffix(".dbf").write_bytes(table)
    with pytest.raises(UnreadableFile, match="does not say in which encoding"):
        import_layer(db, path, MAPPING)
    import_layer(db, path, MAPPING | {"encoding": "GBK"})
    assert stored(db) == ROWS


def test_a_wrong_encoding_is_named(db: Connection, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "lamps.csv", list(ROWS), ("code", "road", "watt", "lon", "lat"), "gb18030")
    with pytest.raises(UnreadableFile, match="not in the encoding UTF-8"):
        import_layer(db, path, MAPPING | {"geometry": {"x": "lon", "y": "lat"}, "system": "wgs84"})


def test_a_file_without_system_is_asked_about(db: Connection, tmp_path: Path) -> None:
    path = tmp_path / "lamps.shp"
    frame().to_file(path, driver="ESRI Shapefile", engine="pyogrio")
    path.with_suffix(".prj").unlink()
    with pytest.raises(InvalidInput, match="states no coordinate system"):
        import_layer(db, path, MAPPING)


def test_the_mapping_overrules_the_file_and_says_so(db: Connection, tmp_path: Path) -> None:
    """A GeoJSON file always claims WGS 84; in China it often holds GCJ-02."""
    path = tmp_path / "lamps.geojson"
    frame().to_file(path, driver="GeoJSON", engine="pyogrio")
    outcome = import_layer(db, path, MAPPING | {"system": "gcj02"})
    assert any("The file says wgs84; it was read as gcj02" in note for note in outcome.notes)
    moved = db.execute(
        text(
            "select st_distance(geom::geography, st_point(116.401, 39.901, 4326)::geography) from gis.asset where source_ref = 'L1'"
        )
    ).scalar_one()
    assert 400 < moved < 700


def test_several_layers_are_asked_about(db: Connection, tmp_path: Path) -> None:
    path = tmp_path / "city.gpkg"
    frame().to_file(path, driver="GPKG", engine="pyogrio", layer="lamps")
    frame().to_file(path, driver="GPKG", engine="pyogrio", layer="poles")
    with pytest.raises(InvalidInput, match="has the layers: lamps, poles"):
        import_layer(db, path, MAPPING)
    import_layer(db, path, MAPPING | {"layer": "lamps"})
    assert stored(db) == ROWS


def test_every_row_left_out_has_its_reason(db: Connection, tmp_path: Path) -> None:
    rows = [
        *ROWS,
        ("", "no code", 1, 116.4, 39.9), ("L1", "again", 1, 116.4, 39.9), ("L6", "nowhere", 1, "", ""),
        ("L7", "swapped", 1, 39.9, 116.4), ("L8", "zero", 1, 0, 0), ("L9", "Paris", 1, 2.35, 48.85),
        ("L10", "odd power", "many", 116.404, 39.904),
    ]  # fmt: skip
    path = write_csv(tmp_path / "lamps.csv", rows, ("code", "road", "watt", "lon", "lat"))
    outcome = import_layer(db, path, MAPPING | {"geometry": {"x": "lon", "y": "lat"}, "system": "gcj02"})
    assert rejected(db, outcome.run_id) == {
        "4": "no_reference", "5": "twice", "6": "no_geometry", "7": "swapped", "8": "at_zero", "9": "outside_china",
        "10": "unreadable_value",
    }  # fmt: skip
    assert (outcome.counts["rows"], outcome.counts["taken"]) == (10, 4)
    raw = db.execute(text("select raw from gis.import_reject where row = '7' and run_id = :id"), {"id": outcome.run_id})
    assert raw.scalar_one()["geometry"] == "POINT (39.9 116.4)"


def test_a_layer_of_which_nothing_can_be_used_changes_nothing(db: Connection, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "lamps.csv", [("L1", "", 1, 39.9, 116.4)] * 3, ("code", "road", "watt", "lon", "lat"))
    with pytest.raises(InvalidInput, match=r"3 of 3: swapped, for example row 1: .* probably swapped"):
        import_layer(db, path, MAPPING | {"geometry": {"x": "lon", "y": "lat"}, "system": "wgs84"})


def test_what_changed_is_changed_with_its_history(db: Connection, tmp_path: Path) -> None:
    header, place = ("code", "road", "watt", "lon", "lat"), {"geometry": {"x": "lon", "y": "lat"}, "system": "gcj02"}
    import_layer(db, write_csv(tmp_path / "old.csv", list(ROWS), header), MAPPING | place)
    moved = [("L1", "人民路", 150, 116.4011, 39.901), ROWS[1]]
    outcome = import_layer(db, write_csv(tmp_path / "new.csv", moved, header), MAPPING | place)
    assert outcome.counts["assets"] == {"added": 0, "changed": 1, "unchanged": 1, "absent": 1, "refused": 0}
    before, after = db.execute(
        text("select before, after from gis.asset_history where change = 'changed' and import_run_id = :id"),
        {"id": outcome.run_id},
    ).one()
    assert before.keys() == after.keys() == {"geom", "raw_position"}
    assert before["raw_position"] == {"system": "gcj02", "lon": 116.401, "lat": 39.901}
    assert after["raw_position"] == {"system": "gcj02", "lon": 116.4011, "lat": 39.901}


def test_another_city_is_refused(db: Connection, tmp_path: Path) -> None:
    frame().to_file(tmp_path / "beijing.gpkg", driver="GPKG", engine="pyogrio")
    import_layer(db, tmp_path / "beijing.gpkg", MAPPING)
    far = frame()
    far["geometry"] = [shapely.Point(121.5, 31.2 + n / 100) for n in range(3)]
    far.to_file(tmp_path / "shanghai.gpkg", driver="GPKG", engine="pyogrio")
    with pytest.raises(InvalidInput, match=r"lies around 121.5000, 31.2100: 1,... km from this city"):
        import_layer(db, tmp_path / "shanghai.gpkg", MAPPING)


@pytest.mark.parametrize(
    ("name", "content"),
    [("broken.geojson", '{"type": "FeatureColl'), ("broken.gpkg", "no database"), ("empty.csv", "")],
)
def test_broken_files_are_named(db: Connection, tmp_path: Path, name: str, content: str) -> None:
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    with pytest.raises((UnreadableFile, InvalidInput)):
        import_layer(db, path, MAPPING | {"system": "wgs84"})


def test_a_json_list_that_is_none(db: Connection, tmp_path: Path) -> None:
    path = tmp_path / "list.json"
    path.write_text('{"a": 1}', encoding="utf-8")
    place = {"geometry": {"coordinates": "at", "shape": "point"}, "system": "wgs84"}
    with pytest.raises(UnreadableFile, match="no JSON list of records"):
        import_layer(db, path, MAPPING | place)
    path.write_text(
        '[{"code": "L1", "road": "r", "watt": 1, "at": [[116.4, 39.9]]}, {"code": "L2", "at": [116.4]}]',
        encoding="utf-8",
    )
    outcome = import_layer(db, path, MAPPING | place)
    assert rejected(db, outcome.run_id) == {"2": "no_geometry"}


@pytest.mark.parametrize("name", ["lamps.csv", "lamps.gpkg", "lamps.shp", "lamps.geojson"])
def test_a_layer_read_in_parts_is_the_layer_read_whole(tmp_path: Path, name: str) -> None:
    mapping: dict[str, Any] = MAPPING
    if name.endswith("csv"):
        mapping = MAPPING | {"geometry": {"x": "lon", "y": "lat"}, "system": "wgs84", "fill_down": ["road"]}
        write_csv(tmp_path / name, [*ROWS, ("L4", "", 9, 116.4, 39.9)], ("code", "road", "watt", "lon", "lat"))
    else:
        frame().to_file(tmp_path / name, engine="pyogrio", encoding="UTF-8")
    whole = vector_files.read(tmp_path / name, mapping)
    for size in (1, 2, 3, 100):
        parts = list(vector_files.parts(tmp_path / name, mapping, size))
        assert [row for part in parts for row in part.rows] == whole.rows
        assert shapely.equals(np.concatenate([part.shapes for part in parts]), whole.shapes).all()
        assert [part.before for part in parts] == list(range(0, len(whole.rows), size))


def test_a_long_table_keeps_its_row_numbers_and_finds_what_stands_twice(db: Connection, tmp_path: Path) -> None:
    rows = [(f"R{n}", "路", 70, 116.4 + n / 1e6, 39.9) for n in range(vector_files.PART)]
    late = [("R0", "又", 70, 116.4, 39.9), ("Z", "", 70, "", ""), ("last", "", 70, 116.4, 39.9)]
    path = write_csv(tmp_path / "long.csv", [*rows, *late], ("code", "road", "watt", "lon", "lat"))
    outcome = import_layer(db, path, MAPPING | {"geometry": {"x": "lon", "y": "lat"}, "system": "wgs84"})
    assert (outcome.counts["rows"], outcome.counts["taken"]) == (vector_files.PART + 3, vector_files.PART + 1)
    assert rejected(db, outcome.run_id) == {
        str(vector_files.PART + 1): "twice", str(vector_files.PART + 2): "no_geometry",
    }  # fmt: skip
