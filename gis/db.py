"""The way to the database: engines for the two roles, named SQL files, and the one metadata that all tables share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from importlib.resources import files

from sqlalchemy import Connection, Engine, MetaData, TextClause, create_engine, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import OperationalError

from config.errors import ServiceUnavailable

OWNER_ROLE = "citycommand_owner"
APPLICATION_ROLE = "citycommand_app"
SCHEMAS = ("gis", "ingest", "dispatch", "api")

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def url_of(address: str) -> URL:
    """Parse an address and name the driver this system uses (psycopg2, asked for by the customer)."""
    return make_url(address).set(drivername="postgresql+psycopg2")


def make_engine(address: str, pool_size: int = 8) -> Engine:
    """Engine with a bounded pool. Sessions speak UTC; a connection that died is replaced before use."""
    return create_engine(
        url_of(address),
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_pre_ping=False,
        pool_recycle=1800,
        connect_args={
            "options": "-c timezone=UTC -c jit=off",
            "connect_timeout": 10,
            "application_name": "citycommand",
        },
    )


@contextmanager
def transaction(engine: Engine) -> Iterator[Connection]:
    """One unit of work: commits at the end, rolls back on any error.

    Raises ServiceUnavailable when the database cannot be reached at all.
    """
    try:
        connection = engine.connect()
    except OperationalError as error:
        raise ServiceUnavailable("The database does not answer.") from error
    with connection, connection.begin():
        yield connection


@lru_cache
def named_sql(package: str, name: str) -> TextClause:
    """The statement in `package`/`name`.sql, with `:name` parameters. The file is the only place where it stands."""
    return text(files(package).joinpath(f"{name}.sql").read_text(encoding="utf-8"))
