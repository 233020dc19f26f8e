"""When a limit ends: five kinds of limit over a working calendar (D5). Pure; instants are UTC, days are the city's.

Urgent hours, urgent workdays and natural days run without a break. Work hours and work days run only in working hours; a
work day is the whole working time of a day, however long that is: hours differ by season. Sums are exact, in microseconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction

from config.errors import InvalidInput
from dispatch.calendars.working import Calendar

CONTINUOUS_HOURS = {"urgent_hour": 1, "urgent_workday": 24, "natural_day": 24}
WORKING_KINDS = ("work_hour", "work_day")
WARN_SHARE = 0.8
"""A clock warns when this share of its limit is used up."""

_MICROSECOND = timedelta(microseconds=1)
_HOUR = timedelta(hours=1) // _MICROSECOND


@dataclass(frozen=True)
class Limit:
    """An allowed time: `amount` of `kind`, for instance 4 work hours."""

    kind: str
    amount: float

    def share(self, part: float) -> Limit:
        """The same kind of limit, `part` as long."""
        return Limit(self.kind, self.amount * part)


@dataclass(frozen=True)
class Clock:
    """The three instants of a running limit; whether it reaches into years without announced holidays; the calendar's edition."""

    started_at: datetime
    warn_at: datetime
    due_at: datetime
    provisional: bool = False
    edition: int | None = None


def due_at(start: datetime, limit: Limit, calendar: Calendar) -> datetime:
    """The instant at which `limit`, begun at `start`, is used up.

    A work limit begun outside working hours starts with the next window. Raises InvalidInput for an unknown kind,
    or for one that does not end within ten years.
    """
    start = start.astimezone(UTC)  # arithmetic on local times would count an hour too many or too few at a clock change
    if limit.kind in CONTINUOUS_HOURS:
        return start + timedelta(hours=CONTINUOUS_HOURS[limit.kind] * limit.amount)
    _check(limit.kind)
    left = Fraction(limit.amount)
    for windows in calendar.days(start):
        length = _length(limit.kind, windows)
        for opens, closes in windows:
            begin = max(opens, start)
            if begin >= closes:
                continue
            if left * length <= (closes - begin) // _MICROSECOND:
                return begin + timedelta(microseconds=round(left * length))
            left -= Fraction((closes - begin) // _MICROSECOND, length)
    raise InvalidInput(
        "A limit of {amount} {kind} does not end within ten years of this calendar.",
        amount=limit.amount,
        kind=limit.kind,
    )


def clock(start: datetime, limit: Limit, calendar: Calendar) -> Clock:
    """Start a limit: when it warns and when it is due, and whether that is provisional."""
    due = due_at(start, limit, calendar)
    warn = due_at(start, limit.share(WARN_SHARE), calendar)
    return Clock(
        start.astimezone(UTC), min(warn, due), due, is_provisional(start, due, limit, calendar), calendar.edition
    )


def is_provisional(start: datetime, due: datetime, limit: Limit, calendar: Calendar) -> bool:
    """Whether `due` may move once holidays are announced: a work limit that reaches into a year without them."""
    return limit.kind in WORKING_KINDS and not calendar.knows(start, due)


def used(start: datetime, end: datetime, kind: str, calendar: Calendar) -> Fraction:
    """How much of a limit of `kind`, begun at `start`, is used up at `end`, exactly, in units of its amount."""
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    if kind in CONTINUOUS_HOURS:
        return max(Fraction(0), Fraction((end - start) // _MICROSECOND, CONTINUOUS_HOURS[kind] * _HOUR))
    total = Fraction(0)
    _check(kind)
    for windows in calendar.days(start):
        length = _length(kind, windows)
        for opens, closes in windows:
            if opens >= end:
                return total
            worked = min(closes, end) - max(opens, start)
            total += Fraction(max(worked, timedelta()) // _MICROSECOND, length)
    return total


def used_share(start: datetime, end: datetime, limit: Limit, calendar: Calendar) -> float:
    """Which share of `limit`, begun at `start`, is used up at `end`; above 1 where it is overdue. A pause keeps this number."""
    return float(used(start, end, limit.kind, calendar) / Fraction(limit.amount)) if limit.amount else 1.0


def timing(now: datetime, warn_at: datetime | None, due: datetime | None) -> str:
    """'ok', 'warn', 'overdue', or 'stopped' where no clock runs."""
    if due is None:
        return "stopped"
    if now >= due:
        return "overdue"
    return "warn" if warn_at is not None and now >= warn_at else "ok"


def _check(kind: str) -> None:
    if kind not in WORKING_KINDS:
        raise InvalidInput("There is no kind of limit '{kind}'.", kind=kind)


def _length(kind: str, windows: tuple[tuple[datetime, datetime], ...]) -> int:
    """Microseconds of one unit of a work limit on a day with these windows."""
    return _HOUR if kind == "work_hour" else sum((closes - opens) // _MICROSECOND for opens, closes in windows)
