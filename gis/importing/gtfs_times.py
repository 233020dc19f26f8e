"""Times and days as GTFS writes them. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

_TIME = re.compile(r"(\d{1,3}):([0-5]\d):([0-5]\d)")
MOST_DAYS = 366 * 20
"""A calendar that runs longer than this is a slip of the pen."""


def seconds(text: str) -> int | None:
    """'25:10:00' → 90600, since noon minus twelve hours; None for what is no time."""
    found = _TIME.fullmatch(text)
    return int(found[1]) * 3600 + int(found[2]) * 60 + int(found[3]) if found else None


def clock(value: float) -> str:
    """90600 → '25:10'."""
    return f"{int(value) // 3600:02d}:{int(value) % 3600 // 60:02d}"


def written(value: int) -> str:
    """90600 → '25:10:00', as GTFS writes it."""
    return f"{value // 3600:02d}:{value % 3600 // 60:02d}:{value % 60:02d}"


def day(text: str) -> date | None:
    """'20190415' → a date; None for what is none."""
    if not re.fullmatch(r"\d{8}", text):
        return None
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None


def days(weekdays: str, first: date, last: date) -> Iterable[date]:
    """The days from first to last on which seven digits from Monday say 1."""
    for number in range((last - first).days + 1):
        each = first + timedelta(days=number)
        if weekdays[each.weekday()] == "1":
            yield each


def fill(times: NDArray[np.float64], along_m: NDArray[np.float64]) -> NDArray[np.int64]:
    """Times at every stop: those that are not given (NaN) lie between their neighbours by metres along the line.

    First and last must be given. Stops at the same metre share the time by their order.
    """
    given = np.flatnonzero(~np.isnan(times))
    way = along_m + np.arange(len(along_m)) * 1e-6  # strictly rising, so that equal metres do not divide by nothing
    return np.asarray(np.rint(np.interp(way, way[given], times[given])), dtype=np.int64)


def headways(departures: Sequence[int]) -> list[int]:
    """Seconds between departures in their order."""
    ordered = sorted(departures)
    return [later - earlier for earlier, later in pairwise(ordered)]


def repeated(start_s: int, end_s: int, headway_s: int) -> range:
    """Departures of a trip that runs every `headway_s` from start up to, not at, the end."""
    return range(start_s, end_s, headway_s)
