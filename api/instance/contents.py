"""What an instance's database says of its own work, for `doctor`."""

from __future__ import annotations

from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from config.errors import ConfigurationError, ServiceUnavailable
from dispatch.calendars import coverage, reading
from gis import clock
from gis.catalogue import data_sets
from gis.db import url_of

WEEKDAYS_ONLY = "every weekday counts as a workday. './citycommand import calendar FILE' brings a year of them."


def calendar_end(database_url: str) -> str | None:
    """A warning where the working calendar ends within a month, or there is none. Raises ServiceUnavailable."""
    try:
        with create_engine(url_of(database_url), poolclass=NullPool).connect() as db:
            until, today = reading.known_until(db), clock.now(db).date()
    except SQLAlchemyError as error:
        raise ServiceUnavailable("The database does not answer.") from error
    if not coverage.runs_out(until, today):
        return None
    if until is None:
        return f"No holidays are known: {WEEKDAYS_ONLY}"
    return f"Holidays are known until {until}: after that {WEEKDAYS_ONLY}"


_GIVEN_UP = text(
    "select consumer, count(*) as number, min(error) as error from gis.delivery"
    " where done_at is null and attempts >= 20 group by consumer order by consumer"
)


def nothing_given_up(database_url: str) -> None:
    """Raise ConfigurationError where a consumer has given events up (dead letters), ServiceUnavailable without a database.

    What was given up is missing somewhere: an alarm that became no case, a notice that nobody got.
    """
    try:
        with create_engine(url_of(database_url), poolclass=NullPool).connect() as db:
            rows = db.execute(_GIVEN_UP).all()
    except SQLAlchemyError as error:
        raise ServiceUnavailable("The database does not answer.") from error
    if rows:
        what = "; ".join(f"{row.consumer} {row.number} ({row.error})" for row in rows)
        raise ConfigurationError(
            f"Events given up after twenty attempts: {what}.",
            "'./citycommand letters' lists them. When the cause is gone: './citycommand letters retry'.",
        )


_UNDELIVERED = text(
    "select c.name, count(*) as number, min(d.error ->> 'message') as error from dispatch.delivery d"
    " join dispatch.channel c on c.id = d.channel_id where d.state = 'dead' group by c.id order by c.id"
)


def nothing_undelivered(database_url: str) -> None:
    """Raise ConfigurationError where notices could not be sent to people (dead letters of delivery)."""
    try:
        with create_engine(url_of(database_url), poolclass=NullPool).connect() as db:
            rows = db.execute(_UNDELIVERED).all()
    except SQLAlchemyError as error:
        raise ServiceUnavailable("The database does not answer.") from error
    if rows:
        what = "; ".join(f"{row.name} {row.number} ({row.error})" for row in rows)
        raise ConfigurationError(
            f"Notices that could not be sent: {what}.",
            "The page /notices/settings lists them with their reasons, tests the channel, and sends them again.",
        )


def no_data_set_late(database_url: str) -> None:
    """Raise ConfigurationError where data sets were not refreshed when their stewards said they would be."""
    try:
        with create_engine(url_of(database_url), poolclass=NullPool).connect() as db:
            late = data_sets.overdue(db, clock.now(db))
    except SQLAlchemyError as error:
        raise ServiceUnavailable("The database does not answer.") from error
    if late:
        raise ConfigurationError(
            f"Data sets overdue for a refresh: {', '.join(late)}.",
            "Ask their owners for the new edition and import it; /data-sets names owners and contacts.",
        )
