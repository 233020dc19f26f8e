"""A demonstration city behind a real server, and people at real browsers: desks with a mouse, phones with a camera."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, expect, sync_playwright
from sqlalchemy import Connection, Engine, text

from config.settings import Settings, from_environment
from gis.db import make_engine
from tests.support import instances
from tests.support.broker import Broker
from tests.support.cities import demonstration_city
from tests.support.databases import Database
from tests.support.server import Process, WebServer

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
    "--disable-gpu-compositing",
    "--no-sandbox",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
]
"""WebGL without a graphics card (house.md), the rest of a page drawn without it, which is a quarter less work; no name leads
anywhere, so that nothing is asked of another server unseen; a microphone that hears a tone."""

STILL: dict[str, Any] = {"reduced_motion": "reduce"}
"""Maps jump instead of gliding, as for people who asked their system for that: each frame costs a tenth of a second here."""

DESK: dict[str, Any] = {"viewport": {"width": 1440, "height": 900}}
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}

expect.set_options(timeout=30_000)


@dataclass(frozen=True)
class Lamp:
    """A street lamp of the city: where reports of these tests happen (WGS 84 degrees). `code` is empty on a map without."""

    lon: float
    lat: float
    code: str
    unit: str
    community: str


@dataclass
class City:
    """The running city: its server, its database, and lamps that no test has used yet."""

    server: WebServer
    engine: Engine
    lamps: list[Lamp]
    environment: dict[str, str]

    @property
    def url(self) -> str:
        """Address of the city's pages."""
        return self.server.url

    def next_lamp(self) -> Lamp:
        """A lamp far from those handed out before, so that no report looks like a repeat of another test's."""
        return self.lamps.pop()


@pytest.fixture(scope="session")
def demonstration(new_database: Callable[[], Database], tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    """The demonstration city with a few cases, its web server and its dispatch process."""
    fill = partial(demonstration_city, cases=30)
    with running_city(fill, new_database(), tmp_path_factory.mktemp("city")) as running:
        yield running


@pytest.fixture
def city(demonstration: City) -> City:
    """The city that a test happens in; a module may put another in its place."""
    return demonstration


@contextmanager
def running_city(
    fill: Callable[[Connection, Settings], None], database: Database, var: Path, zone: str = "Asia/Shanghai"
) -> Iterator[City]:
    """The city that `fill` makes, with a web server and a dispatch process of its own."""
    broker = Broker.from_environment()
    environment = instances.environment(database, broker.url, broker.name, var)
    environment |= {"CITYCOMMAND_TIME_ZONE": zone, "CITYCOMMAND_DEMO": "1"}
    engine = make_engine(database.app_url)
    with ExitStack() as running:
        running.callback(engine.dispose)
        with engine.begin() as db:
            fill(db, from_environment(environment))
        server = running.enter_context(WebServer(environment, var / "web.log"))
        running.enter_context(Process(["dispatch.service"], environment, var / "dispatch.log"))
        yield City(server, engine, _lamps(engine), environment)


def _lamps(engine: Engine) -> list[Lamp]:
    """Every seventh lamp that is 100 m from every open case: duplicates are sought within 50 m, lamps stand 30 m apart.

    A lamp that nobody maintains, as on a map that does not say, is the lighting division's by the city's standard.
    """
    with engine.begin() as db:
        rows = db.execute(
            text("""
                select st_x(a.geom) as lon, st_y(a.geom) as lat, coalesce(a.code, '') as code, u.name as unit, c.name as community
                from gis.asset a join gis.area c on c.level = 'community' and st_contains(c.geom, a.geom)
                join gis.unit u on u.id = a.unit_id or (a.unit_id is null and u.code = 'lighting')
                where a.kind = 'street_lamp' and a.id % 7 = 0
                  and not exists (select from dispatch.cases c where c.closed_at is null
                                  and st_dwithin(c.geom::geography, a.geom::geography, 100))
                order by a.id
            """)
        )
        return [Lamp(**row._mapping) for row in rows]


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

    def note(self, request: Request) -> None:
        """Keep what is asked for; our server's addresses alone are right."""
        self.asked.append(request.url)
        address = urlsplit(request.url)
        if f"{address.scheme}://{address.netloc}" != self.url and address.scheme not in ("data", "blob"):
            self.complaints.append(f"asks another server: {request.url}")

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
    with seats(city, chromium) as make:
        yield make


@contextmanager
def seats(city: City, chromium: Browser) -> Iterator[Callable[..., Person]]:
    """The same for as long as somebody wants to sit."""
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
        context = chromium.new_context(**STILL, **device, **place, locale="zh-CN", service_workers=service_workers)
        watcher = Watcher(city.url)
        context.on("request", watcher.note)
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
