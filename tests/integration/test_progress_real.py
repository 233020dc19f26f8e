"""Kingston's logged buses on the lines of their trips: near them, where the feed says they are, and never backward."""

from __future__ import annotations

import csv
import io
import zipfile
from collections import defaultdict
from datetime import datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from gis import linear, progress
from tests.support.real_data import real

Run = list[dict[str, str]]
UTM = 32618


def table(name: str) -> list[dict[str, str]]:
    with zipfile.ZipFile(real("kingston-gtfs-avl/gtfs.zip")) as archive:
        return list(csv.DictReader(io.StringIO(archive.read(f"{name}.txt").decode("utf-8-sig"))))


@pytest.fixture(scope="module")
def shape_of() -> dict[str, str]:
    return {row["trip_id"]: row["shape_id"] for row in table("trips")}


@pytest.fixture(scope="module")
def lines() -> dict[str, np.ndarray]:
    rows = sorted(table("shapes"), key=lambda row: (row["shape_id"], int(row["shape_pt_sequence"])))
    return {
        shape: np.array([(float(row["shape_pt_lon"]), float(row["shape_pt_lat"])) for row in points])
        for shape, points in groupby(rows, key=lambda row: row["shape_id"])
    }


@pytest.fixture(scope="module")
def runs(shape_of: dict[str, str]) -> list[Run]:
    """The log's positions by vehicle, trip and day, in the order of their times."""
    found: dict[tuple[str, str, str], Run] = defaultdict(list)
    with real("kingston-gtfs-avl/vehicle_positions_log.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["trip_id"] in shape_of:
                found[row["vehicle_id"], row["trip_id"], row["trip_start_date"]].append(row)
    return [
        sorted(run, key=lambda row: (float(row["vehicle_timestamp"]), float(row["feed_timestamp"])))
        for run in found.values()
    ]


def numbers(run: Run, *names: str) -> np.ndarray:
    return np.array([[float(row[name] or "nan") for name in names] for row in run])


def departure(run: Run) -> float:
    """GTFS counts from noon minus twelve hours of the service day in the feed's zone."""
    noon = datetime.strptime(run[0]["trip_start_date"][:8], "%Y%m%d").replace(
        hour=12, tzinfo=ZoneInfo("America/Toronto")
    )
    hours, minutes, seconds = map(int, run[0]["trip_start_time"].split(":"))
    return (noon - timedelta(hours=12) + timedelta(hours=hours, minutes=minutes, seconds=seconds)).timestamp()


@pytest.mark.parametrize("with_departure", [True, False])
def test_kingstons_buses_are_on_their_lines_and_never_run_backward(
    runs: list[Run], shape_of: dict[str, str], lines: dict[str, np.ndarray], with_departure: bool
) -> None:
    rows = placed = on_line = 0
    for run in runs:
        on = progress.track(lines[shape_of[run[0]["trip_id"]]])
        positions, bearing = numbers(run, "lon", "lat"), numbers(run, "bearing")[:, 0]
        seen = numbers(run, "vehicle_timestamp")[:, 0]
        along, beside = progress.replay(on, positions, seen, bearing, departure(run) if with_departure else -np.inf)
        rows, placed = rows + len(run), placed + int(np.isfinite(positions).all(axis=1).sum())
        on_line += int((beside <= 50).sum())
        assert (np.diff(along[~np.isnan(along)]) >= 0).all()
    assert rows == 8_824
    assert on_line / rows >= 0.95, "of all rows, also the 106 without a place"
    assert on_line == 8_461, "all that lie within 50 m of their line anywhere"
    assert placed == 8_718


def test_progress_agrees_with_the_stop_that_the_feed_says_is_next(
    runs: list[Run], shape_of: dict[str, str], lines: dict[str, np.ndarray]
) -> None:
    """The log's own stop numbers were made by the operator's system, which knows the buses by other means."""
    places = {row["stop_id"]: (float(row["stop_lon"]), float(row["stop_lat"])) for row in table("stops")}
    wanted = {run[0]["trip_id"] for run in runs}
    stops: dict[str, dict[int, str]] = defaultdict(dict)
    for row in table("stop_times"):
        if row["trip_id"] in wanted:
            stops[row["trip_id"]][int(row["stop_sequence"])] = row["stop_id"]
    between = total = 0
    for run in runs:
        trip = run[0]["trip_id"]
        line = lines[shape_of[trip]]
        order = sorted(stops[trip])
        metres = linear.along(line, np.array([places[stops[trip][number]] for number in order]), UTM).along_m
        at = dict(zip(order, metres, strict=True))
        along, _ = progress.replay(
            progress.track(line),
            numbers(run, "lon", "lat"),
            numbers(run, "vehicle_timestamp")[:, 0],
            numbers(run, "bearing")[:, 0],
        )
        for row, found in zip(run, along, strict=True):
            number = int(float(row["current_stop_sequence"] or 0))
            if np.isfinite(found) and number in at:
                total += 1
                between += at.get(number - 1, 0.0) - 200 <= found <= at[number] + 200
    assert total > 6_500
    assert between / total > 0.95, between / total
