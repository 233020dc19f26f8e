"""Other owners' real layers through `import layer` and `import areas`: every row goes in, or says why it does not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, text

from gis.db import make_engine
from gis.importing.area_files import import_areas
from gis.importing.layers import import_layer
from tests.support.databases import Database
from tests.support.real_data import real

LAMPS: dict[str, Any] = {
    "source": "dc-lamps",
    "system": "wgs84",
    "reference": "{OID_}",
    "kind": "street_lamp",
    "class_code": "C0137",
    "name": "{STREETNAME}",
    "geometry": {"x": "XCOORD", "y": "YCOORD"},
    "unknown": {"WATTAGE1": ["N/A"]},
    "attributes": {"light": "LIGHTTYPE_DESC", "power_w": {"column": "WATTAGE1", "type": "integer"}},
}
POSITIONS: dict[str, Any] = {
    "source": "bristol-lamps",
    "system": "wgs84",
    "reference": "{place}",
    "kind": "street_lamp",
    "geometry": {"x": "longitude", "y": "latitude"},
}
SIGNALS: dict[str, Any] = {
    "source": "signals",
    "system": "wgs84",
    "reference": "{id}",
    "kind": "traffic_signal",
    "name": "{location}",
}
DISTRICTS: dict[str, Any] = {
    "source": "districts",
    "system": "gcj02",
    "reference": "{adcode}",
    "level": [
        {"level": "city", "code": "1301", "name": "石家庄市"},
        {"level": "district", "code": "{adcode}", "name": "{name}"},
        {"level": "subdistrict", "code": "{adcode}001", "name": "{name}"},
        {"level": "community", "code": "{adcode}001001", "name": "{name}"},
    ],
}


@pytest.fixture
def db(database: Database) -> Iterator[Connection]:
    """A transaction of which nothing stays."""
    with make_engine(database.app_url, pool_size=1).connect() as connection, connection.begin() as outer:
        yield connection
        outer.rollback()


def test_lamps_of_downtown_washington(db: Connection) -> None:
    """SOURCES.md: 3,963 rows; the file begins with a BOM."""
    outcome = import_layer(db, real("streetlights-dc-bristol/streetlights_dc_downtown.csv"), LAMPS)
    assert (outcome.counts["rows"], outcome.counts["kinds"]) == (3_963, {"street_lamp": 3_963})
    assert set(outcome.rejected) <= {"unreadable_value"}


def test_lamps_of_bristol_that_have_only_a_place(db: Connection) -> None:
    """SOURCES.md: 49,451 positions, 288 of them exact duplicates: one lamp each, and named as such."""
    outcome = import_layer(db, real("streetlights-dc-bristol/streetlights_bristol.csv"), POSITIONS)
    assert (outcome.counts["rows"], outcome.counts["taken"], outcome.rejected) == (49_451, 49_163, {"twice": 288})


def test_signals_of_the_boston_region(db: Connection) -> None:
    """A TopoJSON file without a coordinate system; of rows with one id the first is taken."""
    outcome = import_layer(db, real("boston-bridges-pavement/traffic_signals.topojson"), SIGNALS)
    assert outcome.counts["rows"] == 3_220
    assert outcome.counts["taken"] + sum(outcome.rejected.values()) == 3_220
    assert set(outcome.rejected) <= {"twice", "no_geometry", "no_reference", "at_zero"}


def test_districts_of_shijiazhuang_are_repaired_and_said_so(db: Connection) -> None:
    """SOURCES.md: 22 districts, 20 of them valid; the file is GeoJSON and claims WGS 84, its numbers are GCJ-02."""
    outcome = import_areas(db, real("china-divisions-hebei/shijiazhuang_districts_datav.json"), DISTRICTS)
    assert outcome.counts["areas"]["district"] == 22
    assert outcome.counts["invalid"] == len(outcome.counts["repaired"]) == 2
    assert db.execute(text("select bool_and(st_isvalid(geom)) from gis.area")).scalar_one() is True
    assert any("it was read as gcj02" in note for note in outcome.notes)
