"""One batch, one transaction: readings once, states forward, refused messages kept, alarms raised once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta

import psycopg2
import pytest
from sqlalchemy import Engine, text

from config.telemetry import Limits
from gis.db import make_engine, transaction
from ingest.batch import Message, Outcome
from ingest.writer import Writer
from tests.support.databases import Database
from tests.support.telemetry import Sensor, add_asset, add_sensor, count, load_profiles, now, rows


@pytest.fixture(scope="module")
def engine(database: Database) -> Iterator[Engine]:
    engine = make_engine(database.app_url)
    load_profiles(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def writer(engine: Engine) -> Iterator[Writer]:
    writer = Writer(engine, Limits(), threading.Event())
    yield writer
    writer.close()


def state(engine: Engine, sensor: Sensor) -> list[float]:
    return list(rows(engine, 'select "values" from gis.asset_state where asset_id = :id', id=sensor.asset_id)[0][0])


def send(writer: Writer, sensor: Sensor, *payloads: bytes) -> Outcome:
    return writer.store([Message(sensor.topic, payload) for payload in payloads])


def test_a_message_becomes_a_reading_and_the_state_of_its_asset(engine: Engine, writer: Writer) -> None:
    sensor, at = add_sensor(engine), now()
    outcome = send(writer, sensor, sensor.message(at, trace="trace-1", flow=12.5, pressure=0.3))
    assert (outcome.stored, outcome.repeated, outcome.refused) == (1, 0, {})
    (reading,) = rows(engine, "select * from ingest.reading where asset_id = :id", id=sensor.asset_id)
    assert (reading.device_id, reading.occurred_at, reading.trace_id) == (sensor.id, at, "trace-1")
    assert reading.values == [0.3, 12.5]
    assert reading.recorded_at >= at
    assert state(engine, sensor) == [0.3, 12.5]


def test_a_redelivered_message_is_stored_once(engine: Engine, writer: Writer) -> None:
    sensor = add_sensor(engine)
    message = sensor.message(now())
    assert send(writer, sensor, message, message).stored == 1
    again = send(writer, sensor, message)
    assert (again.stored, again.repeated) == (0, 1)
    assert count(engine, "ingest.reading", "asset_id = :id", id=sensor.asset_id) == 1


def test_a_late_message_does_not_move_the_state_back(engine: Engine, writer: Writer) -> None:
    sensor, at = add_sensor(engine), now()
    send(writer, sensor, sensor.message(at, pressure=0.4), sensor.message(at - timedelta(minutes=1), pressure=0.5))
    send(writer, sensor, sensor.message(at - timedelta(minutes=2), pressure=0.6))
    assert state(engine, sensor)[0] == 0.4
    assert count(engine, "ingest.reading", "asset_id = :id", id=sensor.asset_id) == 3


def test_two_devices_of_one_asset_at_the_same_instant_are_both_kept(engine: Engine, writer: Writer) -> None:
    first, at = add_sensor(engine), now()
    second = add_sensor(engine, asset_id=first.asset_id)
    writer.store([Message(first.topic, first.message(at)), Message(second.topic, second.message(at))])
    found = rows(engine, "select device_id from ingest.reading where asset_id = :id", id=first.asset_id)
    assert {row.device_id for row in found} == {first.id, second.id}


def test_every_day_has_its_partition_also_a_late_one(engine: Engine, writer: Writer) -> None:
    sensor, at = add_sensor(engine), now()
    send(writer, sensor, sensor.message(at), sensor.message(at - timedelta(days=20)))
    homes = rows(engine, "select tableoid::regclass::text from ingest.reading where asset_id = :id", id=sensor.asset_id)
    assert {home for (home,) in homes} == {f"ingest.reading_{day:%Y%m%d}" for day in (at, at - timedelta(days=20))}
    for days in (-20, 0, 1, 2, 3):
        name = f"ingest.reading_{at + timedelta(days=days):%Y%m%d}"
        assert rows(engine, "select to_regclass(:name) is not null", name=name)[0][0], name


def test_what_cannot_be_used_is_kept_whole_with_its_reason(engine: Engine, writer: Writer) -> None:
    sensor, other = add_sensor(engine), add_asset(engine)
    junk = {
        "topic": ("city/v1/oops", b"{}"),
        "malformed": (sensor.topic, b"\x00\xff not json"),
        "unknown_device": (sensor.topic, sensor.message(now()).replace(sensor.id.encode(), b"nobody")),
        "wrong_asset": (f"city/v1/water/0/{other}/tele", sensor.message(now())),
        "unknown_metric": (sensor.topic, sensor.message(now(), smell=1)),
        "out_of_range": (sensor.topic, sensor.message(now(), pressure=99)),
        "future": (sensor.topic, sensor.message(now() + timedelta(hours=1))),
        "too_old": (sensor.topic, sensor.message(now() - timedelta(days=60))),
    }
    good = Message(sensor.topic, sensor.message(now()))
    outcome = writer.store([good, *(Message(topic, payload) for topic, payload in junk.values())])
    assert outcome.stored == 1
    kept = {row.reason: row for row in rows(engine, "select * from ingest.quarantine where replayed_at is null")}
    for reason, (topic, payload) in junk.items():
        assert kept[reason].topic == topic
        assert bytes(kept[reason].payload) == payload
        assert kept[reason].detail


def test_of_ten_megabytes_only_the_beginning_is_kept(engine: Engine, writer: Writer) -> None:
    sensor = add_sensor(engine)
    send(writer, sensor, b"x" * 10_000_000)
    (kept,) = rows(engine, "select length(payload) as bytes, detail from ingest.quarantine where reason = 'too_large'")
    assert kept.bytes == 65_536
    assert "10000000" in kept.detail


def test_an_alarm_is_raised_once_said_once_and_cleared_with_hysteresis(engine: Engine, writer: Writer) -> None:
    sensor, start = add_sensor(engine), now() - timedelta(minutes=10)
    pressures = [0.30, 0.14, 0.10, 0.18, 0.22, 0.30]
    for minute, pressure in enumerate(pressures):
        send(writer, sensor, sensor.message(start + timedelta(minutes=minute), trace=f"m{minute}", pressure=pressure))
    (alarm,) = rows(engine, "select * from ingest.alarm where asset_id = :id", id=sensor.asset_id)
    assert (alarm.value, alarm.occurred_at, alarm.trace_id) == (0.14, start + timedelta(minutes=1), "m1")
    assert alarm.cleared_at == start + timedelta(minutes=4)
    said = rows(engine, "select * from gis.event where subject = :s order by id", s=f"asset:{sensor.asset_id}")
    assert [event.kind for event in said] == ["alarm.raised", "alarm.cleared"]
    assert said[0].trace_id == "m1"
    assert said[0].occurred_at == alarm.occurred_at
    facts = said[0].payload
    assert facts["alarm_id"] == alarm.id
    assert (facts["rule"], facts["metric"], facts["value"], facts["threshold"]) == (
        "pressure_low",
        "pressure",
        0.14,
        0.15,
    )
    assert (facts["class_code"], facts["lon"], facts["lat"]) == ("M0501", 112.0, 28.0)
    assert count(engine, "gis.delivery", "event_id = :id and consumer = 'cases'", id=said[0].id) == 1


def test_a_redelivered_alarming_message_raises_nothing_again(engine: Engine, writer: Writer) -> None:
    sensor, at = add_sensor(engine), now()
    low = sensor.message(at - timedelta(minutes=1), pressure=0.05)
    high = sensor.message(at, pressure=0.4)
    send(writer, sensor, low)
    send(writer, sensor, high)
    send(writer, sensor, low, high)
    assert count(engine, "ingest.alarm", "asset_id = :id", id=sensor.asset_id) == 1


def test_what_comes_late_raises_no_alarm_about_the_past(engine: Engine, writer: Writer) -> None:
    sensor, at = add_sensor(engine), now()
    send(writer, sensor, sensor.message(at, pressure=0.4))
    send(writer, sensor, sensor.message(at - timedelta(minutes=5), pressure=0.05))
    assert count(engine, "ingest.alarm", "asset_id = :id", id=sensor.asset_id) == 0


def test_the_second_device_of_an_asset_is_watched_although_the_first_is_newer(engine: Engine, writer: Writer) -> None:
    first, at = add_sensor(engine), now()
    second = add_sensor(engine, asset_id=first.asset_id)
    send(writer, first, first.message(at, pressure=0.4))
    send(writer, second, second.message(at - timedelta(seconds=1), pressure=0.05))
    assert count(engine, "ingest.alarm", "device_id = :id", id=second.id) == 1


def test_a_vehicle_alarms_where_it_is(engine: Engine, writer: Writer) -> None:
    with transaction(engine) as db:
        db.execute(
            text(
                "insert into ingest.detection_rule"
                " (code, name, name_en, profile_id, metric, comparison, threshold, clears_at, class_code)"
                " select 'far_north', '北', 'North', id, 'latitude', 'above', 60, 50, 'M0501'"
                " from ingest.profile where code = 'vehicle'"
            )
        )
        db.execute(text("notify registry"))
    bus = add_sensor(engine, "vehicle")
    send(writer, bus, bus.message(now(), longitude=25.5, latitude=66.5))
    (event,) = rows(engine, "select payload from gis.event where subject = :s", s=f"asset:{bus.asset_id}")
    assert (event.payload["lon"], event.payload["lat"]) == (25.5, 66.5)


def test_a_device_registered_later_is_known_at_once(engine: Engine, writer: Writer) -> None:
    sensor = add_sensor(engine)
    unknown = Sensor(f"{sensor.id}-b", sensor.asset_id, sensor.topic)
    assert send(writer, unknown, unknown.message(now())).reasons == {"unknown_device": 1}
    with transaction(engine) as db:
        db.execute(
            text("insert into ingest.device select :id, asset_id, profile_id from ingest.device where id = :like"),
            {"id": unknown.id, "like": sensor.id},
        )
    assert send(writer, unknown, unknown.message(now())).stored == 1


def test_a_device_moved_to_another_asset_is_known_there_at_once(engine: Engine, writer: Writer) -> None:
    sensor, elsewhere = add_sensor(engine), add_asset(engine)
    send(writer, sensor, sensor.message(now()))
    with transaction(engine) as db:
        db.execute(text("update ingest.device set asset_id = :a where id = :d"), {"a": elsewhere, "d": sensor.id})
        db.execute(text("notify registry"))
    assert send(writer, sensor, sensor.message(now())).reasons == {"wrong_asset": 1}


def test_one_message_that_the_database_refuses_does_not_hold_up_the_others(
    engine: Engine, writer: Writer, database: Database
) -> None:
    sensor, at = add_sensor(engine), now()
    owner = psycopg2.connect(database.owner_url.replace("+psycopg2", ""))
    with owner, owner.cursor() as cursor:
        cursor.execute('alter table ingest.reading add constraint odd check ("values"[2] is distinct from 13)')
    try:
        flows = [float(flow) for flow in range(8, 18)]
        payloads = [sensor.message(at - timedelta(seconds=flow), flow=flow) for flow in flows]
        outcome = send(writer, sensor, *payloads)
    finally:
        with owner, owner.cursor() as cursor:
            cursor.execute("alter table ingest.reading drop constraint odd")
        owner.close()
    assert outcome.stored == 9
    assert {place: refusal.reason for place, refusal in outcome.refused.items()} == {5: "not_storable"}
    assert count(engine, "ingest.quarantine", "reason = 'not_storable' and payload = :p", p=payloads[5]) == 1
