"""The dispatch process: acts on the event log and watches the clocks. `python -m dispatch.service`.

Each event is claimed first, then acted on in a transaction together with the mark that it is done: killed at any moment,
the process finds it again some seconds later. Several processes share the work: claims skip what others hold.
"""

from __future__ import annotations

import select
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from datetime import date, datetime

import psycopg2
import structlog
from psycopg2.extensions import ISOLATION_LEVEL_AUTOCOMMIT
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from config.errors import ServiceUnavailable
from config.logs import configure
from config.settings import Settings, from_environment
from dispatch import alarms, notices, pictures, timers
from dispatch.calendars import editions
from dispatch.delivery.sending import Sender
from dispatch.evaluation import keeping
from dispatch.exchange import following, pushing
from dispatch.routing import studies
from gis import clock, events
from gis.db import make_engine, transaction, url_of

log = structlog.get_logger()

Consumer = Callable[[Connection, Settings, events.Event], None]

CONSUMERS: dict[str, Consumer] = {
    "cases": alarms.act,
    "notices": notices.act,
    "pictures": pictures.act,
    "studies": studies.act,
    "callers": following.act,
    "ticket_push": pushing.act,
}

MANY: dict[str, Callable[[Connection, Settings, Sequence[events.Event]], None]] = {
    "notices": notices.act_on_many,
    "callers": following.act_on_many,
}
"""Consumers that act on many events in one transaction: a burst of ten thousand moves tells ten thousand people."""

AT_ONCE = 200

OUTSIDE = frozenset({"ticket_push"})
"""Consumers that wait for other systems: they have a thread of their own, so that nobody here waits with them."""

LONGEST_WAIT_S = 1.0
"""Even without a notification the log is looked at this often; retries fall due silently."""

FIGURES_AT_ONCE, FIGURES_WAIT_S = 500, 2.0
"""Cases whose figures are computed in one transaction, and how long the process rests where fewer had changed."""


class Service:
    """Five threads: one acts on events, one on those for other systems, one watches clocks, one keeps figures, one sends notices.

    `stop` ends all of them after what they are doing.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.engine = make_engine(settings.database_url, pool_size=8)
        self._stopping = threading.Event()
        self._sender = Sender(self.engine, settings, self._stopping.wait)
        self._broken = False
        self._calendar_of: date | None = None

    def run(self) -> int:
        """Work until stopped; returns 0. A fault that waiting cannot mend ends all threads: returns 1, to be started again."""
        others = [
            threading.Thread(target=self._forever, args=(self._watch_clocks,), name="clocks"),
            threading.Thread(target=self._forever, args=(self._act_outside,), name="outside"),
            threading.Thread(target=self._forever, args=(self._keep_figures,), name="figures"),
            threading.Thread(target=self._forever, args=(self._sender.step,), name="sender"),
        ]
        for thread in others:
            thread.start()
        self._forever(self._act_on_events)
        for thread in others:
            thread.join()
        self._sender.close()
        self.engine.dispose()
        return int(self._broken)

    def stop(self) -> None:
        """Ask all threads to end."""
        self._stopping.set()

    def _forever(self, work: Callable[[], None]) -> None:
        while not self._stopping.is_set():
            try:
                work()
            except (SQLAlchemyError, ServiceUnavailable, psycopg2.Error) as error:
                log.warning("database_unavailable", thread=threading.current_thread().name, error=str(error).strip())
                self._stopping.wait(1)
            except Exception as error:
                log.error("broken", thread=threading.current_thread().name, exc_info=error)
                self._broken = True
                self._stopping.set()

    def _act_on_events(self) -> None:
        url = url_of(self.settings.database_url).set(drivername="postgresql")
        listener = psycopg2.connect(url.render_as_string(hide_password=False), application_name="citycommand dispatch")
        try:
            listener.set_isolation_level(ISOLATION_LEVEL_AUTOCOMMIT)
            listener.cursor().execute("listen events")
            while not self._stopping.is_set():
                if not self._act_once():
                    select.select([listener], [], [], LONGEST_WAIT_S)
                    listener.poll()
                    listener.notifies.clear()
        finally:
            listener.close()

    def _act_once(self) -> bool:
        """One event of each consumer, many of some; True when there was any."""
        return sum(self._act(name) for name in CONSUMERS if name not in OUTSIDE) > 0

    def _act(self, consumer: str) -> bool:
        return (act_on_many if consumer in MANY else act_on_next)(self.engine, self.settings, consumer)

    def _act_outside(self) -> None:
        if sum(act_on_next(self.engine, self.settings, name) for name in sorted(OUTSIDE)) == 0:
            self._stopping.wait(LONGEST_WAIT_S)

    def _watch_clocks(self) -> None:
        with transaction(self.engine) as db:
            now = clock.now(db)
            self._keep_calendar(db, now)
            fired = timers.fire(db, self.settings.time_zone, now) + timers.resume(db, self.settings, now)
            wait = 0.0 if fired else timers.seconds_to_next(db, now, LONGEST_WAIT_S)
        self._stopping.wait(wait)

    def _keep_calendar(self, db: Connection, now: datetime) -> None:
        """Once a day, and at the start: what has been published of holidays goes into the calendar."""
        today = now.astimezone(self.settings.time_zone).date()
        if today != self._calendar_of:
            editions.refresh(db, self.settings, today)
            self._calendar_of = today

    def _keep_figures(self) -> None:
        with transaction(self.engine) as db:
            kept = keeping.refresh(db, clock.now(db), FIGURES_AT_ONCE)
        self._stopping.wait(0.0 if kept >= FIGURES_AT_ONCE else FIGURES_WAIT_S)


def act_on_many(engine: Engine, settings: Settings, consumer: str) -> bool:
    """Act on the oldest open events of a consumer in MANY, in one transaction; False when there is none.

    Where one of them fails, each is acted on by itself: the others do not wait with it.
    """
    with transaction(engine) as db:
        claimed = events.claim_many(db, consumer, AT_ONCE)
    if not claimed:
        return False
    try:
        with transaction(engine) as db:
            still = events.still_open_of(db, consumer, [event.id for event in claimed])
            MANY[consumer](db, settings, [event for event in claimed if event.id in still])
            events.done_with(db, consumer, sorted(still))
    except (OperationalError, ServiceUnavailable):
        raise
    except Exception as error:
        log.warning("events_one_by_one", consumer=consumer, events=len(claimed), error=str(error))
        for event in claimed:
            _act_on(engine, settings, consumer, event)
    return True


def act_on_next(engine: Engine, settings: Settings, consumer: str) -> bool:
    """Act on the oldest open event of `consumer`; False when there is none. A failure is noted and comes again later."""
    with transaction(engine) as db:
        event = events.claim(db, consumer)
    if event is None:
        return False
    _act_on(engine, settings, consumer, event)
    return True


def _act_on(engine: Engine, settings: Settings, consumer: str, event: events.Event) -> None:
    try:
        with transaction(engine) as db:
            if events.still_open(db, consumer, event.id):
                CONSUMERS[consumer](db, settings, event)
                events.done(db, consumer, event.id)
    except (OperationalError, ServiceUnavailable):
        raise
    except Exception as error:
        log.error("event_failed", consumer=consumer, event_id=event.id, trace_id=event.trace_id, exc_info=error)
        with transaction(engine) as db:
            events.failed(db, consumer, event.id, f"{type(error).__name__}: {error}")


def main() -> None:
    """Entry of the process."""
    configure("dispatch")
    service = Service(from_environment())
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: service.stop())
    log.info("started", consumers=sorted(CONSUMERS))
    sys.exit(service.run())


if __name__ == "__main__":
    main()
