"""The other side of delivery: a real SMTP server, and an HTTP server that stands for SMS gateways, chat robots and webhooks."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass
class MailServer:
    """What arrived; `refusing`: so many messages are refused first."""

    port: int = 0
    refusing: int = 0
    arrived: list[tuple[list[str], EmailMessage]] = field(default_factory=list)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802, its own name
        """Take or refuse one message."""
        if self.refusing:
            self.refusing -= 1
            return "451 try again later"
        assert isinstance(envelope.content, bytes)
        message = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.arrived.append((envelope.rcpt_tos, message))
        return "250 OK"

    @property
    def address(self) -> str:
        """As a channel has it."""
        return f"mailto://127.0.0.1:{self.port}?from=city@example.org&mode=insecure&to={{to}}"

    def texts(self) -> list[str]:
        """What the messages said."""
        return [body.get_content() for _to, message in self.arrived if (body := message.get_body(("plain",)))]


@contextmanager
def mail_server() -> Iterator[MailServer]:
    """A server on a port of its own."""
    with closing(socket.socket()) as probe:  # the controller itself cannot say which port it was given
        probe.bind(("127.0.0.1", 0))
        server = MailServer(probe.getsockname()[1])
    controller = Controller(server, hostname="127.0.0.1", port=server.port)
    controller.start()
    try:
        yield server
    finally:
        controller.stop()


@dataclass(frozen=True)
class Request:
    """One request that arrived."""

    path: str
    headers: dict[str, str]
    content: bytes

    @property
    def json(self) -> Any:
        """Its content."""
        return json.loads(self.content)


@dataclass
class Gateway:
    """Keeps what is sent to it. `failing`: so many are answered with 503 first; `answer`, `status`: what the others get."""

    url: str = ""
    failing: int = 0
    status: int = 200
    answer: dict[str, Any] = field(default_factory=lambda: {"errcode": 0, "code": 0})
    arrived: list[Request] = field(default_factory=list)
    hold: threading.Event | None = None
    """Requests wait for it before they are answered."""
    reached: threading.Event = field(default_factory=threading.Event)


@contextmanager
def gateway() -> Iterator[Gateway]:
    """A server on a port of its own."""
    kept = Gateway()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            kept.arrived.append(Request(self.path, dict(self.headers), content))
            kept.reached.set()
            if kept.hold is not None:
                kept.hold.wait(20)
            status, kept.failing = (503, kept.failing - 1) if kept.failing else (kept.status, 0)
            said = json.dumps(kept.answer).encode()
            self.send_response(status)
            if status in (301, 307):
                self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_said: object) -> None:
            """Nothing: the log of a test is its assertions."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    kept.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield kept
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
