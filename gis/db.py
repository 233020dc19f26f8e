"""The way to the database: engines for the two roles, named SQL files, and the one metadata that all tables share."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

from sqlalchemy import Connection, CursorResult, Engine, MetaData, TextClause, create_engine, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from config.errors import ServiceUnavailable

OWNER_ROLE = "citycommand_owner"
APPLICATION_ROLE = "citycommand_app"
SCHEMAS = ("gis", "ingest", "dispatch", "welfare", "api")

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
    """Engine with a bounded pool whose sessions speak UTC.

    A connection that died is noticed when it is used; all others of the pool are then replaced.
    """
    return create_engine(
        url_of(address),
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_timeout=5,
        pool_recycle=1800,
        connect_args={
            "options": "-c timezone=UTC -c jit=off",
            "connect_timeout": 10,
            "application_name": "citycommand",
        },
    )


def connected(engine: Engine) -> Connection:
    """A connection of the pool, to be used in a `with`.

    Raises ServiceUnavailable when the database cannot be reached, or all connections stay taken for five seconds.
    """
    try:
        return engine.connect()
    except (OperationalError, PoolTimeout) as error:
        raise ServiceUnavailable("The database does not answer.") from error


@contextmanager
def transaction(engine: Engine) -> Iterator[Connection]:
    """One unit of work: commits at the end, rolls back on any error. Raises ServiceUnavailable like `connected`."""
    with connected(engine) as connection, connection.begin():
        yield connection


@lru_cache
def named_sql(package: str, name: str) -> TextClause:
    """The statement in `package`/`name`.sql, with `:name` parameters. The file is the only place where it stands."""
    return text(files(package).joinpath(f"{name}.sql").read_text(encoding="utf-8"))


def literal(words: str) -> str:
    r"""`words` as the right side of LIKE: what a person typed stands for itself, be it `%`, `_` or `\`."""
    return words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


@dataclass(frozen=True)
class Prepared:
    """A statement that the server plans once a connection: how to make it known, and how to run it."""

    name: str
    prepare: str
    execute: str


def run_prepared(db: Connection, statement: str, values: Mapping[str, Any]) -> CursorResult[Any]:
    """Run `statement`, with `:name` parameters, as a prepared one.

    Planning a join of ten tables costs several times what running it for one row does; on the hot path it is done once
    for each connection. Types of parameters follow their names (see `_type_of`).
    """
    found = prepared(statement)
    known = db.info.setdefault("prepared", set())
    if found.name not in known:
        db.exec_driver_sql(found.prepare)
        known.add(found.name)
    return db.exec_driver_sql(found.execute, dict(values))


def prepared_sql(package: str, name: str) -> str:
    """The text of `package`/`name`.sql, for `run_prepared`."""
    return str(named_sql(package, name).text)


_PARAMETER = re.compile(r"(?<![:\w]):([a-z]\w*)")
_COMMENT = re.compile(r"--[^\n]*")


@lru_cache(maxsize=256)
def prepared(statement: str) -> Prepared:
    """How `statement`, with `:name` parameters, is prepared and run; a connection prepares it once (`run_prepared`)."""
    body = _COMMENT.sub("", statement)
    names = list(dict.fromkeys(_PARAMETER.findall(body)))
    numbered = _PARAMETER.sub(lambda match: f"${names.index(match[1]) + 1}", body).replace("%", "%%")
    label = "cc_" + hashlib.blake2b(statement.encode(), digest_size=10).hexdigest()
    types = f"({', '.join(map(_type_of, names))})" if names else ""
    arguments = f"({', '.join(f'%({name})s' for name in names)})" if names else ""
    return Prepared(label, f"prepare {label}{types} as {numbered}", f"execute {label}{arguments}")


def _type_of(name: str) -> str:
    """The type that a parameter of this name has in every statement."""
    if name == "ids":
        return "bigint[]"
    if name == "trace_id":
        return "text"
    if name in ("now", "since", "until", "moment") or name.endswith("_at"):
        return "timestamptz"
    if name in ("id", "before", "limit", "own_unit", "own_account", "orders_of") or name.endswith("_id"):
        return "bigint"
    if name in ("lon", "lat", "west", "south", "east", "north", "limit_amount") or name.endswith(("_m", "_s")):
        return "double precision"
    if name in ("z", "x", "y"):
        return "integer"
    if name == "hash":
        return "bytea"
    return "date" if name == "day" else "text"
