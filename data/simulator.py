"""`python -m data.simulator`: the demonstration's devices, publishing telemetry until SIGTERM.

`./citycommand simulate FAULT` asks it for a fault.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from paho.mqtt.client import Client, MQTTMessage
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from config import logs
from config.errors import CityCommandError, InvalidInput, NotFound, ServiceUnavailable
from config.settings import Settings, from_environment
from data import devices
from data.devices import Fleet, Place
from data.equipment import Device
from data.faults import FAULTS, LASTS
from data.links import Links
from gis import clock
from gis.db import make_engine, transaction
from ingest import mqtt

CONTROL = "city/v1/simulator/control"
ANSWER = "city/v1/simulator/answer/"

MAIN, BUSES = "main", "buses"
"""The two connections beside those of the gateways."""

FIRST_ROUND_A_SECOND = 1500
"""When a connection comes up, all behind it speak once, at most so many a second."""

BUS_EVERY_S = 7
"""Buses speak more often than their profile demands: every 5 to 10 s in the reference city."""

CONCERNED_EVERY_S = 10
CLOCK_EVERY_S = 2.0
"""Seconds of the city's time: so far the simulator may run ahead when somebody slows it down."""

SOONEST_S = 0.1
TURNS_A_SECOND = 10.0
MOST_SECONDS_BEHIND = 120
RETRY_S = 5.0
ANSWER_WITHIN_S = 10.0

log = structlog.get_logger()


class Simulator:
    """Publishes each device's values at its interval; faults come in through the control topic."""

    def __init__(self, settings: Settings, engine: Engine) -> None:
        self.settings, self.engine = settings, engine
        self.stopped = threading.Event()
        self.links = Links(settings.mqtt_url, f"simulator-{settings.instance}")
        self.wishes: deque[dict[str, Any]] = deque()
        self.clock = Clock(engine)

    def run(self) -> None:
        """Work until stopped."""
        fleet = self._load()
        if fleet is None:
            return
        behind = _by_link(fleet.devices)
        self.links.add(MAIN, CONTROL, self._hear)
        for name in sorted(behind.keys() - {MAIN}):
            self.links.add(name)
        log.info("simulator.started", devices=len(fleet.devices), connections=len(behind))
        wheel, first = Wheel(behind), deque[Device]()
        due = time.monotonic()
        while not self.stopped.is_set():
            self._obey(fleet, self.clock.now())
            for name in self.links.came_up():
                first.extend(behind.get(name, ()))
            for tick, now in self.clock.seconds():
                self._publish(fleet, [first.popleft() for _ in range(min(len(first), FIRST_ROUND_A_SECOND))], now)
                self._publish(fleet, wheel.due(tick), now)
                if tick % CONCERNED_EVERY_S == 0:
                    self._publish(fleet, fleet.concerned(now), now)
            if time.monotonic() >= due:  # a wish ends a turn early
                due = max(due + 1.0 / min(max(self.clock.rate, 1.0), TURNS_A_SECOND), time.monotonic() - 5)
            self.links.turn(due, lambda: self.stopped.is_set() or bool(self.wishes))
        self.links.close()
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

    def _obey(self, fleet: Fleet, now: datetime) -> None:
        while self.wishes:
            wish = self.wishes.popleft()
            answer = self._repair(fleet, now) if wish.get("fault") == "repair" else self._break(fleet, wish, now)
            log.info("simulator.fault", fault=wish.get("fault"), **answer)
            self._publish(fleet, fleet.concerned(now), now)
            if str(wish.get("reply", "")).startswith(ANSWER):
                self.links.publish(MAIN, wish["reply"], json.dumps(answer).encode())

    def _repair(self, fleet: Fleet, now: datetime) -> dict[str, Any]:
        standing = sum(fault.stands(now) for fault in fleet.faults)
        fleet.repair(now)
        return {"ended": standing}

    def _break(self, fleet: Fleet, wish: dict[str, Any], now: datetime) -> dict[str, Any]:
        kind, asset, minutes = wish.get("fault"), wish.get("asset"), wish.get("minutes")
        place = self._place(str(asset)) if asset is not None else None
        if kind not in FAULTS or (asset is not None and place is None):
            return {"refused": "fault" if kind not in FAULTS else "asset"}
        lasts = timedelta(minutes=float(minutes)) if isinstance(minutes, int | float) else LASTS
        fault = fleet.start(kind, place, now, lasts)
        if fault is None:
            return {"refused": "nothing"}
        return {"device": fault.device.id, "asset": fault.device.ref, "concerned": len(fault.targets)}

    def _place(self, asset: str) -> Place | None:
        try:
            with transaction(self.engine) as db:
                return devices.place_of(db, asset)
        except (ServiceUnavailable, SQLAlchemyError) as error:
            log.warning("simulator.no_database", error=str(error))
            return None

    def _publish(self, fleet: Fleet, speaking: Iterable[Device], now: datetime) -> None:
        for device in speaking:
            values = fleet.values(device, now)
            if values is not None:
                self.links.publish(_link(device), device.topic, devices.payload(device, now, values))

    def _hear(self, content: bytes) -> None:
        try:
            wish = json.loads(content)
        except ValueError:
            wish = None
        if isinstance(wish, dict):
            self.wishes.append(wish)
        else:
            log.warning("simulator.unreadable_wish", content=content[:200].decode(errors="replace"))


