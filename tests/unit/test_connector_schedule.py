"""When connected systems are read, and how they stand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from api.exchange import share_touched
from ingest.connectors.schedule import Past, next_at, state

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("every_s", "failures", "expected_s"),
    [(600, 0, 600), (600, 1, 20), (600, 3, 80), (600, 9, 600), (86_400, 8, 2560), (86_400, 40, 86_400), (30, 5, 30)],
)
def test_a_failing_system_is_asked_soon_and_then_less_often(every_s: int, failures: int, expected_s: int) -> None:
    assert next_at(NOW, every_s, failures) - NOW == timedelta(seconds=expected_s)


@pytest.mark.parametrize(
    ("past", "active", "standing"),
    [
        (Past(), True, "new"),
        (Past(succeeded_at=ago(700), outcome="applied"), True, "ok"),
        (Past(succeeded_at=ago(1300), outcome="applied"), True, "late"),
        (Past(succeeded_at=ago(100), outcome="held"), True, "held"),
        (Past(failures=2, succeeded_at=ago(900), outcome="failed"), True, "failing"),
        (Past(failures=2, succeeded_at=ago(900), outcome="failed"), False, "paused"),
    ],
)
def test_how_a_system_stands(past: Past, active: bool, standing: str) -> None:
    assert state(past, active, 600, NOW).standing == standing


def test_outage_and_delay_are_counted_from_what_is_known() -> None:
    known = state(Past(failures=3, succeeded_at=ago(900), data_at=ago(1000)), True, 600, NOW)
    assert (known.outage_s, known.delay_s) == (900.0, 1000.0)
    never = state(Past(failures=1, first_failure_at=ago(50)), True, 600, NOW)
    assert (never.outage_s, never.delay_s) == (50.0, None)


def test_only_what_would_be_changed_or_removed_is_held_back() -> None:
    assert share_touched({"added": 1000, "absent": 100, "changed": 10, "removed": 10}, 100) == 0.2
    assert share_touched({"changed": 5}, 0) == 0.0
