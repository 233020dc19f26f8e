"""Settings of the ingest service: what it listens to, how it batches, what it believes of a device's clock."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from config.errors import ConfigurationError

TOPICS = "city/v1/+/+/+/tele"


@dataclass(frozen=True)
class Limits:
    """What validation believes. Devices keep messages through an outage, so old ones are welcome for a month."""

    payload_bytes: int = 65_536
    """More than this no device of ours sends; of longer ones only so much is kept."""
    ahead: timedelta = timedelta(minutes=5)
    """A device's clock may run so far ahead of the instance's."""
    behind: timedelta = timedelta(days=30)


@dataclass(frozen=True)
class TelemetrySettings:
    """One ingest worker. Build it with `from_environment`."""

    topics: tuple[str, ...] = (TOPICS,)
    """MQTT filters; workers that share the load take different shards (third level after v1)."""
    worker: str = "1"
    """Tells workers of one instance apart; part of the MQTT client id, so it must stay the same over restarts."""
    metrics_port: int | None = None
    """Where Prometheus finds the counters, on 127.0.0.1; none when unset."""
    batch_messages: int = 1000
    batch_seconds: float = 0.1
    """A batch is stored when it is full, or this long after its first message."""
    in_flight: int = 4000
    """MQTT receive maximum: so many messages are held in memory, unacknowledged, while the database does not answer."""
    session_seconds: int = 7 * 86_400
    """So long the broker keeps what it holds for this worker while the worker is away."""
    limits: Limits = Limits()


def from_environment(environ: Mapping[str, str] | None = None) -> TelemetrySettings:
    """Read CITYCOMMAND_INGEST_* variables; all of them are optional.

    Raises ConfigurationError naming the variable that is malformed.
    """
    values = os.environ if environ is None else environ
    port = values.get("CITYCOMMAND_INGEST_METRICS_PORT", "")
    if port and not (port.isdecimal() and 0 < int(port) < 65_536):
        raise ConfigurationError(
            "The setting CITYCOMMAND_INGEST_METRICS_PORT must be a port number, not '{given}'.",
            "Set a number from 1 to 65535, or nothing for no metrics.",
            given=port,
        )
    topics = values.get("CITYCOMMAND_INGEST_TOPICS", TOPICS)
    return TelemetrySettings(
        topics=tuple(topic.strip() for topic in topics.split(",") if topic.strip()),
        worker=values.get("CITYCOMMAND_INGEST_WORKER", "1"),
        metrics_port=int(port) if port else None,
    )
