"""An existing database server, named by CITYCOMMAND_DATABASE_URL, used in place of a cluster of our own."""

from __future__ import annotations

from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.exc import OperationalError, ProgrammingError

from config.errors import ConfigurationError
from gis.db import APPLICATION_ROLE, url_of

BOTH = "Give both logins: CITYCOMMAND_OWNER_DATABASE_URL (owns the tables) and CITYCOMMAND_DATABASE_URL (application)."


def provision(owner_url: str, app_url: str) -> None:
    """Make sure that both roles get in; the application's is made where the owner's login may do so.

    Raises ConfigurationError when the server does not answer, refuses, or knows the role by another password.
    """
    engine = create_engine(url_of(owner_url), poolclass=NullPool, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            role = url_of(app_url).username
            known = connection.scalar(text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": role})
            if not known and role == APPLICATION_ROLE:
                password = (url_of(app_url).password or "").replace("'", "''")
                connection.exec_driver_sql(f"CREATE ROLE \"{role}\" LOGIN PASSWORD '{password}'")
    except OperationalError as error:
        raise ConfigurationError(f"The database server does not let us in: {_reason(error)}.", BOTH) from error
    except ProgrammingError as error:
        raise ConfigurationError(f"The role {APPLICATION_ROLE} cannot be made: {_reason(error)}.", BOTH) from error
    _check_login(app_url)


def _check_login(app_url: str) -> None:
    try:
        with create_engine(url_of(app_url), poolclass=NullPool).connect():
            pass
    except OperationalError as error:
        raise ConfigurationError(f"The application cannot sign in there: {_reason(error)}.", BOTH) from error


def _reason(error: OperationalError | ProgrammingError) -> str:
    return str(error.orig).strip().splitlines()[0]
