"""When a limit ends: five kinds of limit over a working calendar (D5). Pure; instants are UTC, days are the city's.

Urgent hours, urgent workdays and natural days run without a break. Work hours and work days run only in working hours.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from config.errors import InvalidInput

CONTINUOUS_HOURS = {"urgent_hour": 1, "urgent_workday": 24, "natural_day": 24}
WARN_SHARE = 0.8
"""A clock warns when this share of its limit is used up."""

LONGEST_DAYS = 3660


@dataclass(frozen=True)
class Limit:
    """An allowed time: `amount` of `kind`, for instance 4 work hours."""

    kind: str
    amount: float

    def share(self, part: float) -> Limit:
        """The same kind of limit, `part` as long."""
        return Limit(self.kind, self.amount * part)


@dataclass(frozen=True)
class Calendar:
    """Working hours of a city. `special` says of single days whether they are worked: holidays and make-up workdays."""

    zone: ZoneInfo
    shifts: tuple[tuple[time, time], ...] = ((time(8), time(12)), (time(14), time(18)))
    special: Mapping[date, bool] = field(default_factory=dict)

    def works(self, day: date) -> bool:
        """Whether `day` is a working day: as the table says, else Monday to Friday."""
        return self.special.get(day, day.weekday() < 5)

    def windows(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Working windows that end after `start`, in order, as UTC instants."""
        day = start.astimezone(self.zone).date()
        for _ in range(LONGEST_DAYS):
            if self.works(day):
                for opens, closes in self.shifts:
                    window = self._instant(day, opens), self._instant(day, closes)
                    if window[1] > start:
                        yield window
            day += timedelta(days=1)

    @property
    def day_length(self) -> timedelta:
        """Working time of one working day."""
        return sum((_span(opens, closes) for opens, closes in self.shifts), timedelta())

    def _instant(self, day: date, at: time) -> datetime:
        return datetime.combine(day, at, self.zone).astimezone(UTC)


@dataclass(frozen=True)
class Clock:
    """The three instants of a running limit."""

    started_at: datetime
    warn_at: datetime
    due_at: datetime


def due_at(start: datetime, limit: Limit, calendar: Calendar) -> datetime:
    """The instant at which `limit`, begun at `start`, is used up.

    A work limit begun outside working hours starts with the next window. Raises InvalidInput for an unknown kind,
    or for one that does not end within ten years.
    """
    start = start.astimezone(UTC)  # arithmetic on local times would count an hour too many or too few at a clock change
    if limit.kind in CONTINUOUS_HOURS:
        return start + timedelta(hours=CONTINUOUS_HOURS[limit.kind] * limit.amount)
    left = _working_time(limit, calendar)
    for opens, closes in calendar.windows(start):
        begin = max(opens, start)
        if left <= closes - begin:
            return begin + left
        left -= closes - begin
    raise InvalidInput(
        "A limit of {amount} {kind} does not end within ten years of this calendar.",
        amount=limit.amount,
        kind=limit.kind,
    )


def clock(start: datetime, limit: Limit, calendar: Calendar) -> Clock:
    """Start a limit: when it warns and when it is due."""
    return Clock(
        start.astimezone(UTC), due_at(start, limit.share(WARN_SHARE), calendar), due_at(start, limit, calendar)
    )


def used_share(start: datetime, end: datetime, limit: Limit, calendar: Calendar) -> float:
    """Which share of `limit`, begun at `start`, is used up at `end`; above 1 where it is overdue. A pause keeps this number."""
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    if limit.kind in CONTINUOUS_HOURS:
        return max(0.0, (end - start) / timedelta(hours=CONTINUOUS_HOURS[limit.kind] * limit.amount))
    worked = timedelta()
    for opens, closes in calendar.windows(start):
        if opens >= end:
            break
        worked += min(closes, end) - max(opens, start)
    return worked / _working_time(limit, calendar)


def timing(now: datetime, warn_at: datetime | None, due: datetime | None) -> str:
    """'ok', 'warn', 'overdue', or 'stopped' where no clock runs."""
    if due is None:
        return "stopped"
    if now >= due:
        return "overdue"
    return "warn" if warn_at is not None and now >= warn_at else "ok"


def _working_time(limit: Limit, calendar: Calendar) -> timedelta:
    if limit.kind == "work_hour":
        return timedelta(hours=limit.amount)
    if limit.kind == "work_day":
        return calendar.day_length * limit.amount
    raise InvalidInput("There is no kind of limit '{kind}'.", kind=limit.kind)


def _span(opens: time, closes: time) -> timedelta:
    return datetime.combine(date.min, closes) - datetime.combine(date.min, opens)
