"""What is usual at an hour of the week, and rules that judge the excess over it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from ingest.detection import Holding, Rule, hold
from ingest.usual import HOURS, Key, expected, hour_of_week
from ingest.validation import Reading

MONDAY = datetime(2026, 3, 9, tzinfo=UTC)
MEANS = {Key(1, "flow", hour): 40.0 + hour % 24 for hour in range(HOURS)}
LEAK = Rule(
    5, "leak", "漏", "Leak", "flow", "m3/h", 0, "above", 12.0, 6.0, "M0510", settings={"over": "usual", "for_s": 180}
)
LAMP = Rule(
    6, "dark", "暗", "Dark", "power", "W", 0, "below", 2.0, 4.0, "C0137", gate=(1, 0.5), settings={"settle_s": 8}
)


def reading(second: float, *values: float, profile: int = 7, device: str = "a") -> Reading:
    return Reading(1, MONDAY + timedelta(seconds=second), device, profile, values, None)


def test_the_week_begins_on_monday() -> None:
    assert hour_of_week(MONDAY) == 0
    assert hour_of_week(MONDAY + timedelta(days=6, hours=23, minutes=30)) == 167.5


def test_between_the_middles_of_two_hours_lies_a_line() -> None:
    assert expected(MEANS, 1, "flow", MONDAY + timedelta(hours=5, minutes=30)) == 45
    assert expected(MEANS, 1, "flow", MONDAY + timedelta(hours=6)) == 45.5
    values = [expected(MEANS, 1, "flow", MONDAY + timedelta(minutes=minute)) or 0 for minute in range(60 * 22)]
    assert max(abs(a - b) for a, b in pairwise(values[31:])) < 0.1


def test_over_the_end_of_the_week_it_goes_on_with_monday() -> None:
    assert expected(MEANS, 1, "flow", MONDAY) == pytest.approx((63 + 40) / 2)


def test_where_nobody_knows_there_is_nothing_to_expect() -> None:
    assert expected(MEANS, 2, "flow", MONDAY) is None
    assert expected({}, 1, "flow", MONDAY) is None


def story(rule: Rule, readings: list[Reading], standing: Holding | None = None) -> Holding | None:
    """What holds after the readings; one call for each, as batches come."""
    now = {standing.key: standing} if standing else {}
    for each in readings:
        changed = hold([each], {7: (rule,)}, now, lambda *_: 40.0)
        now = {key: value for key, value in {**now, **changed}.items() if value is not None}
    return now.get((1, rule.id))


def test_an_excess_over_the_usual_holds_from_its_first_reading_to_its_last() -> None:
    held = story(LEAK, [reading(0, 50), reading(60, 53), reading(120, 48), reading(180, 55)])
    assert held is not None
    assert (held.since, held.seen_at) == (MONDAY + timedelta(seconds=60), MONDAY + timedelta(seconds=180))
    assert held.value == 15


def test_back_past_the_clearing_value_it_no_longer_holds() -> None:
    assert story(LEAK, [reading(0, 60), reading(60, 46)]) is None


def test_without_experience_nothing_is_above_the_usual() -> None:
    assert hold([reading(0, 500)], {7: (LEAK,)}, {}) == {}


def test_a_lamp_that_is_switched_off_is_neither_dark_nor_mended() -> None:
    assert story(LAMP, [reading(0, 0.4, 0.0)]) is None
    dark = story(LAMP, [reading(0, 0.4, 1.0), reading(300, 0.4, 0.0)])
    assert dark is not None
    assert story(LAMP, [reading(600, 90.0, 1.0)], dark) is None


def test_another_device_of_the_asset_does_not_end_it() -> None:
    dark = story(LAMP, [reading(0, 0.4, 1.0)])
    assert story(LAMP, [reading(60, 90.0, 1.0, device="b")], dark) == dark
