"""Playing a period: requests come in at their moments, people work, the clock goes from one thing to the next."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, Engine, text

from config.errors import CityCommandError
from data.replay.acting import Acting
from data.replay.city import City
from data.replay.lives import STEP, Life, Turn, life
from data.replay.queues import Agenda, Work
from data.replay.staff import Jobs
from data.replay.timing import Conductor
from gis import clock
from gis.actors import Actor
from gis.db import transaction
from gis.importing import runs
from gis.importing.runs import Reject


@dataclass(frozen=True)
class HandIn:
    """A request comes in."""

    life: Life


@dataclass(frozen=True)
class Done:
    """Somebody is done with a step."""

    life: Life
    move: str
    actor: Actor
    queue: Jobs


@dataclass(frozen=True)
class Wake:
    """Working time begins for those who have work waiting."""

    queue: Jobs


@dataclass(frozen=True)
class DayEnds:
    """Midnight: how it stands is said."""


Event = HandIn | Done | Wake | DayEnds


@dataclass(frozen=True)
class Standing:
    """How it stands at a moment: cases, real speed, and what the dispatch process has still to act on."""

    moment: datetime
    handed_in: int
    open: int
    overdue: int
    speed: float
    behind_s: float
    waiting: int


@dataclass
class Played:
    """What came of it until `until`. `refused`: requests by reason, kept in the run; `stuck`: moves that the workflow refused."""

    until: datetime
    handed_in: int = 0
    moves: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    stuck: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    speed: float = 0.0
    most_behind_s: float = 0.0
    most_waiting: int = 0
    """Events that the dispatch process had still to act on, at the midnight when they were most."""


class Play:
    """One replay. `say` is told how it stands at each of the city's midnights."""

    def __init__(self, engine: Engine, city: City, speed: float, seed: int, say: Callable[[Standing], None]) -> None:
        self.engine, self.city, self.say = engine, city, say
        self.acting = Acting(city)
        self.conductor = Conductor(city.period, speed)
        self.agenda: Agenda[Event] = Agenda()
        self.played = Played(city.period.until)
        self._woken: dict[int, datetime] = {}
        for report in city.reports:
            self.agenda.enter(report.opened_at, HandIn(life(report, seed, city.capacity.hours_of(report))))
        for midnight in self._midnights():
            self.agenda.enter(midnight, DayEnds())

    def run(self) -> Played:
        """Play until the period ends, or until interrupted: then the clock stands where it had come to."""
        reached = self.city.period.since
        with transaction(self.engine) as db:
            db.execute(
                text("set synchronous_commit = off")
            )  # what a power cut takes is played again, from the beginning
            self.conductor.begin(db, self._next_at())
        try:
            while self._next_at() < self.city.period.until:
                reached = self._play_next()
            reached = self.city.period.until
            self.conductor.wait_for(reached)
        except KeyboardInterrupt:
            self.played.until = reached
        self.played.seconds = self.conductor.elapsed_s()
        self.played.speed = self.conductor.speed_at(reached)
        self.played.most_behind_s = self.conductor.most_behind_s
        with transaction(self.engine) as db:
            clock.set_virtual(db, reached)  # from here on it is an ordinary city in another year
        return self.played

    def _play_next(self) -> datetime:
        moment, event = self.agenda.take()
        self.conductor.wait_for(moment)
        try:
            with transaction(self.engine) as db:
                now = self.conductor.arrive(db, moment)
                self._do(db, event, now)
                self.conductor.go_on(db, now, self._next_at())
        except CityCommandError as error:
            with transaction(self.engine) as db:
                self._refuse(db, event, error)
                self.conductor.go_on(db, moment, self._next_at())
        return moment

    def _do(self, db: Connection, event: Event, now: datetime) -> None:
        if isinstance(event, HandIn):
            state = self.acting.hand_in(db, event.life, now)
            self.played.handed_in += 1
            self._offer(event.life, state, now)
        elif isinstance(event, Done):
            state = self.acting.step(db, event.life, event.actor, event.move, now)
            self.played.moves += 1
            event.queue.release(event.actor)
            self._begin(event.queue, now)
            self._offer(event.life, state, now)
        elif isinstance(event, Wake):
            self._woken.pop(id(event.queue), None)
            self._begin(event.queue, now)
        else:
            standing = self._standing(db, now)
            self.played.most_waiting = max(self.played.most_waiting, standing.waiting)
            self.say(standing)

    def _refuse(self, db: Connection, event: Event, error: CityCommandError) -> None:
        """A request that the door refuses is kept with its reason; a move that the workflow refuses leaves the case where it is."""
        reason = type(error).__name__
        if isinstance(event, HandIn):
            report = event.life.report
            self.played.refused[reason] += 1
            runs.keep_rejects(db, self.city.run_id, [Reject(report.ref, reason, error.said()[0], report.raw)])
        elif isinstance(event, Done):
            self.played.stuck[f"{event.move}: {error.said()[0]}"] += 1
            event.queue.release(event.actor)
            self._begin(event.queue, clock.now(db))

    def _offer(self, case: Life, state: str, now: datetime) -> None:
        """Let the case wait for whoever makes its next step."""
        if state not in STEP:
            return
        post, _ = STEP[state]
        move = case.move(state)
        queue = self._queue(post, case)
        urgency = case.due_at if post == "handler" and case.due_at else now
        work = Work(case.hours_for(move), at_once=post != "handler" or case.urgent)
        queue.put(urgency, Turn(case, move), work)
        self._begin(queue, now)

    def _queue(self, post: str, case: Life) -> Jobs:
        people = self.city.staff
        if post == "inspector":
            assert case.inspector_id is not None
            return people.inspectors[case.inspector_id]
        if post in ("unit_desk", "handler"):
            assert case.unit_id is not None
            return (people.desks if post == "unit_desk" else people.crews)[case.unit_id]
        return people.posts[post]

    def _begin(self, queue: Jobs, now: datetime) -> None:
        for begun in queue.begin(now):
            self.agenda.enter(begun.done_at, Done(begun.job.case, begun.job.move, begun.worker, queue))
        wakes_at = queue.wakes_at(now)
        if wakes_at is not None and self._woken.get(id(queue)) != wakes_at:
            self._woken[id(queue)] = wakes_at
            self.agenda.enter(wakes_at, Wake(queue))

    def _next_at(self) -> datetime:
        return min(self.agenda.next_at() or self.city.period.until, self.city.period.until)

    def _midnights(self) -> list[datetime]:
        period, zone = self.city.period, self.city.settings.time_zone
        found = []
        day = period.since.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
        while (moment := (day := day + timedelta(days=1)).replace(tzinfo=zone).astimezone(UTC)) < period.until:
            found.append(moment)
        return found

    def _standing(self, db: Connection, now: datetime) -> Standing:
        row = db.execute(_STANDING, {"now": now}).one()
        return Standing(
            now,
            self.played.handed_in,
            row.open,
            row.overdue,
            self.conductor.speed_at(now),
            self.conductor.behind_s(now),
            row.waiting,
        )


PATIENCE_S = 3.0


def let_others_finish(engine: Engine) -> int:
    """Wait as long as the dispatch process gets on with what it has still to act on; returns what is left then."""
    left, moved = _waiting(engine), time.monotonic()
    while left and time.monotonic() - moved < PATIENCE_S:
        time.sleep(PATIENCE_S / 10)
        now = _waiting(engine)
        if now < left:
            moved = time.monotonic()
        left = now
    return left


def _waiting(engine: Engine) -> int:
    with transaction(engine) as db:
        return int(db.execute(text(f"select {_OPEN}")).scalar_one())


_OPEN = "(select count(*) from gis.delivery where done_at is null and attempts < 20)"

_STANDING = text(f"""
    select count(*) filter (where closed_at is null) as open, count(*) filter (where closed_at is null and due_at < :now) as overdue,
           {_OPEN} as waiting
    from dispatch.cases where not imported
""")
