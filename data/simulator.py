"""`python -m data.simulator`: the demonstration's devices, publishing telemetry until SIGTERM.

With `--fault burst [--asset CODE]` it asks a running simulator for a fault instead (`repair` ends all of them).
"""

from __future__ import annotations

import argparse
import json
import queue
import signal
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from paho.mqtt.client import Client
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from config import logs
from config.errors import CityCommandError, InvalidInput, ServiceUnavailable
from config.settings import Settings, from_environment
from data import devices
from data.devices import FAULTS, Device, Fleet
from gis import clock
from gis.db import make_engine, transaction
from ingest import mqtt

CONTROL = "city/v1/simulator/control"
FIRST_ROUND_S = 12
"""Every device speaks once within this time after the broker answers, whatever its interval."""

CLOCK_EVERY_S = 10.0
RETRY_S = 5.0
ANSWER_WITHIN_S = 10.0

log = structlog.get_logger()


class Simulator:
    """Publishes each device's values at its interval; faults come in through the control topic."""

    def __init__(self, settings: Settings, engine: Engine) -> None:
        self.settings, self.engine = settings, engine
        self.stopped, self.connected = threading.Event(), threading.Event()
        self.wishes: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self.client = self._client()
        self.ahead = timedelta(0)
        self.clock_read = -CLOCK_EVERY_S

    def run(self) -> None:
        """Work until stopped."""
        fleet = self._load()
        if fleet is None:
            return
        self.client.loop_start()
        log.info("simulator.started", devices=len(fleet.devices))
        tick = 0
        due = time.monotonic()
        while not self.stopped.is_set():
            if self.connected.is_set():
                self.connected.clear()
                tick = 0
            now = self._now()
            self._obey(fleet, now)
            for number, device in enumerate(fleet.devices):
                if _speaks(device, number, tick):
                    self._publish(fleet, device, now)
            tick += 1
            due = max(due + 1.0, time.monotonic() - 5)
            self.stopped.wait(max(0.0, due - time.monotonic()))
        self.client.disconnect()
        self.client.loop_stop()
        log.info("simulator.stopped")

    def stop(self, *_: object) -> None:
        """End after the current second; a signal handler."""
        self.stopped.set()

    def _load(self) -> Fleet | None:
        """The fleet, as soon as the database has one; None when stopped before."""
        while not self.stopped.is_set():
            try:
                with transaction(self.engine) as db:
                    fleet = devices.fleet(db, self.settings.time_zone)
            except (ServiceUnavailable, SQLAlchemyError) as error:
                log.warning("simulator.no_database", error=str(error))
            else:
                if fleet.devices:
                    return fleet
            self.stopped.wait(RETRY_S)
        return None

    def _now(self) -> datetime:
        """The instance's time; between two looks at its clock, and while the database is away, this machine's runs on."""
        machine = time.monotonic()
        if machine - self.clock_read >= CLOCK_EVERY_S:
            self.clock_read = machine
            try:
                with transaction(self.engine) as db:
                    self.ahead = clock.now(db) - _machine_time()
            except (ServiceUnavailable, SQLAlchemyError) as error:
                log.warning("simulator.no_clock", error=str(error))
        return _machine_time() + self.ahead

    def _obey(self, fleet: Fleet, now: datetime) -> None:
        while not self.wishes.empty():
            wish = self.wishes.get()
            if wish.get("fault") == "repair":
                fleet.repair()
                log.info("simulator.repaired")
                concerned = [device for fault in FAULTS for device in fleet.concerned(fault)]
            else:
                concerned = self._break(fleet, wish, now)
            for device in concerned:
                self._publish(fleet, device, now)

    def _break(self, fleet: Fleet, wish: dict[str, Any], now: datetime) -> list[Device]:
        fault, asset = str(wish.get("fault")), wish.get("asset")
        place = None
        if asset is not None and (place := self._place(str(asset))) is None:
            log.warning("simulator.unknown_asset", asset=asset)
            return []
        device = fleet.break_something(fault, place, now)
        log.info("simulator.fault", fault=fault, device=device.id if device else None)
        return fleet.concerned(fault) if device else []

    def _place(self, asset: str) -> tuple[float, float] | None:
        try:
            with transaction(self.engine) as db:
                return devices.place_of(db, asset)
        except (ServiceUnavailable, SQLAlchemyError) as error:
            log.warning("simulator.no_database", error=str(error))
            return None

    def _publish(self, fleet: Fleet, device: Device, now: datetime) -> None:
        if self.client.is_connected():  # a small controller keeps nothing while its broker is away
            self.client.publish(device.topic, devices.payload(device, now, fleet.values(device, now)), qos=1)

    def _client(self) -> Client:
        client = mqtt.connect(self.settings.mqtt_url, f"simulator-{self.settings.instance}")
        client.on_connect = lambda client, *_: self._greet(client)
        client.on_message = lambda _client, _data, message: self._hear(message.payload)
        return client

    def _greet(self, client: Client) -> None:
        client.subscribe(CONTROL, qos=1)
        self.connected.set()

    def _hear(self, content: bytes | bytearray) -> None:
        try:
            wish = json.loads(content)
        except ValueError:
            wish = None
        if isinstance(wish, dict):
            self.wishes.put(wish)
        else:
            log.warning("simulator.unreadable_wish", content=content[:200].decode(errors="replace"))


def _speaks(device: Device, number: int, tick: int) -> bool:
    if tick < FIRST_ROUND_S:
        return number % FIRST_ROUND_S == tick
    return (tick + number * 7) % device.interval_s == 0


def _machine_time() -> datetime:
    return datetime.now(UTC)


def ask(settings: Settings, fault: str, asset: str | None) -> None:
    """Publish a wish to the running simulator. Raises InvalidInput, or ServiceUnavailable without a broker."""
    if fault != "repair" and fault not in FAULTS:
        names = ", ".join([*FAULTS, "repair"])
        raise InvalidInput("There is no fault '{fault}'.", "Faults are: {faults}.", fault=fault, faults=names)
    client = mqtt.connect(settings.mqtt_url, f"simulator-control-{time.monotonic_ns()}")
    connected = threading.Event()
    client.on_connect = lambda *_: connected.set()
    client.loop_start()
    try:
        if not connected.wait(ANSWER_WITHIN_S):
            raise ServiceUnavailable("The broker does not answer.")
        wish = {"fault": fault} | ({"asset": asset} if asset else {})
        client.publish(CONTROL, json.dumps(wish), qos=1).wait_for_publish(timeout=ANSWER_WITHIN_S)
    finally:
        client.disconnect()
        client.loop_stop()


def main(arguments: list[str] | None = None) -> int:
    """Command line; 1 with one sentence when it cannot work."""
    parser = argparse.ArgumentParser(prog="python -m data.simulator", description=__doc__)
    parser.add_argument("--fault", help=f"ask for a fault: {', '.join([*FAULTS, 'repair'])}")
    parser.add_argument("--asset", help="id, code or reference of an asset near which it happens")
    chosen = parser.parse_args(arguments)
    try:
        settings = from_environment()
        if chosen.fault:
            ask(settings, chosen.fault, chosen.asset)
            return 0
        logs.configure("simulator")
        simulator = Simulator(settings, make_engine(settings.database_url, pool_size=1))
        signal.signal(signal.SIGTERM, simulator.stop)
        signal.signal(signal.SIGINT, simulator.stop)
        simulator.run()
    except CityCommandError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
