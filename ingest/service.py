"""The ingest worker: `python -m ingest.service`. From the broker into the database, acknowledged after the commit.

Run as many as needed with CITYCOMMAND_INGEST_WORKER and disjoint CITYCOMMAND_INGEST_TOPICS. It ends with SIGTERM after
the batch in hand, and with exit code 1 when only a restart helps.
"""

from __future__ import annotations

import signal
import sys
import threading
import time

import structlog

from config import logs, telemetry
from config.errors import CityCommandError
from config.settings import Settings
from config.settings import from_environment as settings_from_environment
from config.telemetry import TelemetrySettings
from gis.db import make_engine
from ingest import metrics
from ingest.batch import Outcome
from ingest.inbox import Inbox
from ingest.watcher import Watcher
from ingest.writer import Stopped, Writer

log = structlog.get_logger()

IDLE_SECONDS = 0.25
SUMMARY_SECONDS = 60.0


def run(settings: Settings, ingest: TelemetrySettings, stopping: threading.Event) -> bool:
    """Work until `stopping`. False when the connection to the broker broke down for good."""
    client_id = f"citycommand-{settings.instance}-ingest-{ingest.worker}"
    inbox = Inbox(settings.mqtt_url, client_id, ingest.topics, ingest.in_flight, ingest.session_seconds)
    engine = make_engine(settings.database_url, pool_size=1)
    writer = Writer(engine, ingest.limits, stopping, settings.time_zone)
    ended = threading.Event()
    looking = make_engine(settings.database_url, pool_size=1)
    watcher = Watcher(looking, settings.time_zone, lambda: inbox.connected, ended)
    metrics.CONNECTED.set_function(lambda: float(inbox.connected))
    inbox.open()
    watcher.start()
    try:
        _work(inbox, writer, ingest, stopping)
    except Stopped:
        log.warning("stopped_while_database_was_away")
    finally:
        ended.set()
        inbox.close()
        writer.close()
        engine.dispose()
        watcher.join()
        looking.dispose()
    return stopping.is_set()


def _work(inbox: Inbox, writer: Writer, ingest: TelemetrySettings, stopping: threading.Event) -> None:
    summary = Summary()
    while not stopping.is_set() and inbox.alive:
        deliveries = inbox.take(ingest.batch_messages, ingest.batch_seconds, IDLE_SECONDS)
        if deliveries:
            with metrics.BATCH_SECONDS.time():
                outcome = writer.store([delivery.message for delivery in deliveries])
                inbox.acknowledge(deliveries)
            count(outcome)
            summary.add(outcome)
        else:
            writer.idle()
        summary.say_if_due()


def count(outcome: Outcome) -> None:
    """Move the counters on by one batch."""
    metrics.STORED.inc(outcome.stored)
    metrics.REPEATED.inc(outcome.repeated)
    for reason, times in outcome.reasons.items():
        metrics.REFUSED.labels(reason).inc(times)
    for finding in outcome.findings:
        metrics.ALARMS.labels(finding.kind).inc()


class Summary:
    """One log line a minute instead of ten a second."""

    def __init__(self) -> None:
        self._said_at = time.monotonic()
        self._stored = self._repeated = self._refused = 0

    def add(self, outcome: Outcome) -> None:
        """Count one batch in; findings are worth a line of their own."""
        self._stored += outcome.stored
        self._repeated += outcome.repeated
        self._refused += len(outcome.refused)
        for finding in outcome.findings:
            reading = finding.reading
            log.info(f"alarm_{finding.kind}", rule=finding.rule.code, asset_id=reading.asset_id, value=finding.value)

    def say_if_due(self) -> None:
        """Write the line when a minute has passed and something came in."""
        if time.monotonic() - self._said_at < SUMMARY_SECONDS:
            return
        if self._stored or self._repeated or self._refused:
            log.info("stored", readings=self._stored, repeated=self._repeated, refused=self._refused)
        self._said_at = time.monotonic()
        self._stored = self._repeated = self._refused = 0


def main() -> int:
    """Read the settings, listen to signals, work. Returns the exit code."""
    logs.configure("ingest")
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    try:
        settings, ingest = settings_from_environment(), telemetry.from_environment()
        if ingest.metrics_port:
            metrics.serve(ingest.metrics_port)
        return 0 if run(settings, ingest, stopping) else 1
    except (CityCommandError, OSError) as error:
        log.error("cannot_start", error=str(error))
        return 1


if __name__ == "__main__":
    sys.exit(main())
