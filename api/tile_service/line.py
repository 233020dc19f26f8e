"""A connection to the database that belongs to the event loop: a statement goes out, its answer calls back, nothing blocks.

A thread costs two changes of hands a question, which is as much as a small tile. One statement at a time runs on a line.
"""

from __future__ import annotations

import asyncio
import select
from collections.abc import Callable, Mapping
from typing import Any

import psycopg2
from psycopg2 import extensions

from gis.db import url_of

LONGEST_S = 5.0
"""A database that does not answer a look for so long is taken for lost."""

Answered = Callable[["tuple[Any, ...] | psycopg2.Error"], None]
"""Gets the first row, or why there is none."""


class Line:
    """One connection. `open` first; after an error the line is dead and must be opened anew."""

    def __init__(self, address: str, prepare: str = "", longest_s: float = LONGEST_S) -> None:
        self._url = url_of(address).set(drivername="postgresql").render_as_string(hide_password=False)
        self._prepare = prepare
        self._longest_s = longest_s
        self._connection: extensions.connection | None = None
        self._socket = -1
        self._answered: Answered | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._lost_to: Callable[[psycopg2.Error], None] | None = None

    @property
    def stands(self) -> bool:
        """Whether it is open."""
        return self._connection is not None

    async def open(self, lost: Callable[[psycopg2.Error], None] | None = None) -> None:
        """Connect. `lost` is told when the connection ends while nothing is asked. Raises psycopg2.Error."""
        self._connection = await asyncio.to_thread(self._connect)
        self._lost_to = lost
        self._socket = self._connection.fileno()  # a broken connection no longer tells
        asyncio.get_running_loop().add_reader(self._socket, self._readable)
        self._cursor = self._connection.cursor()

    def ask(self, statement: str, values: Mapping[str, Any] | None, answered: Answered) -> None:
        """Send a statement; `answered` is called once, from the event loop or at once when it cannot be sent."""
        self._answered = answered
        try:
            self._cursor.execute(statement, values)
        except psycopg2.Error as error:
            self._fail(error)
            return
        self._timer = asyncio.get_running_loop().call_later(self._longest_s, self._too_long)

    def close(self) -> None:
        """Give the connection back; who waits gets an error."""
        self._fail(psycopg2.OperationalError("closed"))

    def _too_long(self) -> None:
        self._fail(psycopg2.OperationalError("The database does not answer."))

    def _readable(self) -> None:
        assert self._connection is not None
        try:
            if self._answered is None:  # unasked it says only one thing
                raise psycopg2.OperationalError("The database has ended the connection.")
            if self._connection.poll() != extensions.POLL_OK:
                return
            row = self._cursor.fetchone()
        except psycopg2.Error as error:
            self._fail(error)
            return
        if self._timer:
            self._timer.cancel()
        answered, self._answered = self._answered, None
        answered(row or ())

    def _fail(self, error: psycopg2.Error) -> None:
        """The connection is given up: a statement that failed on it may have left anything behind."""
        if self._timer:
            self._timer.cancel()
        if self._connection is not None:
            asyncio.get_running_loop().remove_reader(self._socket)
            self._connection.close()
            self._connection = None
        answered, self._answered = self._answered, None
        if answered is not None:
            answered(error)
        elif self._lost_to is not None:
            self._lost_to(error)

    def _connect(self) -> extensions.connection:
        connection = psycopg2.connect(
            self._url,
            async_=1,
            application_name="citycommand tiles",
            options="-c timezone=UTC -c jit=off -c plan_cache_mode=force_generic_plan",
            connect_timeout=10,
        )
        _wait(connection)
        if self._prepare:
            cursor = connection.cursor()  # kept until it has its answer
            cursor.execute(self._prepare)
            _wait(connection)
        return connection


def _wait(connection: extensions.connection) -> None:
    while (state := connection.poll()) != extensions.POLL_OK:
        readers, writers = ([connection], []) if state == extensions.POLL_READ else ([], [connection])
        if not any(select.select(readers, writers, [], LONGEST_S)):
            raise psycopg2.OperationalError("The database does not answer.")
