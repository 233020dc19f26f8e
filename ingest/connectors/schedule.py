"""When a connected system is read next, and how it stands: delay and outage. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

Standing = Literal["ok", "late", "held", "failing", "paused", "new"]

LONGEST_PAUSE = timedelta(hours=1)
"""After failures a system is asked less and less often, but never more rarely than this, or than its own rhythm."""

LATE_AFTER = 2.0
"""Without success for this many of its periods a system counts as late."""


def next_at(now: datetime, every_s: int, failures: int) -> datetime:
    """After a success one period later; after the n-th failure in a row 2ⁿ times 10 seconds, capped."""
    period = timedelta(seconds=every_s)
    if failures == 0:
        return now + period
    return now + min(timedelta(seconds=10 * 2 ** min(failures, 20)), max(LONGEST_PAUSE, period), period)


@dataclass(frozen=True)
class State:
    """How a connected system stands. Seconds are None where nothing is known yet."""

    standing: Standing
    failures: int
    outage_s: float | None
    """Since when it has not been read with success, while it fails."""
    delay_s: float | None
    """How old the newest data are that it gave."""


@dataclass(frozen=True)
class Past:
    """What is known of earlier attempts: failures in a row up to now, the last success, its newest data, the last outcome."""

    failures: int = 0
    succeeded_at: datetime | None = None
    first_failure_at: datetime | None = None
    data_at: datetime | None = None
    outcome: str = ""


def state(past: Past, active: bool, every_s: int, now: datetime) -> State:
    """The state at `now`."""
    delay = (now - past.data_at).total_seconds() if past.data_at else None
    failing_since = past.succeeded_at or past.first_failure_at
    outage = (now - failing_since).total_seconds() if past.failures and failing_since else None
    return State(_standing(past, active, every_s, now), past.failures, outage, delay)


def _standing(past: Past, active: bool, every_s: int, now: datetime) -> Standing:
    if not active:
        return "paused"
    if past.failures:
        return "failing"
    if past.succeeded_at is None:
        return "new"
    if past.outcome == "held":
        return "held"
    late = now - past.succeeded_at > timedelta(seconds=LATE_AFTER * every_s)
    return "late" if late else "ok"
