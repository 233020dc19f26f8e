"""A fault on demand, seen by the operator: a ring on the map and a case in the list within seconds, without reload."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import text

from config.settings import Settings, from_environment
from data import simulator
from tests.browser.conftest import City, Person
from tests.support.server import Process
from tests.support.telemetry import worker
from tests.support.waiting import wait_until


@pytest.fixture(scope="module")
def devices(demonstration: City, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """The city's devices speak and ingestion listens; every device has spoken once."""
    logs = tmp_path_factory.mktemp("devices")
    city = demonstration
    settings = from_environment(city.environment)
    with ExitStack() as running:
        ingest = worker(city.environment, settings.mqtt_url, logs / "ingest", ["city/v1/+/+/+/tele"], "1")
        running.enter_context(ingest)
        running.enter_context(Process(["data.simulator"], city.environment, logs / "simulator"))
        wait_until(lambda: _spoken(city), 40, what="the first message of every device")
        yield settings
        simulator.ask(settings, "repair")


def _spoken(city: City) -> bool:
    with city.engine.begin() as db:
        counts = text("select (select count(*) from gis.asset_state) = (select count(*) from ingest.device)")
        return bool(db.execute(counts).scalar_one())


def _one(city: City, kind: str, where: str = "true") -> str:
    with city.engine.begin() as db:
        found = text(f"select source_ref from gis.asset where kind = '{kind}' and {where} order by id limit 1")
        return str(db.execute(found).scalar_one())


def watching(person: Person) -> Page:
    """The operator's map, marked so that a reload would be noticed."""
    page = person.at("/map")
    expect(page.locator("#map")).to_have_attribute("data-map", "idle")
    page.evaluate("window.stayed = true")
    return page


def test_a_burst_is_a_ring_on_the_map_and_a_case_in_the_list_without_reload(
    city: City, devices: Settings, sit_down: Callable[..., Person]
) -> None:
    page = watching(sit_down("leader_shift"))
    expect(page.locator("#map")).to_have_attribute("data-ringed", "0")
    expect(page.locator("#alarms")).to_have_attribute("data-alarms", "0")

    simulator.ask(devices, "burst", _one(city, "flow_meter", "attributes ->> 'zone' <> ''"))
    expect(page.locator("#cases .row", has_text="供水管道破裂")).to_be_visible(timeout=10_000)
    expect(page.locator("#map")).to_have_attribute("data-ringed", "1", timeout=10_000)
    expect(page.locator("#alarms")).to_have_attribute("data-alarms", "1")
    expect(page.locator("#notes")).to_contain_text("供水压力骤降")

    page.locator("#alarms summary").click()
    page.locator("#alarms li button", has_text="供水压力骤降").click()
    expect(page.locator("#alarms ol")).to_be_hidden()

    simulator.ask(devices, "repair")
    expect(page.locator("#map")).to_have_attribute("data-ringed", "0", timeout=10_000)
    expect(page.locator("#alarms")).to_have_attribute("data-alarms", "0")
    expect(page.locator("#cases .row", has_text="供水管道破裂")).to_have_count(1)  # somebody must still look after it
    assert page.evaluate("window.stayed")


def test_a_dead_circuit_is_one_ring_and_one_case_at_its_cabinet(
    city: City, devices: Settings, sit_down: Callable[..., Person]
) -> None:
    page = watching(sit_down("leader_shift"))
    cases = page.locator("#cases .row", has_text="路灯控制箱")
    lamps = page.locator("#cases .row", has_text=re.compile("^路灯 "))
    before = (cases.count(), lamps.count())

    dead = simulator.ask(devices, "circuit-dead", _one(city, "lamp_cabinet"))
    expect(page.locator("#alarms")).to_have_attribute("data-alarms", "1", timeout=25_000)
    expect(cases).to_have_count(before[0] + 1)
    expect(page.locator("#map")).to_have_attribute("data-ringed", "1")
    page.locator("#alarms summary").click()
    expect(page.locator("#alarms li")).to_have_count(1)
    expect(page.locator("#alarms li")).to_contain_text(f"{dead['concerned']} 台设备")
    assert lamps.count() == before[1]

    simulator.ask(devices, "repair")
    expect(page.locator("#alarms")).to_have_attribute("data-alarms", "0", timeout=25_000)
    assert page.evaluate("window.stayed")
