"""The database side of the service: one connection, one transaction a batch, tried until it is stored."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import suppress
from zoneinfo import ZoneInfo

import psycopg2
import structlog
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from config.telemetry import Limits
from ingest import batch, metrics
from ingest.batch import Message, Outcome
from ingest.live import LiveUpdates
from ingest.refusal import Refused
from ingest.registry import Registry, listen

log = structlog.get_logger()

FIRST_PAUSE_SECONDS = 0.2
LONGEST_PAUSE_SECONDS = 10.0


class Stopped(Exception):
    """The service was told to stop while the database did not answer; what is in hand stays with the broker."""


class Writer:
    """Stores batches. What goes wrong with the database is waited out; what goes wrong with one message, isolated."""

    def __init__(
        self, engine: Engine, limits: Limits, stopping: threading.Event, zone: ZoneInfo = batch.UTC_ZONE
    ) -> None:
        self._engine = engine
        self._limits = limits
        self._zone = zone
        self._stopping = stopping
        self._connection: Connection | None = None
        self._registry = Registry()
        self._live = LiveUpdates()

    def store(self, messages: Sequence[Message]) -> Outcome:
        """Come back when every message is committed, as a reading or in quarantine.

        Raises Stopped when told to stop before the database answers again.
        """
        pause = FIRST_PAUSE_SECONDS
        while True:
            try:
                return self._store_or_halve(messages)
            except (psycopg2.Error, SQLAlchemyError) as error:
                log.warning("database_failed", error=str(error).strip(), messages=len(messages), again_in_s=pause)
            metrics.DATABASE_FAILURES.inc()
            self._disconnect()
            if self._stopping.wait(pause):
                raise Stopped
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)

    def idle(self) -> None:
        """Nothing comes in: tell what is left to tell. A failure is left to the next batch to wait out."""
        if not self._live.due:
            return
        try:
            db = self._connect()
            with db.begin():
                self._live.tell(db)
            self._live.told()
        except (psycopg2.Error, SQLAlchemyError):
            self._disconnect()

    def close(self) -> None:
        """Give the connection back."""
        self._disconnect()

    def _store_or_halve(self, messages: Sequence[Message]) -> Outcome:
        try:
            return self._store_once(messages)
        except Exception as error:
            if not _is_fault_of_a_message(error):
                raise
            if len(messages) == 1:
                return self._set_aside(messages, error)
        half = len(messages) // 2
        return self._store_or_halve(messages[:half]).followed_by(self._store_or_halve(messages[half:]), half)

    def _store_once(self, messages: Sequence[Message]) -> Outcome:
        db = self._connect()
        telling = self._live.due
        with db.begin():
            outcome = batch.process(db, self._registry, messages, self._limits, self._zone)
            batch.keep(db, messages, outcome, self._limits)
            if telling:
                self._live.tell(db)
        if telling:
            self._live.told()
        self._live.add(outcome.assets)
        return outcome

    def _set_aside(self, messages: Sequence[Message], error: Exception) -> Outcome:
        log.error("message_set_aside", topic=messages[0].topic, exc_info=error)
        outcome = Outcome(refused={0: Refused("not_storable", str(getattr(error, "orig", error)))})
        db = self._connect()
        with db.begin():
            batch.keep(db, messages, outcome, self._limits)
        return outcome

    def _connect(self) -> Connection:
        """The connection, listening for changes of the register."""
        if self._connection is None:
            self._registry.forget()
            self._connection = self._engine.connect()
            with self._connection.begin():
                listen(self._connection)
        return self._connection

    def _disconnect(self) -> None:
        if self._connection is not None:
            with suppress(psycopg2.Error, SQLAlchemyError):
                self._connection.invalidate()
                self._connection.close()
            self._connection = None


def _is_fault_of_a_message(error: Exception) -> bool:
    """Whether it is about what is written, rather than about being able to write.

    An error of our own program counts as one, too: it must not stop the city's other messages, and what is set aside
    can be replayed with the corrected program.
    """
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, psycopg2.Error | SQLAlchemyError):
        return isinstance(cause, psycopg2.DataError | psycopg2.IntegrityError)
    return True
