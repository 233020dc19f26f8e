"""Devices, senders and ingest workers for tests: the real tables, the real broker, the real process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from paho.mqtt.client import MQTTMessageInfo
from sqlalchemy import Engine, text

from config import profiles
from gis.db import transaction
from ingest import devices, mqtt, topics
from ingest.devices import DeviceRow
from tests.support.waiting import wait_until

ROOT = Path(__file__).resolve().parents[2]

TEST_PROFILES = (
    profiles.Profile(
        "meter",
        "表",
        "Meter",
        60,
        (profiles.Metric("pressure", "MPa", 0.0, 2.5), profiles.Metric("flow", "m3/h", -100.0, 1000.0)),
        (profiles.Rule("pressure_low", "压力低", "Pressure low", "pressure", "below", 0.15, 0.22, "M0501"),),
    ),
    profiles.Profile(
        "vehicle",
        "车",
        "Vehicle",
        10,
        (profiles.Metric("longitude", "deg", -180.0, 180.0), profiles.Metric("latitude", "deg", -90.0, 90.0)),
    ),
)


@dataclass(frozen=True)
class Sensor:
    """A registered device on an asset of its own, and the topic it publishes on."""

    id: str
    asset_id: int
    topic: str

    def message(self, at: datetime, trace: str | None = None, **values: float) -> bytes:
        """A payload of this device."""
        content: dict[str, Any] = {"device": self.id, "at": at.isoformat(), "values": values or {"pressure": 0.3}}
        return json.dumps(content if trace is None else content | {"trace": trace}).encode()


def load_profiles(engine: Engine) -> None:
    """The two device types of these tests."""
    with transaction(engine) as db:
        devices.upsert_profiles(db, TEST_PROFILES)


def add_asset(engine: Engine, kind: str = "flow_meter", lon: float = 112.0, lat: float = 28.0) -> int:
    """An asset without a device. Returns its id."""
    insert = text(
        "insert into gis.asset (kind, name, name_en, geom, source, source_ref)"
        " values (:kind, '一号', 'One', st_setsrid(st_point(:lon, :lat), 4326), 'test', :ref) returning id"
    )
    with transaction(engine) as db:
        return int(db.execute(insert, {"kind": kind, "lon": lon, "lat": lat, "ref": uuid4().hex}).scalar_one())


def add_sensor(engine: Engine, profile: str = "meter", system: str = "water", asset_id: int | None = None) -> Sensor:
    """A registered device, on a new asset unless one is given."""
    asset = add_asset(engine) if asset_id is None else asset_id
    device_id = f"d-{uuid4().hex[:12]}"
    with transaction(engine) as db:
        devices.upsert_devices(db, [DeviceRow(device_id, asset, profile)])
    return Sensor(device_id, asset, topics.telemetry(system, "0", asset))


def rows(engine: Engine, statement: str, **parameters: object) -> list[Any]:
    """Rows of a query in a transaction of its own."""
    with transaction(engine) as db:
        return list(db.execute(text(statement), parameters).all())


def count(engine: Engine, table: str, where: str = "true", **parameters: object) -> int:
    """How many rows of `table` there are."""
    return int(rows(engine, f"select count(*) from {table} where {where}", **parameters)[0][0])


def now() -> datetime:
    """Real time to the microsecond, as a device says it."""
    return datetime.now(UTC)


@contextmanager
def publisher(url: str) -> Iterator[Sender]:
    """A device's side of the broker."""
    client = mqtt.connect(url, f"sender-{uuid4().hex[:10]}")
    client.loop_start()
    try:
        wait_until(client.is_connected, what="the sender's connection")
        yield Sender(client)
    finally:
        client.disconnect()
        client.loop_stop()


class Sender:
    """Publishes with QoS 1; `delivered` waits until the broker has everything."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._sent: list[MQTTMessageInfo] = []

    def send(self, topic: str, payload: bytes) -> None:
        """Publish, without waiting."""
        self._sent.append(self._client.publish(topic, payload, qos=1))

    def delivered(self, timeout: float = 30.0) -> None:
        """The broker has acknowledged all that was sent."""
        wait_until(
            lambda: all(info.is_published() for info in self._sent), timeout, what="the broker's acknowledgements"
        )
        self._sent.clear()


class Worker:
    """A running `python -m ingest.service`."""

    def __init__(self, environment: dict[str, str], log: Path) -> None:
        self._log = log
        self._environment = {**os.environ, **environment, "PYTHONWARNINGS": "error", "PYTHONUNBUFFERED": "1"}
        self.process = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        with self._log.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "ingest.service"], cwd=ROOT, env=self._environment, stderr=log
            )

    def events(self, name: str) -> list[dict[str, Any]]:
        """Log lines with this event."""
        lines = [
            json.loads(line) for line in self._log.read_text(encoding="utf-8").splitlines() if line.startswith("{")
        ]
        return [line for line in lines if line["event"] == name]

    def wait_for(self, name: str, times: int = 1, timeout: float = 20.0) -> None:
        """Until the log has said it so many times."""

        def said() -> bool:
            assert self.process.poll() is None, self._log.read_text(encoding="utf-8")
            return len(self.events(name)) >= times

        wait_until(said, timeout, what=f"{name!r} in the worker's log")

    def kill(self) -> None:
        """kill -9, in the middle of whatever it does."""
        self.process.kill()
        self.process.wait()

    def restart(self) -> None:
        """The supervisor's part."""
        self.process = self._start()

    def stop(self) -> int:
        """SIGTERM, and its exit code."""
        self.process.terminate()
        return self.process.wait(20)


@contextmanager
def worker(environment: dict[str, str], url: str, log: Path, filters: Sequence[str], name: str) -> Iterator[Worker]:
    """An ingest worker that has subscribed; at the end its process and its session at the broker are gone."""
    environment = environment | {
        "CITYCOMMAND_MQTT_URL": url,
        "CITYCOMMAND_INGEST_TOPICS": ",".join(filters),
        "CITYCOMMAND_INGEST_WORKER": name,
    }
    running = Worker(environment, log)
    try:
        running.wait_for("subscribed")
        yield running
    finally:
        if running.process.poll() is None:
            running.kill()
        _end_session(url, f"citycommand-{environment['CITYCOMMAND_INSTANCE']}-ingest-{name}")


def _end_session(url: str, client_id: str) -> None:
    client = mqtt.connect(url, client_id)
    client.loop_start()
    wait_until(client.is_connected, what="a clean start")
    client.disconnect()
    client.loop_stop()
