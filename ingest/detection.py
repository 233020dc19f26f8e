"""What the values mean: thresholds with hysteresis. Pure: what stands comes in, what begins and ends goes out.

A rule that needs neither time nor neighbours raises and clears its alarm at once (`judge`). One that does is only noted
as holding or no longer holding (`hold`); the look of `ingest/watch.py` makes alarms of what has held long enough.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from ingest.validation import Reading


@dataclass(frozen=True, slots=True)
class Rule:
    """A row of ingest.detection_rule; `position` is its metric's place in the profile's values.

    `gate`: (position of another metric, value it must be above for a reading to be judged). `settings` as in
    config/profiles.py.
    """

    id: int
    code: str
    name: str
    name_en: str
    metric: str
    unit: str
    position: int
    comparison: Literal["above", "below"]
    threshold: float
    clears_at: float
    class_code: str
    kind: str = "threshold"
    gate: tuple[int, float] | None = None
    settings: Mapping[str, Any] = field(default_factory=dict, hash=False)

    @property
    def deferred(self) -> bool:
        """Whether its alarm waits for time or neighbours."""
        return self.for_s > 0 or self.settle_s > 0

    @property
    def for_s(self) -> float:
        """Seconds for which readings must agree."""
        return float(self.settings.get("for_s", 0))

    @property
    def settle_s(self) -> float:
        """Seconds to wait for neighbours."""
        return float(self.settings.get("settle_s", 0))

    @property
    def over_usual(self) -> bool:
        """Whether the excess over what is usual is judged, rather than the value."""
        return self.settings.get("over") == "usual"

    def judged(self, reading: Reading, usual: Usual) -> float | None:
        """The value to compare, or None where there is none or the rule's gate is closed."""
        if self.gate and not (_at(reading, self.gate[0]) or 0.0) > self.gate[1]:
            return None
        value = _at(reading, self.position)
        if value is None or not self.over_usual:
            return value
        expected = usual(reading, self.metric)
        return None if expected is None else value - expected

    def raised_by(self, value: float) -> bool:
        """Beyond the threshold."""
        return value > self.threshold if self.comparison == "above" else value < self.threshold

    def cleared_by(self, value: float) -> bool:
        """Back past the clearing value; between the two nothing changes."""
        return value <= self.clears_at if self.comparison == "above" else value >= self.clears_at


Usual = Callable[[Reading, str], float | None]
"""What the asset of a reading usually measures at its time; None where nobody knows yet."""

AlarmKey = tuple[int, int]
"""(asset id, rule id): at most one alarm of a rule is open on an asset."""


def unknown(_reading: Reading, _metric: str) -> None:
    """The `Usual` of a city without experience."""
    return


@dataclass(frozen=True, slots=True)
class Finding:
    """A reading that raises or clears the alarm of `rule` on its asset."""

    kind: Literal["raised", "cleared"]
    rule: Rule
    reading: Reading
    value: float


@dataclass(frozen=True, slots=True)
class Holding:
    """What `rule_id` says holds on an asset: since when, last seen when and how (device time)."""

    asset_id: int
    rule_id: int
    device_id: str
    value: float
    since: datetime
    seen_at: datetime
    trace_id: str | None = None

    @property
    def key(self) -> AlarmKey:
        """At most one of a rule on an asset."""
        return self.asset_id, self.rule_id


def judge(
    readings: Iterable[Reading],
    rules: Mapping[int, tuple[Rule, ...]],
    open_alarms: Mapping[AlarmKey, str],
    usual: Usual = unknown,
) -> list[Finding]:
    """Go through readings in their order in time and say what alarms they raise and clear, in that order.

    `rules` by profile id; `open_alarms` gives the device that raised each open alarm: only its values clear it.
    """
    devices = dict(open_alarms)
    findings: list[Finding] = []
    for reading in sorted(readings, key=lambda reading: reading.occurred_at):
        for rule in rules.get(reading.profile_id, ()):
            value = None if rule.deferred else rule.judged(reading, usual)
            key = (reading.asset_id, rule.id)
            if value is None:
                continue
            if key not in devices and rule.raised_by(value):
                devices[key] = reading.device_id
                findings.append(Finding("raised", rule, reading, value))
            elif devices.get(key) == reading.device_id and rule.cleared_by(value):
                del devices[key]
                findings.append(Finding("cleared", rule, reading, value))
    return findings


def hold(
    readings: Iterable[Reading],
    rules: Mapping[int, tuple[Rule, ...]],
    standing: Mapping[AlarmKey, Holding],
    usual: Usual = unknown,
) -> dict[AlarmKey, Holding | None]:
    """What the readings change of what holds under deferred rules: begun or seen again, or None where it has ended."""
    now = dict(standing)
    changed: dict[AlarmKey, Holding | None] = {}
    for reading in sorted(readings, key=lambda reading: reading.occurred_at):
        for rule in rules.get(reading.profile_id, ()):
            value = rule.judged(reading, usual) if rule.deferred else None
            key = (reading.asset_id, rule.id)
            before = now.get(key)
            if value is None or (before and before.device_id != reading.device_id):
                continue
            if before is None and rule.raised_by(value):
                at = reading.occurred_at
                changed[key] = now[key] = Holding(*key, reading.device_id, value, at, at, reading.trace_id)
            elif before and rule.cleared_by(value):
                del now[key]
                changed[key] = None
            elif before:
                changed[key] = now[key] = replace(before, value=value, seen_at=reading.occurred_at)
    return changed


def _at(reading: Reading, position: int) -> float | None:
    return reading.values[position] if position < len(reading.values) else None
