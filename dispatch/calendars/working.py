"""The working calendar as a value: which days are worked, and from when to when (D5). Pure; days and hours are the city's, instants UTC."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

Shifts = tuple[tuple[time, time], ...]
"""Opening and closing of each shift. One that closes at or before its opening ends on the next day."""

Window = tuple[datetime, datetime]

LONGEST_DAYS = 3660

_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True)
class Season:
    """Working hours from a day on, `yearly` each year from that day of the year on; no longer from `ends` on."""

    begins: date
    shifts: Shifts
    yearly: bool = False
    ends: date | None = None

    def began(self, day: date) -> date | None:
        """The last day up to `day` on which these hours came into force; None where they are not in force then."""
        if day < self.begins or (self.ends is not None and day >= self.ends):
            return None
        if not self.yearly:
            return self.begins
        this_year = self.begins.replace(year=day.year)
        return this_year if this_year <= day else self.begins.replace(year=day.year - 1)


@dataclass(frozen=True)
class Calendar:
    """Working time of a city. `special` says of single days whether they are worked: holidays and make-up workdays.

    `shifts` hold where no season does. `known`: years whose holidays have been announced. `edition`: where it is kept.
    """

    zone: ZoneInfo
    shifts: Shifts = ((time(8), time(12)), (time(14), time(18)))
    special: Mapping[date, bool] = field(default_factory=dict)
    seasons: tuple[Season, ...] = ()
    known: frozenset[int] = frozenset()
    edition: int | None = None

    def works(self, day: date) -> bool:
        """Whether `day` is a working day: as the table says, else Monday to Friday."""
        return self.special.get(day, day.weekday() < 5)

    def shifts_on(self, day: date) -> Shifts:
        """Hours of a working day: those of the season that began last; of two on one day, the one entered later."""
        began = [(since, n) for n, season in enumerate(self.seasons) if (since := season.began(day)) is not None]
        return self.seasons[max(began)[1]].shifts if began else self.shifts

    def days(self, start: datetime) -> Iterator[tuple[Window, ...]]:
        """Windows of each working day whose work may reach beyond `start`, in order, as UTC instants.

        Where a night shift reaches into the next day's hours, that time is the earlier day's. A wall-clock time that a
        clock change skips is the moment of the change; of one that comes twice, the first counts.
        """
        day = start.astimezone(self.zone).date() - 2 * _DAY
        until = datetime.min.replace(tzinfo=UTC)
        for _ in range(LONGEST_DAYS):
            windows = []
            for opens, closes in self.shifts_on(day) if self.works(day) else ():
                begin = max(self.instant(day, opens), until)
                until = max(self.instant(day if closes > opens else day + _DAY, closes), until)
                if begin < until:
                    windows.append((begin, until))
            yield tuple(windows)
            day += _DAY

    def instant(self, day: date, at: time) -> datetime:
        """The first instant at which the wall clock shows `at` or later on `day`."""
        wall = datetime.combine(day, at)
        found = wall.replace(tzinfo=self.zone).astimezone(UTC)
        if found.astimezone(self.zone).replace(tzinfo=None) == wall:
            return found
        early = wall.replace(tzinfo=self.zone, fold=1).astimezone(UTC)  # the skipped hour lies between both readings
        while found - early > _SECOND:
            middle = early + (found - early) // 2
            shown = middle.astimezone(self.zone).replace(tzinfo=None)
            early, found = (early, middle) if shown >= wall else (middle, found)
        return found.replace(microsecond=0)

    def knows(self, start: datetime, end: datetime) -> bool:
        """Whether the holidays of every year from `start` to `end` have been announced."""
        years = range(start.astimezone(self.zone).year, end.astimezone(self.zone).year + 1)
        return self.known.issuperset(years)
