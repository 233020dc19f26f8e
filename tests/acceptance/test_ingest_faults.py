"""What can go wrong with ingestion, done to the real processes: afterwards every message is stored exactly once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import psycopg2
import pytest
from sqlalchemy import Engine, text

from gis.db import make_engine
from tests.support.broker import Broker
from tests.support.databases import Cluster, Database
from tests.support.mosquitto import own_broker
from tests.support.telemetry import (
    Sender,
    Sensor,
    Worker,
    add_sensor,
    count,
    load_profiles,
    now,
    publisher,
    rows,
    worker,
)
from tests.support.waiting import wait_until


@pytest.fixture(scope="module")
def engine(database: Database) -> Iterator[Engine]:
    engine = make_engine(database.app_url)
    load_profiles(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def running(engine: Engine, broker: Broker, settings_environment: dict[str, str], tmp_path: Path) -> Iterator[Worker]:
    filters = [f"city/v1/{broker.name}/+/+/tele"]
    with worker(settings_environment, broker.url, tmp_path / "log", filters, "1") as running:
        yield running


@contextmanager
def writing_blocked(engine: Engine) -> Iterator[None]:
    """A batch that comes now gets as far as the states and waits there, its readings written but not committed."""
    with engine.connect() as blocker, blocker.begin():
        blocker.execute(text("lock table gis.asset_state in exclusive mode"))
        yield


@contextmanager
def state_blocked(engine: Engine, sensor: Sensor) -> Iterator[None]:
    """As `writing_blocked`, for batches with this one sensor."""
    with engine.begin() as db:
        db.execute(
            text(
                """insert into gis.asset_state select asset_id, id, profile_id, '2000-01-01', '2000-01-01', '{0.1}'
                   from ingest.device where id = :id"""
            ),
            {"id": sensor.id},
        )
    with engine.connect() as blocker, blocker.begin():
        blocker.execute(text("select 1 from gis.asset_state where asset_id = :id for update"), {"id": sensor.asset_id})
        yield


def wait_for_blocked_batch(engine: Engine) -> int:
    """The process id of the backend in which a batch waits."""
    waiting = (
        "select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
        " and query like '%asset_state%' and pid <> pg_backend_pid()"
    )
    return int(wait_until(lambda: rows(engine, waiting), what="a batch in the middle of its transaction")[0][0])


def send_series(sender: Sender, sensor: Sensor, start: datetime, messages: int) -> None:
    """One message a millisecond of device time; the last one tells 0.9."""
    for number in range(messages):
        pressure = 0.9 if number == messages - 1 else 0.3
        sender.send(sensor.topic, sensor.message(start + timedelta(milliseconds=number), pressure=pressure))


def wait_until_stored_once(engine: Engine, sensor: Sensor, messages: int) -> None:
    """Every message is there, none twice (the key forbids it), and the state is the last one's."""

    def stored() -> int:
        return count(engine, "ingest.reading", "asset_id = :id", id=sensor.asset_id)

    wait_until(lambda: stored() >= messages, 60, what=f"{messages} readings", every=0.1)
    assert stored() == messages
    state = rows(engine, 'select "values"[1] from gis.asset_state where asset_id = :id', id=sensor.asset_id)
    assert state == [(0.9,)]


def test_kill_9_in_the_middle_of_a_batch_loses_and_doubles_nothing(
    engine: Engine, broker: Broker, running: Worker
) -> None:
    sensor, start = add_sensor(engine, system=broker.name), now() - timedelta(minutes=1)
    with publisher(broker.url) as sender:
        with writing_blocked(engine):
            send_series(sender, sensor, start, 500)
            wait_for_blocked_batch(engine)
            running.kill()
        assert count(engine, "ingest.reading", "asset_id = :id", id=sensor.asset_id) == 0
        running.restart()
        wait_until_stored_once(engine, sensor, 500)


def test_kill_9_again_and_again_under_load(engine: Engine, broker: Broker, running: Worker) -> None:
    sensor, start = add_sensor(engine, system=broker.name), now() - timedelta(minutes=1)
    with publisher(broker.url) as sender:
        send_series(sender, sensor, start, 3000)
        for part in (200, 1200):

            def enough(part: int = part) -> bool:
                return count(engine, "ingest.reading", "asset_id = :id", id=sensor.asset_id) >= part

            wait_until(enough, 30)
            running.kill()
            running.restart()
        sender.delivered()
        wait_until_stored_once(engine, sensor, 3000)


def test_a_connection_cut_in_the_middle_of_a_batch_is_made_again(
    engine: Engine, database: Database, broker: Broker, running: Worker
) -> None:
    sensor, start = add_sensor(engine, system=broker.name), now() - timedelta(minutes=1)
    owner = psycopg2.connect(database.owner_url)
    owner.autocommit = True
    with publisher(broker.url) as sender, writing_blocked(engine):
        send_series(sender, sensor, start, 300)
        owner.cursor().execute("select pg_terminate_backend(%s)", (wait_for_blocked_batch(engine),))
        running.wait_for("database_failed")
    owner.close()
    wait_until_stored_once(engine, sensor, 300)


