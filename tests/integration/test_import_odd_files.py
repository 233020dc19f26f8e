"""Files as other cities' offices have them, made here: each goes in whole, or says what is wrong and what to do, and nothing is lost."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import geopandas
import pandas
import pyogrio
import pytest
import shapely
from sqlalchemy import Connection, text

from api import import_work
from api.import_work import Task
from config.errors import CityCommandError
from config.settings import Settings
from gis.db import make_engine
from gis.importing.runs import Outcome
from tests.support import old_workbook, workbook
from tests.support.databases import Database

MAPPING: dict[str, Any] = {"source": "odd", "reference": "{code}", "kind": "street_lamp", "name": "{name}"}
LAMPS = {"code": ["L1", "L2"], "name": ["人民路灯", "解放路灯"]}
POINTS = [shapely.Point(116.40, 39.90), shapely.Point(116.41, 39.91)]


@pytest.fixture
def db(database: Database) -> Iterator[Connection]:
    """A transaction of which nothing stays."""
    with make_engine(database.app_url, pool_size=1).connect() as connection, connection.begin() as outer:
        yield connection
        outer.rollback()


def take(db: Connection, settings: Settings, path: Path, **mapping: Any) -> Outcome:
    return import_work.do(db, settings, Task("layer", [path], MAPPING | mapping))


def standing(db: Connection) -> list[tuple[str, str, str]]:
    query = "select source_ref, name, st_astext(geom, 6) from gis.asset where source = 'odd' order by source_ref"
    return [tuple(row) for row in db.execute(text(query))]


BOTH = [("L1", "人民路灯", "POINT(116.4 39.9)"), ("L2", "解放路灯", "POINT(116.41 39.91)")]


def frame() -> Any:
    return geopandas.GeoDataFrame(LAMPS, geometry=POINTS, crs=4326)


def test_a_zip_with_what_operating_systems_put_in(db: Connection, settings: Settings, tmp_path: Path) -> None:
    frame().to_file(tmp_path / "lamps.shp", encoding="GBK")
    path = tmp_path / "lamps.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for part in tmp_path.glob("lamps.*"):
            if part != path:
                archive.write(part, f"数据/{part.name}")
                archive.writestr(f"__MACOSX/._{part.name}", b"x")
        archive.writestr(".DS_Store", b"x")
        archive.writestr("说明.docx", b"x")
    take(db, settings, path)
    assert standing(db) == BOTH


def test_a_zip_of_several_layers_of_which_the_mapping_names_one(
    db: Connection, settings: Settings, tmp_path: Path
) -> None:
    with zipfile.ZipFile(tmp_path / "two.zip", "w") as archive:
        for name in ("lamps", "bins"):
            archive.writestr(f"{name}.csv", f"code,name,x,y\n{name},n,116.4,39.9\n")
    place = {"geometry": {"x": "x", "y": "y"}, "system": "wgs84"}
    with pytest.raises(CityCommandError, match=r"holds 2 layers: bins\.csv, lamps\.csv"):
        take(db, settings, tmp_path / "two.zip", **place)
    take(db, settings, tmp_path / "two.zip", layer="lamps", **place)
    assert [reference for reference, _, _ in standing(db)] == ["lamps"]


def test_two_files_of_one_name_in_a_zip_are_not_made_one(db: Connection, settings: Settings, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "same.zip", "w") as archive:
        for folder in ("东城", "西城"):
            archive.writestr(f"{folder}/lamps.csv", "code,name,x,y\n1,n,116.4,39.9\n")
    with pytest.raises(CityCommandError, match=r"several files called lamps\.csv"):
        take(db, settings, tmp_path / "same.zip", geometry={"x": "x", "y": "y"}, system="wgs84")


@pytest.mark.parametrize("ending", ["xlsx", "xls", "et"])
def test_a_workbook_with_titles_merged_cells_and_dates_as_numbers(
    db: Connection, settings: Settings, tmp_path: Path, ending: str
) -> None:
    lines: list[list[object]] = [
        ["路灯设施台账"], ["填报单位：市政工程管理处", None, "2024年"], [],
        ["code", "name", "街道", "经度", "纬度", "安装日期", "功率"],
        ["L1", "人民路灯", "长安街道", "116°24′00″", "39°54′00″", 45296, 150],
        ["L2", "解放路灯", None, 116.41, 39.91, 45297, 250],
        ["合计", None, None, None, None, None, 400],
    ]  # fmt: skip
    path = tmp_path / f"lamps.{ending}"
    if ending == "xlsx":
        workbook.write(path, {"路灯": lines}, merged=["A1:G1", "C5:C6"])
    else:
        old_workbook.write(path, {"路灯": lines}, merged=["A1:G1", "C5:C6"])
    outcome = take(
        db, settings, path, system="cgcs2000", geometry={"x": "经度", "y": "纬度"}, fill_down=["街道"],
        attributes={"street": "街道", "power_w": {"column": "功率", "type": "integer"}},
    )  # fmt: skip
    assert standing(db) == BOTH
    assert outcome.rejected == {"no_geometry": 1}, "the line of sums is kept with its reason"
    query = "select attributes ->> 'street' from gis.asset where source = 'odd'"
    assert set(db.execute(text(query)).scalars()) == {"长安街道"}


def test_an_old_workbook_keeps_numbers_dates_and_sheets(db: Connection, settings: Settings, tmp_path: Path) -> None:
    lines: list[list[object]] = [["code", "name", "x", "y", "made", "power"]]
    lines += [
        [code, name, at.x, at.y, date(2024, 1, 6), 150.0]
        for code, name, at in zip(LAMPS["code"], LAMPS["name"], POINTS, strict=True)
    ]
    kept = {"made": "made", "power_w": {"column": "power", "type": "integer"}}
    place = {"system": "wgs84", "geometry": {"x": "x", "y": "y"}, "attributes": kept}
    path = old_workbook.write(tmp_path / "lamps.xls", {"空表": [], "路灯": lines})
    outcome = take(db, settings, path, **place)
    assert (standing(db), outcome.rejected) == (BOTH, {})
    made = "select distinct attributes ->> 'made', attributes ->> 'power_w' from gis.asset where source = 'odd'"
    assert [tuple(row) for row in db.execute(text(made))] == [("2024-01-06", "150")]
    two = old_workbook.write(tmp_path / "two.xls", {"东": lines[:2], "西": [lines[0], lines[2]]})
    with pytest.raises(CityCommandError, match="has the layers: 东, 西"):
        take(db, settings, two, **place)
    again = take(db, settings, two, **place, layer="*")
    assert again.counts["assets"]["unchanged"] == 2


def test_what_is_only_called_a_workbook_says_what_it_is(db: Connection, settings: Settings, tmp_path: Path) -> None:
    place = {"system": "wgs84", "geometry": {"x": "x", "y": "y"}}
    contents = {
        "web page": b"<html><table><tr><td>code</td></tr></table></html>",
        "damaged": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
        "no workbook": b"code,name\n1,2\n",
    }
    for said, content in contents.items():
        (tmp_path / "lamps.xls").write_bytes(content)
        with pytest.raises(CityCommandError, match=said) as refused:
            take(db, settings, tmp_path / "lamps.xls", **place)
        assert "save it as .xlsx" in str(refused.value)


def test_a_map_with_folders(db: Connection, settings: Settings, tmp_path: Path) -> None:
    folders = "".join(
        f"<Folder><name>{side}</name><Placemark><name>{name}</name><ExtendedData><Data name='code'><value>{code}</value></Data>"
        f"</ExtendedData><Point><coordinates>{at.x},{at.y},0</coordinates></Point></Placemark></Folder>"
        for side, name, code, at in zip(("东", "西"), LAMPS["name"], LAMPS["code"], POINTS, strict=True)
    )
    content = f"<kml xmlns='http://www.opengis.net/kml/2.2'><Document>{folders}</Document></kml>"
    (tmp_path / "lamps.kml").write_text(content, encoding="utf-8")
    with zipfile.ZipFile(tmp_path / "lamps.kmz", "w") as archive:
        archive.writestr("doc.kml", content)
    with pytest.raises(CityCommandError, match="has the layers: 东, 西"):
        take(db, settings, tmp_path / "lamps.kml", name="{Name}")
    for name in ("lamps.kml", "lamps.kmz"):
        take(db, settings, tmp_path / name, name="{Name}", layer="*", attributes={"side": "layer"})
        assert standing(db) == BOTH
    query = "select attributes ->> 'side' from gis.asset where source = 'odd' order by source_ref"
    assert list(db.execute(text(query)).scalars()) == ["东", "西"]


@pytest.mark.parametrize("driver", ["MapInfo File", "FlatGeobuf", "GML", "GeoJSONSeq", "OpenFileGDB"])
def test_other_formats(db: Connection, settings: Settings, tmp_path: Path, driver: str) -> None:
    endings = {"MapInfo File": "tab", "FlatGeobuf": "fgb", "GML": "gml", "GeoJSONSeq": "geojsonl", "OpenFileGDB": "gdb"}
    path = tmp_path / f"lamps.{endings[driver]}"
    pyogrio.write_dataframe(frame(), path, driver=driver, **({"encoding": "UTF-8"} if driver == "MapInfo File" else {}))
    take(db, settings, path)
    assert standing(db) == BOTH


def test_a_mapinfo_table_in_gbk(db: Connection, settings: Settings, tmp_path: Path) -> None:
    pyogrio.write_dataframe(frame(), tmp_path / "lamps.tab", driver="MapInfo File", encoding="CP936")
    take(db, settings, tmp_path / "lamps.tab", encoding="GBK")
    assert standing(db) == BOTH


def test_points_of_a_receiver_and_of_a_drawing(db: Connection, settings: Settings, tmp_path: Path) -> None:
    points = "".join(
        f"<wpt lat='{at.y}' lon='{at.x}'><name>{name}</name></wpt>"
        for name, at in zip(LAMPS["name"], POINTS, strict=True)
    )
    (tmp_path / "lamps.gpx").write_text(
        f"<gpx version='1.1' creator='t' xmlns='http://www.topografix.com/GPX/1/1'>{points}</gpx>", encoding="utf-8"
    )
    take(db, settings, tmp_path / "lamps.gpx", layer="waypoints", reference="{name}")
    assert [shape for _, _, shape in standing(db)] == ["POINT(116.4 39.9)", "POINT(116.41 39.91)"]
    drawing = geopandas.GeoDataFrame({"Layer": ["LAMP", "LAMP"]}, geometry=POINTS).set_crs(4326).to_crs(4548)
    pyogrio.write_dataframe(drawing, tmp_path / "lamps.dxf", driver="DXF")
    drawn = {"source": "drawing", "reference": "{EntityHandle}", "name": ""}
    with pytest.raises(CityCommandError, match="states no coordinate system"):
        take(db, settings, tmp_path / "lamps.dxf", **drawn)
    assert take(db, settings, tmp_path / "lamps.dxf", system="EPSG:4548", **drawn).counts["taken"] == 2


def test_a_table_without_shapes_in_a_geopackage(db: Connection, settings: Settings, tmp_path: Path) -> None:
    pyogrio.write_dataframe(pandas.DataFrame(LAMPS | {"x": [116.40, 116.41], "y": [39.90, 39.91]}), tmp_path / "t.gpkg")
    take(db, settings, tmp_path / "t.gpkg", system="wgs84", geometry={"x": "x", "y": "y"})
    assert standing(db) == BOTH


def test_a_line_of_one_point_and_other_shapes_that_are_none(db: Connection, settings: Settings, tmp_path: Path) -> None:
    shapes: list[Any] = [
        {"type": "LineString", "coordinates": [[116.4, 39.9], [116.41, 39.91]]},
        {"type": "LineString", "coordinates": [[116.4, 39.9]]},
        {"type": "LineString", "coordinates": [[116.4, 39.9], [116.4, 39.9]]},
        {
            "type": "MultiLineString",
            "coordinates": [[[116.4, 39.9, 5], [116.41, 39.9, 6]], [[116.42, 39.9, 7], [116.43, 39.9, 8]]],
        },
        {"type": "Point", "coordinates": [116.4, 39.9]},
    ]
    features = [
        {"type": "Feature", "properties": {"code": n, "name": ""}, "geometry": s} for n, s in enumerate(shapes, 1)
    ]
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}
    (tmp_path / "roads.geojson").write_text(
        json.dumps({"type": "FeatureCollection", "crs": crs, "features": features}), encoding="utf-8"
    )
    outcome = take(db, settings, tmp_path / "roads.geojson", kind="road", geometry={"shape": "line"})
    assert outcome.counts["taken"] == 2
    assert outcome.rejected == {"unreadable_shape": 1, "no_geometry": 1, "wrong_shape": 1}
