"""Which rungs hold for a clock, and at which moment (D5). Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from dispatch import deadlines
from dispatch.calendars.working import Calendar
from dispatch.clocks import Run
from dispatch.deadlines import Limit


@dataclass(frozen=True)
class Rung:
    """Tell somebody at `amount`: a share of the limit, or so much time of `limit_kind` after it has run out."""

    id: int
    basis: str
    amount: float
    recorded_at: datetime
    stage: str | None = None
    class_prefix: str = ""
    limit_kind: str | None = None
    valid_from: date = date.min
    valid_to: date | None = None

    def holds(self, stage: str, class_code: str | None, day: date) -> bool:
        """Whether it is for clocks of this stage and class that begin, or run out, on `day`."""
        in_force = self.valid_from <= day and (self.valid_to is None or day < self.valid_to)
        return in_force and self.stage in (None, stage) and (class_code or "").startswith(self.class_prefix)


def share_moment(rung: Rung, run: Run, used_before: float, calendar: Calendar) -> datetime:
    """When the share is used up of the whole limit: this run's, and what earlier runs of the clock had used of it."""
    wanted = rung.amount * (used_before + run.limit.amount) - used_before
    if wanted <= 0:
        return run.started_at
    return deadlines.due_at(run.started_at, Limit(run.limit.kind, wanted), calendar)


def after_moment(rung: Rung, due_at: datetime, calendar: Calendar) -> datetime:
    """So many hours after the limit ran out."""
    assert rung.limit_kind is not None
    return deadlines.due_at(due_at, Limit(rung.limit_kind, rung.amount), calendar)
