"""Real processes of the system for tests: the web server, the dispatch process, and people signed in to them."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

import httpx

from tests.support.waiting import wait_until

ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    """A TCP port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Process:
    """One process of the system, started as the supervisor starts it; its log is shown when it does not come up."""

    def __init__(self, command: list[str], environment: Mapping[str, str], log: Path) -> None:
        self.command = [sys.executable, "-m", *command]
        self.environment = {**os.environ, **environment, "PYTHONUNBUFFERED": "1"}
        self.log = log
        self._popen: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; it runs in a session of its own, so that its children can be ended with it."""
        with self.log.open("ab") as log:
            self._popen = subprocess.Popen(
                self.command, cwd=ROOT, env=self.environment, stdout=log, stderr=log, start_new_session=True
            )

    def kill(self) -> None:
        """End it and its children without warning, as a power cut would."""
        if self._popen is not None and self._popen.poll() is None:
            os.killpg(self._popen.pid, signal.SIGKILL)
            self._popen.wait(10)

    def stop(self) -> None:
        """Ask it to end, as the supervisor does; returns when it has."""
        if self._popen is not None and self._popen.poll() is None:
            self._popen.send_signal(signal.SIGTERM)
            try:
                self._popen.wait(10)
            except subprocess.TimeoutExpired:
                self.kill()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


class WebServer(Process):
    """The web server on a port of its own; with `app` another application behind a plain server, to compare with."""

    def __init__(
        self,
        environment: Mapping[str, str],
        log: Path,
        workers: int = 1,
        app: str = "",
        ready: str = "/healthz",
    ) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.ready = ready
        command = ["api.serve"]
        if app:
            command = ["uvicorn", "--factory", app, "--port", str(self.port), "--workers", str(workers)]
            command += ["--log-level", "warning", "--no-access-log"]
        ours = {"CITYCOMMAND_HTTP_PORT": str(self.port), "CITYCOMMAND_WEB_WORKERS": str(workers)}
        super().__init__(command, {**environment, **ours}, log)

    def start(self) -> None:
        """Start it and wait until it answers."""
        super().start()
        wait_until(self._answers, 30, what=f"the web server; its log says: {self.log.read_text()[-2000:]}")

    def _answers(self) -> bool:
        try:
            return httpx.get(self.url + self.ready, timeout=2).status_code == 200
        except httpx.TransportError:
            return False

    def person(self, username: str, password: str) -> Person:
        """Sign somebody in."""
        return Person(self.url, username, password)


class Person(httpx.Client):
    """A signed-in browser without the browser: cookie, CSRF token, and a fresh idempotency key for every message."""

    def __init__(self, url: str, username: str, password: str) -> None:
        super().__init__(base_url=url, timeout=30)
        answer = self.post("/login", data={"username": username, "password": password})
        assert answer.status_code == 303, answer.text
        self.me = self.get("/api/me").raise_for_status().json()
        self.headers["X-CSRF-Token"] = self.me["csrf"]

    def speaks(self, locale: str) -> None:
        """From now on be answered in this language."""
        assert self.post("/language", data={"locale": locale}).status_code == 303

    def hand_in(
        self, path: str, content: dict[str, Any], *, field: str = "report", photos: list[bytes] | None = None
    ) -> httpx.Response:
        """POST JSON, or multipart when there are photos, with an idempotency key."""
        headers = {"Idempotency-Key": uuid4().hex}
        if not photos:
            return self.post(path, json=content, headers=headers)
        files = [("photos", (f"{n}.jpg", photo, "image/jpeg")) for n, photo in enumerate(photos)]
        return self.post(path, data={field: json.dumps(content)}, files=files, headers=headers)

    def move(self, case_id: int, move: str, photos: list[bytes] | None = None, **fields: Any) -> httpx.Response:
        """Make a move on a case."""
        return self.hand_in(f"/api/cases/{case_id}/moves", {"move": move, **fields}, field="move", photos=photos)
