"""Fixtures shared by every kind of test: a database, a broker, settings. All of them are the real thing."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from config.logs import configure
from config.settings import Settings, from_environment
from tests.support import databases, instances
from tests.support.broker import Broker
from tests.support.databases import Cluster, Database


@pytest.fixture(scope="session", autouse=True)
def plain_logs() -> None:
    """Logs as the processes write them; the library's own default draws every traceback in colour, slowly."""
    configure("tests")


@pytest.fixture(scope="session")
def cluster() -> Cluster:
    """The PostgreSQL cluster that tests may fill."""
    cluster = Cluster.from_environment()
    databases.ensure_app_role(cluster)
    databases.drop_leftovers(cluster)
    return cluster


@pytest.fixture(scope="session")
def template(cluster: Cluster) -> Iterator[str]:
    """Name of a database that the real migrations made; copies of it cost a tenth of a second."""
    from gis import migrations

    name = f"{databases.PREFIX}_{os.getpid()}_template"
    database = databases.create(cluster, name)
    migrations.upgrade(database.owner_url)
    yield name
    databases.drop(cluster, name)


@pytest.fixture(scope="session")
def new_database(cluster: Cluster, template: str) -> Iterator[Callable[[], Database]]:
    """A function that makes one more migrated, empty database; all are dropped when the tests end."""
    made: list[str] = []

    def make() -> Database:
        made.append(f"{databases.PREFIX}_{os.getpid()}_{len(made)}")
        return databases.create(cluster, made[-1], template)

    yield make
    for name in made:
        databases.drop(cluster, name)


@pytest.fixture(scope="module")
def database(new_database: Callable[[], Database], cluster: Cluster) -> Iterator[Database]:
    """A migrated, empty database of this test module alone: `.owner_url`, `.app_url`."""
    database = new_database()
    yield database
    databases.drop(cluster, database.name)


@pytest.fixture(scope="module")
def broker() -> Broker:
    """The broker's address, and a name of this module's own for topics and clients."""
    return Broker.from_environment()


@pytest.fixture(scope="module")
def settings_environment(
    database: Database, broker: Broker, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, str]:
    """The CITYCOMMAND_* variables of an instance made for this module, to hand to a child process."""
    return instances.environment(database, broker.url, broker.name, tmp_path_factory.mktemp("var"))


@pytest.fixture(scope="module")
def settings(settings_environment: dict[str, str]) -> Settings:
    """Settings of an instance made for this module, with files of its own."""
    return from_environment(settings_environment)


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout that is tested."""
    return Path(__file__).resolve().parent.parent
