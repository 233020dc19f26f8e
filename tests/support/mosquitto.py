"""A broker of a test's own, for tests that stop and start it."""

from __future__ import annotations

import getpass
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.waiting import wait_until

CONFIGURATION = """\
listener {port} 127.0.0.1
allow_anonymous true
user {user}
persistence true
persistence_location {folder}/
max_queued_messages 1000000
max_inflight_messages 2000
log_dest file {folder}/mosquitto.log
"""


class Mosquitto:
    """A private broker that keeps its sessions on disk over a restart."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self.url = f"mqtt://127.0.0.1:{self.port}"
        self._configuration = folder / "mosquitto.conf"
        self._configuration.write_text(
            CONFIGURATION.format(port=self.port, user=getpass.getuser(), folder=folder), encoding="utf-8"
        )
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start and wait until it accepts connections."""
        binary = shutil.which("mosquitto", path="/usr/sbin:/usr/bin:/usr/local/sbin") or "mosquitto"
        self._process = subprocess.Popen([binary, "-c", str(self._configuration)], stderr=subprocess.DEVNULL)
        wait_until(self._accepts, what="the broker's port")

    def stop(self) -> None:
        """SIGTERM: it writes its sessions down and ends; every connection breaks."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(20)
            self._process = None

    def forget(self) -> None:
        """While stopped: lose every session and message, as a broker does whose disk is gone."""
        (self._configuration.parent / "mosquitto.db").unlink()

    def _accepts(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


@contextmanager
def own_broker(folder: Path) -> Iterator[Mosquitto]:
    """A broker on a spare port, gone afterwards."""
    broker = Mosquitto(folder)
    broker.start()
    try:
        yield broker
    finally:
        broker.stop()
