"""The GTFS feed of the demonstration city, read back from its zip file and held against the reference's rules."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections import defaultdict
from datetime import date
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from pyproj import Geod

from data import gtfs

Table = list[dict[str, str]]
Feed = dict[str, Table]
EARTH = Geod(ellps="WGS84")
STOP_TO_SHAPE_M = 30.0

REQUIRED = {
    "agency": {"agency_name", "agency_url", "agency_timezone"},
    "stops": {"stop_id", "stop_name", "stop_lat", "stop_lon"},
    "routes": {"route_id", "route_short_name", "route_type"},
    "trips": {"route_id", "service_id", "trip_id", "shape_id"},
    "stop_times": {"trip_id", "arrival_time", "departure_time", "stop_id", "stop_sequence"},
    "calendar": {"service_id", "monday", "sunday", "start_date", "end_date"},
    "shapes": {"shape_id", "shape_pt_lat", "shape_pt_lon", "shape_pt_sequence"},
}


@pytest.fixture(scope="module")
def feed(tmp_path_factory: pytest.TempPathFactory) -> Feed:
    path = tmp_path_factory.mktemp("gtfs") / "yunlan.zip"
    assert gtfs.main([str(path), "--scale", "0.02"]) == 0
    with zipfile.ZipFile(path) as archive:
        texts = {name: archive.read(name).decode("utf-8") for name in archive.namelist()}
    return {name.removesuffix(".txt"): list(csv.DictReader(io.StringIO(text))) for name, text in texts.items()}


def by(rows: Table, column: str) -> dict[str, Table]:
    found: dict[str, Table] = defaultdict(list)
    for row in rows:
        found[row[column]].append(row)
    return found


def seconds(clock: str) -> int:
    assert re.fullmatch(r"\d{2}:[0-5]\d:[0-5]\d", clock), clock
    hours, minutes, rest = map(int, clock.split(":"))
    return hours * 3600 + minutes * 60 + rest


def test_every_required_file_has_every_required_field_filled(feed: Feed) -> None:
    assert set(feed) == set(REQUIRED)
    for name, columns in REQUIRED.items():
        assert feed[name], name
        assert all(row[column] for row in feed[name] for column in columns), name


@pytest.mark.parametrize(
    ("file", "columns"),
    [("stops", ["stop_id"]), ("routes", ["route_id"]), ("trips", ["trip_id"]), ("calendar", ["service_id"]),
     ("stop_times", ["trip_id", "stop_sequence"]), ("shapes", ["shape_id", "shape_pt_sequence"])],
)  # fmt: skip
def test_keys_are_unique(feed: Feed, file: str, columns: list[str]) -> None:
    keys = [tuple(row[column] for column in columns) for row in feed[file]]
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize(
    ("file", "column", "other"),
    [("routes", "agency_id", "agency"), ("trips", "route_id", "routes"), ("trips", "service_id", "calendar"),
     ("trips", "shape_id", "shapes"), ("stop_times", "trip_id", "trips"), ("stop_times", "stop_id", "stops")],
)  # fmt: skip
def test_references_lead_somewhere_and_nothing_is_unused(feed: Feed, file: str, column: str, other: str) -> None:
    assert {row[column] for row in feed[file]} == {row[column] for row in feed[other]}


def test_times_and_sequences_rise_along_every_trip(feed: Feed) -> None:
    for trip, rows in by(feed["stop_times"], "trip_id").items():
        assert [int(row["stop_sequence"]) for row in rows] == list(range(1, len(rows) + 1)), trip
        assert len(rows) > 3, trip
        for row in rows:
            assert seconds(row["arrival_time"]) <= seconds(row["departure_time"]), trip
        for before, after in pairwise(rows):
            taken = seconds(after["arrival_time"]) - seconds(before["departure_time"])
            driven = float(after["shape_dist_traveled"]) - float(before["shape_dist_traveled"])
            assert taken > 0, trip
            assert driven / taken * 3.6 < 50, trip


def test_shapes_rise_and_their_distances_are_metres(feed: Feed) -> None:
    for shape, rows in by(feed["shapes"], "shape_id").items():
        at = np.array([float(row["shape_dist_traveled"]) for row in rows])
        assert at[0] == 0
        assert (np.diff(at) > 0).all(), shape
        lon, lat = ([float(row[f"shape_pt_{name}"]) for row in rows] for name in ("lon", "lat"))
        assert at[-1] == pytest.approx(EARTH.line_length(lon, lat), rel=0.003)


def test_stops_stand_beside_the_shape_where_they_say(feed: Feed) -> None:
    stops = {row["stop_id"]: (float(row["stop_lon"]), float(row["stop_lat"])) for row in feed["stops"]}
    shapes = by(feed["shapes"], "shape_id")
    trips = by(feed["stop_times"], "trip_id")
    for trip in feed["trips"]:
        if not trip["trip_id"].endswith("-001"):
            continue  # all trips of a shape call at the same stops
        points = shapes[trip["shape_id"]]
        at = [float(row["shape_dist_traveled"]) for row in points]
        for call in trips[trip["trip_id"]]:
            there = float(call["shape_dist_traveled"])
            assert 0 <= there <= at[-1]
            lon, lat = (
                np.interp(there, at, [float(row[f"shape_pt_{name}"]) for row in points]) for name in ("lon", "lat")
            )
            assert EARTH.inv(lon, lat, *stops[call["stop_id"]])[2] < STOP_TO_SHAPE_M, call


def test_every_line_runs_both_ways_all_day_and_denser_in_the_peak(feed: Feed) -> None:
    starts: dict[tuple[str, str], list[int]] = defaultdict(list)
    first = {
        row["trip_id"]: seconds(row["departure_time"]) for row in feed["stop_times"] if row["stop_sequence"] == "1"
    }
    for trip in feed["trips"]:
        starts[trip["route_id"], trip["direction_id"]].append(first[trip["trip_id"]])
    assert set(starts) == {(route["route_id"], way) for route in feed["routes"] for way in "01"}
    for leaving in starts.values():
        assert leaving == sorted(set(leaving))
        assert leaving[0] <= 6 * 3600
        assert leaving[-1] >= 22 * 3600
        peak = sum(7 * 3600 <= at < 8 * 3600 for at in leaving)
        noon = sum(12 * 3600 <= at < 13 * 3600 for at in leaving)
        assert peak > noon > 3


def test_service_covers_a_year(feed: Feed) -> None:
    (service,) = feed["calendar"]
    first, last = (date.fromisoformat(service[name]) for name in ("start_date", "end_date"))
    assert (last - first).days == 364


def test_the_same_city_gives_the_same_bytes(tmp_path: Path) -> None:
    lines, stops, zone = gtfs.generated(0.02, 3)
    for name in ("one.zip", "two.zip"):
        gtfs.write(gtfs.feed(lines, stops, zone, date(2026, 1, 1)), tmp_path / name)
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


def test_a_scale_out_of_range_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert gtfs.main([str(tmp_path / "x.zip"), "--scale", "7"]) == 1
    assert "scale" in capsys.readouterr().err
