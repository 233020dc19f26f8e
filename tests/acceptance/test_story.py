"""The main story through HTTP and MQTT against the real processes: three sources, one loop, a verified close (C1, D1, D3, D4, D5, D9).

In its middle dispatch, ingest and web are killed without warning, and nothing is lost.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import paho.mqtt.client as mqtt
import pillow_heif
import pytest
from paho.mqtt.enums import CallbackAPIVersion
from PIL import Image
from sqlalchemy import Engine, text
from sqlalchemy.engine import make_url

from config.settings import from_environment
from gis.db import make_engine
from ingest import topics
from tests.support import instances
from tests.support.broker import Broker
from tests.support.cities import demonstration_city, porto_alegre
from tests.support.databases import Database
from tests.support.server import Person, Process, WebServer
from tests.support.waiting import wait_until


@dataclass
class CityAtWork:
    """The running processes of one city and the people signed in to it."""

    engine: Engine
    web: WebServer
    ingest: Process
    dispatch: Process
    broker: Broker
    _people: dict[str, Person] = field(default_factory=dict)

    def person(self, username: str) -> Person:
        """Somebody of the demonstration's organisation, signed in."""
        if username not in self._people:
            self._people[username] = self.web.person(username, f"demo-{username}")
        return self._people[username]

    def one(self, statement: str, **values: Any) -> Any:
        """First row of a query."""
        with self.engine.connect() as db:
            return db.execute(text(statement), values).first()

    def close(self) -> None:
        """Sign everybody out of this test."""
        for person in self._people.values():
            person.close()


