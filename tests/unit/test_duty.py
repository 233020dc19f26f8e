"""Duty hours of units: by day, and past midnight (D4)."""

from datetime import datetime

import pytest

from dispatch.duty import Hours, there

DAY = Hours((1, 2, 3, 4, 5), "08:00", "18:00")
NIGHT = Hours((5,), "22:00", "06:00")
ALL_SUNDAY = Hours((7,), "00:00", "24:00")


@pytest.mark.parametrize(
    ("moment", "spans", "expected"),
    [
        ("2026-11-24 08:00", [DAY], True),
        ("2026-11-24 17:59", [DAY], True),
        ("2026-11-24 18:00", [DAY], False),
        ("2026-11-28 09:00", [DAY], False),
        ("2026-11-27 23:00", [NIGHT], True),
        ("2026-11-28 05:59", [NIGHT], True),
        ("2026-11-28 06:00", [NIGHT], False),
        ("2026-11-27 05:00", [NIGHT], False),
        ("2026-11-29 23:59", [DAY, ALL_SUNDAY], True),
        ("2026-11-30 00:00", [ALL_SUNDAY], False),
        ("2026-11-29 12:00", [], False),
    ],
)
def test_whether_somebody_is_there(moment: str, spans: list[Hours], expected: bool) -> None:
    assert there(spans, datetime.fromisoformat(moment)) is expected
