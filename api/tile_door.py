"""The fast door to vector tiles, in front of the application: a cached tile leaves without waking the rest of it.

Only what goes well is answered here. No session, no right, an address off the world, a database that is away: all that goes on
to the route (api/routes/map.py), which says the same rules and words the answer.
"""

from __future__ import annotations

import gzip
import hashlib
import threading
import time
from asyncio import get_running_loop
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache

import psycopg2
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Receive, Scope, Send

from api.auth import COOKIE, hash_of
from api.middleware import REQUESTS, SECONDS, secure_headers
from api.tile_look import Look
from config.errors import CityCommandError
from config.settings import Settings
from gis import tiles
from gis.events import new_trace
from gis.tiles.cache import Cache, Tile

ROUTE = "/tiles/{layer}/{z}/{x}/{y}"
MEDIA_TYPE = b"application/vnd.mapbox-vector-tile"
CACHE_CONTROL = "private, no-cache"
"""A browser keeps the tile but asks each time whether it still holds; the answer is 304 without a body."""

PACKING = 4
"""gzip's level: tiles a tenth larger than at 6, in half the time."""

PLAIN = {"Cache-Control": CACHE_CONTROL, "Vary": "Accept-Encoding", "X-Content-Type-Options": "nosniff"}
"""Headers of every tile. What guards pages (Content-Security-Policy and the like) says nothing about a picture's numbers."""

RENDERERS = 4


class TileDoor:
    """Answers GET /tiles/… from the cache, or renders and keeps."""

    def __init__(self, app: ASGIApp, settings: Settings, engine: Engine) -> None:
        self.app = app
        self._cache = Cache()
        self._look = Look(settings, self._cache)
        self._renderer = Renderer(engine)
        dressed = {**PLAIN, **secure_headers(settings)}
        self._headers = [(name.lower().encode(), value.encode()) for name, value in dressed.items()]
        self._seconds = SECONDS.labels(ROUTE)
        self._counts = {status: REQUESTS.labels(ROUTE, status) for status in (200, 304)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI entry."""
        if scope["type"] == "http" and scope["method"] == "GET" and scope["path"].startswith("/tiles/"):
            started = time.perf_counter()
            wanted = dict(scope["headers"])
            found = await self._tile(scope["path"], wanted)
            if found is not None:
                status = await self._send(send, wanted, found)
                self._counts[status].inc()
                self._seconds.observe(time.perf_counter() - started)
                return
        await self.app(scope, receive, send)

    async def _tile(self, path: str, wanted: dict[bytes, bytes]) -> Tile | None:
        """The tile, true to what was committed when the request came; None where the route must answer."""
        named = parse(path)
        token_hash = session_in(wanted.get(b"cookie", b""))
        if named is None or token_hash is None:
            return None
        layer, address = named
        try:
            if not await self._look.may_see_the_map(token_hash):
                return None
        except psycopg2.Error:
            return None
        return self._cache.get(layer, address) or await self._render(layer, address)

    async def _render(self, layer: str, address: tiles.Address) -> Tile | None:
        ticket = self._cache.begun(layer, address)
        try:
            tile = await get_running_loop().run_in_executor(self._renderer.pool, self._renderer.tile, layer, address)
        except BaseException as error:
            self._cache.abandoned(ticket)
            if isinstance(error, SQLAlchemyError):
                return None
            raise
        self._cache.keep(ticket, tile)
        return tile

    async def _send(self, send: Send, wanted: dict[bytes, bytes], tile: Tile) -> int:
        headers = [*self._headers, (b"etag", tile.etag), (b"x-trace-id", new_trace().encode())]
        if tile.etag in wanted.get(b"if-none-match", b""):
            await send({"type": "http.response.start", "status": 304, "headers": headers})
            await send({"type": "http.response.body", "body": b""})
            return 304
        body = tile.packed
        if body and b"gzip" in wanted.get(b"accept-encoding", b""):
            headers.append((b"content-encoding", b"gzip"))
        elif body:
            body = gzip.decompress(body)
        headers += [(b"content-type", MEDIA_TYPE), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})
        return 200


class Renderer:
    """Threads that render, each with a connection of its own that knows its statements."""

    def __init__(self, engine: Engine) -> None:
        self.pool = ThreadPoolExecutor(RENDERERS, "tiles")
        self._engine = engine
        self._own = threading.local()

    def tile(self, layer: str, address: tiles.Address) -> Tile:
        """Render one tile. Raises SQLAlchemyError when the database is away; the next attempt connects anew."""
        try:
            content = tiles.tile(self._connection(), layer, *address)
        except SQLAlchemyError:
            self._forget()
            raise
        return Tile(gzip.compress(content, PACKING, mtime=0) if content else b"", etag_of(content).encode())

    def _connection(self) -> Connection:
        if not hasattr(self._own, "db"):
            db = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            db.exec_driver_sql(
                "set plan_cache_mode = force_generic_plan"
            )  # planning a tile costs more than a small one
            self._own.db = db
        return self._own.db  # type: ignore[no-any-return]

    def _forget(self) -> None:
        db: Connection | None = self._own.__dict__.pop("db", None)
        if db is not None:
            db.invalidate()
            db.close()


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


def etag_of(content: bytes) -> str:
    """From the content alone: the same in every process and after every restart. Weak, for it is packed or not."""
    return f'W/"{hashlib.blake2b(content, digest_size=12).hexdigest()}"'