@pytest.fixture(scope="module", params=[demonstration_city, porto_alegre])
def city(
    request: pytest.FixtureRequest,
    new_database: Callable[[], Database],
    broker: Broker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[CityAtWork]:
    environment = instances.environment(
        new_database(), broker.url, f"{broker.name}-{request.param.__name__}", tmp_path_factory.mktemp("var")
    )
    settings = from_environment(environment)
    engine = make_engine(settings.database_url)
    with engine.begin() as db:
        request.param(db, settings)
    with ExitStack() as stack:
        stack.callback(engine.dispose)
        ingest = stack.enter_context(Process(["ingest.service"], environment, settings.var / "ingest.log"))
        dispatch = stack.enter_context(Process(["dispatch.service"], environment, settings.var / "dispatch.log"))
        web = stack.enter_context(WebServer(environment, settings.var / "web.log"))
        at_work = CityAtWork(engine, web, ingest, dispatch, broker)
        stack.callback(at_work.close)
        yield at_work


def heic() -> bytes:
    """A photo as an iPhone makes it."""
    content = io.BytesIO()
    pillow_heif.from_pillow(Image.new("RGB", (320, 240), (90, 110, 140))).save(content, quality=60)
    return content.getvalue()


def jpeg(shade: int) -> bytes:
    content = io.BytesIO()
    Image.new("RGB", (320, 240), (shade, shade, shade)).save(content, "JPEG")
    return content.getvalue()


def by_inspector(city: CityAtWork) -> int:
    """An inspector finds a lamp out and photographs it; returns the case."""
    lamp = city.one(
        "select id, class_code, st_x(geom) as lon, st_y(geom) as lat from gis.asset where kind = 'street_lamp' order by id limit 1"
    )
    report = {
        "source": "inspector",
        "description": "路灯不亮，夜间路段很暗",
        "occurred_at": datetime.now(UTC).isoformat(),
        "position": {"lon": lamp.lon, "lat": lamp.lat, "accuracy_m": 6},
        "class_code": lamp.class_code,
    }
    answer = city.person("inspector").hand_in("/api/reports", report, photos=[heic()])
    assert answer.status_code == 201, answer.text
    body = answer.json()
    assert body["placed"]["asset"]["id"] == lamp.id
    assert body["routing"]["reason"] in ("asset_unit", "condition_unit"), (
        "OpenStreetMap does not say who maintains a lamp"
    )
    return int(body["case"]["id"])


def by_hotline(city: CityAtWork) -> int:
    """Somebody calls about litter; the intake operator types it in."""
    spot = city.one(
        "select st_x(p) as lon, st_y(p) as lat from gis.unit_grid, st_pointonsurface(geom) p order by code limit 1"
    )
    classes = city.person("intake").get("/api/standards").json()["classes"]
    litter = next(c for c in classes if c["kind"] == "matter" and c["conditions"])
    report = {
        "source": "hotline",
        "description": "有人来电：小区门口垃圾堆放两天没人管",
        "occurred_at": datetime.now(UTC).isoformat(),
        "position": {"lon": spot.lon, "lat": spot.lat},
        "class_code": litter["code"],
        "condition_id": litter["conditions"][0]["id"],
        "reporter": {"name": "张女士", "phone": "13800000000"},
    }
    answer = city.person("intake").hand_in("/api/reports", report)
    assert answer.status_code == 201, answer.text
    return int(answer.json()["case"]["id"])


def by_sensor(city: CityAtWork) -> int:
    """The pressure at a water meter drops; the message alone makes the case."""
    meter = city.one(
        "select d.id, d.asset_id from ingest.device d join ingest.profile p on p.id = d.profile_id"
        " where p.code = 'flow_meter' order by d.id limit 1"
    )
    message = {"device": meter.id, "at": datetime.now(UTC).isoformat(), "values": {"flowRate": 180.0, "pressure": 0.06}}
    publish(city.broker, topics.telemetry("water", str(meter.asset_id % 16), meter.asset_id), message)
    case = wait_until(
        lambda: city.one("select id from dispatch.cases where source = 'sensor' and asset_id = :id", id=meter.asset_id),
        30,
        what="the case of the alarm",
    )
    reading = city.one("select trace_id from ingest.alarm where asset_id = :id", id=meter.asset_id)
    assert city.one("select trace_id from dispatch.cases where id = :id", id=case.id).trace_id == reading.trace_id
    return int(case.id)


def publish(broker: Broker, topic: str, message: dict[str, Any]) -> None:
    """One message at QoS 1, as a device sends it."""
    address = make_url(broker.url)
    client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
    if address.username:
        client.username_pw_set(address.username, address.password)
    client.connect(address.host or "127.0.0.1", address.port or 1883)
    client.loop_start()
    client.publish(topic, json.dumps(message), qos=1).wait_for_publish(10)
    client.disconnect()
    client.loop_stop()


@pytest.mark.parametrize("arrive", [by_inspector, by_hotline, by_sensor], ids=["inspector", "hotline", "sensor"])
def test_from_report_to_verified_close(city: CityAtWork, arrive: Callable[[CityAtWork], int]) -> None:
    case_id = arrive(city)
    seen = look(city, "intake", case_id)
    assert seen["state"] == "reported"
    assert seen["grid_code"]
    assert seen["community"]
    assert seen["class_code"]
    assert seen["unit"]
    assert seen["due_at"]
    assert seen["decision"]["reason"]
    assert seen["decision"]["considered"]

    act(city, "intake", case_id, "accept")
    act(city, "intake", case_id, "send_verification")
    act(city, inspector_of(city, case_id), case_id, "verify", photo=jpeg(80))
    city.dispatch.kill()
    act(city, "leader_shift", case_id, "file")
    city.web.kill()
    city.web.start()
    act(city, "dispatcher", case_id, "dispatch")
    city.dispatch.start()
    wait_until(lambda: told(city, case_id), 20, what="the unit's notice of a move made while dispatch was dead")
    desk = desk_of(city, case_id)
    refused = city.person(desk).move(case_id, "close")
    assert refused.status_code == 422, "a unit cannot close its own case"
    assert "Possible moves" in refused.json()["next_step"] or refused.json()["next_step"]
    act(city, desk, case_id, "accept_order")
    act(city, desk, case_id, "feed_back", photo=jpeg(120))
    act(city, "intake", case_id, "send_check")
    act(city, inspector_of(city, case_id), case_id, "check", photo=jpeg(160))
    act(city, "leader_shift", case_id, "close")

    seen = look(city, "assessor", case_id)
    assert seen["state"] == "closed"
    assert [row["move"] for row in seen["history"]] == [
        "report", "accept", "send_verification", "verify", "file", "dispatch", "accept_order", "feed_back", "send_check",
        "check", "close",
    ]  # fmt: skip
    on_site = [row["distance_m"] for row in seen["history"] if row["move"] in ("verify", "feed_back", "check")]
    assert all(distance is not None and distance < 20 for distance in on_site)
    wait_until(
        lambda: all(e["has_thumbnail"] for e in look(city, "assessor", case_id)["evidence"]), 20, what="thumbnails"
    )
    wait_until(lambda: not open_deliveries(city, case_id), 20, what="every event of the case acted on")

    figures = city.person("assessor").get("/api/evaluation", params={"by": "source"}).json()
    row = next(row for row in figures["rows"] if row["key"] == seen["source"])
    assert row["closed"] >= 1
    assert row["rates"]["in_time_closing_rate"] == 1.0
    assert sum(day["closed"] for day in figures["daily"]) == sum(row["closed"] for row in figures["rows"])


def test_messages_sent_while_ingest_is_dead_are_stored_once(city: CityAtWork) -> None:
    device = city.one(
        "select d.id, d.asset_id from ingest.device d join ingest.profile p on p.id = d.profile_id"
        " where p.code = 'flow_meter' order by d.id desc limit 1"
    )
    topic = topics.telemetry("water", str(device.asset_id % 16), device.asset_id)
    city.ingest.kill()
    for n in range(20):
        at = datetime.now(UTC).isoformat()
        publish(city.broker, topic, {"device": device.id, "at": at, "values": {"flowRate": 20.0 + n, "pressure": 0.3}})
    city.ingest.start()
    wait_until(
        lambda: city.one("select count(*) as n from ingest.reading where device_id = :id", id=device.id).n == 20,
        30,
        what="20 readings",
    )


def test_live_stream_brings_a_new_case_without_asking(city: CityAtWork) -> None:
    intake = city.person("intake")
    with intake.stream("GET", "/api/live") as stream:
        lines = stream.iter_lines()
        assert next(line for line in lines if line.startswith("event:")) == "event: hello"
        case_id = by_hotline(city)
        for line in lines:
            if line.startswith("data:") and f'"id": {case_id},' in line:
                break
        else:
            pytest.fail("the stream ended without the case")


def look(city: CityAtWork, username: str, case_id: int) -> dict[str, Any]:
    answer = city.person(username).get(f"/api/cases/{case_id}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def act(city: CityAtWork, username: str, case_id: int, move: str, photo: bytes | None = None) -> None:
    """One move, as the pages make it: with the version seen, and on site with position and photo."""
    case = look(city, username, case_id)
    offered = {entry["move"]: entry for entry in case["moves"]}
    assert move in offered, f"{username} is not offered {move} in state {case['state']}: {sorted(offered)}"
    fields: dict[str, Any] = {"version": case["version"]}
    if any(entry["kind"] == "position" for entry in offered[move]["fields"]):
        fields["position"] = {"lon": case["lon"], "lat": case["lat"], "accuracy_m": 5}
    answer = city.person(username).move(case_id, move, photos=[photo] if photo else None, **fields)
    assert answer.status_code == 200, answer.text


def inspector_of(city: CityAtWork, case_id: int) -> str:
    """The inspector who was sent, or any where the task is for all."""
    row = city.one(
        "select coalesce(a.username, 'inspector') as username from dispatch.task t left join gis.account a on a.id = t.inspector_id"
        " where t.case_id = :id and t.done_at is null",
        id=case_id,
    )
    return str(row.username)


def desk_of(city: CityAtWork, case_id: int) -> str:
    """The desk of the responsible unit."""
    row = city.one(
        "select a.username from dispatch.cases c join gis.account a on a.unit_id = c.unit_id"
        " join gis.post_assignment p on p.account_id = a.id and p.post = 'unit_desk' where c.id = :id limit 1",
        id=case_id,
    )
    return str(row.username)


def told(city: CityAtWork, case_id: int) -> bool:
    """Whether the responsible unit has a notice that it is its turn."""
    row = city.one(
        "select count(*) as n from dispatch.notice n join dispatch.cases c on c.id = n.case_id"
        " where c.id = :id and n.unit_id = c.unit_id and n.kind = 'turn'",
        id=case_id,
    )
    return bool(row.n)


def open_deliveries(city: CityAtWork, case_id: int) -> int:
    """Events of the case that somebody has still to act on."""
    row = city.one(
        "select count(*) as n from gis.delivery d join gis.event e on e.id = d.event_id"
        " where e.subject = :subject and d.done_at is null",
        subject=f"case:{case_id}",
    )
    return int(row.n)
