"""How much a city can do, learnt from what it did: hours of work by type, crews of each unit, people at the centre's posts. Pure.

Work: the quarter of a type's requests that were closed soonest hardly waited, so the working time from opening to closing that a
quarter stayed below is taken for the work itself, at least a quarter of an hour and at most a working day. Crews: as many as would
have needed all their working time for what their unit really closed of the period. Where more comes in than was closed, queues grow
here as there.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import numpy as np

from data.replay.period import Period
from dispatch import deadlines
from dispatch.calendars.working import Calendar
from dispatch.importing.past_reports import PastReport

LEAST_HOURS, MOST_HOURS, USUAL_HOURS = 0.25, 8.0, 1.5
FEWEST = 8
"""Closed requests of a type from which its work is learnt; else the unit's types together tell, else USUAL_HOURS."""
LONG_OPEN = timedelta(days=14)
"""Whatever was open for longer waited: how long exactly makes no difference to the soonest quarter."""
QUARTER = 0.25
BUSY = 0.8
"""Which share of their time people at a post work in an hour with much to do."""

MINUTES: Mapping[str, tuple[float, float]] = {
    "accept": (2, 6), "refuse": (1, 3), "send_check": (0.5, 2), "file": (1, 4), "close": (1, 4), "dispatch": (1, 4), "rework": (1, 4),
    "accept_order": (3, 20), "verify": (10, 28), "check": (10, 28),
}  # fmt: skip
"""Shortest and longest minutes of each step; the limits are a quarter of an hour at a desk and half an hour on site."""

STEPS_OF: Mapping[str, tuple[str, ...]] = {
    "intake_operator": ("accept", "send_check"),
    "shift_leader": ("file", "close"),
    "dispatcher": ("dispatch",),
    "inspector": ("verify", "check"),
}
"""What a usual case asks of each post of the centre."""

UnitOf = Callable[[PastReport], str]
"""The code of the unit that had a request there."""


@dataclass(frozen=True)
class Wishes:
    """What the caller states in place of what would be learnt. `share`: of the learnt crews, so many are there."""

    crews: Mapping[str, int] = field(default_factory=dict)
    hours: Mapping[str, float] = field(default_factory=dict)
    people: Mapping[str, int] = field(default_factory=dict)
    share: float = 1.0


@dataclass(frozen=True)
class Capacity:
    """Working hours of each type, crews of each unit, people of each post of the centre."""

    hours: Mapping[str, float]
    crews: Mapping[str, int]
    people: Mapping[str, int]

    def hours_of(self, report: PastReport) -> float:
        """How long the work on a request usually takes."""
        return self.hours.get(report.rule.name, USUAL_HOURS)


def learn(
    past: Sequence[PastReport], period: Period, unit_of: UnitOf, calendar: Calendar, wishes: Wishes = Wishes()
) -> Capacity:
    """Learn from all requests of the files how long work takes, and from those of the period how many people there were."""
    hours = _hours(past, unit_of, calendar) | dict(wishes.hours)
    asked = period.of(past)
    crews = _crews(asked, period, unit_of, calendar, hours)
    crews = {unit: max(1, round(number * wishes.share)) for unit, number in crews.items()} | dict(wishes.crews)
    return Capacity(hours, crews, _people(asked) | dict(wishes.people))


def working_hours(since: object, until: object, calendar: Calendar) -> float:
    """Working hours between two instants."""
    return float(deadlines.used(since, until, "work_hour", calendar))  # type: ignore[arg-type]


def _hours(past: Iterable[PastReport], unit_of: UnitOf, calendar: Calendar) -> dict[str, float]:
    taken: dict[str, list[float]] = defaultdict(list)
    of_unit: dict[str, list[float]] = defaultdict(list)
    unit_names: dict[str, Counter[str]] = defaultdict(Counter)
    for report in past:
        unit_names[report.rule.name][unit_of(report)] += 1
        if report.closed_at is None or report.closed_as_written:
            continue
        quick = report.closed_at - report.opened_at <= LONG_OPEN
        hours = working_hours(report.opened_at, report.closed_at, calendar) if quick else math.inf
        taken[report.rule.name].append(hours)
        of_unit[unit_of(report)].append(hours)
    learnt = {}
    for name, units in unit_names.items():
        samples = taken[name] if len(taken[name]) >= FEWEST else of_unit[units.most_common(1)[0][0]]
        learnt[name] = _work(samples) if len(samples) >= FEWEST else USUAL_HOURS
    return learnt


def _work(samples: Sequence[float]) -> float:
    ordered = sorted(samples)
    return round(min(MOST_HOURS, max(LEAST_HOURS, ordered[int(len(ordered) * QUARTER)])), 2)


def _crews(
    asked: Iterable[PastReport], period: Period, unit_of: UnitOf, calendar: Calendar, hours: Mapping[str, float]
) -> dict[str, int]:
    done: dict[str, float] = defaultdict(float)
    for report in asked:
        closed = report.closed_at is not None and report.closed_at < period.until
        done[unit_of(report)] += hours[report.rule.name] if closed else 0.0
    there = max(working_hours(period.since, period.until, calendar), LEAST_HOURS)
    return {unit: max(1, math.ceil(needed / there)) for unit, needed in sorted(done.items())}


def _people(asked: Sequence[PastReport]) -> dict[str, int]:
    """Enough at each post for an hour such as one in twenty is busier."""
    if not asked:
        return dict.fromkeys(STEPS_OF, 1)
    per_hour = Counter(int(report.opened_at.timestamp() // 3600) for report in asked)
    first, last = min(per_hour), max(per_hour)
    much = float(np.quantile([per_hour.get(hour, 0) for hour in range(first, last + 1)], 0.95))
    minutes = {post: sum(sum(MINUTES[step]) / 2 for step in steps) for post, steps in STEPS_OF.items()}
    return {post: max(1, math.ceil(much * each / 60 / BUSY)) for post, each in minutes.items()}
