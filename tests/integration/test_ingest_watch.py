"""The look: time, neighbours, silence and headways become alarms, once, over restarts, and end by themselves."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, text

from config import profiles
from config.telemetry import Limits
from dashboards import alarms
from gis import clock
from gis.db import make_engine, transaction
from ingest import devices, topics, usual, watch
from ingest.batch import Message
from ingest.devices import DeviceRow
from ingest.usual import HOURS, Key
from ingest.writer import Writer
from tests.support.databases import Database
from tests.support.telemetry import Sensor, rows

START = datetime(2026, 3, 9, 12, 30, tzinfo=ZoneInfo("UTC"))
LAMPS = 10


class Street:
    """A cabinet with a circuit of ten lamps, a second one with three, a meter; the clock stands until it is set on."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.memory = watch.Memory()
        self.writer = Writer(engine, Limits(), threading.Event())
        self.now = START
        self._set()
        self.cabinet = self._asset("lamp_cabinet", "LC-1", {})
        circuits = [1] * LAMPS + [2] * 3
        self.lamps = [
            self._device(f"L-{n}", "street_lamp", "lamp_controller", {"circuit": f"LC-1-{c}", "cabinet": "LC-1"}, n)
            for n, c in enumerate(circuits)
        ]
        self.meter = self._device("FM-1", "flow_meter", "flow_meter", {"zone": "1"})

    def gateway(self) -> Sensor:
        """A device of the cabinet's own."""
        with transaction(self.engine) as db:
            devices.upsert_devices(db, [DeviceRow("LC-1-T", self.cabinet, "cabinet_gateway")])
        return Sensor("LC-1-T", self.cabinet, topics.telemetry("test", "0", self.cabinet))

    def pass_(self, seconds: float) -> None:
        """Time goes on."""
        self.now += timedelta(seconds=seconds)
        self._set()

    def send(self, sensors: list[Sensor], **values: float) -> None:
        """Each of them sends the same values now."""
        content = [
            json.dumps({"device": each.id, "at": self.now.isoformat(), "values": values}).encode() for each in sensors
        ]
        outcome = self.writer.store([Message(each.topic, body) for each, body in zip(sensors, content, strict=True)])
        assert not outcome.refused

    def look(self) -> None:
        """One look, as a worker takes it."""
        with transaction(self.engine) as db:
            self.memory.listening_since = self.memory.listening_since or clock.now(db)
            assert watch.look(db, self.memory, clock.now(db)) is not None

    def open(self) -> list[tuple[str, int]]:
        """(rule, asset) of the alarms that stand."""
        found = rows(
            self.engine,
            "select r.code, a.asset_id from ingest.alarm a join ingest.detection_rule r on r.id = a.rule_id"
            " where a.cleared_at is null order by 1, 2",
        )
        return [(row.code, row.asset_id) for row in found]

    def said(self, kind: str) -> int:
        """How many events of a kind there are."""
        return int(rows(self.engine, "select count(*) from gis.event where kind = :kind", kind=kind)[0][0])

    def _set(self) -> None:
        with transaction(self.engine) as db:
            clock.set_virtual(db, self.now, rate=0)

    def _asset(self, kind: str, ref: str, attributes: dict[str, str], number: int = 0) -> int:
        with transaction(self.engine) as db:
            return int(
                db.execute(
                    text(
                        "insert into gis.asset (kind, name, geom, source, source_ref, attributes) values (:kind, :ref,"
                        " st_setsrid(st_point(:lon, 38.4), 4326), 'test', :ref, cast(:facts as jsonb)) returning id"
                    ),
                    {"kind": kind, "ref": ref, "lon": 115.6 + number / 3000, "facts": json.dumps(attributes)},
                ).scalar_one()
            )

    def _device(self, ref: str, kind: str, profile: str, attributes: dict[str, str], number: int = 0) -> Sensor:
        asset = self._asset(kind, ref, attributes, number)
        with transaction(self.engine) as db:
            devices.upsert_devices(db, [DeviceRow(f"{ref}-T", asset, profile)])
        return Sensor(f"{ref}-T", asset, topics.telemetry("test", "0", asset))


