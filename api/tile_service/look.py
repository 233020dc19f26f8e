"""One look at the database for all tile requests that wait: which of their sessions are valid, and what changed on the map.

A tile may leave the cache only after a look that began after its request: then nothing that was committed before the request
is missing from it. A look costs a tenth of a millisecond; requests that come while one is under way share the next.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import psycopg2
import structlog

from api.tile_service.line import Line
from config.permissions import permissions_of
from config.settings import Settings
from gis.tiles import changes
from gis.tiles.cache import Cache

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

log = structlog.get_logger()

Told = Callable[[bool | None], None]
"""Whether the session may see the map; None where the database does not say."""


class Look:
    """The connection that looks. `cache` is kept true to the database by every look."""

    def __init__(self, settings: Settings, cache: Cache) -> None:
        self._cache = cache
        self._line = Line(settings.database_url, _PREPARE)
        self._waiting: list[tuple[bytes, Told]] = []
        self._asked: list[tuple[bytes, Told]] = []
        self._opening: asyncio.Task[None] | None = None
        self._snapshot = ""
        self._valid: set[bytes] = set()

    def was_valid(self, token_hash: bytes) -> bool:
        """Whether the last look that asked for this session found it valid: worth beginning its work before the next answers."""
        return token_hash in self._valid

    def ask(self, token_hash: bytes, told: Told) -> None:
        """Whether this session is valid and its posts allow the map; when `told`, the cache is as true as the database."""
        self._waiting.append((token_hash, told))
        if not self._line.stands:
            if self._opening is None:
                self._opening = asyncio.create_task(self._open())
        elif not self._asked:
            self._send()

    def close(self) -> None:
        """Give the connection back."""
        self._line.close()
        self._forget()

    async def _open(self) -> None:
        """Connect. What was cached before may have missed something meanwhile: it is forgotten."""
        try:
            await self._line.open(lost=self._lost)
        except psycopg2.Error as error:
            self._lost(error)
            return
        finally:
            self._opening = None
        self._snapshot = ""
        self._send()

    def _send(self) -> None:
        self._asked, self._waiting = self._waiting, []
        tokens = ",".join({token.hex() for token, _ in self._asked})
        snapshot = f"'{self._snapshot}'" if self._snapshot else "pg_current_snapshot()"
        # Both are digits and letters that this process has made itself.
        self._line.ask(f"execute look ({snapshot}, '{tokens}')", None, self._answer)

    def _answer(self, row: tuple[Any, ...] | psycopg2.Error) -> None:
        if isinstance(row, psycopg2.Error):
            self._lost(row)
            return
        snapshot, changed, sessions = row
        if self._snapshot:
            self._cache.changed(changes.read(changed))
        else:
            self._cache.forget()
        self._snapshot = snapshot
        found = [one.partition(" ") for one in (sessions or "").split(",") if one]
        allowed = {bytes.fromhex(token) for token, _, posts in found if sees(posts)}
        asked, self._asked = self._asked, []
        self._valid.difference_update(token for token, _ in asked)
        self._valid |= allowed
        if self._waiting:
            self._send()  # while these are served, the database is looking for the next
        for token, told in asked:
            told(token in allowed)

    def _lost(self, error: psycopg2.Error) -> None:
        """The next request connects anew."""
        log.warning("tiles without database", error=str(error).strip())
        self._forget()

    def _forget(self) -> None:
        """Nothing is known any more; all who wait are told."""
        self._cache.forget()
        self._valid.clear()
        lost, self._asked, self._waiting = self._asked + self._waiting, [], []
        for _, told in lost:
            told(None)


@lru_cache(256)
def sees(posts: str) -> bool:
    """Whether these posts, with blanks between them, allow the map."""
    return "map.see" in permissions_of(posts.split())
