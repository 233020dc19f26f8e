"""Kept messages are tried again after a correction."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from config.errors import InvalidInput
from config.telemetry import Limits
from gis.db import make_engine, transaction
from ingest.batch import Message
from ingest.devices import DeviceRow, upsert_devices
from ingest.replay import replay_quarantine
from ingest.writer import Writer
from tests.support.databases import Database
from tests.support.telemetry import Sensor, add_asset, count, load_profiles, now, rows


@pytest.fixture(scope="module")
def engine(database: Database) -> Iterator[Engine]:
    engine = make_engine(database.app_url)
    load_profiles(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def unregistered(engine: Engine) -> Iterator[Sensor]:
    """A device that nobody knows, three of whose messages are kept; its quarantine is emptied afterwards."""
    asset = add_asset(engine)
    sensor = Sensor(f"late-{asset}", asset, f"city/v1/water/0/{asset}/tele")
    writer = Writer(engine, Limits(), threading.Event())
    at = now() - timedelta(minutes=10)
    payloads = [sensor.message(at + timedelta(minutes=minute), pressure=0.3) for minute in range(3)]
    outcome = writer.store([Message(sensor.topic, payload) for payload in payloads])
    writer.close()
    assert outcome.reasons == {"unknown_device": 3}
    yield sensor
    with transaction(engine) as db:
        db.execute(text("delete from ingest.quarantine"))


def register(engine: Engine, sensor: Sensor) -> None:
    with transaction(engine) as db:
        upsert_devices(db, [DeviceRow(sensor.id, sensor.asset_id, "meter")])


def test_what_was_kept_becomes_readings_after_the_device_is_registered(engine: Engine, unregistered: Sensor) -> None:
    register(engine, unregistered)
    with transaction(engine) as db:
        assert replay_quarantine(db, "unknown_device") == {"tried": 3, "stored": 3, "repeated": 0, "refused": 0}
    assert count(engine, "ingest.reading", "device_id = :id", id=unregistered.id) == 3
    assert count(engine, "ingest.quarantine", "replayed_at is null") == 0
    with transaction(engine) as db:
        assert replay_quarantine(db, "unknown_device")["tried"] == 0


def test_what_is_still_wrong_stays_with_the_reason_that_holds_now(engine: Engine, unregistered: Sensor) -> None:
    elsewhere = Sensor(unregistered.id, add_asset(engine), unregistered.topic)
    register(engine, elsewhere)
    with transaction(engine) as db:
        assert replay_quarantine(db, "unknown_device") == {"tried": 3, "stored": 0, "repeated": 0, "refused": 3}
    kept = rows(engine, "select distinct reason from ingest.quarantine where replayed_at is null")
    assert kept == [("wrong_asset",)]


def test_a_message_is_judged_as_of_its_first_arrival(engine: Engine, unregistered: Sensor) -> None:
    register(engine, unregistered)
    with transaction(engine) as db:
        db.execute(text("update ingest.quarantine set recorded_at = recorded_at - interval '1 hour'"))
        assert replay_quarantine(db, "unknown_device")["refused"] == 3
    assert rows(engine, "select distinct reason from ingest.quarantine where replayed_at is null") == [("future",)]


def test_an_unknown_reason_names_the_known_ones(engine: Engine) -> None:
    with transaction(engine) as db, pytest.raises(InvalidInput, match="unknown_device"):
        replay_quarantine(db, "bad_mood")


def test_the_command_replays_and_says_what_became_of_them(
    engine: Engine, unregistered: Sensor, settings_environment: dict[str, str], root: Path
) -> None:
    register(engine, unregistered)
    command = [sys.executable, "-m", "ingest.replay", "unknown_device"]
    done = subprocess.run(
        command, cwd=root, env={**os.environ, **settings_environment}, capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == {"tried": 3, "stored": 3, "repeated": 0, "refused": 0}
