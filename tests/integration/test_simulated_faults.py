"""Every fault on demand, through the real broker, ingest and dispatch: the alarm it raises, the one case it ends in.

The city's time runs twenty times as fast; it is an evening, so lamps burn. Faults go on beside each other, as in a city.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine

from config.settings import Settings
from data import demonstration, simulator
from gis import clock
from gis.db import make_engine, transaction
from tests.support.broker import Broker
from tests.support.server import Process
from tests.support.telemetry import Worker, rows, worker
from tests.support.waiting import wait_until

EVENING = datetime(2026, 3, 10, 20, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
RATE = 20.0


@pytest.fixture(scope="module")
def engine(settings: Settings) -> Iterator[Engine]:
    """The demonstration city on an evening, its time standing still."""
    engine = make_engine(settings.database_url, pool_size=2)
    with transaction(engine) as db:
        clock.set_virtual(db, EVENING, rate=0)
        demonstration.load(db, settings, cases=0)
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def city(
    engine: Engine,
    settings_environment: dict[str, str],
    broker: Broker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Worker]:
    """Simulator, ingest and dispatch as they run; every device has spoken."""
    logs = tmp_path_factory.mktemp("faults")
    with transaction(engine) as db:
        clock.set_virtual(db, EVENING, rate=1)
    with ExitStack() as running:
        ingest = running.enter_context(
            worker(settings_environment, broker.url, logs / "ingest", ["city/v1/+/+/+/tele"], "1")
        )
        running.enter_context(Process(["data.simulator"], settings_environment, logs / "simulator"))
        running.enter_context(Process(["dispatch.service"], settings_environment, logs / "dispatch"))
        wait_until(
            lambda: count(engine, "gis.asset_state") == count(engine, "ingest.device"),
            40,
            what="the first message of every device",
        )
        hurry(engine, 1)
        yield ingest


def hurry(engine: Engine, times: float) -> None:
    """From now on the city's time runs so many times as fast as is usual in these tests."""
    with transaction(engine) as db:
        clock.set_virtual(db, clock.now(db), rate=times * RATE)


def count(engine: Engine, table: str) -> int:
    return int(rows(engine, f"select count(*) from {table}")[0][0])


def refs(engine: Engine, kind: str, where: str = "true") -> list[Any]:
    return rows(engine, f"select * from gis.asset where kind = '{kind}' and {where} order by id")


def alarms(engine: Engine, rule: str) -> list[Any]:
    """All alarms of a rule that were ever raised."""
    return rows(
        engine,
        "select a.*, s.source_ref as ref, s.kind from ingest.alarm a join ingest.detection_rule r on r.id = a.rule_id"
        " join gis.asset s on s.id = a.asset_id where r.code = :rule order by a.id",
        rule=rule,
    )


def cases(engine: Engine, class_code: str) -> list[Any]:
    return rows(
        engine,
        "select c.*, u.code as unit, f.ordinal, (select count(*) from dispatch.report r where r.case_id = c.id) as reports"
        " from dispatch.cases c left join gis.unit u on u.id = c.unit_id"
        " left join dispatch.filing_condition f on f.id = c.condition_id"
        " where c.class_code = :code and c.source = 'sensor' order by c.id",
        code=class_code,
    )


