"""Working time counted second by second: slow, plain, and sharing no code with dispatch/deadlines.py or dispatch/calendars.

Every second of a span of days is looked at once: which local day and time it shows, and whether somebody is at work then.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np

DAY_S = 86_400


class Seconds:
    """The seconds from `first` on for `days` days; `hours` says for each day of the calendar its shifts."""

    def __init__(
        self, zone: ZoneInfo, first: date, days: int, hours: Mapping[date, list[tuple[time, time]]], worked: set[date]
    ) -> None:
        self.begin = datetime(first.year, first.month, first.day, tzinfo=UTC) - timedelta(days=1)
        count = (days + 1) * DAY_S
        wall = np.arange(count) + self._offsets(zone, count)
        """Seconds that the wall clock shows since the beginning, as if it had no zone."""
        owner = np.full(count, -1)
        self.length: dict[int, int] = {}
        for n in range(days + 1):
            day = first + timedelta(days=n - 1)
            for opens, closes in hours[day] if day in worked else ():
                at = n * DAY_S
                opened = at + _seconds(opens)
                closed = at + _seconds(closes) + (DAY_S if closes <= opens else 0)
                from_, to = _first(wall, opened), _first(wall, closed)
                mine = np.flatnonzero(owner[from_:to] == -1) + from_
                owner[mine] = n
            self.length[n] = int((owner == n).sum())
        self.owner = owner
        share = np.array([1.0 / self.length[n] if self.length.get(n) else 0.0 for n in range(days + 1)])
        self.hours_worked = np.concatenate([[0], np.cumsum(owner >= 0)])
        self.days_worked = np.concatenate([[0.0], np.cumsum(np.where(owner >= 0, share[owner], 0.0))])

    def _offsets(self, zone: ZoneInfo, count: int) -> np.ndarray:
        """Seconds between UTC and the wall clock, looked up each quarter of an hour: no zone changes between."""
        found = []
        for quarter in range(0, count, 900):
            moment = (self.begin + timedelta(seconds=quarter)).astimezone(zone)
            found.append((moment.utcoffset() or timedelta()).total_seconds())
        return np.repeat(np.array(found, dtype=np.int64), 900)[:count]

    def index(self, moment: datetime) -> int:
        """Which second `moment` is; it has no fraction."""
        return int((moment - self.begin).total_seconds())

    def worked(self, start: datetime, end: datetime, kind: str) -> float:
        """Work hours, or work days, between two moments."""
        a, b = self.index(start), self.index(end)
        if kind == "work_hour":
            return float(self.hours_worked[b] - self.hours_worked[a]) / 3600
        return float(self.days_worked[b] - self.days_worked[a])


def _seconds(at: time) -> int:
    return at.hour * 3600 + at.minute * 60 + at.second


def _first(wall: np.ndarray, shown: int) -> int:
    """The first second at which the wall clock shows `shown` or later."""
    return int(np.argmax(wall >= shown))
