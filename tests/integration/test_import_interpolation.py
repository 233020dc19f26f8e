"""OpenStreetMap's ways along doors: the numbers of their ends become a range that addresses are found in, along the way."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from gis.db import make_engine
from gis.geocoding.geocode import geocode
from gis.importing.city import import_osm
from tests.support.databases import Database
from tests.support.osm_xml import OsmXml

WEST, SOUTH, NORTH, EAST = 115.600, 38.400, 38.404, 115.604
STREET = "云山路"


@pytest.fixture
def db(database: Database) -> Iterator[Connection]:
    """A transaction of which nothing stays."""
    with make_engine(database.app_url, pool_size=1).connect() as connection, connection.begin() as outer:
        yield connection
        outer.rollback()


def town(directory: Path, last: str = "22") -> Path:
    """A street, even numbers around a corner beside it, all numbers on its other side, and three ways that give none."""
    osm = OsmXml()
    osm.way(
        [osm.node(WEST - 0.001, SOUTH - 0.0005), osm.node(EAST + 0.001, SOUTH - 0.0005)], highway="primary", name=STREET
    )
    first, corner = osm.node(WEST, NORTH, addr__housenumber="2号"), osm.node(WEST, SOUTH)
    end = osm.node(EAST, SOUTH, addr__housenumber=last)
    osm.way([first, corner, end], addr__interpolation="even", addr__street=STREET)
    far = [
        osm.node(lon, SOUTH - 0.001, addr__housenumber=n, addr__street=STREET)
        for lon, n in ((WEST, "131"), (EAST, "111"))
    ]
    osm.way(far, addr__interpolation="all")
    osm.way(far, addr__interpolation="even", addr__street=STREET)
    osm.way([first, end], addr__interpolation="even")
    osm.way([corner, end], addr__interpolation="even", addr__street=STREET)
    osm.way([corner, end], addr__interpolation="alphabetic", addr__street=STREET)
    return osm.write(directory / "town.osm")


def where(db: Connection, number: int) -> tuple[float, float, str]:
    hit = geocode(db, f"{STREET}{number}号", "zh")[0]
    return round(hit["lon"], 6), round(hit["lat"], 6), hit["precision"]


def test_numbers_are_found_along_the_way_however_it_bends(db: Connection, tmp_path: Path) -> None:
    outcome = import_osm(db, town(tmp_path), name="云澜市")
    refused = {
        row.row: row.reason
        for row in db.execute(
            text("select row, reason from gis.import_reject where run_id = :r"), {"r": outcome.run_id}
        )
    }
    assert refused == {"w4": "odd_numbers", "w5": "no_street", "w6": "no_numbers"}
    lon, lat, precision = where(db, 8)  # 6 of 20 numbers: on the leg to the corner, which is 444 of 793 m
    assert (lon, precision) == (WEST, "range")
    assert lat == pytest.approx(NORTH - 0.3 * 793 / 111_000, abs=2e-5)
    lon, lat, precision = where(db, 18)
    assert (lat, precision) == (SOUTH, "range")
    assert lon == pytest.approx(EAST - 0.2 * 793 / 87_200, abs=2e-5)
    lon, lat, precision = where(db, 120)  # all numbers, counted down from 131: an even one lies among them
    assert (lat, precision) == (SOUTH - 0.001, "range")
    assert lon == pytest.approx(WEST + 0.55 * (EAST - WEST), abs=1e-6)
    assert where(db, 131)[2] == "door"


def test_again_changes_nothing_and_a_longer_row_of_doors_moves_its_numbers(db: Connection, tmp_path: Path) -> None:
    import_osm(db, town(tmp_path), name="云澜市")
    assert import_osm(db, town(tmp_path), name="云澜市").counts["assets"]["changed"] == 0
    before = where(db, 8)
    assert (
        import_osm(db, town(tmp_path, last="42"), name="云澜市").counts["assets"]["changed"] == 2
    )  # its end node, and the range
    assert where(db, 8)[1] > before[1]
