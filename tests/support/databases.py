"""Databases of the tests: one template, migrated as a city is, and a copy of it for every test module."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import URL, Connection, NullPool, create_engine, make_url, text

APP_ROLE = "citycommand_app"
PREFIX = "citytest"


@dataclass(frozen=True)
class Cluster:
    """The cluster that tests may fill: owner's login (may create databases) and the application's."""

    owner: URL
    app: URL

    @classmethod
    def from_environment(cls) -> Cluster:
        """Read CITYCOMMAND_OWNER_DATABASE_URL and CITYCOMMAND_DATABASE_URL; the latter alone serves as the owner's."""
        app = os.environ.get("CITYCOMMAND_DATABASE_URL")
        owner = os.environ.get("CITYCOMMAND_OWNER_DATABASE_URL", app)
        if not app or not owner:
            raise RuntimeError("Tests need a database. Run them through './citycommand test', which starts one.")
        if app == owner:
            return cls(make_url(owner), make_url(owner).set(username=APP_ROLE))
        return cls(make_url(owner), make_url(app))

    @contextmanager
    def administration(self) -> Iterator[Connection]:
        """A connection outside any transaction, as CREATE DATABASE wants it."""
        url = self.owner.set(drivername="postgresql+psycopg2")
        engine = create_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
        with engine.connect() as connection:
            yield connection


@dataclass(frozen=True)
class Database:
    """One database of a test module, with the logins of both roles."""

    name: str
    owner: URL
    app: URL

    @property
    def owner_url(self) -> str:
        """Login of the role that owns the tables."""
        return self.owner.render_as_string(hide_password=False)

    @property
    def app_url(self) -> str:
        """Login of the application's role: no DDL, no rewriting of history."""
        return self.app.render_as_string(hide_password=False)


def create(cluster: Cluster, name: str, template: str | None = None) -> Database:
    """Create database `name`, empty or as a copy of `template`."""
    source = f'TEMPLATE "{template}"' if template else ""
    with cluster.administration() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}" {source}'))
    return Database(name, cluster.owner.set(database=name), cluster.app.set(database=name))


def drop(cluster: Cluster, name: str) -> None:
    """Drop database `name`, whoever is still connected."""
    with cluster.administration() as connection:
        connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))


def ensure_app_role(cluster: Cluster) -> None:
    """Create the application's role where the cluster was not set up by `./citycommand`."""
    with cluster.administration() as connection:
        if connection.scalar(text("SELECT 1 FROM pg_roles WHERE rolname = :name"), {"name": cluster.app.username}):
            return
        connection.execute(text(f'CREATE ROLE "{cluster.app.username}" LOGIN'))


def drop_leftovers(cluster: Cluster) -> None:
    """Drop the databases of test runs that were killed: their names carry the process id."""
    with cluster.administration() as connection:
        names = connection.scalars(text("SELECT datname FROM pg_database WHERE datname LIKE :p"), {"p": f"{PREFIX}_%"})
        dead = [name for name in names if not _alive(int(name.split("_")[1]))]
    for name in dead:
        drop(cluster, name)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
