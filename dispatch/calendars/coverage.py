"""How far the working calendar reaches (D5): beyond its last year a holiday is counted as a workday, and deadlines are provisional."""

from __future__ import annotations

from datetime import date, timedelta

AHEAD = timedelta(days=30)
"""So long before the last known day people are told: limits in work days reach into the next year by then."""


def runs_out(until: date | None, today: date) -> bool:
    """Whether deadlines set today may lie where no holiday is known."""
    return until is None or until - today < AHEAD
