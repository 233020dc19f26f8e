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
    condition = 1                    # which of the class's filing conditions, counted from 1
    priority = "urgent"              # of that case: urgent | normal
    case = false                     # shown to operators, but nobody is sent: no case is made of it (true unless said)
    near_m = 600                     # an open sensor case of this class within so many metres takes the alarm in; 0: none
    when = { metric = "powerState", above = 0.5 }  # only readings with this are judged
    over = "usual"                   # judge not the value but by how much it exceeds what is usual at this hour of the week
    for_s = 180                      # readings must agree for so long before it is an alarm
    unless = "pressure_low"          # no alarm while that rule's stands, or is about to, on the same asset; also of a group
    settle_s = 8                     # wait so long whether it is only one of a group (below)

    [[profile.group]]                # many devices of one group at once are one alarm, at another asset
    code = "circuit_dead"            # name, name_en, class_code, condition, priority, near_m: as above
    of = "lamp_dark"                 # a rule above, or the silence below
    by = "circuit"                   # members: devices whose assets have the same value of this attribute
    at = "cabinet"                   # the alarm's asset: the one whose reference stands in this attribute
    least = 3                        # so many members at least,
    share = 0.5                      # and this share of all; it ends when fewer than half of either are left

    [profile.silence]                # none or one; code, names and class as above
    code = "lamp_silent"
    intervals = 4                    # an alarm after so many of the profile's intervals without a message

    [profile.headway]                # vehicles on lines (attributes `line`; the line has `headway_s`)
    code = "bus_bunching"
    share = 0.25                     # closer than this share of the planned headway …
    clears_at = 0.4
    for_s = 60                       # … for so long

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
ClassCode = Annotated[str, msgspec.Meta(pattern=r"^[CM]\d{4}$")]


class Metric(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One measured quantity; `unit` in UCUM, `min` and `max` inclusive."""

    name: Annotated[str, msgspec.Meta(pattern=r"^[a-z][A-Za-z0-9]*$", max_length=64)]
    unit: str
    min: float
    max: float


class Consequence(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every kind of rule says of the case that comes of its alarm."""

    condition: Annotated[int, msgspec.Meta(ge=1)] = 1
    priority: Literal["urgent", "normal"] = "urgent"
    case: bool = True
    near_m: Annotated[float, msgspec.Meta(ge=0)] = 0.0


class When(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A reading is judged only while another of its metrics is above a value."""

    metric: str
    above: float


class Rule(Consequence, frozen=True, forbid_unknown_fields=True):
    """Raises an alarm when `metric` goes beyond `threshold`; the alarm ends when it is back past `clears_at`."""

    code: Code
    name: Name
    name_en: Name
    metric: str
    comparison: Literal["above", "below"]
    threshold: float
    clears_at: float
    class_code: ClassCode
    when: When | None = None
    over: Literal["nothing", "usual"] = "nothing"
    for_s: Annotated[float, msgspec.Meta(ge=0)] = 0.0
    settle_s: Annotated[float, msgspec.Meta(ge=0)] = 0.0
    unless: Code | None = None


class Group(Consequence, frozen=True, forbid_unknown_fields=True):
    """Makes one alarm of many: members share the attribute `by`, the alarm stands at the asset named in `at`."""

    code: Code
    name: Name
    name_en: Name
    of: Code
    by: Name
    at: Name
    least: Annotated[int, msgspec.Meta(ge=2)]
    share: Annotated[float, msgspec.Meta(gt=0, le=1)]
    class_code: ClassCode
    unless: Code | None = None


class Silence(Consequence, frozen=True, forbid_unknown_fields=True):
    """Raises an alarm when a device has not spoken for `intervals` of its profile's intervals."""

    code: Code
    name: Name
    name_en: Name
    intervals: Annotated[float, msgspec.Meta(ge=2)]
    class_code: ClassCode


class Headway(Consequence, frozen=True, forbid_unknown_fields=True):
    """Raises an alarm at a line when two of its vehicles are closer than `share` of the planned headway for `for_s`."""

    code: Code
    name: Name
    name_en: Name
    share: Annotated[float, msgspec.Meta(gt=0, lt=1)]
    clears_at: Annotated[float, msgspec.Meta(gt=0, lt=1)]
    for_s: Annotated[float, msgspec.Meta(ge=0)]
    class_code: ClassCode


class Profile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A device type with its metrics and the rules that watch them."""

    code: Code
    name: Name
    name_en: Name
    interval_s: Annotated[int, msgspec.Meta(gt=0)]
    metrics: Annotated[tuple[Metric, ...], msgspec.Meta(min_length=1)]
    rule: tuple[Rule, ...] = ()
    group: tuple[Group, ...] = ()
    silence: Silence | None = None
    headway: Headway | None = None

    @property
    def rules(self) -> tuple[Rule | Group | Silence | Headway, ...]:
        """All that watches devices of this type."""
        single = (each for each in (self.silence, self.headway) if each is not None)
        return (*self.rule, *self.group, *single)


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
    codes = [rule.code for profile in profiles for rule in profile.rules]
    found += _repeated("rule", codes)
    found += [
        f"rule {rule.code} defers to {rule.unless}, which is no other rule"
        for profile in profiles
        for rule in profile.rules
        if isinstance(rule, Rule | Group) and rule.unless is not None and rule.unless not in set(codes) - {rule.code}
    ]
    for profile in profiles:
        metrics = {metric.name: metric for metric in profile.metrics}
        found += _repeated(f"metric of {profile.code}", [metric.name for metric in profile.metrics])
        found += [
            f"{metric.name} of {profile.code} has min above max"
            for metric in profile.metrics
            if metric.min > metric.max
        ]
        for rule in profile.rule:
            found += _rule_faults(rule, metrics, profile.code)
        found += _reference_faults(profile)
    return found


def _rule_faults(rule: Rule, metrics: dict[str, Metric], profile_code: str) -> list[str]:
    for watched in (rule.metric, *([rule.when.metric] if rule.when else [])):
        if watched not in metrics:
            return [f"rule {rule.code} watches {watched}, which {profile_code} does not measure"]
    metric = metrics[rule.metric]
    low, high = (rule.clears_at, rule.threshold) if rule.comparison == "above" else (rule.threshold, rule.clears_at)
    if low > high:
        return [f"rule {rule.code} clears on the alarming side of its threshold"]
    if not metric.min <= rule.threshold <= metric.max:
        return [f"rule {rule.code} has a threshold outside the range of {rule.metric}"]
    return []


def _reference_faults(profile: Profile) -> list[str]:
    silence = [profile.silence.code] if profile.silence else []
    deferred = [rule.code for rule in profile.rule if rule.settle_s > 0]
    found = [
        f"group {group.code} gathers {group.of}, which is no rule of {profile.code} with settle_s and no silence"
        for group in profile.group
        if group.of not in (*deferred, *silence)
    ]
    if profile.headway and profile.headway.clears_at < profile.headway.share:
        found.append(f"headway {profile.headway.code} clears on the alarming side of its threshold")
    return found


def _repeated(what: str, names: list[str]) -> list[str]:
    return [f"{what} {name} stands twice" for name in sorted(set(names)) if names.count(name) > 1]


def _wrong(path: Path, fault: str) -> ConfigurationError:
    return ConfigurationError(
        "{file}: {fault}.", "Correct the file; config/profiles.py describes its form.", file=path.name, fault=fault
    )
