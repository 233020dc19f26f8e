"""Device types (设备型号) and detection rules (告警规则) as data: the form of `profiles.toml`, read and checked here.

The file is a list of `[[profile]]`, each with its metrics in the order in which readings keep their values:

    [[profile]]
    code = "pressure_meter"          # names the profile for ever; ^[a-z][a-z0-9_]*$
    name = "压力计"
    name_en = "Pressure meter"
    interval_s = 60                  # expected seconds between two messages; silent after three of them
    metrics = [                      # names: Smart Data Models; units: UCUM; what lies outside min..max is refused
        { name = "pressure", unit = "MPa", min = 0.0, max = 2.5 },
    ]

    [[profile.rule]]                 # none, one or several
    code = "pressure_low"
    name = "管网压力过低"
    name_en = "Mains pressure low"
    metric = "pressure"
    comparison = "below"             # above | below
    threshold = 0.14                 # raises when the value is beyond it
    clears_at = 0.18                 # ends when the value is back past it (hysteresis): between threshold and normal
    class_code = "M0501"             # what a case made of the alarm is filed as

A profile may grow by metrics at the end; what stands must keep its place, for stored readings are read by it.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from config.errors import ConfigurationError

FILE = Path(__file__).with_name("profiles.toml")

Code = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_]*$", max_length=64)]
Name = Annotated[str, msgspec.Meta(min_length=1)]


class Metric(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One measured quantity; `unit` in UCUM, `min` and `max` inclusive."""

    name: Annotated[str, msgspec.Meta(pattern=r"^[a-z][A-Za-z0-9]*$", max_length=64)]
    unit: str
    min: float
    max: float


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Raises an alarm when `metric` goes beyond `threshold`; the alarm ends when it is back past `clears_at`."""

    code: Code
    name: Name
    name_en: Name
    metric: str
    comparison: Literal["above", "below"]
    threshold: float
    clears_at: float
    class_code: Annotated[str, msgspec.Meta(pattern=r"^[CM]\d{4}$")]


class Profile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A device type with its metrics and the rules that watch them."""

    code: Code
    name: Name
    name_en: Name
    interval_s: Annotated[int, msgspec.Meta(gt=0)]
    metrics: Annotated[tuple[Metric, ...], msgspec.Meta(min_length=1)]
    rule: tuple[Rule, ...] = ()


class _File(msgspec.Struct, forbid_unknown_fields=True):
    profile: tuple[Profile, ...]


def read(path: Path = FILE) -> tuple[Profile, ...]:
    """The profiles of a file.

    Raises ConfigurationError naming the file and what is wrong in it.
    """
    try:
        content = path.read_text(encoding="utf-8")
        profiles = msgspec.convert(tomllib.loads(content), _File).profile
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise _wrong(path, str(error)) from error
    for fault in faults(profiles):
        raise _wrong(path, fault)
    return profiles


def faults(profiles: tuple[Profile, ...]) -> list[str]:
    """What the form alone cannot forbid, one sentence each: repeated names, rules of metrics that do not exist."""
    found = _repeated("profile", [profile.code for profile in profiles])
    found += _repeated("rule", [rule.code for profile in profiles for rule in profile.rule])
    for profile in profiles:
        metrics = {metric.name: metric for metric in profile.metrics}
        found += _repeated(f"metric of {profile.code}", [metric.name for metric in profile.metrics])
        found += [
            f"{metric.name} of {profile.code} has min above max"
            for metric in profile.metrics
            if metric.min > metric.max
        ]
        for rule in profile.rule:
            found += _rule_faults(rule, metrics.get(rule.metric), profile.code)
    return found


def _rule_faults(rule: Rule, metric: Metric | None, profile_code: str) -> list[str]:
    if metric is None:
        return [f"rule {rule.code} watches {rule.metric}, which {profile_code} does not measure"]
    low, high = (rule.clears_at, rule.threshold) if rule.comparison == "above" else (rule.threshold, rule.clears_at)
    if low > high:
        return [f"rule {rule.code} clears on the alarming side of its threshold"]
    if not metric.min <= rule.threshold <= metric.max:
        return [f"rule {rule.code} has a threshold outside the range of {rule.metric}"]
    return []


def _repeated(what: str, names: list[str]) -> list[str]:
    return [f"{what} {name} stands twice" for name in sorted(set(names)) if names.count(name) > 1]


def _wrong(path: Path, fault: str) -> ConfigurationError:
    return ConfigurationError(
        "{file}: {fault}.", "Correct the file; config/profiles.py describes its form.", file=path.name, fault=fault
    )
