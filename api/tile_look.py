"""One look at the database for all tile requests that wait: which of their sessions are valid, and what changed on the map.

A tile may leave the cache only after a look that began after its request: then nothing that was committed before the request
is missing from it. A look costs a tenth of a millisecond; requests that come while one is under way share the next.
"""

from __future__ import annotations

import asyncio
import select
from functools import lru_cache

import psycopg2
from psycopg2 import extensions

from config.permissions import permissions_of
from config.settings import Settings
from gis.db import url_of
from gis.tiles import changes
from gis.tiles.cache import Cache

LONGEST_S = 5.0
"""A database that does not answer for so long is taken for lost."""

_PREPARE = f"""
    prepare look (pg_snapshot, text) as
    select seen.snapshot, seen.changes,
           (select string_agg(encode(s.token_hash, 'hex') || ' ' ||
                              (select coalesce(string_agg(p.post, ' '), '') from gis.post_assignment p where p.account_id = a.id), ',')
            from unnest(string_to_array($2, ',')) token join api.session s on s.token_hash = decode(token, 'hex')
            join gis.account a on a.id = s.account_id and a.active
            where s.expires_at > now())
    from ({changes.SELECT}) seen
"""


class Look:
    """The connection that looks; it belongs to one event loop. `cache` is kept true to the database by every look."""

    def __init__(self, settings: Settings, cache: Cache) -> None:
        self._settings = settings
        self._cache = cache
        self._connection: extensions.connection | None = None
        self._waiting: list[tuple[bytes, asyncio.Future[bool]]] = []
        self._asked: list[tuple[bytes, asyncio.Future[bool]]] = []
        self._connecting: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._snapshot = ""
        self._socket = -1

    async def may_see_the_map(self, token_hash: bytes) -> bool:
        """Whether this session is valid and its posts allow the map; from here on the cache is as true as the database.

        Raises psycopg2.Error when the database does not answer.
        """
        future: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append((token_hash, future))
        if self._connection is None:
            if self._connecting is None:
                self._connecting = asyncio.create_task(self._open())
        elif not self._asked:
            self._ask()
        return await future

    def close(self) -> None:
        """Give the connection back."""
        self._lost(psycopg2.OperationalError("closed"))

    async def _open(self) -> None:
        """Connect. What was cached before may have missed something meanwhile: it is forgotten."""
        url = url_of(self._settings.database_url).set(drivername="postgresql").render_as_string(hide_password=False)
        try:
            self._connection = await asyncio.to_thread(connect, url)
        except psycopg2.Error as error:
            self._connecting = None
            self._lost(error)
            return
        self._connecting = None
        self._snapshot = ""
        self._socket = self._connection.fileno()  # a broken connection no longer tells
        asyncio.get_running_loop().add_reader(self._socket, self._readable)
        self._cursor = self._connection.cursor()
        self._ask()

    def _ask(self) -> None:
        assert self._connection is not None
        self._asked, self._waiting = self._waiting, []
        tokens = ",".join({token.hex() for token, _ in self._asked})
        snapshot = f"'{self._snapshot}'" if self._snapshot else "pg_current_snapshot()"
        try:
            # Both are digits and letters that this process has made itself.
            self._cursor.execute(f"execute look ({snapshot}, '{tokens}')")
        except psycopg2.Error as error:
            self._lost(error)
            return
        self._timer = asyncio.get_running_loop().call_later(
            LONGEST_S, self._lost, psycopg2.OperationalError("The database does not answer.")
        )

    def _readable(self) -> None:
        assert self._connection is not None
        try:
            if not self._asked:  # unasked it says only one thing
                raise psycopg2.OperationalError("The database has ended the connection.")
            if self._connection.poll() == extensions.POLL_OK:
                self._answer()
        except psycopg2.Error as error:
            self._lost(error)

    def _answer(self) -> None:
        if self._timer:
            self._timer.cancel()
        snapshot, changed, sessions = self._cursor.fetchone()  # type: ignore[misc]
        if self._snapshot:
            self._cache.changed(changes.read(changed))
        else:
            self._cache.forget()
        self._snapshot = snapshot
        allowed = {
            token for token, _, posts in (one.partition(" ") for one in (sessions or "").split(",")) if sees(posts)
        }
        asked, self._asked = self._asked, []
        for token, future in asked:
            if not future.done():
                future.set_result(token.hex() in allowed)
        if self._waiting:
            self._ask()

    def _lost(self, error: psycopg2.Error) -> None:
        """Tell all who wait; the next request connects anew."""
        if self._timer:
            self._timer.cancel()
        if self._connection is not None:
            asyncio.get_running_loop().remove_reader(self._socket)
            self._connection.close()
            self._connection = None
        self._cache.forget()
        for _, future in self._asked + self._waiting:
            if not future.done():
                future.set_exception(error)
        self._asked, self._waiting = [], []


@lru_cache(256)
def sees(posts: str) -> bool:
    """Whether these posts, with blanks between them, allow the map."""
    return "map.see" in permissions_of(posts.split())


def connect(url: str) -> extensions.connection:
    """A connection that does not block, with the statement prepared. Blocks while it is made; raises psycopg2.Error."""
    connection = psycopg2.connect(
        url, async_=1, application_name="citycommand tiles", options="-c timezone=UTC -c jit=off", connect_timeout=10
    )
    _wait(connection)
    cursor = connection.cursor()
    cursor.execute(_PREPARE)
    _wait(connection)
    return connection


def _wait(connection: extensions.connection) -> None:
    while (state := connection.poll()) != extensions.POLL_OK:
        readers, writers = ([connection], []) if state == extensions.POLL_READ else ([], [connection])
        if not any(select.select(readers, writers, [], LONGEST_S)):
            raise psycopg2.OperationalError("The database does not answer.")
