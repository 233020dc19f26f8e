"""Real layers through the mappings that come with the system; counts are those of the data's own description, or explained."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, text

from config.errors import InvalidInput
from gis.db import make_engine
from gis.importing import runs
from gis.importing.area_files import import_areas
from gis.importing.layers import import_layer
from tests.support.databases import Database
from tests.support.real_data import real


@pytest.fixture
def db(database: Database) -> Iterator[Connection]:
    """A transaction of which nothing stays."""
    with make_engine(database.app_url, pool_size=1).connect() as connection, connection.begin() as outer:
        yield connection
        outer.rollback()


@pytest.mark.parametrize(
    ("path", "mapping", "rows", "taken"),
    [
        ("streetlights-dc-bristol/streetlights_dc_downtown.csv", "dc-streetlights", 3963, 3963),
        ("streetlights-dc-bristol/streetlights_bristol.csv", "bristol-streetlights", 49451, 49163),
        ("shijiazhuang-bus-lines/shijiazhuang_bus_lines.data", "shijiazhuang-bus-lines", 231, 225),
        ("boston-bridges-pavement/road_inv_mpo_nhs_interstate_2015.geojson", "boston-pavement", 865, 865),
    ],
)
def test_a_layer(db: Connection, path: str, mapping: str, rows: int, taken: int) -> None:
    outcome = import_layer(db, real(path), runs.load_mapping(mapping))
    assert (outcome.counts["rows"], outcome.counts["taken"]) == (rows, taken)
    # What is left out repeats an earlier row exactly: 288 positions in Bristol, six lines with their hours in Shijiazhuang.
    assert dict(outcome.rejected) == ({"twice": rows - taken} if rows > taken else {})
    assert outcome.counts["assets"]["added"] == taken


def test_bus_lines_of_shijiazhuang_lie_where_the_city_lies(db: Connection) -> None:
    import_layer(
        db, real("shijiazhuang-bus-lines/shijiazhuang_bus_lines.data"), runs.load_mapping("shijiazhuang-bus-lines")
    )
    row = db.execute(
        text("""
            select round(sum(st_length(geom::geography)) / 1000) as km, sum(st_npoints(geom)) as points,
                   min(st_xmin(geom)) as west, max(st_xmax(geom)) as east from gis.asset where kind = 'bus_line'
        """)
    ).one()
    assert row.points == 59365 - 2907  # those of the six lines that stand twice
    assert 3600 < row.km < 3950
    assert 114.22 < row.west < 114.237  # BD-09 lies about 0.006 to 0.013 degrees east of WGS 84
    assert row.east < 114.983


def test_the_system_of_shenzhens_lines_is_asked_for(db: Connection) -> None:
    path, mapping = real("shenzhen-bus-lines/shenzhen_busline.csv"), runs.load_mapping("shenzhen-bus-lines")
    with pytest.raises(InvalidInput, match="states no coordinate system"):
        import_layer(db, path, mapping)
    outcome = import_layer(db, path, mapping | {"system": "wgs84"})
    assert (outcome.counts["rows"], outcome.counts["taken"]) == (2113, 1948)
    assert dict(outcome.rejected) == {"twice": 165}, "165 rows repeat an earlier one, name and stations alike"


@pytest.mark.parametrize(
    ("file", "mapping", "valid"),
    [
        ("shijiazhuang_districts_datav.json", "shijiazhuang-districts-datav", 20),
        ("shijiazhuang_districts.geojson", "shijiazhuang-districts-echarts", 10),
    ],
)
def test_districts_are_repaired_and_it_is_said(db: Connection, file: str, mapping: str, valid: int) -> None:
    outcome = import_areas(db, real(f"china-divisions-hebei/{file}"), runs.load_mapping(mapping))
    assert (outcome.counts["rows"], outcome.counts["invalid"]) == (22, 22 - valid)
    assert len(outcome.counts["repaired"]) == 22 - valid
    assert outcome.counts["areas"]["district"] == 22
    assert any("were repaired" in note for note in outcome.notes)
    assert db.execute(text("select bool_and(st_isvalid(geom)) from gis.area")).scalar_one()
