"""Counters of the ingest service, for Prometheus."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, start_http_server

REGISTRY = CollectorRegistry()

STORED = Counter("citycommand_ingest_stored", "Readings stored.", registry=REGISTRY)
REPEATED = Counter("citycommand_ingest_repeated", "Messages that were stored already.", registry=REGISTRY)
REFUSED = Counter("citycommand_ingest_refused", "Messages put into quarantine.", ["reason"], registry=REGISTRY)
ALARMS = Counter("citycommand_ingest_alarms", "Alarms raised and cleared.", ["kind"], registry=REGISTRY)
DATABASE_FAILURES = Counter("citycommand_ingest_database_failures", "Batches tried again.", registry=REGISTRY)
BATCH_SECONDS = Histogram(
    "citycommand_ingest_batch_seconds", "From taking a batch to its acknowledgement.", registry=REGISTRY
)
CONNECTED = Gauge("citycommand_ingest_broker_connected", "1 while the broker answers.", registry=REGISTRY)


def serve(port: int) -> None:
    """Answer GET /metrics on 127.0.0.1:`port`, in a thread of its own."""
    start_http_server(port, addr="127.0.0.1", registry=REGISTRY)
