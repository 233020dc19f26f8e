"""Assets leave in files that other programs read: the same rows, shapes and types, in the system asked for (C3)."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import geopandas
import pytest
import shapely
from sqlalchemy import Connection, text

from config.errors import InvalidInput, NotFound
from gis import assets, coordinates
from gis.assets import AssetRow
from gis.db import make_engine
from gis.exporting import columns
from gis.exporting.assets import export_assets, format_of
from gis.exporting.selection import Selection
from gis.importing.layers import import_layer
from tests.support.databases import Database

LAMPS = {
    f"L{n}": (116.40 + n / 1000, 39.90, {"power_w": 70 + n, "lit": n % 2 == 0, "note": "=1+1" if n == 0 else None})
    for n in range(5)
}
PIPE = shapely.LineString([(116.40, 39.90), (116.41, 39.905)])
PARK = shapely.Polygon([(116.40, 39.89), (116.41, 39.89), (116.41, 39.895)])


@pytest.fixture
def db(database: Database) -> Iterator[Connection]:
    """A transaction of which nothing stays, with lamps, a pipe and a park in it."""
    with make_engine(database.app_url, pool_size=1).connect() as connection, connection.begin() as outer:
        rows = [
            AssetRow(ref, "street_lamp", "C0137", f"路灯 {ref}", "", shapely.Point(x, y).wkb_hex, json.dumps(kept))
            for ref, (x, y, kept) in LAMPS.items()
        ]
        rows += [
            AssetRow("P1", "water_main", None, "", "", PIPE.wkb_hex, '{"diameter_mm": 300, "name": "主干管"}'),
            AssetRow("G1", "green", None, "公园", "Park", PARK.wkb_hex, "{}"),
        ]
        assets.upsert(connection, "test", rows)
        yield connection
        outer.rollback()


LAMP = Selection(kinds=("street_lamp",))


def test_a_geopackage_has_one_table_a_kind_with_types(db: Connection, tmp_path: Path) -> None:
    made = export_assets(db, Selection(), "gpkg", "wgs84", tmp_path)
    assert made.counts == {"green": 1, "street_lamp": 5, "water_main": 1}
    lamps = geopandas.read_file(made.path, layer="street_lamp")
    assert lamps.crs == "EPSG:4326"
    assert dict(zip(lamps["source_ref"], lamps["power_w"], strict=True)) == {f"L{n}": 70.0 + n for n in range(5)}
    assert lamps["lit"].tolist() == [True, False, True, False, True]
    assert lamps["name"].tolist() == [f"路灯 L{n}" for n in range(5)]
    assert lamps.geometry.iloc[3].equals(shapely.Point(116.403, 39.90))
    mains = geopandas.read_file(made.path, layer="water_main")
    assert mains["attribute_name"].tolist() == ["主干管"]
    assert mains.geometry.iloc[0].equals(PIPE)


def test_a_geopackage_comes_back_by_import_and_changes_nothing(db: Connection, tmp_path: Path) -> None:
    made = export_assets(db, LAMP, "gpkg", "EPSG:4547", tmp_path)
    mapping = {
        "source": "again",
        "reference": "{source_ref}",
        "kind": "{kind}",
        "class_code": "{class_code}",
        "name": "{name}",
    }
    counts = import_layer(db, made.path, mapping | {"attributes": {"power_w": "power_w"}}).counts
    assert counts["assets"]["added"] == 5
    apart = db.execute(
        text("""
            select max(st_distance(a.geom::geography, b.geom::geography)) from gis.asset a
            join gis.asset b on b.source_ref = a.source_ref where a.source = 'test' and b.source = 'again'
        """)
    ).scalar_one()
    assert apart < 0.001


def test_a_shapefile_is_whole_with_short_names_explained(db: Connection, tmp_path: Path) -> None:
    long = text(
        "update gis.asset set authority = repeat('局', 100) where id in (select min(id) from gis.asset where kind = 'water_main')"
    )
    db.execute(long)
    made = export_assets(db, Selection(kinds=("street_lamp", "water_main")), "shp", "cgcs2000", tmp_path)
    with zipfile.ZipFile(made.path) as archive:
        names = archive.namelist()
        readme = archive.read("README.txt").decode()
        archive.extractall(tmp_path / "out")
    assert {
        "street_lamp_point.shp",
        "street_lamp_point.prj",
        "street_lamp_point.cpg",
        "water_main_linestring.dbf",
    } <= set(names)
    assert "diameter_m = diameter_mm" in readme
    assert "authority: cut to 254 bytes in 1 rows" in readme
    lamps = geopandas.read_file(tmp_path / "out" / "street_lamp_point.shp")
    assert lamps["name"].tolist() == [f"路灯 L{n}" for n in range(5)]
    assert lamps.crs is not None
    assert lamps.crs.to_epsg() == 4490
    mains = geopandas.read_file(tmp_path / "out" / "water_main_linestring.shp")
    assert mains["diameter_m"].tolist() == [300.0]


def test_geojson_is_one_collection_in_wgs84_and_no_other_system(db: Connection, tmp_path: Path) -> None:
    made = export_assets(db, Selection(), "geojson", "wgs84", tmp_path)
    found = json.loads(made.path.read_text(encoding="utf-8"))
    assert [feature["properties"]["kind"] for feature in found["features"]] == [
        "green",
        *["street_lamp"] * 5,
        "water_main",
    ]
    assert shapely.geometry.shape(found["features"][0]["geometry"]).equals(PARK)
    with pytest.raises(InvalidInput, match="always in WGS 84"):
        export_assets(db, Selection(), "geojson", "gcj02", tmp_path)


def test_csv_tables_open_in_a_spreadsheet_and_run_nothing(db: Connection, tmp_path: Path) -> None:
    made = export_assets(db, LAMP, "csv", "gcj02", tmp_path)
    with zipfile.ZipFile(made.path) as archive:
        content = archive.read("street_lamp.csv")
        assert "gcj02" in archive.read("README.txt").decode()
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert [row["note"] for row in rows] == ["'=1+1", "", "", "", ""]
    x, y = coordinates.from_wgs84(116.40, 39.90, "gcj02")
    assert shapely.from_wkt(rows[0]["wkt"]).equals_exact(shapely.Point(x, y), 1e-9)


def test_a_drawn_shape_takes_what_touches_it(db: Connection, tmp_path: Path) -> None:
    shape = shapely.box(116.3995, 39.8995, 116.4015, 39.9005).wkt
    made = export_assets(db, Selection(shape=shape), "gpkg", "wgs84", tmp_path)
    assert made.counts == {"street_lamp": 2, "water_main": 1}


@pytest.mark.parametrize(
    ("chosen", "problem"),
    [
        (Selection(kinds=("unicorn",)), "no kind of asset 'unicorn'"),
        (Selection(kinds=("hydrant",)), "No asset meets"),
        (Selection(shape="POLYGON((0 0, 1 1, 0 1, 1 0, 0 0))"), "no polygon"),
        (Selection(shape="; drop table"), "no polygon"),
        (Selection(hidden=("test",)), "No asset meets"),
    ],
)
def test_what_cannot_be_exported_is_said(db: Connection, tmp_path: Path, chosen: Selection, problem: str) -> None:
    with pytest.raises(InvalidInput, match=problem):
        export_assets(db, chosen, "gpkg", "wgs84", tmp_path)
    assert not any(tmp_path.iterdir())


def test_an_unknown_area_is_said(db: Connection, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no area 990101"):
        export_assets(db, Selection(area="990101"), "gpkg", "wgs84", tmp_path)


def test_names_of_shapefiles_are_short_and_each_once() -> None:
    names = columns.short_names(["diameter_mm", "diameter_m", "diameter_material", "名称名称名称", "Name", "name"])
    assert names == ["diameter_m", "diameter_1", "diameter_2", "名称名", "Name", "name_1"]
    assert all(len(name.encode()) <= columns.SHORT for name in names)


def test_the_ending_chooses_the_format() -> None:
    assert [format_of(name) for name in ("a.gpkg", "A.GEOJSON", "b.shp.zip", "b.csv.zip")] == [
        "gpkg",
        "geojson",
        "shp",
        "csv",
    ]
    with pytest.raises(InvalidInput, match="does not say"):
        format_of("city.pdf")


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        (Selection(kinds=("street_lmap",)), ("no kind of asset 'street_lmap'. → street_lamp", "green, street_lamp, water_main")),
        (Selection(kinds=("路灯",)), ("no kind of asset '路灯'. → street_lamp",)),
        (Selection(kinds=("nosuch",)), ("no kind of asset 'nosuch'. Kinds", "green, street_lamp, water_main")),
        (Selection(sources=("tset",)), ("source 'tset'. → test?", "Sources in this city: test.")),
        (Selection(area="110102"), ("no area 110102", "110101 东城区")),
        (Selection(area="东城"), ("no area 东城", "110101 东城区")),
        (Selection(area="99"), ("no area 99", "110101 东城区")),
    ],
)  # fmt: skip
def test_words_that_are_in_no_list_are_answered_with_those_that_are(
    db: Connection, tmp_path: Path, chosen: Selection, said: tuple[str, ...]
) -> None:
    square = "st_multi(st_makeenvelope(116.3, 39.8, 116.5, 40.0, 4326))"
    db.execute(
        text(f"insert into gis.area (code, level, name, geom) values ('110101', 'district', '东城区', {square})")
    )
    with pytest.raises((InvalidInput, NotFound)) as refused:
        export_assets(db, chosen, "csv", "wgs84", tmp_path)
    assert all(words in str(refused.value) for words in said), str(refused.value)
