"""Feeds and models as other cities' programs leave them: read where they say one thing, refused with the cause otherwise."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection

from config.errors import CityCommandError
from gis.db import make_engine
from gis.importing.gtfs import import_gtfs
from gis.networks.models import export_model, import_model
from tests.support import gtfs_feed
from tests.support.databases import Database

EPANET = """
[JUNCTIONS]
 J1 10 5
 井2 12 0 ; comment
[RESERVOIRS]
 R1 50
[PIPES]
 P1 R1 J1 1000 12 100 0 Open
 P2 J1 井2 500 8 100 0 CV
[OPTIONS]
 UNITS GPM
[COORDINATES]
 R1 500000 4318000
 J1 500100 4318000
 井2 500200 4318000
[END]
"""
SWMM = """
[OPTIONS]
FLOW_UNITS CMS
[JUNCTIONS]
J1 10 2 0 0 0
"J 2" 9 2 0 0 0
[OUTFALLS]
O1 * FREE NO
[DIVIDERS]
D1 9.5 C1 CUTOFF 1.0
[STORAGE]
S1 9 3 0 FUNCTIONAL 1000 0 0 0 0
[CONDUITS]
C1 J1 D1 100 0.013 0 0 0 0
C2 D1 "J 2" 100 0.013 0 0 0 0
C3 "J 2" S1 100 0.013 * * 0 0
[OUTLETS]
OL S1 O1 0 FUNCTIONAL/HEAD 1 .5 NO
[XSECTIONS]
C1 IRREGULAR T1
C2 CIRCULAR 0.5 0 0 0 1
C3 RECT_CLOSED 1 1 0 0
[TRANSECTS]
NC .01 .01 .01
X1 T1 3 0 10 0 0 0 0 0 0
GR 2 0 0 5 2 10
[COORDINATES]
J1 500000 4318000
"J 2" 500100 4318000
O1 500200 4318000
D1 500050 4318000
S1 500150 4318000
"""
RULE_OF_A_TANK = "[RULES]\nRULE 1\nIF TANK T1 LEVEL > 5\nTHEN PIPE P1 STATUS = OPEN\n[END]"
SYSTEM = {"system": "EPSG:4548", "source": "model"}


@pytest.fixture
def db(database: Database) -> Iterator[Connection]:
    """A transaction of which nothing stays."""
    with make_engine(database.app_url, pool_size=1).connect() as connection, connection.begin() as outer:
        yield connection
        outer.rollback()


def test_a_feed_deep_in_folders_with_names_in_capitals(db: Connection, tmp_path: Path) -> None:
    stops = gtfs_feed.STOPS.replace("stop_lat", "STOP_LAT")
    outcome = import_gtfs(db, gtfs_feed.write(tmp_path / "feed.zip", {"stops": stops}, folder="export/2026/"))
    assert (outcome.counts["stored"]["trips"], outcome.rejected) == (3, {})


def test_a_feed_whose_folders_are_parted_as_windows_does(db: Connection, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "feed.zip", "w") as archive:
        for name, content in gtfs_feed.GOOD.items():
            archive.writestr(zipfile.ZipInfo(f"feed\\{name}.txt"), content)
    assert import_gtfs(db, tmp_path / "feed.zip").counts["stored"]["stop_times"] == 8


def test_a_feed_without_shapes_says_so_once(db: Connection, tmp_path: Path) -> None:
    outcome = import_gtfs(db, gtfs_feed.write(tmp_path / "feed.zip", {"shapes": None}))
    assert outcome.rejected == {}
    assert outcome.notes == ["2 of 2 patterns have no shape: drawn from stop to stop."]


def two_feeds(path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in gtfs_feed.GOOD.items():
            archive.writestr(f"bus/{name}.txt", content)
            archive.writestr(f"tram/{name}.txt", content)
    return path


def a_zip_in_a_zip(path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(gtfs_feed.write(path.with_name("inner.zip")), "google_transit.zip")
    return path


def semicolons(path: Path) -> Path:
    return gtfs_feed.write(path, {"stops": gtfs_feed.STOPS.replace(",", ";")})


def an_open_quote(path: Path) -> Path:
    return gtfs_feed.write(path, {"stops": gtfs_feed.STOPS.replace("东站", '"东站')})


def dates_with_dashes(path: Path) -> Path:
    return gtfs_feed.write(path, {"calendar": gtfs_feed.CALENDAR.replace("20260105", "2026-01-05")})


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (two_feeds, "it holds 2 feeds, in the folders bus, tram"),
        (a_zip_in_a_zip, "the feed is in the zip google_transit.zip"),
        (semicolons, "parted by ';'"),
        (an_open_quote, "a quotation mark is not closed"),
        (dates_with_dashes, "It begins with calendar.txt:2: a weekday is not 0 or 1, or a date is none"),
    ],
)
def test_a_feed_that_cannot_be_used_says_why(db: Connection, tmp_path: Path, make: object, reason: str) -> None:
    assert callable(make)
    with pytest.raises(CityCommandError) as refused:
        import_gtfs(db, make(tmp_path / "feed.zip"))
    what, next_step = refused.value.said()
    assert reason in what
    assert next_step


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_model_in_any_encoding_with_american_units(db: Connection, tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "town.inp"
    path.write_bytes(EPANET.replace("\n", "\r\n").encode(encoding))
    outcome = import_model(db, path, "epanet", SYSTEM)
    assert outcome.counts["kinds"] == {"water_junction": 2, "water_main": 2, "water_reservoir": 1}
    assert "井2" in export_model(db, "model")


def test_a_sewer_with_dividers_storage_irregular_sections_and_quoted_names(db: Connection, tmp_path: Path) -> None:
    path = tmp_path / "sewer.inp"
    path.write_text(SWMM, encoding="utf-8")
    outcome = import_model(db, path, "swmm", SYSTEM)
    assert (outcome.counts["nodes"], outcome.counts["links"]) == (5, 4)
    assert outcome.counts["kinds"]["sewer_divider"] == outcome.counts["kinds"]["sewer_storage"] == 1


@pytest.mark.parametrize(
    ("content", "kind", "reason"),
    [
        (SWMM, "epanet", "is a model of SWMM"),
        (EPANET, "swmm", "is a model of EPANET"),
        (EPANET.replace("500100 4318000", "500100,5 4318000,2"), "epanet", "holds no coordinates: 500100,5 4318000,2"),
        (EPANET.replace("P2 J1", "P2 J9"), "epanet", "ends at node J9, which is not there"),
        (EPANET.replace("[END]", RULE_OF_A_TANK), "epanet", "'T1', which is not there"),
    ],
)  # fmt: skip
def test_a_model_that_cannot_be_used_says_why(
    db: Connection, tmp_path: Path, content: str, kind: str, reason: str
) -> None:
    path = tmp_path / "town.inp"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(CityCommandError) as refused:
        import_model(db, path, kind, SYSTEM)
    what, next_step = refused.value.said()
    assert reason in what
    assert next_step
