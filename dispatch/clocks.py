"""What a move does to the clock of a case: start, restart, pause, resume, extend, stop (D5). Pure.

One row is one run of a limit. A pause ends the row; resuming, or an extension, begins another one with what was left,
so that every minute that counted stands in some row and none counts twice. What a run has used is measured by the calendar it
began with, whatever has become of the calendar since; what is left goes on by the one that holds now.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from dispatch import deadlines
from dispatch.calendars.working import Calendar
from dispatch.deadlines import Clock, Limit


@dataclass(frozen=True)
class Run:
    """A row of dispatch.clock: the running one, or the one that was paused."""

    id: int
    stage: str
    limit: Limit
    started_at: datetime
    stopped_at: datetime | None
    edition: int | None = None


@dataclass(frozen=True)
class Next:
    """The clock that begins: its stage, its limit, its three instants, and the row that it goes on from."""

    stage: str
    limit: Limit
    clock: Clock
    continues_id: int | None = None


def start(stage: str, limit: Limit, at: datetime, calendar: Calendar) -> Next:
    """A whole new limit."""
    return Next(stage, limit, deadlines.clock(at, limit, calendar))


def resume(paused: Run, at: datetime, then: Calendar, now: Calendar) -> Next:
    """The rest of a paused limit, from `at` on; `then` is the calendar the run began with."""
    return _go_on(paused, left(paused, paused.stopped_at or at, then), at, now)


def extend(running: Run, original: Limit, share: float, at: datetime, then: Calendar, now: Calendar) -> Next:
    """What is left, and `share` (above 0, at most 1) of the original limit on top of it.

    Both are amounts of one kind: the running limit came from the original. A condition of another kind (its class was corrected
    since) adds the same share of the running limit.
    """
    added = original.amount if original.kind == running.limit.kind else running.limit.amount
    return _go_on(running, left(running, at, then) + share * added, at, now)


def left(run: Run, at: datetime, calendar: Calendar) -> float:
    """The amount of the run's limit that is not used up at `at`; never negative."""
    used = deadlines.used(run.started_at, at, run.limit.kind, calendar)
    return float(max(Fraction(0), Fraction(run.limit.amount) - used))


def _go_on(run: Run, amount: float, at: datetime, calendar: Calendar) -> Next:
    limit = Limit(run.limit.kind, amount)
    return Next(run.stage, limit, deadlines.clock(at, limit, calendar), run.id)
