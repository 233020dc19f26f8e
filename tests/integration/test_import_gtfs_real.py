"""Real feeds: what stands in the tables is what the feed holds, and how far stops, lines and streets lie from each other."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable
from itertools import accumulate
from pathlib import Path

import numpy as np
import pytest
from pyproj import Geod
from sqlalchemy import Engine, text

from gis.db import make_engine, transaction
from gis.importing.city import import_osm
from gis.importing.gtfs import import_gtfs
from gis.importing.runs import Outcome
from tests.support.databases import Database
from tests.support.real_data import real


def lines_of(path: Path, table: str) -> list[dict[str, str]]:
    """A table of the zip, read with the plainest means."""
    with zipfile.ZipFile(path) as archive:
        return list(csv.DictReader(io.StringIO(archive.read(f"{table}.txt").decode("utf-8-sig"))))


@pytest.fixture(scope="module")
def porto_alegre(new_database: Callable[[], Database]) -> tuple[Engine, Outcome]:
    engine = make_engine(new_database().app_url, pool_size=1)
    with transaction(engine) as db:
        import_osm(db, real("porto-alegre-osm-gtfs/poa_osm.pbf"), name="Porto Alegre")
        return engine, import_gtfs(db, real("porto-alegre-osm-gtfs/poa_eptc_gtfs.zip"))


@pytest.fixture(scope="module")
def kingston(new_database: Callable[[], Database]) -> tuple[Engine, Outcome]:
    engine = make_engine(new_database().app_url, pool_size=1)
    with transaction(engine) as db:
        return engine, import_gtfs(db, real("kingston-gtfs-avl/gtfs.zip"))


def test_porto_alegre_is_all_there(porto_alegre: tuple[Engine, Outcome]) -> None:
    """SOURCES.md: 115 routes, 3,986 stops, 2,374 trips, 130,019 stop times. The feed names days up to 2019-12-25, but those after
    its calendar ends on 2019-07-15 are holidays on which nothing runs."""
    engine, outcome = porto_alegre
    stored = outcome.counts["stored"]
    assert (stored["routes"], stored["trips"], stored["stop_times"]) == (115, 2_374, 130_019)
    assert outcome.counts["kinds"] == {"bus_line": 201, "bus_stop": 3_986}
    assert outcome.rejected == {}
    with transaction(engine) as db:
        feed = db.execute(text("select * from gis.transit_feed")).one()
    assert (feed.name, feed.version, feed.time_zone) == ("EPTC", 1, "America/Sao_Paulo")
    assert last_named_day(engine) == "2019-12-25"
    assert (str(feed.first_day), str(feed.last_day)) == ("2019-04-15", "2019-07-15")


def test_kingston_is_all_there(kingston: tuple[Engine, Outcome]) -> None:
    """SOURCES.md: 31 routes, 809 stops, 7,113 trips, 176,768 stop times; 2025-12-29 to 2026-12-30, named day by day."""
    engine, outcome = kingston
    stored = outcome.counts["stored"]
    assert (stored["routes"], stored["trips"], stored["stop_times"]) == (31, 7_113, 176_768)
    assert outcome.counts["kinds"] == {"bus_line": 72, "bus_stop": 809}
    assert outcome.rejected == {}
    with transaction(engine) as db:
        late = db.execute(text("select max(arrival_s) from gis.transit_stop_time")).scalar_one()
    assert late == 27 * 3600 + 5 * 60


def last_named_day(engine: Engine) -> str:
    with transaction(engine) as db:
        return str(db.execute(text("select max(day) from gis.transit_service_day")).scalar_one())


@pytest.mark.parametrize("city", ["porto_alegre", "kingston"])
def test_every_stop_time_is_the_feeds(city: str, request: pytest.FixtureRequest) -> None:
    """Each row of stop_times.txt stands under its trip with its stop and its times; blank ones lie between given ones."""
    engine, _ = request.getfixturevalue(city)
    path = {"porto_alegre": "porto-alegre-osm-gtfs/poa_eptc_gtfs.zip", "kingston": "kingston-gtfs-avl/gtfs.zip"}[city]
    with transaction(engine) as db:
        rows = db.execute(
            text("""
                select t.trip_id, s.sequence, p.stop_id, s.arrival_s, s.departure_s, s.given
                from gis.transit_stop_time s join gis.transit_trip t on t.feed_id = s.feed_id and t.number = s.trip
                join gis.transit_pattern_stop p on p.feed_id = t.feed_id and p.pattern = t.pattern and p.position = s.position
            """)
        )
        stored = {(row.trip_id, row.sequence): row for row in rows}
        backward = db.execute(
            text("""
                select count(*) from (select arrival_s - lag(departure_s) over (partition by feed_id, trip order by position) as d
                                      from gis.transit_stop_time) as steps where d < 0
            """)
        ).scalar_one()
    written = lines_of(real(path), "stop_times")
    assert len(stored) == len(written)
    for row in written:
        found = stored[row["trip_id"], int(row["stop_sequence"])]
        assert found.stop_id == row["stop_id"]
        assert found.given == bool(row["arrival_time"])
        if found.given:
            hours, minutes, seconds = map(int, row["arrival_time"].split(":"))
            assert found.arrival_s == hours * 3600 + minutes * 60 + seconds
    assert backward == 0


def test_metres_along_the_line_agree_with_the_feeds_own(kingston: tuple[Engine, Outcome]) -> None:
    """Kingston writes shape_dist_traveled at every stop and every point of a shape, which ours is computed without: the two
    name the same place of the line for every call, on loops and out-and-back sections too."""
    path = real("kingston-gtfs-avl/gtfs.zip")
    theirs: dict[str, list[float]] = {}
    own: dict[str, list[tuple[float, float]]] = {}
    for row in lines_of(path, "shapes"):
        theirs.setdefault(row["shape_id"], []).append(float(row["shape_dist_traveled"]))
        own.setdefault(row["shape_id"], []).append((float(row["shape_pt_lon"]), float(row["shape_pt_lat"])))
    geod = Geod(ellps="WGS84")
    metres = {shape: [0.0, *accumulate(geod.line_lengths(*np.transpose(line)))] for shape, line in own.items()}
    with transaction(kingston[0]) as db:
        calls = db.execute(
            text("""
                select distinct pattern.shape_id, p.along_m, coalesce((s.other ->> 'shape_dist_traveled')::float8, 0) as said
                from gis.transit_stop_time s join gis.transit_trip t on t.feed_id = s.feed_id and t.number = s.trip
                join gis.transit_pattern pattern on pattern.feed_id = t.feed_id and pattern.number = t.pattern
                join gis.transit_pattern_stop p on p.feed_id = t.feed_id and p.pattern = t.pattern and p.position = s.position
            """)
        ).all()
    off = [abs(call.along_m - np.interp(call.said, theirs[call.shape_id], metres[call.shape_id])) for call in calls]
    assert len(off) > 4_000
    assert max(off) < 1.0


def test_stops_lie_on_their_lines_and_lines_on_streets(porto_alegre: tuple[Engine, Outcome]) -> None:
    """Calls beside their line; and, inside the extract, a point every 50 m of every line beside the nearest street."""
    engine, outcome = porto_alegre
    beside = outcome.counts["stops_beside_their_line_m"]
    assert beside["median"] < 15
    assert beside["p95"] < 40
    with transaction(engine) as db:
        row = db.execute(text(STREETS)).one()
    assert row.points > 10_000
    assert row.median < 8
    assert row.within_20 > 0.95


STREETS = """
    with box as (
        select st_setsrid(st_extent(geom)::geometry, 4326) as inside from gis.asset where kind = 'road'
    ), points as (
        select (st_dumppoints(st_lineinterpolatepoints(p.geom, least(1.0, 50 / p.length_m)))).geom as geom
        from gis.transit_pattern p
    ), near as (
        select (select st_distance(r.geom::geography, points.geom::geography) from gis.asset r where r.kind = 'road'
                order by r.geom <-> points.geom limit 1) as m
        from points, box where points.geom && box.inside
    )
    select count(*) as points, percentile_cont(0.5) within group (order by m) as median,
           percentile_cont(0.95) within group (order by m) as p95, max(m) as worst,
           avg((m <= 20)::int) as within_20, avg((m <= 50)::int) as within_50
    from near
"""


@pytest.mark.parametrize("city", ["porto_alegre", "kingston"])
def test_the_same_feed_again_changes_nothing(city: str, request: pytest.FixtureRequest) -> None:
    engine, first = request.getfixturevalue(city)
    path = {"porto_alegre": "porto-alegre-osm-gtfs/poa_eptc_gtfs.zip", "kingston": "kingston-gtfs-avl/gtfs.zip"}[city]
    history = text("select count(*) from gis.asset_history")
    with transaction(engine) as db:
        before = db.execute(history).scalar_one()
        again = import_gtfs(db, real(path))
        assert again.counts["new"] is False
        assert again.counts["stored"] == first.counts["stored"]
        assert db.execute(history).scalar_one() == before
