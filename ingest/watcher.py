"""The look as it runs: a thread beside the storing of messages, with a connection of its own."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

import psycopg2
import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from config.errors import ServiceUnavailable
from gis import clock
from gis.db import transaction
from ingest import metrics, usual, watch

log = structlog.get_logger(process="ingest")

PERIOD_S = 2.0
SHARE_OF_TIME = 0.1
"""A look that takes long comes more rarely, so that it never uses more than this share of a core."""


class Watcher:
    """Looks until told to stop. What goes wrong with the database is waited out: the next look finds everything again."""

    def __init__(self, engine: Engine, zone: ZoneInfo, hears: Callable[[], bool], stopping: threading.Event) -> None:
        self._engine, self._zone, self._hears, self._stopping = engine, zone, hears, stopping
        self._memory = watch.Memory()
        self._learned: datetime | None = None
        self._feed_down = False
        self._thread = threading.Thread(target=self._run, name="look", daemon=True)

    def start(self) -> None:
        """Begin, in a thread of its own."""
        self._thread.start()

    def join(self) -> None:
        """Wait for the look in hand."""
        self._thread.join(10)

    def look_once(self) -> watch.Seen | None:
        """One look, and once an hour what is usual is learned."""
        hears = self._hears()
        with transaction(self._engine) as db:
            now = clock.now(db)
            if not hears:
                self._memory.listening_since = None
            elif self._memory.listening_since is None or self._memory.listening_since > now:
                self._memory.listening_since = now
            seen = watch.look(db, self._memory, now)
        hour = now.replace(minute=0, second=0, microsecond=0)
        if seen and self._learned != hour:
            with transaction(self._engine) as db:
                usual.learn(db, now, self._zone)
            self._learned = hour
        return seen

    def _run(self) -> None:
        pause = PERIOD_S
        while not self._stopping.wait(pause):
            started = time.monotonic()
            try:
                self._say(self.look_once())
            except (psycopg2.Error, SQLAlchemyError, ServiceUnavailable) as error:
                log.warning("look_failed", error=str(error).strip())
                self._engine.dispose()
            except Exception as error:  # a fault of our own must not end detection for good
                log.error("look_broken", exc_info=error)
            pause = max(PERIOD_S, (time.monotonic() - started) / SHARE_OF_TIME)

    def _say(self, seen: watch.Seen | None) -> None:
        if seen is None:
            return
        for each in seen.raised:
            log.info("alarm_raised", rule=each.rule.code, asset_id=each.asset_id, value=each.value)
        metrics.ALARMS.labels("raised").inc(len(seen.raised))
        metrics.ALARMS.labels("cleared").inc(seen.cleared)
        if seen.feed_down != self._feed_down:
            log.warning("most_devices_silent" if seen.feed_down else "devices_speak_again")
            self._feed_down = seen.feed_down
