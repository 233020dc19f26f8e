"""Every bad input that a city may be handed: each gives its reason, and the city stands as it stood (issue 4, C3)."""

from __future__ import annotations

import csv
import json
import sqlite3
import struct
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pyogrio
import pytest
import shapely
from sqlalchemy import Engine, text

from api import import_work
from api.import_work import Task
from config.errors import CityCommandError
from config.settings import Settings
from gis.db import make_engine, transaction
from gis.importing import archives
from tests.support import gtfs_feed
from tests.support.databases import Database
from tests.support.osm_xml import OsmXml
from tests.support.real_data import real

MAPPING: dict[str, Any] = {"source": "bad", "reference": "{code}", "kind": "green"}
POINTS = MAPPING | {"kind": "street_lamp", "geometry": {"x": "x", "y": "y"}, "system": "wgs84"}
TEXTS = MAPPING | {"geometry": {"wkt": "shape"}, "system": "wgs84"}
SQUARE = shapely.box(116.40, 39.90, 116.41, 39.91)


@pytest.fixture(scope="module")
def engine(database: Database) -> Iterator[Engine]:
    engine = make_engine(database.app_url, pool_size=4)
    yield engine
    engine.dispose()


@pytest.fixture
def city(engine: Engine) -> Callable[[], str]:
    """A function that tells all that stands in the city, in one line."""

    def fingerprint() -> str:
        with engine.connect() as db:
            query = """
                select md5(concat((select string_agg(a::text, '' order by id) from gis.asset a),
                                  (select string_agg(a::text, '' order by id) from gis.area a),
                                  (select string_agg(g::text, '' order by id) from gis.unit_grid g),
                                  (select string_agg(s::text, '' order by name) from gis.setting s),
                                  (select count(*) from gis.asset_history), (select count(*) from gis.import_run)))
            """
            return str(db.execute(text(query)).scalar_one())

    return fingerprint


def take(engine: Engine, settings: Settings, path: Path, mapping: dict[str, Any], kind: str = "layer") -> Any:
    with transaction(engine) as db:
        return import_work.do(db, settings, Task(kind, [path], mapping))


