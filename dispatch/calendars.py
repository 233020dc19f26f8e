"""How far the working calendar reaches (D5): beyond its last year a holiday is counted as a workday, and nobody notices."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import Connection, text

AHEAD = timedelta(days=30)
"""So long before the last known day people are told: limits in work days reach into the next year by then."""


def known_until(db: Connection) -> date | None:
    """The last day of the last year with special days; None where no calendar has been loaded."""
    last = db.execute(text("select max(day) from dispatch.calendar_day")).scalar()
    return None if last is None else date(last.year, 12, 31)


def runs_out(until: date | None, today: date) -> bool:
    """Whether deadlines set today may lie where no holiday is known."""
    return until is None or until - today < AHEAD
