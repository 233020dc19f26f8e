"""Existing systems are read where they stand: API, view, folder, topic; outage, delay and what was held are seen (C6)."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from api.exchange import read_now
from config.errors import CityCommandError, ConfigurationError, InvalidInput, UnreadableFile
from config.settings import Settings
from gis import clock
from gis.db import make_engine, transaction
from gis.importing import mappings
from ingest import mqtt
from ingest.connectors import definition, register
from ingest.connectors.reader import secrets_of
from tests.support.broker import Broker
from tests.support.waiting import wait_until

MAPPING = """
source = "industry-lamps"
reference = "{code}"
kind = "street_lamp"
name = "{road}"
system = "wgs84"
"""
COLUMNS = '[geometry]\nx = "lon"\ny = "lat"\n'
RECORDS = '[geometry]\ncoordinates = "place"\nshape = "point"\n'


@pytest.fixture
def engine(new_database: Any) -> Iterator[Engine]:
    engine = make_engine(new_database().app_url, pool_size=4)
    with transaction(engine) as db:
        mappings.save(db, "features", MAPPING, None)
        mappings.save(db, "columns", MAPPING + COLUMNS, None)
        mappings.save(db, "records", MAPPING + RECORDS, None)
    yield engine
    engine.dispose()


@pytest.fixture
def here(settings: Settings, tmp_path: Path) -> Settings:
    """Settings with a protected file of secrets of this test."""
    return replace(settings, var=tmp_path / "var", connector_secrets=tmp_path / "connectors.toml")


def keep_secret(settings: Settings, **values: str) -> None:
    lines = [f"{name} = {json.dumps(value)}" for name, value in values.items()]
    settings.connector_secrets.write_text("[other]\n" + "\n".join(lines) + "\n")
    settings.connector_secrets.chmod(0o600)


def define(engine: Engine, tmp_path: Path, reads: str, mapping: str, hold: float = 0.5, **settings: Any) -> str:
    said = [f'code = "{reads}1"', 'name = "路灯系统"', f'reads = "{reads}"', f'mapping = "{mapping}"', "every_s = 600"]
    said += [
        f"hold_share = {hold}",
        "[settings]",
        *(f"{name} = {json.dumps(value)}" for name, value in settings.items()),
    ]
    path = tmp_path / "definition.toml"
    path.write_text("\n".join(said), encoding="utf-8")
    with transaction(engine) as db:
        register.define(db, definition.read(path))
    return f"{reads}1"


def lamps(engine: Engine) -> dict[str, str]:
    with engine.connect() as db:
        rows = db.execute(text("select source_ref, name from gis.asset where source = 'industry-lamps' order by 1"))
        return {row.source_ref: row.name for row in rows}


def stands(engine: Engine, code: str) -> dict[str, Any]:
    with transaction(engine) as db:
        return next(each for each in register.listed(db, clock.now(db)) if each["code"] == code)


def feature(code: str, road: str, lon: float = 116.4) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": {"code": code, "road": road},
        "geometry": {"type": "Point", "coordinates": [lon, 39.9]},
    }


class OtherSystem(ThreadingHTTPServer):
    """A web interface of somebody else: pages of features behind a token."""

    pages: list[list[dict[str, Any]]]
    token = "t0ken"
    broken = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/lamps"


class _Answer(BaseHTTPRequestHandler):
    server: OtherSystem

    def do_GET(self) -> None:
        if self.server.broken or self.headers["Authorization"] != f"Bearer {self.server.token}":
            self.send_error(500 if self.server.broken else 401)
            return
        page = int(self.path.partition("page=")[2] or 0)
        more = page + 1 < len(self.server.pages)
        links = [{"rel": "next", "href": f"/lamps?page={page + 1}"}] if more else []
        body = json.dumps({"type": "FeatureCollection", "features": self.server.pages[page], "links": links}).encode()
        self.send_response(200)
        self.send_header("Last-Modified", "Tue, 31 Mar 2026 04:00:00 GMT")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def other_system(*pages: list[dict[str, Any]]) -> Iterator[OtherSystem]:
    with OtherSystem() as server:
        server.pages = list(pages)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join(10)


def test_an_api_is_read_page_by_page_and_an_unchanged_answer_makes_no_run(
    engine: Engine, here: Settings, tmp_path: Path
) -> None:
    keep_secret(here, token="t0ken")
    with other_system([feature("L1", "人民路"), feature("L2", "解放路")], [feature("L3", "东四十条")]) as other:
        code = define(engine, tmp_path, "api", "features", url=other.url, secret="other")
        assert read_now(engine, here, code) == "applied"
        assert lamps(engine) == {"L1": "人民路", "L2": "解放路", "L3": "东四十条"}
        assert read_now(engine, here, code) == "unchanged"
    with engine.connect() as db:
        assert db.execute(text("select count(*) from gis.import_run")).scalar_one() == 1
    found = stands(engine, code)
    assert found["standing"] == "ok"
    assert found["data_at"].isoformat() == "2026-03-31T04:00:00+00:00"
    assert found["delay_s"] > 0


def test_an_outage_is_told_with_its_reason_and_ends(engine: Engine, here: Settings, tmp_path: Path) -> None:
    keep_secret(here, token="wrong")
    with other_system([feature("L1", "人民路")]) as other:
        code = define(engine, tmp_path, "api", "features", url=other.url, secret="other")
        assert read_now(engine, here, code) == "failed"
        failing = stands(engine, code)
        assert (failing["standing"], failing["failures"]) == ("failing", 1)
        assert failing["outage_s"] >= 0
        problem = CityCommandError.from_kept(failing["last"]["problem"])
        assert "status 401" in str(problem)
        assert "wrong" not in str(problem)
        keep_secret(here, token="t0ken")
        assert read_now(engine, here, code) == "applied"
    assert stands(engine, code)["standing"] == "ok"
    assert read_now(engine, here, code) == "failed"
    assert "does not answer" in str(CityCommandError.from_kept(stands(engine, code)["last"]["problem"]))


def test_a_reading_that_would_change_too_much_waits_for_a_steward(
    engine: Engine, here: Settings, tmp_path: Path
) -> None:
    folder = tmp_path / "drop"
    folder.mkdir()
    drop(folder / "1.csv", {"L1": "人民路", "L2": "解放路"})
    code = define(engine, tmp_path, "folder", "columns", path=str(folder), pattern="*.csv")
    assert read_now(engine, here, code) == "applied"
    drop(folder / "2.csv", {"L1": "改名", "L2": "改名"})
    assert read_now(engine, here, code) == "held"
    assert lamps(engine) == {"L1": "人民路", "L2": "解放路"}
    assert stands(engine, code)["standing"] == "held"
    assert read_now(engine, here, code) == "unchanged"
    drop(folder / "3.csv", {"L1": "人民路", "L2": "解放路", "L3": "新路"})
    assert read_now(engine, here, code) == "applied"
    with engine.connect() as db:
        states = db.execute(text("select state from gis.import_run order by id")).scalars().all()
    assert states == ["applied", "discarded", "applied"]
    assert len(lamps(engine)) == 3


def drop(path: Path, roads: dict[str, str]) -> None:
    rows = [f"{code},{road},{116.4 + n / 1000},39.9" for n, (code, road) in enumerate(roads.items())]
    path.write_text("\n".join(["code,road,lon,lat", *rows]) + "\n", encoding="utf-8")
    old = 1_774_900_000 + int(path.stem) * 60
    os.utime(path, (old, old))


def test_a_file_that_is_still_being_copied_is_left_for_later(engine: Engine, here: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "drop"
    folder.mkdir()
    code = define(engine, tmp_path, "folder", "columns", path=str(folder), pattern="*.csv")
    assert read_now(engine, here, code) == "failed"
    (folder / "9.csv").write_text("code,road,lon,lat\n", encoding="utf-8")
    assert read_now(engine, here, code) == "unchanged"
    assert lamps(engine) == {}


def test_a_view_is_read_without_the_right_to_write(
    engine: Engine, here: Settings, tmp_path: Path, new_database: Any
) -> None:
    other = new_database()
    with make_engine(other.owner_url).begin() as db:
        db.execute(text("create table lamps (code text, road text, lon float, lat float, changed timestamptz)"))
        db.execute(text("insert into lamps values ('L1', '人民路', 116.4, 39.9, '2026-03-31 12:00+08')"))
    keep_secret(here, dsn=other.owner.set(drivername="postgresql").render_as_string(hide_password=False))
    query = "select * from lamps where changed > coalesce(%(since)s, timestamptz '-infinity')"
    code = define(engine, tmp_path, "view", "columns", query=query, changed="changed", secret="other")
    assert read_now(engine, here, code) == "applied"
    assert lamps(engine) == {"L1": "人民路"}
    assert stands(engine, code)["data_at"].isoformat() == "2026-03-31T04:00:00+00:00"
    assert read_now(engine, here, code) == "unchanged"
    code = define(engine, tmp_path, "view", "columns", query="delete from lamps returning *", secret="other")
    assert read_now(engine, here, code) == "failed"
    with make_engine(other.owner_url).connect() as db:
        assert db.execute(text("select count(*) from lamps")).scalar_one() == 1


def test_messages_wait_at_the_broker_until_they_are_applied(
    engine: Engine, here: Settings, tmp_path: Path, broker: Broker
) -> None:
    keep_secret(here, url=broker.url)
    topic = f"{broker.name}/lamps"
    code = define(engine, tmp_path, "topic", "features", topic=f"{topic}/#", key="code", quiet_s=0.3, secret="other")
    assert read_now(engine, here, code) == "unchanged"  # from here on the broker keeps messages for us
    publish(broker, topic, [feature("L1", "旧名"), feature("L1", "人民路"), "no json", feature("L2", "解放路")])
    assert read_now(engine, here, code) == "applied"
    assert lamps(engine) == {"L1": "人民路", "L2": "解放路"}
    assert read_now(engine, here, code) == "unchanged"
    with engine.connect() as db:
        assert db.execute(text("select raw ->> 'unreadable' from gis.import_reject")).scalar_one() == "no json"


def publish(broker: Broker, topic: str, messages: list[Any]) -> None:
    client = mqtt.connect(broker.url, f"{broker.name}-sender")
    client.loop_start()
    wait_until(client.is_connected, what="the sender's connection")
    for number, message in enumerate(messages):
        payload = message if isinstance(message, str) else json.dumps(message)
        client.publish(f"{topic}/{number}", payload, qos=1).wait_for_publish(10)
    client.disconnect()
    client.loop_stop()


def test_secrets_are_read_from_a_protected_file_only_and_never_told(tmp_path: Path) -> None:
    path = tmp_path / "connectors.toml"
    path.write_text('[other]\ntoken = "s3cret\n')
    path.chmod(0o600)
    with pytest.raises(ConfigurationError) as broken:
        secrets_of(path, "other")
    assert "s3cret" not in str(broken.value)
    path.write_text('[other]\ntoken = "s3cret"\n')
    path.chmod(0o644)
    with pytest.raises(ConfigurationError, match="read by others"):
        secrets_of(path, "other")
    path.chmod(0o600)
    assert secrets_of(path, "other") == {"token": "s3cret"}
    with pytest.raises(ConfigurationError, match=r"no table \[unknown\]"):
        secrets_of(path, "unknown")


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("code = ", "cannot be read"),
        ('code = "a"\nname = "b"\nreads = "pigeon"\nevery_s = 60\nmapping = "m"', "no reader"),
        ('code = "a"\nname = "b"\nreads = "api"\nevery_s = 60', "lacks 'mapping'"),
        ('code = "a"\nname = "b"\nreads = "api"\nevery_s = 60\nmapping = "m"\npassword = "x"', "no 'password'"),
    ],
)
def test_a_definition_that_cannot_work_is_refused(tmp_path: Path, content: str, problem: str) -> None:
    path = tmp_path / "definition.toml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises((InvalidInput, UnreadableFile), match=problem):
        definition.read(path)
