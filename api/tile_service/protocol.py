"""HTTP as the server speaks it, with a short way for what a map asks most: a tile's request is recognised in the bytes as they
arrive, and its answer is written straight back. Everything else goes the usual way, byte for byte.

The short way is taken only for a whole GET in one piece, without a body, while nothing else is under way on the connection. What
arrives behind it waits. Decision 0065.
"""

from __future__ import annotations

import gzip
import re
import time
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from api.tile_service.door import TileDoor
from gis.events import new_trace
from gis.tiles.cache import Tile

LONGEST = 16_384
"""Bytes of a request on the short way."""

CACHE_CONTROL = "private, no-cache"
"""A browser keeps the tile but asks each time whether it still holds; the answer is 304 without a body."""

MEDIA_TYPE = "application/vnd.mapbox-vector-tile"

REQUEST = re.compile(rb"GET (/tiles/[a-z_]+/[0-9]+/[0-9]+/[0-9]+) HTTP/1\.([01])\r\n")
UNUSUAL = re.compile(rb"\n(?:content-length|transfer-encoding|upgrade|expect)[ \t]*:", re.IGNORECASE)
"""A header with which a GET is no plain question."""

COOKIES = re.compile(rb"\ncookie:[ \t]*([^\r\n]*)", re.IGNORECASE)
KNOWN = re.compile(rb"\nif-none-match:([^\r\n]*)", re.IGNORECASE)
PACKED = re.compile(rb"\naccept-encoding:[^\r\n]*\bgzip\b(?!;q=0)", re.IGNORECASE)
LAST = re.compile(rb"\nconnection:[^\r\n]*\bclose\b", re.IGNORECASE)

PLAIN = f"cache-control: {CACHE_CONTROL}\r\nvary: Accept-Encoding\r\nx-content-type-options: nosniff\r\n".encode()
"""Headers of every tile. What guards pages (Content-Security-Policy and the like) says nothing about a picture's numbers."""

SECURE = b"strict-transport-security: max-age=31536000\r\n"


class TileProtocol(HttpToolsProtocol):
    """One connection of a browser. The tile door comes with the application's lifespan as `tile_door`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._within = False  # a message has begun that has not ended
        self._busy = False  # a tile is on its way
        self._late = b""  # what came behind its request
        self._leaving = False

    def data_received(self, data: bytes) -> None:
        """Bytes from the browser."""
        if self._busy:
            self._late += data
            if len(self._late) > LONGEST:
                self.flow.pause_reading()
        elif self._within or not data.startswith(b"GET /tiles/") or not self._tile(data):
            super().data_received(data)

    def on_message_begin(self) -> None:
        """The parser has met a message's first byte."""
        self._within = True
        super().on_message_begin()

    def on_message_complete(self) -> None:
        """The parser has met its last."""
        self._within = False
        super().on_message_complete()

    def shutdown(self) -> None:
        """The server is about to end: what is on its way still arrives."""
        if self._busy:
            self._leaving = True
        else:
            super().shutdown()

    def _tile(self, data: bytes) -> bool:
        """Take the short way, if this is a request for it."""
        started = time.perf_counter()
        door: TileDoor | None = self.app_state.get("tile_door")
        first = REQUEST.match(data)
        if door is None or first is None or (self.cycle is not None and not self.cycle.response_complete):
            return False
        if data.find(b"\r\n\r\n") != len(data) - 4 or len(data) > LONGEST or UNUSUAL.search(data):
            return False
        cookies = COOKIES.search(data)
        if cookies is None:
            return False

        def answer(tile: Tile | None) -> None:
            self._busy = False
            if self.transport.is_closing():
                return
            if tile is None:
                super(TileProtocol, self).data_received(data)
            else:
                last = self._leaving or first[2] == b"0" or LAST.search(data) is not None
                door.counted(self._write(data, tile, last, SECURE if door.secure else b""), started)
            self._go_on()

        self._busy = True
        if not door.ask(first[1].decode(), cookies[1], answer):
            self._busy = False
            return False
        self._unset_keepalive_if_required()
        return True

    def _write(self, data: bytes, tile: Tile, last: bool, secure: bytes) -> int:
        known, body, more = KNOWN.search(data), b"", b""
        if known is not None and tile.etag in known[1]:
            status = 304
        else:
            status, body = 200, tile.packed
            if body and PACKED.search(data):
                more = b"content-encoding: gzip\r\n"
            elif body:
                body = gzip.decompress(body)
            more += b"content-type: %b\r\ncontent-length: %d\r\n" % (MEDIA_TYPE.encode(), len(body))
        head = b"HTTP/1.1 200 OK\r\n" if status == 200 else b"HTTP/1.1 304 Not Modified\r\n"
        usual = b"".join([b"%b: %b\r\n" % header for header in self.server_state.default_headers])
        tag = b"etag: %b\r\nx-trace-id: %b\r\n" % (tile.etag, new_trace().encode())
        ending = b"connection: close\r\n\r\n" if last else b"\r\n"
        self.transport.write(b"".join([head, usual, PLAIN, secure, tag, more, ending, body]))
        if last:
            self.transport.close()
        else:
            self.on_response_complete()
        return status

    def _go_on(self) -> None:
        late, self._late = self._late, b""
        if late and not self.transport.is_closing():
            self.data_received(late)
