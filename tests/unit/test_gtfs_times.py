"""Times past midnight, days of a calendar, times between given ones."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from gis.importing import gtfs_times


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("00:00:00", 0),
        ("7:05:09", 25509),
        ("25:10:00", 90600),
        ("", None),
        ("7:5:0", None),
        ("24:60:00", None),
        ("-1:00:00", None),
    ],
)
def test_times(written: str, seconds: int | None) -> None:
    assert gtfs_times.seconds(written) == seconds


@pytest.mark.parametrize(
    ("written", "day"), [("20260229", None), ("20240229", date(2024, 2, 29)), ("2026-01-01", None), ("", None)]
)
def test_days(written: str, day: date | None) -> None:
    assert gtfs_times.day(written) == day


def test_weekdays_begin_on_monday() -> None:
    found = list(gtfs_times.days("1000001", date(2026, 1, 5), date(2026, 1, 18)))
    assert [each.isoformat() for each in found] == ["2026-01-05", "2026-01-11", "2026-01-12", "2026-01-18"]


def test_times_between_given_ones_follow_the_metres() -> None:
    times = np.array([100.0, np.nan, np.nan, 500.0, np.nan, 560.0])
    along = np.array([0.0, 100.0, 100.0, 400.0, 410.0, 430.0])
    assert gtfs_times.fill(times, along).tolist() == [100, 200, 200, 500, 520, 560]


def test_a_line_that_does_not_move_has_times_all_the_same() -> None:
    assert gtfs_times.fill(np.array([10.0, np.nan, 20.0]), np.zeros(3)).tolist() == [10, 15, 20]


def test_headways_and_repeats() -> None:
    assert gtfs_times.headways([300, 0, 900]) == [300, 600]
    assert list(gtfs_times.repeated(0, 600, 300)) == [0, 300]
    assert gtfs_times.clock(90600) == "25:10"
