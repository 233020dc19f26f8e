"""What /metrics says: counters of every process of the instance, and figures asked of the database at that moment.

The processes share their counters through files in PROMETHEUS_MULTIPROC_DIR, which `./citycommand up` sets: whichever
web process answers, it answers for all of them. Without the variable it speaks of its own process alone.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass

from prometheus_client import REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from sqlalchemy import Connection, text

OPEN = text(
    "select consumer, count(*) filter (where attempts < 20) as open, count(*) filter (where attempts >= 20) as dead"
    " from gis.delivery where done_at is null group by consumer"
)


@dataclass(frozen=True, eq=False)  # a registry keeps collectors by identity
class Deliveries(Collector):
    """Events that wait for each consumer, and those given up: (consumer, waiting, given up)."""

    rows: list[tuple[str, int, int]]

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The two gauges."""
        waiting = GaugeMetricFamily(
            "citycommand_open_deliveries", "Events that a consumer has still to act on.", labels=["consumer"]
        )
        for consumer, count, _ in self.rows:
            waiting.add_metric([consumer], count)
        yield waiting
        dead = sum(given_up for _, _, given_up in self.rows)
        yield GaugeMetricFamily("citycommand_dead_letters", "Events given up after too many attempts.", value=dead)


def exposition(db: Connection) -> bytes:
    """Everything in Prometheus' text format."""
    deliveries = CollectorRegistry()
    deliveries.register(Deliveries([(row.consumer, row.open, row.dead) for row in db.execute(OPEN)]))
    return generate_latest(_counters()) + generate_latest(deliveries)


def _counters() -> CollectorRegistry:
    if not os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        return REGISTRY
    shared = CollectorRegistry()
    MultiProcessCollector(shared)  # type: ignore[no-untyped-call]
    return shared
