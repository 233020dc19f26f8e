"""What a tile request gets: the cached tile after a look, a fresh one, or nothing, when the route must answer.

A session that was valid a moment ago has its missing tile rendered while the look is still under way: neither waits for the other, and the
tile is given out only when both have answered.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import lru_cache

from starlette.requests import cookie_parser

from api.auth import COOKIE, hash_of
from api.middleware import REQUESTS, SECONDS
from api.tile_service.look import Look
from api.tile_service.renderer import Renderer
from config.errors import CityCommandError
from config.settings import Settings
from gis import tiles
from gis.tiles.cache import Cache, Tile

ROUTE = "/tiles/{layer}/{z}/{x}/{y}"

Answer = Callable[[Tile | None], None]
"""Gets the tile, true to what was committed when the request came; None where the route must answer."""


class TileDoor:
    """One worker's tiles. All of it happens in the event loop."""

    def __init__(self, settings: Settings) -> None:
        self.secure = settings.secure_cookies
        self._cache = Cache()
        self._look = Look(settings, self._cache)
        self._renderer = Renderer(settings.database_url)
        self._seconds = SECONDS.labels(ROUTE)
        self._counts = {status: REQUESTS.labels(ROUTE, status) for status in (200, 304)}

    def ask(self, path: str, cookies: bytes, answer: Answer) -> bool:
        """Whether this is a request for a tile by somebody signed in; if so `answer` is called once, later."""
        named, token_hash = parse(path), session_in(cookies)
        if named is None or token_hash is None:
            return False
        _Request(self._cache, self._look, self._renderer, named, answer).begin(token_hash)
        return True

    def counted(self, status: int, started: float) -> None:
        """An answer has left; `started` is what time.perf_counter() said when its request came."""
        self._counts[status].inc()
        self._seconds.observe(time.perf_counter() - started)

    def close(self) -> None:
        """Give all connections back."""
        self._look.close()
        self._renderer.close()


class _Request:
    """One tile on its way."""

    def __init__(
        self, cache: Cache, look: Look, renderer: Renderer, named: tuple[str, tiles.Address], answer: Answer
    ) -> None:
        self._cache, self._look, self._renderer = cache, look, renderer
        self._named = named
        self._answer = answer
        self._looked = False
        self._rendering = False
        self._made: Tile | None = None
        self._done = False

    def begin(self, token_hash: bytes) -> None:
        self._look.ask(token_hash, self._told)
        if self._look.was_valid(token_hash) and self._cache.get(*self._named) is None:
            self._render()

    def _told(self, allowed: bool | None) -> None:
        self._looked = True
        if not allowed:
            self._give(None)
        elif self._rendering:
            self._maybe_give()
        elif (found := self._cache.get(*self._named)) is not None:
            self._give(found)
        else:
            self._render()

    def _render(self) -> None:
        self._rendering = True
        ticket = self._cache.begun(*self._named)

        def made(tile: Tile | None) -> None:
            if tile is None:
                self._cache.abandoned(ticket)
            else:
                self._cache.keep(ticket, tile)
            self._made = tile
            self._rendering = False
            self._maybe_give()

        self._renderer.make(*self._named, made)

    def _maybe_give(self) -> None:
        if self._looked and not self._rendering:
            self._give(self._made)

    def _give(self, tile: Tile | None) -> None:
        if not self._done:
            self._done = True
            self._answer(tile)


@lru_cache(1024)
def session_in(cookies: bytes) -> bytes | None:
    """The hash of the session's token in a Cookie header, None where there is none."""
    token = cookie_parser(cookies.decode("latin-1")).get(COOKIE)
    return hash_of(token) if token else None


@lru_cache(8192)
def parse(path: str) -> tuple[str, tiles.Address] | None:
    """Layer and address in /tiles/layer/z/x/y, None where there is no such tile."""
    parts = path.split("/")
    if (
        len(parts) != 6
        or parts[2] not in tiles.LAYERS
        or not all(p.isascii() and p.isdigit() and len(p) < 8 for p in parts[3:])
    ):
        return None
    try:
        return parts[2], tiles.Address.of(*map(int, parts[3:]))
    except CityCommandError:
        return None
