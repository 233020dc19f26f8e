"""Which requests are replayed: those opened in a period of the city's own days. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from config.errors import InvalidInput
from dispatch.importing.past_reports import PastReport


@dataclass(frozen=True)
class Period:
    """[since, until) in UTC."""

    since: datetime
    until: datetime

    @property
    def seconds(self) -> float:
        """How long it is."""
        return (self.until - self.since).total_seconds()

    def of(self, reports: Iterable[PastReport]) -> list[PastReport]:
        """The reports opened in it, in their real order; of one second, as the files have them."""
        found = [report for report in reports if self.since <= report.opened_at < self.until]
        return sorted(found, key=lambda report: report.opened_at)


def of_month(text: str, zone: ZoneInfo) -> Period:
    """The calendar month YYYY-MM of the city. Raises InvalidInput."""
    try:
        first = datetime.strptime(text, "%Y-%m").replace(tzinfo=zone)
    except ValueError as error:
        raise InvalidInput("'{month}' is no month.", "Write it as 2015-07.", month=text) from error
    after = first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)
    return Period(first.astimezone(UTC), after.astimezone(UTC))


def between(since: str, until: str, zone: ZoneInfo) -> Period:
    """From one local moment to another, as 2015-07-01 or 2015-07-01T08:00. Raises InvalidInput."""
    try:
        begins, ends = (datetime.fromisoformat(text) for text in (since, until))
    except ValueError as error:
        raise InvalidInput("'{moment}' is no moment.", "Write it as 2015-07-01T08:00.", moment=error) from error
    period = Period(*(moment.replace(tzinfo=moment.tzinfo or zone).astimezone(UTC) for moment in (begins, ends)))
    if period.until <= period.since:
        raise InvalidInput("The period must end after it begins.")
    return period
