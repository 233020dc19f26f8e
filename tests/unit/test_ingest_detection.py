"""Threshold rules with hysteresis."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from ingest.detection import AlarmKey, Finding, Rule, judge
from ingest.validation import Reading

START = datetime(2026, 3, 8, 12, tzinfo=UTC)
LEVEL = Rule(1, "level_high", "高", "high", "fluidLevel", "m", 0, "above", 3.0, 2.5, "M0503")
PRESSURE = Rule(2, "pressure_low", "低", "low", "pressure", "MPa", 1, "below", 0.14, 0.18, "M0501")
RULES = {7: (LEVEL,), 8: (PRESSURE,)}


def reading(minute: int, *values: float | None, asset: int = 1, device: str = "a", profile: int = 7) -> Reading:
    return Reading(asset, START + timedelta(minutes=minute), device, profile, values, None)


def story(readings: list[Reading], standing: dict[AlarmKey, str] | None = None) -> list[tuple[str, float]]:
    return [(finding.kind, finding.value) for finding in judge(readings, RULES, standing or {})]


def test_an_alarm_is_raised_once_and_cleared_past_the_clearing_value() -> None:
    levels = [1.0, 2.9, 3.1, 3.5, 2.9, 2.6, 3.2, 2.5, 1.0]
    assert story([reading(minute, level) for minute, level in enumerate(levels)]) == [("raised", 3.1), ("cleared", 2.5)]


def test_the_threshold_itself_raises_nothing() -> None:
    assert story([reading(0, 3.0)]) == []


def test_below_works_the_other_way_round() -> None:
    values = [0.3, 0.14, 0.13, 0.16, 0.18]
    pressures = [reading(minute, 5.0, value, profile=8) for minute, value in enumerate(values)]
    assert story(pressures) == [("raised", 0.13), ("cleared", 0.18)]


def test_a_standing_alarm_is_not_raised_again_and_can_be_cleared() -> None:
    assert story([reading(0, 3.4), reading(1, 2.0)], {(1, 1): "a"}) == [("cleared", 2.0)]


def test_only_the_device_that_raised_it_clears_it() -> None:
    assert story([reading(0, 3.4, device="a"), reading(1, 1.0, device="b")]) == [("raised", 3.4)]


def test_readings_are_judged_in_the_order_of_their_time() -> None:
    assert story([reading(2, 1.0), reading(1, 3.4)]) == [("raised", 3.4), ("cleared", 1.0)]


def test_assets_are_judged_apart() -> None:
    findings = judge([reading(0, 3.4, asset=1), reading(0, 3.6, asset=2)], RULES, {})
    assert [finding.reading.asset_id for finding in findings] == [1, 2]


def test_gaps_and_profiles_without_rules_say_nothing() -> None:
    assert story([reading(0, None), reading(1, 9.0, profile=99), reading(2, 1.0, profile=8)]) == []


def test_a_finding_carries_rule_and_reading() -> None:
    (finding,) = judge([reading(0, 3.4)], RULES, {})
    assert finding == Finding("raised", LEVEL, reading(0, 3.4), 3.4)
