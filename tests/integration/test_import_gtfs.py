"""`import gtfs` on small feeds: what operators write, what they leave out, and what they get wrong."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Row, text

from config.errors import InvalidInput, UnreadableFile
from gis.db import make_engine
from gis.importing.gtfs import import_gtfs
from tests.support import gtfs_feed
from tests.support.databases import Database
from tests.support.gtfs_feed import more, without, write


@pytest.fixture
def db(database: Database) -> Iterator[Connection]:
    """A transaction of which nothing stays."""
    with make_engine(database.app_url, pool_size=1).connect() as connection, connection.begin() as outer:
        yield connection
        outer.rollback()


def rejected(db: Connection, run_id: int) -> dict[str, str]:
    query = text("select row, reason from gis.import_reject where run_id = :id")
    return {row.row: row.reason for row in db.execute(query, {"id": run_id})}


def line(db: Connection, reference: str = "line/R1/0") -> dict[str, Any]:
    query = text("select attributes from gis.asset where source_ref = :ref and status = 'intact'")
    found: dict[str, Any] = db.execute(query, {"ref": reference}).scalar_one()
    return found


def times(db: Connection, trip: str) -> list[tuple[str, int, int, bool]]:
    query = text("""
        select p.stop_id, s.arrival_s, s.departure_s, s.given
        from gis.transit_stop_time s join gis.transit_trip t on t.feed_id = s.feed_id and t.number = s.trip
        join gis.transit_feed f on f.id = t.feed_id and f.current
        join gis.transit_pattern_stop p on p.feed_id = t.feed_id and p.pattern = t.pattern and p.position = s.position
        where t.trip_id = :trip order by s.position
    """)
    return [(row.stop_id, row.arrival_s, row.departure_s, row.given) for row in db.execute(query, {"trip": trip})]


def test_lines_stops_and_timetable(db: Connection, tmp_path: Path) -> None:
    outcome = import_gtfs(db, write(tmp_path / "good.zip"))
    assert outcome.rejected == {}
    assert outcome.counts["kinds"] == {"bus_line": 2, "bus_stop": 3}
    assert outcome.counts["stored"] == {
        "routes": 1, "services": 1, "service_days": 10, "patterns": 2, "pattern_stops": 5, "trips": 3, "stop_times": 8,
        "frequencies": 0, "shapes": 2, "rows": 4,
    }  # fmt: skip
    found = line(db)
    assert [(call["stop"], call["name"], round(call["at_m"])) for call in found["stops"]] == [
        ("stop/A", "东站", 0), ("stop/B", "中站", 855), ("stop/C", "西站", 1710),
    ]  # fmt: skip
    assert (found["number"], found["headsign"], found["trips"], found["headway_s"]) == ("1路", "西站", 2, 1200)
    assert found["timetable"] == {
        "day": "2026-01-05", "trips": 2, "first": "07:00", "last": "07:20", "headway_s": 1200, "peak_headway_s": 1200,
    }  # fmt: skip
    assert times(db, "T1") == [("A", 25200, 25200, True), ("B", 25500, 25560, True), ("C", 25800, 25800, True)]
    stop = db.execute(text("select name, class_code, attributes from gis.asset where source_ref = 'stop/B'")).one()
    assert (stop.name, stop.class_code, stop.attributes) == ("中站", "C0204", {"lines": ["1路"]})


def test_bom_quotes_spaces_folders_and_strange_columns(db: Connection, tmp_path: Path) -> None:
    stops = '\ufeffstop_lon, "stop_id" ,stop_name,stop_lat,colour of the roof\r\n'
    stops += (
        '116.40,A,"Station ""East"", gate 1",39.90,red\r\n\r\n 116.41 , B ,中站, 39.90 ,\r\n116.42,C,西站,39.90\r\n'
    )
    outcome = import_gtfs(db, write(tmp_path / "odd.zip", {"stops": stops}, folder="feed/"))
    assert outcome.rejected == {}
    names = db.execute(text("select source_ref, name from gis.asset where kind = 'bus_stop' order by 1")).all()
    assert [row.name for row in names] == ['Station "East", gate 1', "中站", "西站"]


def test_without_shapes_the_line_runs_through_the_stops(db: Connection, tmp_path: Path) -> None:
    files = {"shapes": None, "trips": without("trips", "shape_id")}
    outcome = import_gtfs(db, write(tmp_path / "plain.zip", files))
    assert any("2 of 2 patterns have no shape" in note for note in outcome.notes)
    assert line(db)["drawn_through_stops"] is True
    assert [round(call["at_m"]) for call in line(db)["stops"]] == [0, 855, 1710]
    assert outcome.counts["stops_beside_their_line_m"] == {"calls": 0}


def test_a_shape_that_is_not_there(db: Connection, tmp_path: Path) -> None:
    trips = gtfs_feed.TRIPS.replace("T1,0,S0", "T1,0,S9")
    outcome = import_gtfs(db, write(tmp_path / "lost.zip", {"trips": trips}))
    assert rejected(db, outcome.run_id) == {"trips.txt:2": "unknown_shape"}
    assert outcome.counts["stored"]["trips"] == 3


def test_times_past_midnight_and_between_given_ones(db: Connection, tmp_path: Path) -> None:
    night = gtfs_feed.STOP_TIMES.replace("T1,07:10:00,07:10:00", "T1,25:10:00,25:10:00")
    night = night.replace("T1,07:00:00,07:00:00", "T1,24:50:00,24:50:00").replace("T1,07:05:00,07:06:00,B", "T1,,,B")
    import_gtfs(db, write(tmp_path / "night.zip", {"stop_times": night}))
    assert times(db, "T1") == [("A", 89400, 89400, True), ("B", 90000, 90000, False), ("C", 90600, 90600, True)]
    assert line(db)["timetable"]["last"] == "24:50"


def test_one_of_two_times_is_enough(db: Connection, tmp_path: Path) -> None:
    half = gtfs_feed.STOP_TIMES.replace("T2,07:25:00,07:25:00", "T2,,07:25:00")
    import_gtfs(db, write(tmp_path / "half.zip", {"stop_times": half}))
    assert times(db, "T2")[1] == ("B", 26700, 26700, True)


def test_frequencies(db: Connection, tmp_path: Path) -> None:
    again = (
        "trip_id,start_time,end_time,headway_secs,exact_times\nT1,06:00:00,07:00:00,600,1\nT1,07:00:00,09:00:00,300,\n"
    )
    outcome = import_gtfs(db, write(tmp_path / "often.zip", {"frequencies": again}))
    assert outcome.counts["stored"]["frequencies"] == 2
    found = line(db)["timetable"]
    assert (found["trips"], found["first"], found["last"]) == (6 + 24 + 1, "06:00", "08:55")
    assert (found["headway_s"], found["peak_headway_s"]) == (300, 300)


def test_days_that_are_only_named_one_by_one(db: Connection, tmp_path: Path) -> None:
    named = "service_id,date,exception_type\nW,20260106,1\nW,20260107,1\n"
    outcome = import_gtfs(db, write(tmp_path / "days.zip", {"calendar": None, "calendar_dates": named}))
    assert outcome.counts["stored"]["service_days"] == 2
    service = db.execute(text("select weekdays, first_day from gis.transit_service")).one()
    assert tuple(service) == (None, None)
    assert line(db)["timetable"]["day"] == "2026-01-06"


def test_holidays_are_taken_out_and_extra_days_put_in(db: Connection, tmp_path: Path) -> None:
    named = "service_id,date,exception_type\nW,20260105,2\nW,20260110,1\nW,20260106,1\n"
    import_gtfs(db, write(tmp_path / "days.zip", {"calendar_dates": named}))
    rows = db.execute(
        text("select day::text, runs, exception from gis.transit_service_day where exception is not null order by 1")
    )
    assert [tuple(row) for row in rows] == [("2026-01-05", False, 2), ("2026-01-06", True, 1), ("2026-01-10", True, 1)]
    assert line(db)["timetable"]["day"] == "2026-01-06"


def test_directions_without_direction_id_are_told_by_the_sign(db: Connection, tmp_path: Path) -> None:
    import_gtfs(db, write(tmp_path / "signs.zip", {"trips": without("trips", "direction_id")}))
    lines = db.execute(text("select source_ref from gis.asset where kind = 'bus_line' order by 1")).scalars().all()
    assert lines == ["line/R1/东站", "line/R1/西站"]


def test_every_broken_row_is_named(db: Connection, tmp_path: Path) -> None:
    files: dict[str, str | None] = {
        "stops": more("stops", "A,twice,39.9,116.4", ",no id,39.9,116.4", "D,swapped,116.4,39.9", "E,none,,", "F,far,31.2,121.5",
                      "G,many,39.9,116.4,x,y"),
        "routes": more("routes", "R2,2,two,bus"),
        "calendar": more("calendar", "X,1,1,1,1,1,0,2,20260101,20260201", "Y,1,1,1,1,1,0,0,20260201,20260101"),
        "trips": more("trips", "R9,W,T4,0,S0,", "R1,Q,T5,0,S0,", "R1,W,T6,0,S0,", "R1,W,T7,0,S0,", "R1,W,T8,0,S0,"),
        "stop_times": more("stop_times", "T9,07:00:00,07:00:00,A,1", "T1,07:11:00,07:11:00,Z,10", "T1,07:11:00,07:11:00,A,x",
                           "T1,07:11:00,07:11:00,A,9", "T1,7.15,7.15,A,11", "T6,07:00:00,07:00:00,A,1",
                           "T7,07:00:00,07:00:00,A,1", "T7,06:00:00,06:00:00,B,2", "T8,07:00:00,07:00:00,A,1", "T8,,,B,2"),
        "calendar_dates": "service_id,date,exception_type\nW,20261301,1\nW,20260107,3\n",
        "frequencies": "trip_id,start_time,end_time,headway_secs\nT1,06:00:00,05:00:00,600\nT1,06:00:00,07:00:00,0\n",
        "shapes": more("shapes", "S0,,116.41,3", "S3,39.9,116.41,1"),
    }  # fmt: skip
    outcome = import_gtfs(db, write(tmp_path / "broken.zip", files))
    assert rejected(db, outcome.run_id) == {
        "stops.txt:5": "twice", "stops.txt:6": "no_reference", "stops.txt:7": "swapped", "stops.txt:8": "no_geometry",
        "stops.txt:9": "far_away", "stops.txt:10": "too_many_values", "routes.txt:3": "unreadable_value",
        "calendar.txt:3": "unreadable_value", "calendar.txt:4": "runs_back", "trips.txt:5": "unknown_route",
        "trips.txt:6": "unknown_service", "trips.txt:7": "too_few_stops", "trips.txt:8": "runs_back", "trips.txt:9": "no_times",
        "stop_times.txt:10": "unknown_trip", "stop_times.txt:11": "unknown_stop", "stop_times.txt:12": "unreadable_value",
        "stop_times.txt:13": "twice", "stop_times.txt:14": "time_unreadable", "calendar_dates.txt:2": "unreadable_value",
        "calendar_dates.txt:3": "unreadable_value", "frequencies.txt:2": "unreadable_value", "frequencies.txt:3": "unreadable_value",
        "shapes.txt:6": "unreadable_value", "shapes.txt:7": "no_geometry",
    }  # fmt: skip
    assert outcome.counts["stored"]["trips"] == 3
    assert outcome.counts["stored"]["stop_times"] == 8


def test_a_newer_edition_replaces_the_older_one_whole(db: Connection, tmp_path: Path) -> None:
    first = import_gtfs(db, write(tmp_path / "first.zip"))
    again = import_gtfs(db, write(tmp_path / "zipped-again.zip", folder="other/"))
    assert (again.counts["version"], again.counts["new"]) == (1, False)
    later: dict[str, str | None] = {
        "trips": gtfs_feed.TRIPS.replace("R1,W,T3,1,S1,东站\n", ""),
        "stop_times": gtfs_feed.STOP_TIMES.replace("07:20", "07:15"),
    }
    second = import_gtfs(db, write(tmp_path / "second.zip", later))
    assert (second.counts["version"], second.counts["new"]) == (2, True)
    editions = db.execute(text("select version, current from gis.transit_feed order by version")).all()
    assert [tuple(row) for row in editions] == [(1, False), (2, True)]
    assert line(db)["headway_s"] == 900
    back = text("select status from gis.asset where source_ref = 'line/R1/1'")
    assert db.execute(back).scalar_one() == "removed"
    assert second.counts["assets"]["lines_removed"] == 1
    third = import_gtfs(db, write(tmp_path / "third.zip"))
    assert third.counts["version"] == 3
    assert db.execute(back).scalar_one() == "intact"
    assert third.counts["stored"] == first.counts["stored"]


def history(db: Connection) -> list[Row[Any]]:
    return list(db.execute(text("select change, before, after from gis.asset_history order by id")).all())


def test_the_same_edition_leaves_no_trace(db: Connection, tmp_path: Path) -> None:
    import_gtfs(db, write(tmp_path / "good.zip"))
    before = history(db)
    import_gtfs(db, write(tmp_path / "good.zip"))
    assert history(db) == before


def test_two_operators_stand_side_by_side(db: Connection, tmp_path: Path) -> None:
    import_gtfs(db, write(tmp_path / "good.zip"))
    other = import_gtfs(db, write(tmp_path / "good.zip"), "night buses")
    assert (other.counts["feed"], other.counts["version"], other.counts["new"]) == ("night buses", 1, True)
    assert db.execute(text("select count(*) from gis.transit_feed where current")).scalar_one() == 2


def test_the_feeds_own_time_zone_is_said(db: Connection, tmp_path: Path) -> None:
    outcome = import_gtfs(db, write(tmp_path / "good.zip"), time_zone="America/Toronto")
    assert any("Asia/Shanghai, this instance keeps America/Toronto" in note for note in outcome.notes)


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"stops": None}, "it has no stops.txt"),
        ({"calendar": None}, "neither calendar.txt nor calendar_dates.txt"),
        ({"trips": without("trips", "service_id")}, "trips.txt has no column service_id"),
        ({"stops": ""}, "stops.txt has no column stop_id"),
    ],
)
def test_what_is_no_feed(db: Connection, tmp_path: Path, files: dict[str, str | None], words: str) -> None:
    with pytest.raises(UnreadableFile, match=words):
        import_gtfs(db, write(tmp_path / "bad.zip", files))


def test_files_that_are_no_zip_or_not_utf8(db: Connection, tmp_path: Path) -> None:
    path = tmp_path / "no.zip"
    path.write_bytes(b"PK\x03\x04 broken")
    with pytest.raises(UnreadableFile, match=r"no\.zip"):
        import_gtfs(db, path)
    with pytest.raises(UnreadableFile, match="no table in UTF-8"):
        import_gtfs(db, write(tmp_path / "gbk.zip", encoding="gbk"))


def test_a_bomb_is_not_unpacked(db: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gis.importing.gtfs_files.MOST_BYTES", 1_000_000)
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("stops.txt", "a" * 2_000_000)
    with pytest.raises(UnreadableFile, match="unpack to more than"):
        import_gtfs(db, path)


def test_a_feed_without_a_usable_trip(db: Connection, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"No trip of empty\.zip can be used: unknown_route"):
        import_gtfs(db, write(tmp_path / "empty.zip", {"routes": "route_id,route_type\nR7,3\n"}))