class Clock:
    """The instance's time, also while the database is away, second by second; a virtual clock is followed at its rate."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.rate = 1.0
        self._told, self._told_at, self._asked_at = datetime.now(UTC), time.monotonic(), -CLOCK_EVERY_S
        self._second: int | None = None

    def now(self) -> datetime:
        """Asked of the database every few seconds; in between, and when it does not answer, it goes on by itself."""
        machine = time.monotonic()
        if machine - self._asked_at >= max(CLOCK_EVERY_S / max(self.rate, 1.0), SOONEST_S):
            self._asked_at = machine
            try:
                with transaction(self._engine) as db:
                    self.rate, self._told, self._told_at = clock.rate(db), clock.now(db), time.monotonic()
            except (ServiceUnavailable, SQLAlchemyError) as error:
                log.warning("simulator.no_clock", error=str(error))
        return self._told + self.rate * timedelta(seconds=time.monotonic() - self._told_at)

    def seconds(self) -> Iterator[tuple[int, datetime]]:
        """The seconds that have passed since the last question, each with its number; after a jump only the newest."""
        now = self.now()
        second = int(now.timestamp())
        if self._second is None or not 0 <= second - self._second <= MOST_SECONDS_BEHIND:
            self._second = second - 1
        for number in range(self._second + 1, second + 1):
            yield number, now - timedelta(seconds=second - number)
        self._second = second


class Wheel:
    """Who speaks in which second: a gateway reports all its lamps together, everything else is spread evenly."""

    def __init__(self, behind: dict[str, list[Device]]) -> None:
        self._slots: dict[int, list[list[Device]]] = {}
        gateways = sorted(behind.keys() - {MAIN, BUSES})
        for number, name in enumerate(gateways):
            for device in behind[name]:
                self._slot(device.interval_s, number * device.interval_s // len(gateways)).append(device)
        for name in (MAIN, BUSES):
            for number, device in enumerate(behind.get(name, ())):
                self._slot(BUS_EVERY_S if name == BUSES else device.interval_s, number * 7).append(device)

    def due(self, tick: int) -> Iterable[Device]:
        """Devices whose turn this second is."""
        for period, slots in self._slots.items():
            yield from slots[tick % period]

    def _slot(self, period: int, number: int) -> list[Device]:
        return self._slots.setdefault(period, [[] for _ in range(period)])[number % period]


def _link(device: Device) -> str:
    return device.gateway or (BUSES if device.profile == "bus_terminal" else MAIN)


def _by_link(fleet: Iterable[Device]) -> dict[str, list[Device]]:
    behind: dict[str, list[Device]] = {MAIN: []}
    for device in fleet:
        behind.setdefault(_link(device), []).append(device)
    return behind


def ask(settings: Settings, fault: str, asset: str | None = None, minutes: float | None = None) -> dict[str, Any]:
    """Tell the running simulator a wish and return its answer: {device, asset, concerned} or {ended}.

    Raises InvalidInput for an unknown fault, NotFound for an asset that nobody knows or no fault fits, and
    ServiceUnavailable without a broker or a simulator.
    """
    if fault != "repair" and fault not in FAULTS:
        names = ", ".join([*FAULTS, "repair"])
        raise InvalidInput("There is no fault '{fault}'.", "Faults are: {faults}.", fault=fault, faults=names)
    wish: dict[str, Any] = {"fault": fault, "reply": f"{ANSWER}{time.monotonic_ns()}"}
    wish |= {name: value for name, value in (("asset", asset), ("minutes", minutes)) if value is not None}
    answer = _converse(settings, wish)
    refused = answer.get("refused")
    if refused == "asset":
        raise NotFound("There is no asset '{asset}'.", "Give an id, a component code or a reference.", asset=asset)
    if refused:
        raise NotFound(
            "No device fits the fault '{fault}'.", "Leave --asset out, or choose another fault.", fault=fault
        )
    return answer


def _converse(settings: Settings, wish: dict[str, Any]) -> dict[str, Any]:
    client = mqtt.connect(settings.mqtt_url, f"simulator-control-{time.monotonic_ns()}")
    ready, answered = threading.Event(), threading.Event()
    answers: list[dict[str, Any]] = []
    client.on_connect = lambda client, *_: client.subscribe(wish["reply"], qos=1)
    client.on_subscribe = lambda *_: ready.set()

    def hear(_client: Client, _data: object, message: MQTTMessage) -> None:
        answers.append(json.loads(message.payload))
        answered.set()

    client.on_message = hear
    client.loop_start()
    try:
        if not ready.wait(ANSWER_WITHIN_S):
            raise ServiceUnavailable("The broker does not answer.")
        client.publish(CONTROL, json.dumps(wish), qos=1)
        if not answered.wait(ANSWER_WITHIN_S):
            raise ServiceUnavailable("The simulator does not answer.", "Look whether it runs: ./citycommand status")
    finally:
        client.disconnect()
        client.loop_stop()
    return answers[0]


def main(arguments: list[str] | None = None) -> int:
    """Command line; 1 with one sentence when it cannot work."""
    argparse.ArgumentParser(prog="python -m data.simulator", description=__doc__).parse_args(arguments)
    try:
        settings = from_environment()
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