@pytest.fixture(scope="module")
def engine(database: Database) -> Iterator[Engine]:
    engine = make_engine(database.app_url)
    with transaction(engine) as db:
        devices.upsert_profiles(db, profiles.read())
    yield engine
    engine.dispose()


@pytest.fixture
def street(engine: Engine) -> Iterator[Street]:
    with transaction(engine) as db:
        for table in ("ingest.alarm", "ingest.holding", "ingest.usual", "ingest.device", "gis.asset_state"):
            db.execute(text(f"delete from {table}"))
        db.execute(text("delete from gis.asset where source = 'test'"))
    street = Street(engine)
    yield street
    street.writer.close()


LIT, DARK, OFF = (
    {"powerConsumption": power, "illuminanceLevel": 100.0, "powerState": state}
    for power, state in ((98.0, 1.0), (0.4, 1.0), (0.4, 0.0))
)


SOUND = {"voltage": 229.0, "current": 4.6, "powerConsumption": 980.0, "doorOpen": 0.0, "circuitBreakerTripped": 0.0}


def test_one_dark_lamp_is_one_alarm_at_that_lamp_after_its_neighbours_had_time(street: Street) -> None:
    street.send(street.lamps[1:], **LIT)
    street.send(street.lamps[:1], **DARK)
    street.look()
    assert street.open() == []
    street.pass_(10)
    street.look()
    street.look()
    assert street.open() == [("lamp_dark", street.lamps[0].asset_id)]
    street.pass_(300)
    street.send(street.lamps[:1], **OFF)  # in the morning it is still broken
    street.look()
    assert len(street.open()) == 1
    street.pass_(300)
    street.send(street.lamps[:1], **LIT)
    street.look()
    assert street.open() == []


def test_a_dead_circuit_is_one_alarm_at_the_cabinet_and_ends_without_alarms_of_lamps(street: Street) -> None:
    said = street.said("alarm.raised")
    circuit = street.lamps[:LAMPS]
    street.send(street.lamps, **LIT)
    street.pass_(5)
    street.send(circuit, **DARK)
    street.look()
    street.pass_(10)
    street.look()
    assert street.open() == [("circuit_dead", street.cabinet)]
    (alarm,) = rows(street.engine, "select members, lon from ingest.alarm where cleared_at is null")
    assert alarm.members == sorted(lamp.asset_id for lamp in circuit)
    assert alarm.lon is not None
    street.pass_(60)
    street.send(circuit[:9], **LIT)
    street.look()
    assert street.open() == []
    street.pass_(2)
    street.look()
    assert street.open() == []  # the last lamp has its time, too
    street.send(circuit[9:], **LIT)
    street.pass_(60)
    street.look()
    assert street.open() == []
    assert street.said("alarm.raised") == said + 1


def test_what_is_left_dark_after_the_circuit_is_back_is_an_alarm_of_its_own(street: Street) -> None:
    street.send(street.lamps, **DARK)
    street.pass_(10)
    street.look()
    assert street.open() == [("circuit_dead", street.cabinet)]  # two circuits, one cabinet, one alarm
    street.pass_(60)
    street.send(street.lamps[1:], **LIT)
    street.look()
    street.pass_(30)
    street.look()
    assert street.open() == [("lamp_dark", street.lamps[0].asset_id)]


def test_a_restart_in_the_middle_neither_forgets_nor_repeats(street: Street) -> None:
    said = street.said("alarm.raised")
    street.send(street.lamps[:LAMPS], **DARK)
    street.look()
    street.memory = watch.Memory()
    street.pass_(10)
    street.look()
    street.memory = watch.Memory()
    street.look()
    assert street.open() == [("circuit_dead", street.cabinet)]
    assert street.said("alarm.raised") == said + 1


