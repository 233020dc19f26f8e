"""Whether a message may become a reading. Pure: the device's registration and the time of arrival come as arguments."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from config.telemetry import Limits
from ingest.decoders.json_v1 import Telemetry
from ingest.refusal import Refused


@dataclass(frozen=True, slots=True)
class Metric:
    """One quantity of a profile; `low` and `high` inclusive, in the metric's own unit."""

    name: str
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class KnownProfile:
    """A profile as validation needs it; readings keep their values in the order of `metrics`."""

    id: int
    metrics: tuple[Metric, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The metrics' names in order."""
        return tuple(metric.name for metric in self.metrics)


@dataclass(frozen=True, slots=True)
class KnownDevice:
    """A registered device."""

    id: str
    asset_id: int
    profile: KnownProfile
    active: bool = True


@dataclass(frozen=True, slots=True)
class Reading:
    """A valid message, as a row of ingest.reading. `values` in the profile's order, None where nothing was measured."""

    asset_id: int
    occurred_at: datetime
    device_id: str
    profile_id: int
    values: tuple[float | None, ...]
    trace_id: str | None

    @property
    def key(self) -> tuple[int, datetime, str]:
        """What makes a redelivered message the same."""
        return self.asset_id, self.occurred_at, self.device_id


def check(
    telemetry: Telemetry, asset_id: int, device: KnownDevice | None, arrived_at: datetime, limits: Limits
) -> Reading:
    """Turn a message into a reading.

    `asset_id` is the topic's, `device` the registration of `telemetry.device` (None: unknown).
    Raises Refused with the first fault found.
    """
    if device is None:
        raise Refused("unknown_device", f"device {telemetry.device}")
    if not device.active:
        raise Refused("inactive_device", f"device {device.id}")
    if device.asset_id != asset_id:
        raise Refused("wrong_asset", f"device {device.id} belongs to asset {device.asset_id}, topic says {asset_id}")
    _check_moment(telemetry.at, arrived_at, limits)
    values = _in_order(telemetry.values, device.profile)
    return Reading(asset_id, telemetry.at, device.id, device.profile.id, values, telemetry.trace)


def _check_moment(at: datetime, arrived_at: datetime, limits: Limits) -> None:
    if at > arrived_at + limits.ahead:
        raise Refused("future", f"{at.isoformat()} is after arrival at {arrived_at.isoformat()}")
    if at < arrived_at - limits.behind:
        raise Refused("too_old", f"{at.isoformat()} is long before arrival at {arrived_at.isoformat()}")


def _in_order(values: dict[str, float], profile: KnownProfile) -> tuple[float | None, ...]:
    ordered: list[float | None] = []
    for metric in profile.metrics:
        value = values.get(metric.name)
        if value is not None and not metric.low <= value <= metric.high:
            raise Refused("out_of_range", f"{metric.name} = {value:g}, the range is {metric.low:g} to {metric.high:g}")
        ordered.append(value)
    if len(values) > sum(value is not None for value in ordered):
        unknown = sorted(set(values) - set(profile.names))
        raise Refused("unknown_metric", ", ".join(unknown))
    return tuple(ordered)
