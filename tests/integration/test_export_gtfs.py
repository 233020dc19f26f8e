"""A timetable goes out as it came in, row by row, with what was corrected here (C3, S4)."""

from __future__ import annotations

import csv
import io
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from config.errors import NotFound
from gis.db import make_engine
from gis.exporting.gtfs import export_gtfs
from gis.importing.gtfs import import_gtfs
from tests.support import gtfs_feed
from tests.support.databases import Database
from tests.support.real_data import real

REAL = ("porto-alegre-osm-gtfs/poa_eptc_gtfs.zip", "kingston-gtfs-avl/gtfs.zip")


@pytest.fixture
def db(database: Database) -> Iterator[Connection]:
    """A transaction of which nothing stays."""
    with make_engine(database.app_url, pool_size=1).connect() as connection, connection.begin() as outer:
        yield connection
        outer.rollback()


def files(path: Path) -> dict[str, Counter[frozenset[tuple[str, str]]]]:
    """The rows of each file, whatever their order; a row is its filled columns."""
    found = {}
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if not name.endswith(".txt"):
                continue
            lines = csv.DictReader(io.StringIO(archive.read(name).decode("utf-8-sig")), skipinitialspace=True)
            rows = (
                {column.strip(): (value or "").strip() for column, value in line.items() if column} for line in lines
            )
            found[name] = Counter(frozenset((k, v) for k, v in row.items() if v) for row in rows)
    return found


def test_a_feed_comes_back_as_it_went_in(db: Connection, tmp_path: Path) -> None:
    path = gtfs_feed.write(tmp_path / "feed.zip")
    outcome = import_gtfs(db, path, "feed")
    assert not outcome.rejected
    export_gtfs(db, "feed", tmp_path / "back.zip")
    assert files(tmp_path / "back.zip") == files(path)
    again = import_gtfs(db, tmp_path / "back.zip", "feed").counts
    assert again["assets"]["changed"] == again["assets"]["added"] == 0


def test_a_stop_that_was_moved_and_renamed_here_goes_out_as_it_stands(db: Connection, tmp_path: Path) -> None:
    path = gtfs_feed.write(tmp_path / "feed.zip")
    import_gtfs(db, path, "feed")
    db.execute(
        text("""
            update gis.asset set name = '新站名', geom = st_translate(geom, 0.001, 0)
            where id = (select min(id) from gis.asset where kind = 'bus_stop')
        """)
    )
    export_gtfs(db, "feed", tmp_path / "back.zip")
    before, after = files(path)["stops.txt"], files(tmp_path / "back.zip")["stops.txt"]
    assert (before - after).total() == (after - before).total() == 1
    assert ("stop_name", "新站名") in next(iter(after - before))


def test_an_unknown_timetable_is_said_with_those_there_are(db: Connection, tmp_path: Path) -> None:
    import_gtfs(db, gtfs_feed.write(tmp_path / "feed.zip"), "feed")
    with pytest.raises(NotFound, match="feed"):
        export_gtfs(db, "other", tmp_path / "back.zip")


@pytest.mark.parametrize("name", REAL)
def test_real_feeds_come_back_but_for_refused_rows(db: Connection, tmp_path: Path, name: str) -> None:
    path = real(name)
    outcome = import_gtfs(db, path, "real")
    export_gtfs(db, "real", tmp_path / "back.zip")
    before, after = files(path), files(tmp_path / "back.zip")
    assert before.keys() == after.keys()
    missing = {name: (before[name] - after[name]).total() for name in before if before[name] - after[name]}
    added = {name: (after[name] - before[name]).total() for name in before if after[name] - before[name]}
    assert added == {}
    refused = outcome.rejected.total()
    assert sum(missing.values()) <= refused, (missing, outcome.rejected)
