"""Tiles made by the database over a few lines that know its statements; more requests than lines wait in their order."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
from collections import deque
from collections.abc import Callable
from typing import Any

import psycopg2
import structlog

from api.tile_service.line import Line
from gis import tiles
from gis.db import Prepared
from gis.tiles.cache import Tile

log = structlog.get_logger()

LINES = 4
LONGEST_S = 30.0

PACKING = 4
"""gzip's level: tiles a tenth larger than at 6, in half the time."""

Made = Callable[[Tile | None], None]
"""Gets the tile; None where the database failed."""


class Renderer:
    """Makes tiles. Lines are opened as they are needed."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._idle: list[_Knowing] = []
        self._open = 0
        self._jobs: deque[tuple[str, tiles.Address, Made]] = deque()
        self._opening: set[asyncio.Task[None]] = set()

    def make(self, layer: str, address: tiles.Address, made: Made) -> None:
        """Render one tile; `made` is called once."""
        if address.z < tiles.LAYERS[layer].first_zoom:
            made(EMPTY)
            return
        self._jobs.append((layer, address, made))
        if self._idle:
            self._next(self._idle.pop())
        else:
            self._replace()

    def close(self) -> None:
        """Give the connections back."""
        idle, self._idle = self._idle, []
        for knowing in idle:
            knowing.line.close()

    def _replace(self) -> None:
        """One more line, where there are fewer than may be and somebody waits."""
        if self._jobs and self._open < LINES:
            self._open += 1
            task = asyncio.create_task(self._another())
            self._opening.add(task)
            task.add_done_callback(self._opening.discard)

    async def _another(self) -> None:
        knowing = _Knowing(Line(self._address, longest_s=LONGEST_S))
        try:
            await knowing.line.open(lost=lambda _: self._gone(knowing))
        except psycopg2.Error as error:
            log.warning("no connection for tiles", error=str(error).strip())
            self._open -= 1
            jobs, self._jobs = self._jobs, deque()
            for _, _, made in jobs:
                made(None)
            return
        self._next(knowing)

    def _next(self, knowing: _Knowing) -> None:
        """Give an idle line its next job."""
        if not self._jobs:
            self._idle.append(knowing)
            return
        layer, address, made = self._jobs.popleft()
        prepared, values = tiles.question(layer, address)

        def answered(row: tuple[Any, ...] | psycopg2.Error) -> None:
            if isinstance(row, psycopg2.Error):
                log.warning("tile not rendered", layer=layer, address=address, error=str(row).strip())
                self._open -= 1
                made(None)
                self._replace()
                return
            content = bytes(row[0]) if row and row[0] else b""
            self._next(knowing)  # the line works on while this tile is packed
            made(packed(content))

        knowing.line.ask(knowing.statement(prepared), values, answered)

    def _gone(self, knowing: _Knowing) -> None:
        self._open -= 1
        if knowing in self._idle:
            self._idle.remove(knowing)


class _Knowing:
    """A line and the statements that are prepared on it."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self._known: set[str] = set()

    def statement(self, prepared: Prepared) -> str:
        """What to send: the preparing goes along with the first use."""
        if prepared.name in self._known:
            return prepared.execute
        self._known.add(prepared.name)
        return f"{prepared.prepare}; {prepared.execute}"


def etag_of(content: bytes) -> str:
    """From the content alone: the same in every process and after every restart. Weak, for it is packed or not."""
    return f'W/"{hashlib.blake2b(content, digest_size=12).hexdigest()}"'


def packed(content: bytes) -> Tile:
    """A tile as the cache keeps it."""
    return Tile(gzip.compress(content, PACKING, mtime=0) if content else b"", etag_of(content).encode())


EMPTY = packed(b"")
