"""The private Mosquitto broker: configuration, password file, readiness."""

from __future__ import annotations

import socket
import subprocess
from pathlib import Path

from api.instance.choices import Choices
from api.instance.paths import InstancePaths
from api.instance.users import give, home_of, write_for
from config.errors import ConfigurationError

USER = "citycommand"
BINARY = "/usr/sbin/mosquitto"


def prepare(paths: InstancePaths, choices: Choices, password: str) -> Path:
    """Write configuration and password file. Returns the broker's directory."""
    home = home_of("mosquitto", paths.mosquitto, paths)
    write_for("mosquitto", home / "mosquitto.conf", configuration(home, choices.mqtt))
    write_for("mosquitto", home / "passwords", f"{USER}:{password}\n")
    result = subprocess.run(
        ["mosquitto_passwd", "-U", str(home / "passwords")], capture_output=True, text=True, check=False
    )
    if result.returncode:
        raise ConfigurationError(
            f"The broker's password file cannot be written: {result.stderr.strip()}",
            f"Look at the rights and the free space of {home}, then run './citycommand up' again.",
        )
    give("mosquitto", home / "passwords")
    return home


def command(home: Path) -> list[str]:
    """Command line of the broker, to be run as the user `runner("mosquitto")`."""
    return [BINARY, "-c", str(home / "mosquitto.conf")]


def configuration(home: Path, port: int) -> str:
    """Messages wait on disk for a consumer that is away: none is dropped, at most the last half minute is at risk."""
    return f"""\
# Written by ./citycommand up at every start; changes here are lost.
listener {port} 127.0.0.1
allow_anonymous false
password_file {home}/passwords
persistence true
persistence_location {home}/
autosave_interval 30
max_queued_messages 1000000
max_queued_bytes 0
max_inflight_messages 2000
set_tcp_nodelay true
log_dest stderr
log_type error
log_type warning
log_type notice
connection_messages false
"""


def is_ready(choices: Choices) -> bool:
    """Whether the broker's port accepts connections."""
    try:
        with socket.create_connection(("127.0.0.1", choices.mqtt), timeout=1):
            return True
    except OSError:
        return False
