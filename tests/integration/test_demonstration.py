"""The demonstration in a real database, and its devices on a real broker."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from config.errors import InvalidInput, ServiceUnavailable
from config.settings import Settings
from data import demonstration, devices, simulator
from data.demonstration import Loaded
from dispatch.workflow import FINAL, STATES
from gis import clock
from gis.db import make_engine, transaction
from ingest import mqtt, topics
from ingest.decoders import json_v1
from tests.support.waiting import wait_until

CASES = 70


@pytest.fixture(scope="module")
def engine(settings: Settings) -> Iterator[Engine]:
    engine = make_engine(settings.database_url, pool_size=2)
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def loaded(engine: Engine, settings: Settings) -> Loaded:
    """The demonstration, loaded once with the application's rights."""
    with transaction(engine) as db:
        return demonstration.load(db, settings, cases=CASES)


def count(engine: Engine, statement: str) -> int:
    with transaction(engine) as db:
        return int(db.execute(text(statement)).scalar_one())


def test_every_part_of_the_city_arrives(engine: Engine, loaded: Loaded) -> None:
    assert loaded.conditions >= 60
    assert count(engine, "select count(*) from gis.asset") == sum(loaded.assets.values())
    assert count(engine, "select count(*) from gis.asset where not st_isvalid(geom)") == 0
    assert count(engine, "select count(*) from gis.area where level = 'subdistrict'") in (2, 3)
    assert count(engine, "select count(*) from gis.unit where fallback") == 1
    assert count(engine, "select count(*) from gis.responsibility_grid where inspector_id is null") == 0
    with_devices = ("street_lamp", "lamp_cabinet", "flow_meter", "sewer_level_meter", "rain_gauge", "bus")
    assert count(engine, "select count(*) from ingest.device") == sum(loaded.assets[kind] for kind in with_devices)
    assert (
        count(
            engine, "select count(*) from ingest.detection_rule r join dispatch.case_class c on c.code = r.class_code"
        )
        >= 3
    )


def test_every_component_has_a_unit_and_a_class_that_can_be_filed(engine: Engine, loaded: Loaded) -> None:
    assert count(engine, "select count(*) from gis.asset where code is not null and unit_id is null") == 0
    unknown = """
        select count(*) from gis.asset a where class_code is not null
        and not exists (select from dispatch.filing_condition f where f.class_code = a.class_code)
    """
    assert count(engine, unknown) == 0


def test_the_past_shows_every_state_and_some_delay(engine: Engine, loaded: Loaded) -> None:
    assert sum(loaded.cases.values()) == CASES
    assert set(STATES) - FINAL <= set(loaded.cases)
    assert loaded.cases["closed"] > 0.4 * CASES
    late = "select count(*) from dispatch.cases where closed_at is null and stage_due_at < gis.now()"
    assert 3 < count(engine, late) < 0.3 * CASES
    assert (
        count(engine, "select count(*) from dispatch.cases where location_quality <> 'exact' or grid_id is null") == 0
    )
    assert count(engine, "select count(*) from dispatch.cases where occurred_at > gis.now()") == 0


def test_its_evidence_lies_in_the_evidence_directory(engine: Engine, settings: Settings, loaded: Loaded) -> None:
    with transaction(engine) as db:
        hashes = db.execute(text("select distinct sha256 from dispatch.evidence")).scalars().all()
    stored = {path.name for path in settings.evidence_directory.rglob("*") if path.is_file()}
    assert hashes
    assert {bytes(sha256).hex() for sha256 in hashes} <= stored