def test_messages_wait_while_the_database_is_away(
    engine: Engine, cluster: Cluster, database: Database, broker: Broker, running: Worker
) -> None:
    sensor, start = add_sensor(engine, system=broker.name), now() - timedelta(minutes=1)
    engine.dispose()
    with cluster.administration() as administration, publisher(broker.url) as sender:
        administration.execute(text(f'alter database "{database.name}" allow_connections false'))
        try:
            administration.execute(
                text("select pg_terminate_backend(pid) from pg_stat_activity where datname = :name"),
                {"name": database.name},
            )
            send_series(sender, sensor, start, 6000)  # more than the worker holds in memory
            sender.delivered()
            running.wait_for("database_failed", times=3)
        finally:
            administration.execute(text(f'alter database "{database.name}" allow_connections true'))
    wait_until_stored_once(engine, sensor, 6000)


def test_sigterm_while_the_database_is_away_leaves_the_messages_with_the_broker(
    engine: Engine, database: Database, broker: Broker, running: Worker
) -> None:
    sensor, start = add_sensor(engine, system=broker.name), now() - timedelta(minutes=1)
    owner = psycopg2.connect(database.owner_url)
    owner.autocommit = True
    with publisher(broker.url) as sender:
        with writing_blocked(engine):
            send_series(sender, sensor, start, 100)
            running.process.terminate()
            wait_for_blocked_batch(engine)
            owner.cursor().execute("select pg_terminate_backend(%s)", (wait_for_blocked_batch(engine),))
            assert running.process.wait(20) == 0
        owner.close()
        running.restart()
        wait_until_stored_once(engine, sensor, 100)


def test_a_broker_restarted_in_the_middle_of_a_batch(
    engine: Engine, settings_environment: dict[str, str], tmp_path: Path
) -> None:
    sensor, start = add_sensor(engine), now() - timedelta(minutes=1)
    with (
        own_broker(tmp_path) as broker,
        worker(settings_environment, broker.url, tmp_path / "log", ["city/v1/+/+/+/tele"], "restart") as running,
        publisher(broker.url) as sender,
    ):
        with writing_blocked(engine):
            send_series(sender, sensor, start, 2500)
            sender.delivered()
            wait_for_blocked_batch(engine)
            broker.stop()
            running.wait_for("broker_disconnected")
            broker.start()
            running.wait_for("broker_connected", times=2)
        wait_until_stored_once(engine, sensor, 2500)


def test_a_broker_that_lost_its_sessions_gets_no_acknowledgement_of_the_old_ones(
    engine: Engine, settings_environment: dict[str, str], tmp_path: Path
) -> None:
    before, after, start = add_sensor(engine), add_sensor(engine), now() - timedelta(minutes=1)
    with (
        own_broker(tmp_path) as broker,
        worker(settings_environment, broker.url, tmp_path / "log", ["city/v1/+/+/+/tele"], "lost") as running,
    ):
        with state_blocked(engine, after):
            with state_blocked(engine, before):
                with publisher(broker.url) as sender:
                    send_series(sender, before, start, 500)
                    sender.delivered()
                    wait_for_blocked_batch(engine)
                broker.stop()
                broker.forget()
                broker.start()
                running.wait_for("subscribed", times=2)
                with publisher(broker.url) as sender:
                    send_series(sender, after, start, 500)  # under the packet ids that the first 500 had
                    sender.delivered()
            # What the broker still had of the first 500 is gone with its disk; the batch in hand is not.
            wait_until(lambda: count(engine, "ingest.reading", "asset_id = :id", id=before.asset_id))
            wait_for_blocked_batch(engine)
            running.kill()
        running.restart()
        wait_until_stored_once(engine, after, 500)


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"", "malformed"),
        (b"\xc3\x28 not utf-8 \xff", "malformed"),
        (b"[" * 60_000, "malformed"),
        (b'{"a":' * 9_000 + b"1" + b"}" * 9_000, "malformed"),
        (b'{"device":"d","at":"2026-03-08T02:00:00Z","values":{"pressure":NaN}}', "malformed"),
        (b'{"device":"d","at":"2026-03-08T02:00:00Z","values":{"pressure":1e400}}', "malformed"),
        (b"\x00" * 10_000_000, "too_large"),
    ],
    ids=["empty", "not utf-8", "deep list", "deep object", "NaN", "1e400", "10 MB"],
)
def test_junk_is_kept_with_its_reason_and_holds_nothing_up(
    engine: Engine, broker: Broker, junk_worker: Worker, payload: bytes, reason: str
) -> None:
    sensor = add_sensor(engine, system=broker.name)
    with publisher(broker.url) as sender:
        sender.send(sensor.topic, payload)
        sender.send(sensor.topic, sensor.message(now(), pressure=0.9))
        wait_until_stored_once(engine, sensor, 1)
    kept = rows(engine, "select reason, payload from ingest.quarantine where topic = :topic", topic=sensor.topic)
    assert [(row.reason, bytes(row.payload)) for row in kept] == [(reason, payload[:65_536])]
    assert junk_worker.process.poll() is None


@pytest.fixture(scope="module")
def junk_worker(
    engine: Engine,
    broker: Broker,
    settings_environment: dict[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Worker]:
    """One worker for all kinds of junk: it must survive every one of them."""
    log = tmp_path_factory.mktemp("junk") / "log"
    with worker(settings_environment, broker.url, log, [f"city/v1/{broker.name}/+/+/tele"], "junk") as running:
        yield running
