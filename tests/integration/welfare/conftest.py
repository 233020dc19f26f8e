"""The small town's welfare side: its people, the key ring of its ID numbers, and a transaction that is undone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, Engine

from config.settings import Settings
from gis import keyring
from gis.vault import KeyRing
from tests.support import aid
from tests.support.aid import AidTown


@pytest.fixture(scope="module")
def town(engine: Engine) -> AidTown:
    """The town with aid workers at three levels, a planner and an auditor; nobody is registered yet."""
    with engine.begin() as db:
        return aid.build(db)


@pytest.fixture(scope="module")
def ring(engine: Engine, settings: Settings, town: AidTown) -> KeyRing:
    """The keys of this module's database."""
    with engine.begin() as db:
        return keyring.ring(db, settings)


@pytest.fixture
def db(engine: Engine, town: AidTown) -> Iterator[Connection]:
    """A transaction that is undone."""
    with engine.connect() as connection, connection.begin() as transaction:
        yield connection
        transaction.rollback()
