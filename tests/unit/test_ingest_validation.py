"""Which messages become readings, and why others do not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from config.telemetry import Limits
from ingest.decoders.json_v1 import Telemetry
from ingest.refusal import REASONS, Refused
from ingest.validation import KnownDevice, KnownProfile, Metric, check

NOW = datetime(2026, 3, 8, 12, tzinfo=UTC)
PROFILE = KnownProfile(3, (Metric("flow", -10, 100), Metric("pressure", 0, 2.5)))
DEVICE = KnownDevice("WM-1", 4711, PROFILE)


def message(at: datetime = NOW, trace: str | None = None, **values: float) -> Telemetry:
    return Telemetry("WM-1", at, values or {"flow": 12.5, "pressure": 0.3}, trace)


def reason_of(telemetry: Telemetry, device: KnownDevice | None = DEVICE, asset_id: int = 4711) -> str:
    with pytest.raises(Refused) as refusal:
        check(telemetry, asset_id, device, NOW, Limits())
    return refusal.value.reason


def test_values_are_kept_in_the_order_of_the_profile() -> None:
    reading = check(message(pressure=0.3, flow=12.5, trace="t1"), 4711, DEVICE, NOW, Limits())
    assert reading.values == (12.5, 0.3)
    assert (reading.asset_id, reading.device_id, reading.profile_id, reading.trace_id) == (4711, "WM-1", 3, "t1")


def test_a_missing_metric_leaves_a_gap() -> None:
    assert check(message(pressure=0.3), 4711, DEVICE, NOW, Limits()).values == (None, 0.3)


@pytest.mark.parametrize("flow", [-10, 100])
def test_the_ends_of_a_range_belong_to_it(flow: float) -> None:
    assert check(message(flow=flow), 4711, DEVICE, NOW, Limits()).values[0] == flow


def test_an_unknown_device_is_refused() -> None:
    assert reason_of(message(), device=None) == "unknown_device"


def test_a_device_out_of_service_is_refused() -> None:
    assert reason_of(message(), device=replace(DEVICE, active=False)) == "inactive_device"


def test_a_device_may_speak_for_its_own_asset_only() -> None:
    assert reason_of(message(), asset_id=4712) == "wrong_asset"


def test_an_unknown_metric_is_refused() -> None:
    assert reason_of(message(flow=1, smell=5)) == "unknown_metric"


@pytest.mark.parametrize("values", [{"flow": 100.1}, {"flow": -10.1}, {"flow": 1, "pressure": -0.1}])
def test_what_the_instrument_cannot_show_is_refused(values: dict[str, float]) -> None:
    assert reason_of(Telemetry("WM-1", NOW, values)) == "out_of_range"


def test_a_clock_may_run_a_little_ahead() -> None:
    limits = Limits(ahead=timedelta(minutes=5))
    assert check(message(at=NOW + timedelta(minutes=5)), 4711, DEVICE, NOW, limits).occurred_at > NOW
    assert reason_of(message(at=NOW + timedelta(minutes=5, microseconds=1))) == "future"
    assert reason_of(message(at=NOW + timedelta(hours=1))) == "future"


def test_messages_kept_by_the_device_are_taken_for_a_month() -> None:
    assert check(message(at=NOW - timedelta(days=30)), 4711, DEVICE, NOW, Limits()).occurred_at < NOW
    assert reason_of(message(at=NOW - timedelta(days=30, seconds=1))) == "too_old"


def test_every_reason_says_what_is_so_and_what_to_do() -> None:
    for what, next_step in REASONS.values():
        assert what.endswith(".")
        assert next_step.endswith(".")
