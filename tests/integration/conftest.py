"""What tests on a real database begin with: the module's engine, the small town, its server and its people."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import closing

import pytest
from PIL import Image
from sqlalchemy import Connection, Engine

from config.settings import Settings
from dispatch import evidence
from dispatch.evidence import StoredFile
from gis.db import make_engine
from tests.support import smalltown
from tests.support.databases import Database
from tests.support.server import Person, WebServer
from tests.support.smalltown import PASSWORD, Town
from tests.support.walks import Walk


@pytest.fixture(scope="module")
def engine(database: Database) -> Iterator[Engine]:
    """The application's connections to the module's own database."""
    engine = make_engine(database.app_url)
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def town(engine: Engine) -> Town:
    """The small town, built in the module's database."""
    with engine.begin() as db:
        return smalltown.build(db)


@pytest.fixture
def db(engine: Engine, town: Town) -> Iterator[Connection]:
    """A transaction that is rolled back, so that every test finds the same town."""
    with engine.connect() as connection:
        transaction = connection.begin()
        yield connection
        transaction.rollback()


@pytest.fixture
def photo(settings: Settings) -> StoredFile:
    """A grey picture in the evidence directory."""
    content = io.BytesIO()
    Image.new("RGB", (64, 48), "grey").save(content, "JPEG")
    content.seek(0)
    return evidence.keep(settings.evidence_directory, content, "photo.jpg", 1_000_000)


@pytest.fixture
def walk(db: Connection, settings: Settings, photo: StoredFile, town: Town) -> Walk:
    """A case on its way, in a transaction of its own."""
    return Walk(db, settings, photo, town)


@pytest.fixture(scope="module")
def server(
    settings_environment: dict[str, str], town: Town, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[WebServer]:
    """The real web server of the small town."""
    with WebServer(settings_environment, tmp_path_factory.mktemp("web") / "log") as server:
        yield server


@pytest.fixture(scope="module")
def people(server: WebServer) -> Iterator[dict[str, Person]]:
    """Everybody of the small town, signed in."""
    signed_in = {name: server.person(name, PASSWORD) for name in smalltown.PEOPLE}
    yield signed_in
    for person in signed_in.values():
        person.close()


@pytest.fixture(scope="module")
def steward(server: WebServer) -> Iterator[Person]:
    """Who keeps the base, signed in."""
    with closing(server.person("steward", PASSWORD)) as person:
        yield person
