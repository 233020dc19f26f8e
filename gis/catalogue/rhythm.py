"""How often a data set is to be refreshed, and whether it is late. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal, get_args

Rhythm = Literal["none", "daily", "weekly", "monthly", "quarterly", "yearly"]
RHYTHMS: tuple[Rhythm, ...] = get_args(Rhythm)
Freshness = Literal["fresh", "due", "overdue", "never", "unplanned"]

DAYS: dict[str, int] = {"daily": 1, "weekly": 7, "monthly": 31, "quarterly": 92, "yearly": 366}
"""The longest that such a period lasts, in days."""

GRACE = 0.25
"""A refresh may come this part of its period late before it is called overdue; until then it is due."""


def due_at(rhythm: str, refreshed_at: datetime | None) -> datetime | None:
    """When the next refresh is due; None where none is planned or there was no first one."""
    if rhythm not in DAYS or refreshed_at is None:
        return None
    return refreshed_at + timedelta(days=DAYS[rhythm])


def freshness(rhythm: str, refreshed_at: datetime | None, now: datetime) -> Freshness:
    """fresh, due, overdue; never (planned, but nothing came yet); unplanned (no rhythm)."""
    if rhythm not in DAYS:
        return "unplanned"
    due = due_at(rhythm, refreshed_at)
    if due is None:
        return "never"
    if now < due:
        return "fresh"
    return "due" if now < due + timedelta(days=DAYS[rhythm] * GRACE) else "overdue"
