"""People with one queue: whoever is free takes the most urgent job; crews work in working time, on call for emergencies. Pure."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Generic, TypeVar

from dispatch import deadlines
from dispatch.calendars.working import Calendar
from dispatch.deadlines import Limit

Worker = TypeVar("Worker")
Job = TypeVar("Job")


class Agenda(Generic[Job]):
    """What happens when, in order; of one moment, as it was entered."""

    def __init__(self) -> None:
        self._entries: list[tuple[datetime, int, Job]] = []
        self._numbers = count()

    def enter(self, moment: datetime, job: Job) -> None:
        """Let it happen at `moment`."""
        heapq.heappush(self._entries, (moment, next(self._numbers), job))

    def next_at(self) -> datetime | None:
        """When the next thing happens; None where nothing is left."""
        return self._entries[0][0] if self._entries else None

    def take(self) -> tuple[datetime, Job]:
        """The next thing with its moment; it is no longer on the agenda."""
        moment, _, job = heapq.heappop(self._entries)
        return moment, job


@dataclass(frozen=True)
class Begun(Generic[Worker, Job]):
    """A job that somebody has begun, and when it is done."""

    worker: Worker
    job: Job
    done_at: datetime


@dataclass(frozen=True)
class Work:
    """How long a job takes, in hours. `at_once`: around the clock; else only in working time."""

    hours: float
    at_once: bool = True


@dataclass
class Queue(Generic[Worker, Job]):
    """Workers of one kind and the jobs that wait for them: who is due first comes first, who rested longest takes it."""

    workers: Sequence[Worker]
    calendar: Calendar
    _free: deque[Worker] = field(init=False)
    _waiting: list[tuple[datetime, int, Job, Work]] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=count)

    def __post_init__(self) -> None:
        self._free = deque(self.workers)

    def __len__(self) -> int:
        """Jobs that wait or are being worked on."""
        return len(self._waiting) + len(self.workers) - len(self._free)

    def put(self, due_at: datetime, job: Job, work: Work) -> None:
        """Let a job wait for somebody."""
        heapq.heappush(self._waiting, (due_at, next(self._numbers), job, work))

    def release(self, worker: Worker) -> None:
        """A worker is free again."""
        self._free.append(worker)

    def begin(self, now: datetime) -> Iterator[Begun[Worker, Job]]:
        """Jobs that are begun now: the most urgent of those that may be, as long as somebody is free."""
        later = []
        while self._free and self._waiting:
            entry = heapq.heappop(self._waiting)
            _, _, job, work = entry
            if not work.at_once and opens_at(now, self.calendar) > now:
                later.append(entry)
                continue
            limit = Limit("urgent_hour" if work.at_once else "work_hour", work.hours)
            done_at = deadlines.due_at(now, limit, self.calendar)
            yield Begun(self._free.popleft(), job, done_at)
        for entry in later:
            heapq.heappush(self._waiting, entry)

    def wakes_at(self, now: datetime) -> datetime | None:
        """When to look again though nobody brings or ends a job: working time begins. None where nobody waits for it."""
        if not (self._free and self._waiting):
            return None
        opens = opens_at(now, self.calendar)
        return opens if opens > now else None


def opens_at(now: datetime, calendar: Calendar) -> datetime:
    """`now` in working time, else when that begins again."""
    for windows in calendar.days(now):
        for opens, closes in windows:
            if now < closes:
                return max(opens, now)
    raise AssertionError(now)
