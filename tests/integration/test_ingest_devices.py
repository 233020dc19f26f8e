"""The device register, how devices look on the map, and reading back what they measured."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from config import profiles
from config.errors import ConfigurationError, InvalidInput, NotFound
from config.telemetry import Limits
from gis.db import make_engine, transaction
from ingest import devices
from ingest.batch import Message
from ingest.devices import DeviceRow
from ingest.series import Latest, latest, series
from ingest.writer import Writer
from tests.support.databases import Database
from tests.support.telemetry import TEST_PROFILES, Sensor, add_asset, add_sensor, load_profiles, now, rows


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


def send(writer: Writer, sensor: Sensor, *payloads: bytes) -> None:
    outcome = writer.store([Message(sensor.topic, payload) for payload in payloads])
    assert not outcome.refused


def feature(engine: Engine, asset_id: int, after: timedelta = timedelta()) -> dict[str, Any]:
    with transaction(engine) as db:
        (found,) = devices.device_features(db, now() + after, [asset_id])["features"]
    return dict(found)


def test_the_profiles_that_ship_load_twice_without_change(engine: Engine) -> None:
    shipped = profiles.read()
    with transaction(engine) as db:
        first = devices.upsert_profiles(db, shipped)
        assert devices.upsert_profiles(db, shipped) == first


def test_a_rule_that_left_the_file_is_switched_off(engine: Engine) -> None:
    rule = profiles.Rule("hot", "热", "Hot", "heat", "above", 80, 70, "M0501")
    oven = profiles.Profile("oven", "炉", "Oven", 60, (profiles.Metric("heat", "Cel", 0, 100),), (rule,))
    without: tuple[profiles.Rule, ...] = ()
    for rules, active in (((rule,), True), (without, False), ((rule,), True)):
        changed = profiles.Profile(oven.code, oven.name, oven.name_en, oven.interval_s, oven.metrics, rules)
        with transaction(engine) as db:
            devices.upsert_profiles(db, [changed])
        assert rows(engine, "select active from ingest.detection_rule where code = 'hot'") == [(active,)]


def test_stored_metrics_keep_their_place(engine: Engine) -> None:
    meter = TEST_PROFILES[0]
    turned = profiles.Profile("meter", "表", "Meter", 60, meter.metrics[::-1], meter.rule)
    with transaction(engine) as db, pytest.raises(ConfigurationError, match=r"changes that order\. Keep the stored"):
        devices.upsert_profiles(db, [turned])


def test_a_device_of_an_unknown_profile_is_refused(engine: Engine) -> None:
    row = DeviceRow("d-1", add_asset(engine), "toaster")
    with transaction(engine) as db, pytest.raises(InvalidInput, match="toaster"):
        devices.upsert_devices(db, [row])


def test_registering_again_moves_a_device(engine: Engine) -> None:
    row = DeviceRow("mover", add_asset(engine), "meter")
    moved = replace(row, asset_id=add_asset(engine), active=False)
    with transaction(engine) as db:
        devices.upsert_devices(db, [row])
        devices.upsert_devices(db, [moved])
    found = rows(engine, "select asset_id, active from ingest.device where id = 'mover'")
    assert found == [(moved.asset_id, False)]


def test_a_meter_on_the_map_shows_its_values(engine: Engine, writer: Writer) -> None:
    sensor, at = add_sensor(engine), now()
    send(writer, sensor, sensor.message(at, pressure=0.3))
    shown = feature(engine, sensor.asset_id)
    assert shown["geometry"] == {"type": "Point", "coordinates": [112.0, 28.0]}
    assert shown["properties"] == {
        "id": sensor.asset_id,
        "kind": "flow_meter",
        "name": "一号",
        "name_en": "One",
        "status": "ok",
        "values": {"pressure": 0.3},
        "occurred_at": at.isoformat(),
    }


def test_a_bus_stands_where_it_says(engine: Engine, writer: Writer) -> None:
    bus = add_sensor(engine, "vehicle", asset_id=add_asset(engine, kind="bus"))
    assert feature(engine, bus.asset_id)["geometry"]["coordinates"] == [112.0, 28.0]
    send(writer, bus, bus.message(now(), longitude=112.5, latitude=28.25))
    assert feature(engine, bus.asset_id)["geometry"]["coordinates"] == [112.5, 28.25]


def test_three_intervals_without_a_message_are_silence(engine: Engine, writer: Writer) -> None:
    sensor = add_sensor(engine)
    assert feature(engine, sensor.asset_id)["properties"]["status"] == "silent"
    send(writer, sensor, sensor.message(now()))
    assert feature(engine, sensor.asset_id, timedelta(seconds=170))["properties"]["status"] == "ok"
    assert feature(engine, sensor.asset_id, timedelta(seconds=190))["properties"]["status"] == "silent"


def test_an_open_alarm_shows_until_it_is_cleared(engine: Engine, writer: Writer) -> None:
    sensor, at = add_sensor(engine), now()
    send(writer, sensor, sensor.message(at - timedelta(seconds=2), pressure=0.1))
    assert feature(engine, sensor.asset_id)["properties"]["status"] == "alarm"
    send(writer, sensor, sensor.message(at, pressure=0.3))
    assert feature(engine, sensor.asset_id)["properties"]["status"] == "ok"


def test_an_asset_with_two_devices_is_shown_once(engine: Engine) -> None:
    first = add_sensor(engine)
    add_sensor(engine, asset_id=first.asset_id)
    with transaction(engine) as db:
        shown = [each["id"] for each in devices.device_features(db, now())["features"]]
    assert shown.count(first.asset_id) == 1


def test_the_latest_values_come_with_their_units(engine: Engine, writer: Writer) -> None:
    sensor, silent, at = add_sensor(engine), add_sensor(engine), now()
    send(writer, sensor, sensor.message(at, pressure=0.3, flow=5))
    with transaction(engine) as db:
        found = latest(db, [sensor.asset_id, silent.asset_id])
    assert list(found) == [sensor.asset_id]
    state: Latest = found[sensor.asset_id]
    assert state.occurred_at == at
    assert state.values == {"pressure": 0.3, "flow": 5}
    assert state.units == {"pressure": "MPa", "flow": "m3/h"}


def test_two_devices_of_one_asset_do_not_hide_each_other(engine: Engine, writer: Writer) -> None:
    sensor, at = add_sensor(engine), now()
    beside = replace(sensor, id=f"{sensor.id}-tracker")
    with transaction(engine) as db:
        devices.upsert_devices(db, [DeviceRow(beside.id, sensor.asset_id, "vehicle")])
    send(writer, sensor, sensor.message(at, pressure=0.3, flow=5))
    send(writer, beside, beside.message(at, longitude=115.7, latitude=38.5))
    shown = feature(engine, sensor.asset_id)
    assert shown["properties"]["values"] == {"pressure": 0.3, "flow": 5, "longitude": 115.7, "latitude": 38.5}
    assert shown["geometry"]["coordinates"] == [115.7, 38.5]
    with transaction(engine) as db:
        assert latest(db, [sensor.asset_id])[sensor.asset_id].values == shown["properties"]["values"]
    late = feature(engine, sensor.asset_id, after=timedelta(seconds=60))
    assert late["properties"]["status"] == "silent", "the tracker sends every ten seconds, the meter every minute"


def test_a_series_gives_one_metric_in_order_and_leaves_gaps_out(engine: Engine, writer: Writer) -> None:
    sensor, at = add_sensor(engine), now()
    moments = [at - timedelta(hours=hours) for hours in (30, 3, 2, 1)]
    for moment, flow in zip(moments, (1.0, 2.0, 3.0, 4.0), strict=True):
        send(writer, sensor, sensor.message(moment, flow=flow))
    send(writer, sensor, sensor.message(at, pressure=0.3))
    with transaction(engine) as db:
        points = series(db, sensor.asset_id, "flow", at - timedelta(days=2), at + timedelta(seconds=1))
        later = series(db, sensor.asset_id, "flow", moments[1], moments[3])
    assert [(point.occurred_at, point.value) for point in points] == list(
        zip(moments, (1.0, 2.0, 3.0, 4.0), strict=True)
    )
    assert [point.value for point in later] == [2.0, 3.0]


def test_a_series_needs_a_known_metric_and_a_span(engine: Engine) -> None:
    with transaction(engine) as db:
        with pytest.raises(NotFound, match="smell"):
            series(db, 1, "smell", now(), now() + timedelta(hours=1))
        with pytest.raises(InvalidInput, match="ends before it begins"):
            series(db, 1, "flow", now(), now() - timedelta(hours=1))
