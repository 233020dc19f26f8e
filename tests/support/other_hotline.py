"""The other side of the exchange: a small real HTTP server that keeps what is pushed to it, and fails when told to."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self


@dataclass(frozen=True)
class Pushed:
    """One request that arrived."""

    content: bytes
    headers: dict[str, str]


@dataclass
class OtherHotline:
    """Runs while it is entered; `failing`: so many requests are answered with 503 first."""

    failing: int = 0
    arrived: list[Pushed] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/messages"

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        hotline = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                content = self.rfile.read(int(self.headers["Content-Length"]))
                status = 503 if hotline.failing else 200
                hotline.failing = max(0, hotline.failing - 1)
                if status == 200:
                    hotline.arrived.append(Pushed(content, dict(self.headers)))
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_said: object) -> None:
                """Nothing: the log of a test is its assertions."""

        return Handler
