"""When a data set is late."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from gis.catalogue.rhythm import due_at, freshness

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("rhythm", "days_ago", "expected"),
    [
        ("daily", 0.9, "fresh"),
        ("daily", 1.1, "due"),
        ("daily", 1.3, "overdue"),
        ("weekly", 7, "due"),
        ("weekly", 8.75, "overdue"),
        ("monthly", 30, "fresh"),
        ("yearly", 400, "due"),
        ("yearly", 460, "overdue"),
        ("none", 4000, "unplanned"),
    ],
)
def test_freshness(rhythm: str, days_ago: float, expected: str) -> None:
    assert freshness(rhythm, NOW - timedelta(days=days_ago), NOW) == expected


def test_what_never_came_is_late_only_where_something_is_planned() -> None:
    assert freshness("daily", None, NOW) == "never"
    assert freshness("none", None, NOW) == "unplanned"
    assert due_at("weekly", None) is None
    assert due_at("weekly", NOW) == NOW + timedelta(days=7)
