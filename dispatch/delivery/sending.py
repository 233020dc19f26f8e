"""Sending what is due: a thread of the dispatch process hands messages to a few workers, one at a time for each channel.

A slow gateway holds up itself alone: case work has other threads, and other channels other workers. No transaction is open while
a message is on its way.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import structlog
from sqlalchemy import Engine

from config.errors import CityCommandError, NotDelivered
from config.settings import Settings
from dispatch.delivery import composing, outbox
from dispatch.delivery.outbox import Claimed
from gis.db import transaction

log = structlog.get_logger()

WORKERS = 4
IDLE_S = 1.0


def send_next(engine: Engine, settings: Settings) -> bool:
    """Claim one message and send it; False where nothing is due."""
    with transaction(engine) as db:
        claimed = outbox.claim(db)
    if claimed is None:
        return False
    deliver(engine, settings, claimed)
    return True


def deliver(engine: Engine, settings: Settings, claimed: Claimed) -> None:
    """Write a claimed message, send it and mark what became of it. Only the database being away is raised."""
    with transaction(engine) as db:
        message = composing.compose(db, settings, claimed)
    if message is None:
        return
    try:
        message.send()
    except Exception as error:
        known = error if isinstance(error, CityCommandError) else _broken(error)
        log.warning("not_delivered", channel=claimed.channel_id, message=claimed.message_id, error=str(known))
        with transaction(engine) as db:
            outbox.failed(db, message.claimed, known)
        return
    with transaction(engine) as db:
        outbox.sent(db, message.claimed, message.fell_back)


def _broken(error: Exception) -> NotDelivered:
    """Without the words of the error: they may hold an address."""
    return NotDelivered("It could not be sent: {reason}.", reason=type(error).__name__)


class Sender:
    """Keeps the workers busy; `step` is called again and again by a thread of the service."""

    def __init__(self, engine: Engine, settings: Settings, wait: Callable[[float], object]) -> None:
        self._engine, self._settings, self._wait = engine, settings, wait
        self._workers = ThreadPoolExecutor(WORKERS, thread_name_prefix="sender")
        self._busy: set[int] = set()
        self._freed = threading.Event()

    def step(self) -> None:
        """Hand one message to a worker, or rest. Raises what the database raises."""
        claimed = None
        if len(self._busy) < WORKERS:
            with transaction(self._engine) as db:
                claimed = outbox.claim(db, tuple(self._busy))
        if claimed is not None:
            self._busy.add(claimed.channel_id)
            self._workers.submit(self._work, claimed)
        elif self._busy:
            self._freed.wait(IDLE_S)
            self._freed.clear()
        else:
            self._wait(IDLE_S)

    def close(self) -> None:
        """Let the messages on their way arrive."""
        self._workers.shutdown()

    def _work(self, claimed: Claimed) -> None:
        try:
            deliver(self._engine, self._settings, claimed)
        except Exception as error:  # the claim's time has it tried again
            log.error("delivery_broken", message=claimed.message_id, exc_info=error)
        finally:
            self._busy.discard(claimed.channel_id)
            self._freed.set()