def test_a_leak_is_an_excess_over_the_usual_that_lasts_and_a_burst_is_no_leak(street: Street) -> None:
    means = {Key(street.meter.asset_id, "flowRate", hour): 40.0 for hour in range(HOURS)}
    with transaction(street.engine) as db:
        usual.teach(db, means, START - timedelta(days=7))
    for flow in (41.0, 60.0, 61.0, 59.0):
        street.send([street.meter], flowRate=flow, pressure=0.35)
        street.look()
        street.pass_(60)
    assert street.open() == []
    street.send([street.meter], flowRate=60.0, pressure=0.35)
    street.look()
    assert street.open() == [("water_leak", street.meter.asset_id)]
    street.pass_(60)
    street.send([street.meter], flowRate=230.0, pressure=0.08)
    street.look()
    assert street.open() == [("water_pressure_low", street.meter.asset_id)]
    street.pass_(60)
    street.send([street.meter], flowRate=41.0, pressure=0.36)
    street.look()
    assert street.open() == []


def watched(street: Street) -> list[tuple[str, int]]:
    """(rule, asset) of what the operator's map shows as watched."""
    with transaction(street.engine) as db:
        return [(each["rule"], each["asset_id"]) for each in alarms.watched(db, clock.now(db))]


def test_what_may_become_an_alarm_is_watched_until_it_is_one_or_ends(street: Street) -> None:
    gateway = street.gateway()
    street.send([gateway], **SOUND | {"doorOpen": 1.0})
    street.look()
    assert (street.open(), watched(street)) == ([], [("cabinet_door_open", gateway.asset_id)])
    street.pass_(60)
    street.send([gateway], **SOUND)
    assert watched(street) == []
    street.send([gateway], **SOUND | {"doorOpen": 1.0})
    for _ in range(3):
        street.pass_(60)
        street.send([gateway], **SOUND | {"doorOpen": 1.0})
    street.look()
    assert (street.open(), watched(street)) == ([("cabinet_door_open", gateway.asset_id)], [])


def test_a_silent_device_is_watched_before_it_is_an_alarm(street: Street) -> None:
    gateway = street.gateway()
    for each in (street.meter, *street.lamps):
        street.send([each], **({"flowRate": 40.0, "pressure": 0.3} if each is street.meter else LIT))
    street.send([gateway], **SOUND)
    street.pass_(170)
    assert watched(street) == []
    street.send([street.meter], flowRate=40.0, pressure=0.3)
    street.pass_(20)
    assert watched(street) == [("cabinet_silent", gateway.asset_id)]
    street.look()
    street.pass_(125)
    street.look()
    assert ("cabinet_silent", gateway.asset_id) in street.open()
    assert ("cabinet_silent", gateway.asset_id) not in watched(street)


def test_a_tripped_breaker_by_day_is_an_alarm_and_by_night_the_dark_circuit_is_the_only_one(street: Street) -> None:
    gateway = street.gateway()
    tripped = SOUND | {"circuitBreakerTripped": 1.0}
    street.send([gateway], **tripped)
    street.look()
    assert street.open() == []
    street.pass_(25)
    street.look()
    assert street.open() == [("cabinet_breaker", street.cabinet)]
    street.send(street.lamps[:LAMPS], **DARK)  # dusk
    street.look()
    street.pass_(25)
    street.look()
    assert street.open() == [("circuit_dead", street.cabinet)]


def test_without_mains_the_cabinet_says_so_and_its_dark_lamps_say_nothing_more(street: Street) -> None:
    gateway = street.gateway()
    street.send([gateway], **SOUND | {"voltage": 0.0})
    street.send(street.lamps, **DARK)
    street.pass_(25)
    street.look()
    assert street.open() == [("cabinet_supply_loss", street.cabinet)]


def test_what_is_usual_is_learned_from_hours_without_trouble_and_each_hour_once(street: Street) -> None:
    zone = ZoneInfo("UTC")
    for minute in range(60):
        street.send([street.meter], flowRate=30.0 + minute % 2, pressure=0.35)
        street.pass_(60)
    with transaction(street.engine) as db:
        assert usual.learn(db, START + timedelta(hours=1), zone) == 1
        assert usual.learn(db, START + timedelta(hours=1), zone) == 0
    (mean,) = rows(street.engine, "select hour, mean from ingest.usual")
    assert (mean.hour, mean.mean) == (12, 30.5)