def test_a_second_load_is_refused_and_if_empty_leaves_the_city_alone(
    engine: Engine, settings: Settings, settings_environment: dict[str, str], loaded: Loaded, root: Path
) -> None:
    with transaction(engine) as db, pytest.raises(InvalidInput, match="already holds a city"):
        demonstration.load(db, settings)
    result = subprocess.run(
        [sys.executable, "-m", "data.demonstration", "--if-empty"],
        env={**os.environ, **settings_environment}, cwd=root, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    assert count(engine, "select count(*) from gis.area where level = 'city'") == 1


def test_the_simulator_speaks_the_contract_bursts_on_demand_and_stops_on_sigterm(
    engine: Engine, settings: Settings, settings_environment: dict[str, str], loaded: Loaded, root: Path
) -> None:
    with transaction(engine) as db:
        known = {row.id: row.asset_id for row in db.execute(text("select id, asset_id from ingest.device"))}
        meter = db.execute(
            text("select asset_id from ingest.device where id like 'FM-00%' order by id limit 1")
        ).scalar_one()
    heard: dict[int, dict[str, float]] = {}

    def hear(topic: str, payload: bytes | bytearray) -> None:
        message = json_v1.decode(bytes(payload))
        if known.get(message.device) == topics.parse(topic).asset_id:
            heard[known[message.device]] = message.values

    listener = mqtt.connect(settings.mqtt_url, f"{settings.instance}-listener")
    listener.on_connect = lambda client, *_: client.subscribe("city/v1/+/+/+/tele", qos=1)
    listener.on_message = lambda _client, _data, message: hear(message.topic, message.payload)
    listener.loop_start()
    process = subprocess.Popen(
        [sys.executable, "-m", "data.simulator"], env={**os.environ, **settings_environment}, cwd=root,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        wait_until(lambda: len(heard) == len(known), timeout=40)
        assert heard[meter]["pressure"] > 0.2
        assert simulator.ask(settings, "burst", str(meter))["concerned"] == 1
        wait_until(lambda: heard[meter]["pressure"] < 0.15, timeout=15)
        simulator.ask(settings, "repair", None)
        wait_until(lambda: heard[meter]["pressure"] > 0.2, timeout=15)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=15) == 0
    finally:
        process.kill()
        process.wait()
        listener.disconnect()
        listener.loop_stop()


def test_an_unknown_fault_is_refused_with_those_there_are(settings: Settings) -> None:
    with pytest.raises(InvalidInput, match="burst"):
        simulator.ask(settings, "earthquake", None)


def test_without_a_simulator_the_wish_is_refused_in_words(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulator, "ANSWER_WITHIN_S", 0.5)
    with pytest.raises(ServiceUnavailable, match="simulator does not answer"):
        simulator.ask(settings, "burst")


def test_messages_are_json_as_devices_send_it(engine: Engine, settings: Settings, loaded: Loaded) -> None:

    with transaction(engine) as db:
        fleet, now = devices.fleet(db, settings.time_zone), clock.now(db)
    bus = next(device for device in fleet.devices if device.profile == "bus_terminal")
    values = fleet.values(bus, now)
    assert values is not None
    message = json.loads(devices.payload(bus, now, values))
    assert message.keys() == {"device", "at", "values"}
    assert message["values"].keys() == {"longitude", "latitude", "speed", "bearing", "occupancyPercentage"}


def test_hotline_and_inspectors_have_worked(engine: Engine, loaded: Loaded) -> None:
    """Desks are not empty: calls with callers sealed, call-backs done and waiting, articles, shifts with tracks in the grids."""
    for statement, least in (
        ("select count(*) from dispatch.call where caller_cipher is not null and ended_at is not null", 10),
        ("select count(*) from dispatch.call_answer", 3),
        ("select count(*) from dispatch.article_edition where approved", 8),
        ("select count(*) from dispatch.article_edition where decided_at is null", 1),
        ("select count(*) from dispatch.callback where state = 'done' and satisfied is not null", 1),
        ("select count(*) from dispatch.shift where checked_out_at is not null", 9),
        ("select count(*) from dispatch.shift where checked_in_at is null and starts_at > gis.now()", 3),
        ("select count(distinct unit_grid_id) from dispatch.track_point", 60),
        ("select count(*) from dispatch.survey_visit", 12),
        ("select count(*) from dispatch.bulletin", 2),
    ):
        assert count(engine, statement) >= least, statement
