"""The table of processes that make up a running city. Supervision and config/deploy/ are both written from it."""

from __future__ import annotations

import sys
from dataclasses import dataclass

from api.instance import broker, cluster
from api.instance.choices import Choices
from api.instance.paths import InstancePaths
from api.instance.users import runner

MODULES = {
    "web": "api.serve",
    "ingest": "ingest.service",
    "dispatch": "dispatch.service",
    "exchange": "api.exchange",
    "simulator": "data.simulator",
}
"""Our own processes: name and the module that Python runs. The simulator belongs to the demonstration only."""

PURPOSE = {
    "postgres": "PostgreSQL with PostGIS, of this instance alone",
    "mosquitto": "MQTT broker, of this instance alone",
    "web": "pages and API",
    "ingest": "messages from devices: decode, store, detect",
    "dispatch": "cases from detections, deadlines, notices, thumbnails",
    "exchange": "connected systems, read on their schedules; networks renewed after edits",
    "simulator": "devices of the demonstration city",
}


@dataclass(frozen=True)
class Process:
    """One supervised process. A `service` starts with the supervisor; the others once the database is ready."""

    name: str
    command: tuple[str, ...]
    service: bool = False
    user: str | None = None
    """Operating-system user, or None for the one who started the instance."""
    stop_signal: str = "TERM"
    stop_seconds: int = 15


def table(paths: InstancePaths, choices: Choices, *, services_only: bool = False) -> list[Process]:
    """The processes of this instance in the order they start."""
    processes = []
    if choices.own_database:
        home = paths.postgres.resolve()
        processes.append(
            Process("postgres", tuple(cluster.command(home)), True, runner("postgres"), "INT", stop_seconds=60)
        )
    if choices.own_broker:
        home = paths.mosquitto.resolve()
        processes.append(Process("mosquitto", tuple(broker.command(home)), True, runner("mosquitto")))
    if not services_only:
        processes += [Process(name, (sys.executable, "-m", MODULES[name])) for name in our_names(choices)]
    return processes


def our_names(choices: Choices) -> list[str]:
    """Names of our own processes in this instance."""
    return [name for name in MODULES if name != "simulator" or choices.demonstration]
