"""`import areas`: any vector file's polygons become communities with all levels above and unit grids within."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, text

from config.errors import InvalidInput, UnreadableFile
from gis.db import make_engine
from gis.importing.area_files import import_areas
from gis.importing.runs import load_mapping
from tests.support.databases import Database
from tests.support.real_data import real

MAPPING: dict[str, Any] = {
    "source": "villages",
    "system": "wgs84",
    "reference": "{id}",
    "level": [
        {"level": "city", "code": "13", "name": "云澜市"},
        {"level": "district", "code": "13{town:02}", "name": "{town_name}"},
        {"level": "subdistrict", "code": "13{town:02}001", "name": "{town_name}"},
        {"level": "community", "code": "13{town:02}001{id}", "name": "{name}", "population": "people"},
    ],
}


@pytest.fixture
def db(database: Database) -> Iterator[Connection]:
    """A transaction of which nothing stays."""
    with make_engine(database.app_url, pool_size=1).connect() as connection, connection.begin() as outer:
        yield connection
        outer.rollback()


def ring(west: float, south: float, east: float, north: float) -> list[list[list[float]]]:
    return [[[west, south], [east, south], [east, north], [west, north], [west, south]]]


BOW_TIE = [[[115.62, 38.40], [115.63, 38.41], [115.63, 38.40], [115.62, 38.41], [115.62, 38.40]]]


def write(directory: Path, crs: str | None = None) -> Path:
    def feature(number: str, town: int, coordinates: object, kind: str = "Polygon") -> dict[str, object]:
        properties = {"id": number, "town": town, "town_name": f"第{town}镇", "name": f"村{number}", "people": 100}
        return {"type": "Feature", "properties": properties, "geometry": {"type": kind, "coordinates": coordinates}}

    collection: dict[str, object] = {
        "type": "FeatureCollection",
        "features": [
            feature("001", 1, ring(115.600, 38.40, 115.605, 38.41)),
            feature("002", 1, ring(115.605, 38.40, 115.610, 38.41)),
            feature("003", 2, ring(115.610, 38.40, 115.620, 38.41)),
            feature("004", 2, BOW_TIE),
            feature("005", 2, [115.6, 38.4], "Point"),
        ],
    }
    if crs:
        collection["crs"] = {"type": "name", "properties": {"name": crs}}
    path = directory / "villages.geojson"
    path.write_text(json.dumps(collection), encoding="utf-8")
    return path


def test_levels_are_built_from_the_rows(db: Connection, tmp_path: Path) -> None:
    outcome = import_areas(db, write(tmp_path), MAPPING)
    rows = db.execute(
        text("""
            select a.code, a.level, a.name, p.code as parent, a.population
            from gis.area a left join gis.area p on p.id = a.parent_id order by a.code
        """)
    ).all()
    assert [(row.code, row.level, row.parent) for row in rows] == [
        ("13", "city", None),
        ("1301", "district", "13"), ("1301001", "subdistrict", "1301"),
        ("1301001001", "community", "1301001"), ("1301001002", "community", "1301001"),
        ("1302", "district", "13"), ("1302001", "subdistrict", "1302"),
        ("1302001003", "community", "1302001"), ("1302001004", "community", "1302001"),
    ]  # fmt: skip
    assert rows[3].population == 100
    assert outcome.counts["repaired"].keys() == {"004"}
    assert outcome.rejected == {"no_polygon": 1}
    assert any("1 polygons of the file are invalid" in note for note in outcome.notes)
    ungridded = db.execute(
        text("""
            select count(*) from gis.area a
            where level = 'community' and not exists (select from gis.unit_grid g where g.area_id = a.id)
        """)
    )
    assert ungridded.scalar() == 0


def test_only_wanted_rows_are_taken(db: Connection, tmp_path: Path) -> None:
    outcome = import_areas(db, write(tmp_path), MAPPING | {"select": {"town": [1]}})
    assert (outcome.counts["chosen"], outcome.counts["areas"]["community"]) == (2, 2)
    with pytest.raises(InvalidInput, match="select"):
        import_areas(db, write(tmp_path), MAPPING | {"select": {"town": [7]}})


def test_the_second_run_changes_nothing(db: Connection, tmp_path: Path) -> None:
    first = import_areas(db, write(tmp_path), MAPPING)
    again = import_areas(db, write(tmp_path), MAPPING)
    assert again.counts["areas"] == first.counts["areas"] | {"added": 0, "unchanged": 9}
    assert again.counts["grids"]["grids"] == 0


def test_a_mapping_that_does_not_fit_names_the_fields(db: Connection, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="town_name"):
        import_areas(db, write(tmp_path), MAPPING | {"reference": "{GEOID}"})


def test_a_mapping_with_words_that_would_be_passed_over(db: Connection, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="'crs' is not known"):
        import_areas(db, write(tmp_path), MAPPING | {"crs": "EPSG:4326"})


def test_areas_in_a_shifted_system(db: Connection, tmp_path: Path) -> None:
    import_areas(db, write(tmp_path), MAPPING | {"system": "gcj02", "select": {"town": [1]}})
    row = db.execute(text("select st_xmin(geom) as west, raw_position from gis.area where code = '1301001001'")).one()
    assert 0.004 < 115.6 - row.west < 0.008
    assert row.raw_position["system"] == "gcj02"


def test_files_that_are_no_layer_are_named(db: Connection, tmp_path: Path) -> None:
    broken = tmp_path / "broken.geojson"
    broken.write_text('{"type": "FeatureColl', encoding="utf-8")
    with pytest.raises(UnreadableFile, match=r"broken\.geojson"):
        import_areas(db, broken, MAPPING)


def test_boston_has_179_tracts(db: Connection) -> None:
    """Of 705 polygons 44 are invalid, 9 of them in Boston; they are repaired and said so."""
    path = real("boston-tracts/mpo_tracts_2012_with_2014_demographics_2_PCT.topojson")
    outcome = import_areas(db, path, load_mapping("boston-tracts"))
    assert (outcome.counts["rows"], outcome.counts["chosen"], outcome.counts["invalid"]) == (705, 179, 44)
    assert outcome.counts["areas"]["community"] == 179
    assert db.execute(text("select bool_and(st_isvalid(geom)) from gis.area")).scalar() is True
    assert any("44 polygons of the file are invalid; the 9 of them" in note for note in outcome.notes)


def test_tracts_that_were_simplified_to_nothing_are_named(db: Connection) -> None:
    """The coarser file holds 705 rows; 5 polygons are invalid, and 8 have collapsed to a line, 2 of them in Boston."""
    mapping = load_mapping("boston-tracts") | {"select": {"TOWN": ["Boston"], "TRACT": [10408, 20303, 980101]}}
    outcome = import_areas(db, real("boston-tracts/tract_census.topojson"), mapping)
    assert (outcome.counts["rows"], outcome.counts["chosen"], outcome.counts["invalid"]) == (705, 1, 5)
    assert outcome.rejected == {"no_polygon": 8}
    assert any("8 rows of the file enclose no ground" in note for note in outcome.notes)
