"""The virtual clock of a replay: it runs towards what happens next and stands there until that has been done.

So everything happens at exactly its moment, whatever the machine's load, and the same seed gives the same history; timers and notices of
the other processes live on the same clock and never see a moment before all that comes earlier is done. Where work takes longer than
its share of real time the clock is behind its schedule, and catches up as soon as there is less to do.
"""

from __future__ import annotations

import time
from datetime import datetime, timedelta

from sqlalchemy import Connection

from data.replay.period import Period
from gis import clock

NEARLY_S = 0.0005


class Conductor:
    """Leads the instance's clock through a period, `speed` times as fast as real time."""

    def __init__(self, period: Period, speed: float) -> None:
        self.period, self.speed = period, speed
        self._began = 0.0
        self.most_behind_s = 0.0

    def begin(self, db: Connection, first: datetime) -> None:
        """Real time counts from now; let the clock go on to what happens first."""
        self._began = time.monotonic()
        self.go_on(db, self.period.since, first)

    def go_on(self, db: Connection, now: datetime, to: datetime) -> None:
        """Let the clock go from `now` to what happens next; the last statement of a transaction."""
        left_s = self._scheduled(to) - time.monotonic()
        gap_s = (to - now).total_seconds()
        if left_s <= NEARLY_S or gap_s <= 0:
            clock.go_on(db, to, self.speed, to)
        else:
            clock.go_on(db, now, gap_s / left_s, to)

    def wait_for(self, moment: datetime) -> None:
        """Sleep until it is the turn of what happens at `moment`."""
        left_s = self._scheduled(moment) - time.monotonic()
        self.most_behind_s = max(self.most_behind_s, -left_s)
        if left_s > 0:
            time.sleep(left_s)

    def arrive(self, db: Connection, moment: datetime) -> datetime:
        """The instance's time, once it has come to `moment`: clocks of database and process may differ by some microseconds."""
        while (now := clock.now(db)) < moment:
            time.sleep(NEARLY_S)
        return now

    def behind_s(self, moment: datetime) -> float:
        """Real seconds by which `moment` is later than it should be."""
        return max(0.0, time.monotonic() - self._scheduled(moment))

    def elapsed_s(self) -> float:
        """Real seconds since the beginning."""
        return time.monotonic() - self._began

    def speed_at(self, moment: datetime) -> float:
        """How many times as fast as real time it has been until `moment`."""
        return (moment - self.period.since) / timedelta(seconds=max(self.elapsed_s(), NEARLY_S))

    def _scheduled(self, moment: datetime) -> float:
        return self._began + (moment - self.period.since).total_seconds() / self.speed
