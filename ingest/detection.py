"""What the values mean: threshold rules with hysteresis. Pure: open alarms come in, raised and cleared ones go out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from ingest.validation import Reading


@dataclass(frozen=True, slots=True)
class Rule:
    """A row of ingest.detection_rule; `position` is its metric's place in the profile's values."""

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

    def raised_by(self, value: float) -> bool:
        """Beyond the threshold."""
        return value > self.threshold if self.comparison == "above" else value < self.threshold

    def cleared_by(self, value: float) -> bool:
        """Back past the clearing value; between the two nothing changes."""
        return value <= self.clears_at if self.comparison == "above" else value >= self.clears_at


AlarmKey = tuple[int, int]
"""(asset id, rule id): at most one alarm of a rule is open on an asset."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A reading that raises or clears the alarm of `rule` on its asset."""

    kind: Literal["raised", "cleared"]
    rule: Rule
    reading: Reading
    value: float


def judge(
    readings: Iterable[Reading], rules: Mapping[int, tuple[Rule, ...]], open_alarms: Mapping[AlarmKey, str]
) -> list[Finding]:
    """Go through readings in their order in time and say what alarms they raise and clear, in that order.

    `rules` by profile id; `open_alarms` gives the device that raised each open alarm: only its values clear it.
    """
    devices = dict(open_alarms)
    findings: list[Finding] = []
    for reading in sorted(readings, key=lambda reading: reading.occurred_at):
        for rule in rules.get(reading.profile_id, ()):
            value = reading.values[rule.position] if rule.position < len(reading.values) else None
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