def table(path: Path, header: tuple[str, ...], *rows: tuple[Any, ...]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def layer(path: Path, shapes: list[Any], crs: str | None = "EPSG:4326") -> Path:
    frame = geopandas.GeoDataFrame({"code": [f"B{n}" for n in range(len(shapes))]}, geometry=shapes, crs=crs)
    frame.to_file(path, engine="pyogrio", **({"encoding": "UTF-8"} if path.suffix == ".shp" else {}))
    return path


def reasons(engine: Engine, run_id: int) -> dict[str, str]:
    with engine.connect() as db:
        rows = db.execute(text("select row, reason from gis.import_reject where run_id = :id"), {"id": run_id})
        return {row.row: row.reason for row in rows}


def details(engine: Engine, run_id: int) -> str:
    with engine.connect() as db:
        return " ".join(
            db.execute(text("select detail from gis.import_reject where run_id = :id"), {"id": run_id}).scalars()
        )


def a_pbf_cut_off_in_the_middle(folder: Path) -> tuple[Path, Any, str]:
    whole = real("monaco-osm/monaco-2021.osm.pbf").read_bytes()
    path = folder / "cut.osm.pbf"
    path.write_bytes(whole[: len(whole) // 2])
    return path, None, "osm"


def a_pbf_of_noise(folder: Path) -> tuple[Path, Any, str]:
    path = folder / "noise.osm.pbf"
    path.write_bytes(np.random.default_rng(1).bytes(5000))
    return path, None, "osm"


def an_osm_file_without_objects(folder: Path) -> tuple[Path, Any, str]:
    return OsmXml().write(folder / "empty.osm"), None, "osm"


def a_zip_bomb(folder: Path) -> tuple[Path, Any, str]:
    path = folder / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("lamps.csv", b"0" * 30_000_000)
    assert path.stat().st_size < 40_000
    return path, POINTS, "layer"


def a_zip_bomb_whose_header_lies(folder: Path) -> tuple[Path, Any, str]:
    path, _, _ = a_zip_bomb(folder)
    size = struct.pack("<I", 30_000_000)
    path.write_bytes(path.read_bytes().replace(size, struct.pack("<I", 100)))
    return path, POINTS, "layer"


def a_zip_with_two_layers(folder: Path) -> tuple[Path, Any, str]:
    with zipfile.ZipFile(folder / "two.zip", "w") as archive:
        archive.writestr("a.csv", "code,x,y\n1,116.4,39.9\n")
        archive.writestr("../b.csv", "code,x,y\n1,116.4,39.9\n")
    return folder / "two.zip", POINTS, "layer"


def a_broken_zip(folder: Path) -> tuple[Path, Any, str]:
    (folder / "broken.zip").write_bytes(b"PK\x03\x04nothing")
    return folder / "broken.zip", POINTS, "layer"


def a_wrong_encoding(folder: Path) -> tuple[Path, Any, str]:
    path = folder / "gbk.csv"
    path.write_bytes("code,x,y\n人民路,116.4,39.9\n".encode("gbk"))
    return path, POINTS, "layer"


def a_missing_prj(folder: Path) -> tuple[Path, Any, str]:
    path = layer(folder / "plots.shp", [SQUARE])
    path.with_suffix(".prj").unlink()
    return path, MAPPING, "layer"


def a_missing_dbf(folder: Path) -> tuple[Path, Any, str]:
    path = layer(folder / "plots.shp", [SQUARE])
    path.with_suffix(".dbf").unlink()
    return path, MAPPING, "layer"


def a_missing_shx(folder: Path) -> tuple[Path, Any, str]:
    path = layer(folder / "plots.shp", [SQUARE])
    path.write_bytes(path.read_bytes()[:60])
    path.with_suffix(".shx").unlink()
    return path, MAPPING, "layer"


def an_empty_geopackage(folder: Path) -> tuple[Path, Any, str]:
    frame = geopandas.GeoDataFrame({"code": []}, geometry=[], crs="EPSG:4326")
    pyogrio.write_dataframe(frame.astype({"code": "str"}), folder / "empty.gpkg", geometry_type="Point")
    return folder / "empty.gpkg", MAPPING, "layer"


def an_empty_geojson(folder: Path) -> tuple[Path, Any, str]:
    (folder / "empty.geojson").write_text('{"type": "FeatureCollection", "features": []}', encoding="utf-8")
    return folder / "empty.geojson", MAPPING | {"reference": "{row}"}, "layer"


def an_empty_table(folder: Path) -> tuple[Path, Any, str]:
    return table(folder / "empty.csv", ("code", "x", "y")), POINTS, "layer"


def only_coordinates_that_are_no_numbers(folder: Path) -> tuple[Path, Any, str]:
    return table(folder / "nan.csv", ("code", "x", "y"), ("1", "nan", "39.9"), ("2", "inf", "1")), POINTS, "layer"


def only_zero_coordinates(folder: Path) -> tuple[Path, Any, str]:
    return table(folder / "zero.csv", ("code", "x", "y"), ("1", 0, 0)), POINTS, "layer"


def only_curves_in_text(folder: Path) -> tuple[Path, Any, str]:
    curve = "CURVEPOLYGON(CIRCULARSTRING(116.4 39.9, 116.405 39.905, 116.41 39.9, 116.405 39.895, 116.4 39.9))"
    return table(folder / "curves.csv", ("code", "shape"), ("1", curve)), TEXTS, "layer"


def a_table_without_a_letter(folder: Path) -> tuple[Path, Any, str]:
    (folder / "blank.csv").write_text("")
    return folder / "blank.csv", POINTS | {"name": "{road}"}, "layer"


def a_choice_that_no_row_meets(folder: Path) -> tuple[Path, Any, str]:
    rows = table(folder / "lamps.csv", ("code", "x", "y", "状态"), (1, 116.4, 39.9, "在用 "), (2, 116.4, 39.9, "停用"))
    return rows, POINTS | {"select": {"code": ["1"], "状态": ["正常", "使用"]}}, "layer"


def areas_that_no_row_meets(folder: Path) -> tuple[Path, Any, str]:
    path, mapping, kind = communities(folder)
    return path, mapping | {"select": {"code": ["东城"]}}, kind


def areas_that_enclose_nothing(folder: Path) -> tuple[Path, Any, str]:
    _, mapping, kind = communities(folder)
    return layer(folder / "lines.geojson", [shapely.LineString([(116.4, 39.9), (116.5, 39.9)])]), mapping, kind


def communities(folder: Path) -> tuple[Path, Any, str]:
    levels = ("city", "district", "subdistrict", "community")
    mapping = {"reference": "{code}", "level": [{"level": each, "code": "{code}", "name": "{code}"} for each in levels]}
    return layer(folder / "areas.geojson", [shapely.box(7.41, 43.73, 7.42, 43.74)]), mapping, "areas"


REFUSED: list[tuple[Callable[[Path], tuple[Path, Any, str]], str]] = [
    (a_pbf_cut_off_in_the_middle, "no readable OpenStreetMap file"),
    (a_pbf_of_noise, "no readable OpenStreetMap file"),
    (an_osm_file_without_objects, "holds no map objects"),
    (a_zip_bomb, "unpacks to more than"),
    (a_zip_bomb_whose_header_lies, "cannot be unpacked"),
    (a_zip_with_two_layers, "holds 2 layers: a.csv, b.csv"),
    (a_broken_zip, "cannot be unpacked"),
    (a_wrong_encoding, "not in the encoding UTF-8"),
    (a_missing_prj, "states no coordinate system"),
    (a_missing_dbf, "columns that the file does not have"),
    (a_missing_shx, "cannot be read as a map layer"),
    (an_empty_geopackage, "is empty: it has no row"),
    (an_empty_geojson, "is empty: it has no row"),
    (an_empty_table, "is empty: it has no row"),
    (a_table_without_a_letter, "blank.csv is empty: it has no row"),
    (a_choice_that_no_row_meets, "状态 should hold '使用', '正常', and holds '在用'."),
    (areas_that_no_row_meets, "code should hold '东城', and holds 'B0'"),
    (areas_that_enclose_nothing, "Not one row of lines.geojson can be used. 1 of 1: no_polygon"),
    (only_coordinates_that_are_no_numbers, "no_geometry"),
    (only_zero_coordinates, "at_zero"),
    (only_curves_in_text, "a CURVEPOLYGON cannot be read from text"),
]


@pytest.mark.parametrize(("make", "reason"), REFUSED, ids=[make.__name__ for make, _ in REFUSED])
def test_a_file_that_cannot_be_used(
    engine: Engine,
    settings: Settings,
    city: Callable[[], str],
    tmp_path: Path,
    make: Callable[[Path], tuple[Path, Any, str]],
    reason: str,
) -> None:
    if "bomb" in make.__name__:
        settings = replace(settings, import_unpacked_bytes=10_000_000)
    path, mapping, kind = make(tmp_path)
    before = city()
    with pytest.raises(CityCommandError) as refused:
        take(engine, settings, path, mapping, kind)
    what, next_step = refused.value.said()
    assert reason in what
    assert next_step
    assert city() == before


def test_nothing_is_written_outside_the_unpacking_folder(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "slip.zip", "w") as archive:
        archive.writestr("../../slipped.csv", "code,x,y\n")
    with archives.opened(tmp_path / "slip.zip") as file:
        assert file.name == "slipped.csv"
        assert not (tmp_path.parent / "slipped.csv").exists()
        inside = file
    assert not inside.exists()


def test_a_polygon_that_is_all_hole_encloses_nothing(engine: Engine, settings: Settings, tmp_path: Path) -> None:
    hollow = shapely.Polygon(SQUARE.exterior.coords, [SQUARE.exterior.coords])
    path = layer(tmp_path / "hollow.gpkg", [SQUARE, hollow])
    outcome = take(engine, settings, path, MAPPING | {"source": "hollow"})
    assert reasons(engine, outcome.run_id) == {"2": "no_geometry"}


def test_a_zip_of_zips_says_what_it_holds(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "outer.zip", "w") as archive:
        archive.writestr("lamps.zip", b"PK")
    with pytest.raises(CityCommandError, match=r"holds archives: lamps\.zip"), archives.opened(tmp_path / "outer.zip"):
        pass


def test_a_shape_that_its_kind_does_not_have_is_refused_without_a_word_in_the_mapping(
    engine: Engine, settings: Settings, tmp_path: Path
) -> None:
    path = layer(tmp_path / "lamps.gpkg", [SQUARE])
    with pytest.raises(CityCommandError, match="it is a Polygon, where a point is wanted"):
        take(engine, settings, path, MAPPING | {"source": "squares", "kind": "street_lamp"})


def test_a_zipped_shapefile_is_read(engine: Engine, settings: Settings, tmp_path: Path) -> None:
    layer(tmp_path / "plots.shp", [SQUARE])
    with zipfile.ZipFile(tmp_path / "plots.zip", "w") as archive:
        for part in tmp_path.glob("plots.*"):
            archive.write(part, f"城市/{part.name}") if part.suffix != ".zip" else None
    outcome = take(engine, settings, tmp_path / "plots.zip", MAPPING | {"source": "zipped"})
    assert outcome.counts["taken"] == 1


def test_a_self_intersecting_polygon_is_repaired_and_said_so(
    engine: Engine, settings: Settings, tmp_path: Path
) -> None:
    bow = shapely.Polygon([(116.40, 39.90), (116.41, 39.91), (116.41, 39.90), (116.40, 39.91)])
    outcome = take(engine, settings, layer(tmp_path / "bow.gpkg", [SQUARE, bow]), MAPPING | {"source": "bow"})
    assert reasons(engine, outcome.run_id) == {"2": "repaired"}
    assert "Self-intersection" in details(engine, outcome.run_id)
    with engine.connect() as db:
        shape = db.execute(text("select st_isvalid(geom) from gis.asset where source = 'bow' and source_ref = 'B1'"))
        assert shape.scalar_one()


def test_a_third_dimension_is_kept_with_the_raw_coordinates(engine: Engine, settings: Settings, tmp_path: Path) -> None:
    high = shapely.Polygon([(116.40, 39.90, 50), (116.41, 39.90, 51), (116.41, 39.91, 52)])
    take(engine, settings, layer(tmp_path / "high.gpkg", [high]), MAPPING | {"source": "high"})
    with engine.connect() as db:
        row = db.execute(text("select st_ndims(geom) as dims, raw_position from gis.asset where source = 'high'")).one()
    assert row.dims == 2
    assert shapely.from_wkb(row.raw_position["wkb"]).equals_exact(high)
    assert shapely.get_coordinates(shapely.from_wkb(row.raw_position["wkb"]), include_z=True)[0, 2] == 50


def test_arcs_are_drawn_as_straight_pieces_and_said_so(engine: Engine, settings: Settings, tmp_path: Path) -> None:
    path = layer(tmp_path / "curved.gpkg", [SQUARE, SQUARE])
    corners = [(116.40, 39.90), (116.405, 39.905), (116.41, 39.90), (116.405, 39.895), (116.40, 39.90)]
    ring = struct.pack("<BII", 1, 8, 5) + b"".join(struct.pack("<dd", *corner) for corner in corners)
    blob = b"GP\x00\x01" + struct.pack("<i", 4326) + struct.pack("<BII", 1, 10, 1) + ring
    with sqlite3.connect(path) as file:
        for (name,) in file.execute("select name from sqlite_master where type = 'trigger'").fetchall():
            file.execute(f'drop trigger "{name}"')
        file.execute("update curved set geom = ? where code = 'B0'", (blob,))
        file.execute("update gpkg_geometry_columns set geometry_type_name = 'CURVEPOLYGON'")
    file.close()
    outcome = take(engine, settings, path, MAPPING | {"source": "curved"})
    assert reasons(engine, outcome.run_id) == {"1": "arcs"}
    assert "CURVEPOLYGON" in details(engine, outcome.run_id)
    with engine.connect() as db:
        rows = db.execute(
            text("select st_npoints(geom) as points from gis.asset where source = 'curved' order by source_ref")
        ).scalars()
        assert [points > 80 for points in rows] == [True, False]


def ragged(points: int) -> Any:
    turn = np.linspace(0, 2 * np.pi, points, endpoint=False)
    radius = 0.02 + 0.0001 * np.sin(turn * 5000)
    return np.column_stack([116.4 + radius * np.cos(turn), 39.9 + radius * np.sin(turn)])


def test_a_polygon_of_a_million_points_goes_in(engine: Engine, settings: Settings, tmp_path: Path) -> None:
    path = layer(tmp_path / "large.gpkg", [shapely.Polygon(ragged(1_000_000))])
    started = time.monotonic()
    outcome = take(engine, settings, path, MAPPING | {"source": "large"})
    assert outcome.counts["taken"] == 1
    assert time.monotonic() - started < 60
    with engine.connect() as db:
        points = db.execute(text("select st_npoints(geom) from gis.asset where source = 'large'")).scalar_one()
    assert points == 1_000_001


def test_an_invalid_polygon_of_a_million_points_is_refused(engine: Engine, settings: Settings, tmp_path: Path) -> None:
    numbers = ragged(1_000_000)
    numbers[[10, 500_000]] = numbers[[500_000, 10]]
    path = layer(tmp_path / "wild.gpkg", [SQUARE, shapely.Polygon(numbers)])
    outcome = take(engine, settings, path, MAPPING | {"source": "wild"})
    assert reasons(engine, outcome.run_id) == {"2": "too_complex"}


def test_rows_that_cannot_stand_are_named_and_the_others_go_in(
    engine: Engine, settings: Settings, tmp_path: Path
) -> None:
    rows = [
        ("1", 116.4, 39.9), ("2", "nan", 39.9), ("3", 0, 0), ("1", 116.41, 39.9), ("", 116.4, 39.9), ("6", 39.9, 116.4),
        ("7", "inf", 39.9), ("8", 20500000, 4400000),
    ]  # fmt: skip
    path = table(tmp_path / "mixed.csv", ("code", "x", "y"), *rows)
    outcome = take(engine, settings, path, POINTS | {"source": "mixed"})
    assert reasons(engine, outcome.run_id) == {
        "2": "no_geometry", "3": "at_zero", "4": "twice", "5": "no_reference", "6": "swapped", "7": "no_geometry",
        "8": "not_degrees",
    }  # fmt: skip


def test_a_geojson_with_odd_shapes(engine: Engine, settings: Settings, tmp_path: Path) -> None:
    shapes: list[Any] = [
        {"type": "Point", "coordinates": [116.4, 39.9]}, None, {"type": "Point", "coordinates": []},
        {"type": "Polygon", "coordinates": [[[116.4, 39.9], [116.41, 39.9], [116.4, 39.9], [116.4, 39.9]]]},
        {"type": "GeometryCollection", "geometries": []},
    ]  # fmt: skip
    features = [{"type": "Feature", "properties": {"code": str(n)}, "geometry": s} for n, s in enumerate(shapes)]
    path = tmp_path / "odd.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    outcome = take(engine, settings, path, MAPPING | {"source": "odd"})
    assert reasons(engine, outcome.run_id) == dict.fromkeys("2345", "no_geometry")


def a_layer(folder: Path) -> tuple[Path, Any, str]:
    rows = [(f"L{n}", 7.42 + n / 1000, 43.73) for n in range(20)]
    return table(folder / "lamps.csv", ("code", "x", "y"), *rows, ("L99", 0, 0)), POINTS, "layer"


def a_feed(folder: Path) -> tuple[Path, Any, str]:
    stops = "stop_id,stop_name,stop_lat,stop_lon\nA,a,43.73,7.41\nB,b,43.73,7.42\nC,c,43.73,7.43\n"
    return gtfs_feed.write(folder / "feed.zip", {"stops": stops}), None, "gtfs"


def streets(folder: Path) -> tuple[Path, Any, str]:
    far = OsmXml()
    far.way([far.node(7.42, 43.73), far.node(7.43, 43.73)], highway="residential")
    return far.write(folder / "streets.osm"), None, "osm"


def a_water_network(folder: Path) -> tuple[Path, Any, str]:
    (folder / "net.inp").write_text(
        "[JUNCTIONS]\nJ 10 0\n[RESERVOIRS]\nR 50\n[PIPES]\nP R J 100 200 100 0 Open\n"
        "[COORDINATES]\nJ 7.42 43.73\nR 7.43 43.73\n[END]\n"
    )
    return folder / "net.inp", {"system": "wgs84"}, "epanet"


@pytest.mark.parametrize("make", [a_layer, communities, a_feed, streets, a_water_network])
def test_a_file_of_another_city_says_first_where_it_lies(
    engine: Engine, settings: Settings, city: Callable[[], str], tmp_path: Path, make: Callable[..., Any]
) -> None:
    take(engine, settings, table(tmp_path / "here.csv", ("code", "x", "y"), ("here", 116.4, 39.9)), POINTS)
    before = city()
    path, mapping, kind = make(tmp_path)
    with pytest.raises(
        CityCommandError, match=r"lies around 7\.4\d+, 43\.73\d+: 8,\d\d\d km from this city"
    ) as refused:
        take(engine, settings, path, mapping, kind)
    assert "--instance NAME" in str(refused.value)
    assert city() == before


def test_a_number_that_no_double_holds_costs_its_row_alone(engine: Engine, settings: Settings, tmp_path: Path) -> None:
    rows = ('"code": "N1", "h": 4}', 115.61), ('"code": "N2", "h": 1e999}', 115.62), ('"code": "N3", "h": 5}', "-1e999")
    features = ", ".join(
        f'{{"type": "Feature", "properties": {{{facts}, "geometry": {{"type": "Point", "coordinates": [{lon}, 38.43]}}}}'
        for facts, lon in rows
    )
    path = tmp_path / "huge.geojson"
    path.write_text(f'{{"type": "FeatureCollection", "features": [{features}]}}', encoding="utf-8")
    mapping = MAPPING | {"source": "huge", "kind": "street_lamp", "attributes": {"height_m": "h"}}
    with engine.connect() as db, db.begin() as outer:
        outcome = import_work.do(db, settings, Task("layer", [path], mapping))
        assert (outcome.counts["taken"], dict(outcome.rejected)) == (1, {"no_number": 2})
        told = db.execute(
            text("select row, detail, raw ->> 'h' as h from gis.import_reject where run_id = :run order by row"),
            {"run": outcome.run_id},
        ).all()
        assert [(row.row, row.h) for row in told] == [("2", "1e999"), ("3", "5")]
        assert "h = 1e999" in told[0].detail
        assert "coordinates = -1e999" in told[1].detail
        outer.rollback()