def test_silence_is_one_alarm_for_a_device_and_one_for_a_gateway(street: Street) -> None:
    street.send(street.lamps, **LIT)
    street.send([street.meter], flowRate=40.0, pressure=0.35)
    street.look()
    street.pass_(1300)
    street.send([street.meter], flowRate=40.0, pressure=0.35)
    street.send(street.lamps[1:], **LIT)
    street.look()
    assert street.open() == [("lamp_silent", street.lamps[0].asset_id)]
    street.pass_(1300)
    street.send([street.meter], flowRate=40.0, pressure=0.35)
    others = [street._device(f"X-{n}", "flow_meter", "flow_meter", {}) for n in range(20)]
    street.send(others, flowRate=40.0, pressure=0.35)
    street.look()
    assert street.open() == [("gateway_silent", street.cabinet)]
    street.send(street.lamps, **LIT)
    street.look()
    assert street.open() == []


def test_after_an_outage_everybody_first_gets_the_time_to_speak(street: Street) -> None:
    street.send([street.meter], flowRate=40.0, pressure=0.35)
    street.pass_(3600)
    street.memory.listening_since = street.now - timedelta(seconds=30)
    street.look()
    assert street.open() == []
    street.pass_(120)
    street.look()
    assert street.open() == [("flow_meter_silent", street.meter.asset_id)]


def test_when_most_are_silent_the_feed_is_down_and_nobody_is_missed(street: Street) -> None:
    street.send(street.lamps, **LIT)
    street.look()
    street.pass_(7200)
    street.look()
    assert street.open() == []
    with transaction(street.engine) as db:
        seen = watch.look(db, street.memory, clock.now(db))
    assert seen is not None
    assert seen.feed_down


def test_while_the_feed_is_down_what_was_silent_before_stays_so(street: Street) -> None:
    street.send(street.lamps, **LIT)
    others = [street._device(f"Y-{n}", "flow_meter", "flow_meter", {}) for n in range(20)]
    street.send(others, flowRate=40.0, pressure=0.35)
    street.look()
    street.pass_(1300)
    street.send(others, flowRate=40.0, pressure=0.35)
    street.look()
    assert street.open() == [("gateway_silent", street.cabinet)]
    street.pass_(1300)
    street.look()
    assert street.open() == [("gateway_silent", street.cabinet)]


def test_two_buses_too_close_for_a_minute_are_one_alarm_at_their_line(street: Street) -> None:
    points = ", ".join(f"{115.6 + step / 500} 38.4" for step in range(60))
    with transaction(street.engine) as db:
        line = db.execute(
            text(
                "insert into gis.asset (kind, name, geom, source, source_ref) values"
                f" ('bus_line', '1', st_geomfromtext('LINESTRING({points})', 4326), 'test', 'BL-1') returning id"
            )
        ).scalar_one()
    buses = [street._device(f"B-{n}", "bus", "bus_terminal", {"line": "BL-1"}) for n in range(4)]

    def drive(offsets: list[float]) -> None:
        for step in range(10):
            for bus, offset in zip(buses, offsets, strict=True):
                lon = 115.61 + offset + step / 5000
                street.send([bus], longitude=lon, latitude=38.4, speed=25.0, bearing=90.0)
            street.look()
            street.pass_(10)

    drive([0.0, 0.02, 0.04, 0.06])
    assert street.open() == []
    drive([0.02, 0.021, 0.05, 0.08])
    assert street.open() == [("bus_bunching", line)]
    (alarm,) = rows(street.engine, "select members, device_id, value from ingest.alarm where cleared_at is null")
    assert alarm.members == [buses[0].asset_id, buses[1].asset_id]
    assert alarm.device_id == "B-0-T → B-1-T"
    assert alarm.value < 0.25
    drive([0.02, 0.04, 0.06, 0.085])
    assert street.open() == []


def test_of_two_workers_one_looks(street: Street) -> None:
    with transaction(street.engine) as db:
        assert watch.look(db, street.memory, street.now) is not None
        with transaction(street.engine) as other:
            assert watch.look(other, watch.Memory(), street.now) is None
