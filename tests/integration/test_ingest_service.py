"""The ingest worker as it runs: a process between the real broker and the real database."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from sqlalchemy import Engine

from gis.db import make_engine
from tests.support.broker import Broker
from tests.support.databases import Database
from tests.support.telemetry import Worker, add_sensor, count, load_profiles, now, publisher, rows, worker
from tests.support.waiting import wait_until


@pytest.fixture(scope="module")
def engine(database: Database) -> Iterator[Engine]:
    engine = make_engine(database.app_url)
    load_profiles(engine)
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def metrics_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def running(
    engine: Engine,
    broker: Broker,
    settings_environment: dict[str, str],
    metrics_port: int,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Worker]:
    """A worker that takes what is published below this module's own system."""
    environment = settings_environment | {"CITYCOMMAND_INGEST_METRICS_PORT": str(metrics_port)}
    log = tmp_path_factory.mktemp("ingest") / "log"
    with worker(environment, broker.url, log, [f"city/v1/{broker.name}/+/+/tele"], "1") as running:
        yield running


def test_a_published_message_is_stored_with_its_trace(engine: Engine, broker: Broker, running: Worker) -> None:
    sensor, at = add_sensor(engine, system=broker.name), now()
    with publisher(broker.url) as sender:
        sender.send(sensor.topic, sensor.message(at, trace="trace-7", pressure=0.3, flow=7))
    found = wait_until(lambda: rows(engine, "select * from ingest.reading where asset_id = :id", id=sensor.asset_id))
    assert (found[0].occurred_at, found[0].values, found[0].trace_id) == (at, [0.3, 7.0], "trace-7")
    assert count(engine, "gis.asset_state", "asset_id = :id", id=sensor.asset_id) == 1


def test_open_screens_are_told_which_assets_have_news(
    engine: Engine, broker: Broker, running: Worker, database: Database
) -> None:
    sensors = [add_sensor(engine, system=broker.name) for _ in range(3)]
    told: list[dict[str, Any]] = []
    with closing(psycopg2.connect(database.app_url)) as screen, publisher(broker.url) as sender:
        screen.autocommit = True
        screen.cursor().execute("listen live")
        for sensor in sensors:
            sender.send(sensor.topic, sensor.message(now()))

        def all_told() -> bool:
            screen.poll()
            told.extend(json.loads(notice.payload) for notice in screen.notifies)
            screen.notifies.clear()
            return {sensor.asset_id for sensor in sensors} <= {id for notice in told for id in notice["ids"]}

        wait_until(all_told, what="live notices of three assets")
    assert {notice["topic"] for notice in told} == {"device"}


def test_counters_are_there_for_prometheus(engine: Engine, broker: Broker, running: Worker, metrics_port: int) -> None:
    sensor = add_sensor(engine, system=broker.name)
    with publisher(broker.url) as sender:
        sender.send(sensor.topic, b"junk")

    def page() -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{metrics_port}/metrics", timeout=5) as answer:
            return str(answer.read().decode())

    wait_until(lambda: 'citycommand_ingest_refused_total{reason="malformed"} 1.0' in page(), what="the refusal counted")
    assert "citycommand_ingest_broker_connected 1.0" in page()


def test_a_stopped_worker_ends_well_and_finds_what_came_meanwhile(
    engine: Engine, broker: Broker, running: Worker
) -> None:
    sensor, at = add_sensor(engine, system=broker.name), now()
    assert running.stop() == 0
    with publisher(broker.url) as sender:
        for second in range(50):
            sender.send(sensor.topic, sensor.message(at - timedelta(seconds=second)))
        sender.delivered()
    running.restart()
    wait_until(lambda: count(engine, "ingest.reading", "asset_id = :id", id=sensor.asset_id) == 50, 20)


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("CITYCOMMAND_MQTT_URL", "http://broker", "mqtt://[user:password@]host:port"),
        ("CITYCOMMAND_MQTT_URL", "", "CITYCOMMAND_MQTT_URL is missing"),
        ("CITYCOMMAND_INGEST_METRICS_PORT", "many", "must be a port number, not 'many'"),
    ],
)
def test_wrong_settings_end_in_one_clear_sentence(
    settings_environment: dict[str, str], root: Path, name: str, value: str, sentence: str
) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "ingest.service"],
        cwd=root,
        env={**os.environ, **settings_environment, name: value},
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert ended.returncode == 1
    (line,) = ended.stderr.splitlines()
    assert sentence in json.loads(line)["error"]
