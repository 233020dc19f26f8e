"""A demonstration city behind a real server, and people at real browsers: desks with a mouse, phones with a camera."""

from __future__ import annotations

import io
import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Route, expect, sync_playwright
from sqlalchemy import Engine, text

from config.settings import from_environment
from data import demonstration
from gis.db import make_engine
from tests.support.broker import Broker
from tests.support.databases import Database
from tests.support.server import Process, WebServer

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
    "--no-sandbox",
]
"""WebGL without a graphics card (house.md)."""

DESK: dict[str, Any] = {"viewport": {"width": 1440, "height": 900}}
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}

expect.set_options(timeout=30_000)


@dataclass(frozen=True)
class Lamp:
    """A street lamp of the city: where reports of these tests happen (WGS 84 degrees)."""

    lon: float
    lat: float
    code: str
    unit: str


@dataclass
class City:
    """The running city: its server, its database, and lamps that no test has used yet."""

    server: WebServer
    engine: Engine
    lamps: list[Lamp]

    @property
    def url(self) -> str:
        """Address of the city's pages."""
        return self.server.url

    def next_lamp(self) -> Lamp:
        """A lamp far from those handed out before, so that no report looks like a repeat of another test's."""
        return self.lamps.pop()


@pytest.fixture(scope="session")
def city(new_database: Callable[[], Database], tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    """The demonstration city with a few cases, its web server and its dispatch process."""
    database, var = new_database(), tmp_path_factory.mktemp("city")
    (var / "secret").write_bytes(secrets.token_bytes(32))
    environment = {
        "CITYCOMMAND_INSTANCE": "browser",
        "CITYCOMMAND_DATABASE_URL": database.app_url,
        "CITYCOMMAND_OWNER_DATABASE_URL": database.owner_url,
        "CITYCOMMAND_MQTT_URL": Broker.from_environment().url,
        "CITYCOMMAND_TIME_ZONE": "Asia/Shanghai",
        "CITYCOMMAND_VAR": str(var),
        "CITYCOMMAND_SECRET_FILE": str(var / "secret"),
        "CITYCOMMAND_DEMO": "1",
    }
    engine = make_engine(database.app_url)
    with engine.begin() as db:
        demonstration.load(db, from_environment(environment), cases=30)
    with ExitStack() as running:
        server = WebServer(environment, var / "web.log")
        running.enter_context(server)
        running.enter_context(Process(["dispatch.service"], environment, var / "dispatch.log"))
        yield City(server, engine, _lamps(engine))
    engine.dispose()


def _lamps(engine: Engine) -> list[Lamp]:
    """Every seventh lamp that is 100 m from every open case: duplicates are sought within 50 m, lamps stand 30 m apart."""
    with engine.begin() as db:
        rows = db.execute(
            text("""
                select st_x(a.geom) as lon, st_y(a.geom) as lat, a.code, u.name as unit
                from gis.asset a join gis.unit u on u.id = a.unit_id
                where a.kind = 'street_lamp' and a.id % 7 = 0 and a.code is not null
                  and not exists (select from dispatch.cases c where c.closed_at is null
                                  and st_dwithin(c.geom::geography, a.geom::geography, 100))
                order by a.id
            """)
        )
        return [Lamp(row.lon, row.lat, row.code, row.unit) for row in rows]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, without a window."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@dataclass
class Watcher:
    """What a page must not do: ask another server, throw, or log an error. Tests may name what they provoke."""

    url: str
    asked: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)

    def guard(self, route: Route) -> None:
        """Let through what goes to our server; nothing else leaves."""
        self.asked.append(route.request.url)
        address = urlsplit(route.request.url)
        if f"{address.scheme}://{address.netloc}" == self.url or address.scheme in ("data", "blob"):
            route.continue_()
        else:
            self.complaints.append(f"asks another server: {route.request.url}")
            route.abort()

    def heard(self, message: ConsoleMessage) -> None:
        """Keep errors of the console."""
        if message.type == "error" and not any(words in message.text for words in self.expected):
            self.complaints.append(f"{message.text} ({message.location.get('url', '')})")


@dataclass
class Person:
    """Somebody signed in at a browser of their own."""

    page: Page
    context: BrowserContext
    watcher: Watcher

    def at(self, path: str) -> Page:
        """Open a page of the city and wait until its controls are alive."""
        self.page.goto(self.watcher.url + path)
        expect(self.page.locator("body[data-ready]")).to_be_attached()
        return self.page


@pytest.fixture
def sit_down(city: City, chromium: Browser) -> Iterator[Callable[..., Person]]:
    """sit_down("intake"), sit_down("inspector", PHONE, at=lamp): a signed-in person; at the end nobody may have complained."""
    people: list[Person] = []

    def make(
        username: str | None,
        device: dict[str, Any] = DESK,
        at: Lamp | None = None,
        service_workers: Literal["allow", "block"] = "block",
    ) -> Person:
        place: dict[str, Any] = {}
        if at:
            place = {
                "geolocation": {"longitude": at.lon, "latitude": at.lat, "accuracy": 8},
                "permissions": ["geolocation"],
            }
        context = chromium.new_context(**device, **place, locale="zh-CN", service_workers=service_workers)
        watcher = Watcher(city.url)
        if service_workers == "block":  # interception would go past a service worker
            context.route("**/*", watcher.guard)
        page = context.new_page()
        page.on("console", watcher.heard)
        page.on("pageerror", lambda error: watcher.complaints.append(f"script error: {error}"))
        person = Person(page, context, watcher)
        people.append(person)
        if username:
            form: dict[str, str | float | bool] = {"username": username, "password": f"demo-{username}"}
            answer = context.request.post(city.url + "/login", form=form, max_redirects=0)
            assert answer.status == 303, answer.text()
        return person

    yield make
    complaints = [complaint for person in people for complaint in person.watcher.complaints]
    for person in people:
        person.context.close()
    assert not complaints


@pytest.fixture(scope="session")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A JPEG as a phone would send it."""
    return picture(tmp_path_factory.mktemp("camera") / "lamp.jpg", "JPEG")


def picture(path: Path, kind: str) -> Path:
    """A drawn lamp post in the wanted format."""
    image = Image.new("RGB", (640, 480), "#7b8a97")
    pen = ImageDraw.Draw(image)
    pen.rectangle((310, 120, 326, 480), fill="#3a4149")
    pen.ellipse((280, 70, 360, 140), fill="#d9d3bd")
    content = io.BytesIO()
    image.save(content, kind)
    path.write_bytes(content.getvalue())
    return path