def test_each_fault_raises_its_alarm_and_ends_in_its_one_case(engine: Engine, settings: Settings, city: Worker) -> None:
    meters = refs(engine, "flow_meter", "attributes ->> 'zone' <> ''")
    cabinets = refs(engine, "lamp_cabinet")
    lonely = refs(engine, "street_lamp", f"attributes ->> 'cabinet' = '{cabinets[-1].source_ref}'")[0]
    ask = simulator.ask
    ask(settings, "burst", meters[0].source_ref)
    ask(settings, "leak", meters[-1].source_ref)
    dead = ask(settings, "circuit-dead", cabinets[0].source_ref)
    ask(settings, "lamp-outage", lonely.source_ref)
    bunched = ask(settings, "bunching", "BL-001")
    quiet = ask(settings, "silent", "B-0002")

    def raised(rule: str, seconds: float = 40) -> Any:
        """The alarm of a rule, once it stands; there must be only one."""
        wait_until(lambda: alarms(engine, rule), seconds, what=f"an alarm {rule}")
        (alarm,) = alarms(engine, rule)
        return alarm

    def opened(class_code: str, seconds: float = 10) -> Any:
        """The case of a class, once it is there; there must be only one."""
        wait_until(lambda: cases(engine, class_code), seconds, what=f"a case {class_code}")
        (case,) = cases(engine, class_code)
        return case

    assert raised("water_pressure_low", 5).ref == meters[0].source_ref
    assert (opened("M0501").unit, opened("M0501").priority) == ("water", "urgent")

    circuit = raised("circuit_dead")
    assert (circuit.ref, len(circuit.members)) == (cabinets[0].source_ref, dead["concerned"])
    assert (opened("C0136").asset_id, opened("C0136").unit, opened("C0136").ordinal) == (
        circuit.asset_id,
        "lighting",
        2,
    )

    assert raised("lamp_dark").ref == lonely.source_ref
    lamp = opened("C0137")
    assert (lamp.asset_id, lamp.unit, lamp.ordinal, lamp.priority) == (lonely.id, "lighting", 2, "normal")

    assert raised("water_leak").ref == meters[-1].source_ref
    assert opened("M0510").unit == "water"

    assert raised("bus_silent").ref == quiet["asset"] == "B-0002"
    assert opened("M0697").unit == "bus"  # whoever owns the device, not the fallback desk

    bunch = raised("bus_bunching")
    assert (bunch.kind, bunch.ref) == ("bus_line", "BL-001")
    concerned = [
        row.source_ref for row in rows(engine, "select * from gis.asset where id = any(:ids)", ids=bunch.members)
    ]
    assert bunched["asset"] in concerned
    assert opened("M0696").unit == "bus"

    # A worker that dies in the middle of it all forgets nothing and says nothing twice.
    city.kill()
    city.restart()
    simulator.ask(settings, "repair")
    standing = ("water_pressure_low", "circuit_dead", "lamp_dark", "water_leak", "bus_silent", "bus_bunching")
    for rule in standing:
        wait_until(lambda rule=rule: alarms(engine, rule)[0].cleared_at, 60, what=f"the end of {rule}")  # type: ignore[misc]
    assert {rule: len(alarms(engine, rule)) for rule in standing} == dict.fromkeys(standing, 1)
    for class_code in ("M0501", "M0510", "M0696", "M0697", "C0136", "C0137"):
        assert len(cases(engine, class_code)) == 1


def test_a_storm_floods_places_not_gauges(engine: Engine, settings: Settings, city: Worker) -> None:
    blocked = [gauge for gauge in refs(engine, "sewer_level_meter") if gauge.id % 4 == 1]
    hurry(engine, 3)
    simulator.ask(settings, "storm")
    wait_until(lambda: len(alarms(engine, "sewer_level_high")) == len(blocked), 60, what="a flood at blocked grates")
    wait_until(
        lambda: sum(case.reports for case in cases(engine, "M0503")) == len(blocked), 10, what="all floods reported"
    )
    found = cases(engine, "M0503")
    assert len(found) < len(blocked)
    assert {case.unit for case in found} == {"drainage"}
    apart = rows(
        engine,
        "select min(st_distance(a.geom::geography, b.geom::geography)) from dispatch.cases a join dispatch.cases b"
        " on a.id < b.id where a.class_code = 'M0503' and b.class_code = 'M0503' and a.source = 'sensor' and b.source = 'sensor'",
    )[0][0]
    assert apart is None or apart > 800


def test_a_flood_is_raised_at_once_and_joins_the_case_of_its_quarter(
    engine: Engine, settings: Settings, city: Worker
) -> None:
    hurry(engine, 1 / RATE)
    gauge = next(gauge for gauge in refs(engine, "sewer_level_meter") if gauge.id % 4 == 2)
    before = sum(case.reports for case in cases(engine, "M0503"))
    simulator.ask(settings, "flood", gauge.source_ref)
    wait_until(lambda: gauge.id in {alarm.asset_id for alarm in alarms(engine, "sewer_level_high")}, 15)
    wait_until(lambda: sum(case.reports for case in cases(engine, "M0503")) == before + 1, 10, what="its report")
