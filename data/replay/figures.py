"""What a replay came to beside what really happened: per unit how many were closed, in time, and are overdue at the end of the period."""

from __future__ import annotations

import time
from collections import defaultdict
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import Connection, Engine, text

from data.replay.city import City
from dispatch import deadlines, policy
from dispatch.calendars.working import Calendar
from dispatch.evaluation import counting
from dispatch.evaluation.counting import Query
from gis.db import transaction

ALL = ""
"""The key of all units together."""
QUIET_WITHIN_S = 300.0


@dataclass
class Tally:
    """Requests of a period as they stand at its end. Rates as the evaluation's: of those that are closed or overdue."""

    handed_in: int = 0
    closed: int = 0
    closed_in_time: int = 0
    overdue: int = 0
    open: int = 0

    @property
    def closing_rate(self) -> float | None:
        """Closed of what had to be closed; None where nothing had to be."""
        return self.closed / (self.closed + self.overdue) if self.closed + self.overdue else None

    @property
    def in_time_rate(self) -> float | None:
        """Closed in time of what had to be closed; None where nothing had to be."""
        return self.closed_in_time / (self.closed + self.overdue) if self.closed + self.overdue else None

    def add(self, other: Tally) -> None:
        """Add the numbers of another one."""
        for each in fields(self):
            setattr(self, each.name, getattr(self, each.name) + getattr(other, each.name))

    def figures(self) -> dict[str, Any]:
        """Numbers and rates by name."""
        return vars(self) | {"closing_rate": self.closing_rate, "in_time_rate": self.in_time_rate}


Tallies = dict[str, Tally]
Rows = dict[str, tuple[Tally, Tally]]
"""By the code of the unit: how it was, how it went here."""


def real(city: City, calendar: Calendar) -> Tallies:
    """How it was, by the code of the unit; due times are those that were promised there, else those of the mapping's limits."""
    found: Tallies = defaultdict(Tally)
    until = city.period.until
    for report in city.reports:
        due_at = report.due_at or deadlines.due_at(report.opened_at, report.rule.limit, calendar)
        closed = report.closed_at is not None and report.closed_at < until
        in_time = closed and report.closed_at is not None and report.closed_at <= due_at
        one = Tally(1, int(closed), int(in_time), int(not closed and due_at < until), int(not closed))
        for unit in (city.unit_of(report), ALL):
            found[unit].add(one)
    return dict(found)


def replayed(db: Connection, city: City) -> Tallies:
    """How it went here, as the evaluation counts it."""
    query = Query(city.period.since, city.period.until, city.settings.time_zone.key)
    codes = {str(row.id): row.code for row in db.execute(text("select id, code from gis.unit"))}
    found: Tallies = {}
    for key, counts in counting.counts(db, "unit", query).items():
        numbers = [counts[name] or 0 for name in ("reported", "closed", "closed_in_time", "overdue", "open")]
        found[codes.get(key or "", "–")] = Tally(*numbers)
    total = Tally()
    for tally in found.values():
        total.add(tally)
    return found | {ALL: total}


def beside(engine: Engine, city: City) -> Rows:
    """Both, by unit, the busiest first and all together last; waits until the figures have caught up."""
    deadline = time.monotonic() + QUIET_WITHIN_S
    while True:
        with transaction(engine) as db:
            left = counting.ready(db)
        if not left or time.monotonic() > deadline:
            break
    with transaction(engine) as db:
        was, here = real(city, policy.calendar(db, city.settings.time_zone)), replayed(db, city)
    units = sorted((was.keys() | here.keys()) - {ALL}, key=lambda unit: (-was.get(unit, Tally()).handed_in, unit))
    return {unit: (was.get(unit, Tally()), here.get(unit, Tally())) for unit in [*units, ALL]}


def table(rows: Rows, names: dict[str, str]) -> list[str]:
    """The figures for a terminal, real before replayed."""
    lines = [
        f"{'':<34}{'handed in':>12}{'closed':>16}{'closing rate':>18}{'in time':>18}{'overdue':>14}{'open':>14}",
        f"{'':<34}{'':>12}{'real → replay':>16}{'real → replay':>18}{'real → replay':>18}{'real → replay':>14}{'real → replay':>14}",
    ]
    for unit, (was, here) in rows.items():
        name = f"{unit} {names.get(unit, '')}".strip() if unit else "all"
        pairs = (
            (f"{was.closed} → {here.closed}", 16),
            (f"{percent(was.closing_rate)} → {percent(here.closing_rate)}", 18),
            (f"{percent(was.in_time_rate)} → {percent(here.in_time_rate)}", 18),
            (f"{was.overdue} → {here.overdue}", 14),
            (f"{was.open} → {here.open}", 14),
        )
        lines.append(f"{name[:33]:<34}{was.handed_in:>12}" + "".join(f"{words:>{width}}" for words, width in pairs))
    return lines


def percent(rate: float | None) -> str:
    """A rate as people read it; a dash where there is none."""
    return "–" if rate is None else f"{rate * 100:.1f} %"
