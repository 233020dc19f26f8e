"""What an instance chose once and remembers: ports, time zone, existing services it uses."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from api.instance.paths import InstancePaths, write_private
from config.errors import ConfigurationError, InvalidInput

DEFAULT_HTTP = 8000
"""Where the pages of the instance `default` are looked for first: it is what people type."""

FIRST_HTTP, FIRST_POSTGRES, FIRST_MQTT = 8_100, 20_000, 26_000
PORTS_TRIED = 100
STRETCHES = 60
"""Ports are looked for in one of so many stretches of PORTS_TRIED, by the instance's key: instances of other checkouts, which
are not known here, seldom look in the same. All lie below 32,768, where systems begin to take ports for connections that go
out: a remembered port is then still free when the city comes back."""


@dataclass(frozen=True)
class Choices:
    """Ports on 127.0.0.1, the city's time zone, and the addresses of existing services where they replace ours."""

    http: int
    postgres: int
    mqtt: int
    time_zone: str = "Asia/Shanghai"
    demonstration: bool = True
    database_url: str | None = None
    owner_database_url: str | None = None
    mqtt_url: str | None = None

    @property
    def own_database(self) -> bool:
        """Whether this instance runs a PostgreSQL cluster of its own."""
        return self.database_url is None

    @property
    def own_broker(self) -> bool:
        """Whether this instance runs a broker of its own."""
        return self.mqtt_url is None


def load(paths: InstancePaths) -> Choices | None:
    """What was chosen before, or None for a new instance."""
    try:
        return Choices(**json.loads(paths.choices.read_text("utf-8")))
    except FileNotFoundError:
        return None
    except (ValueError, TypeError) as error:
        raise ConfigurationError(
            f"The file {paths.choices} cannot be read.", "Remove it; './citycommand up' chooses ports anew."
        ) from error


def save(paths: InstancePaths, choices: Choices) -> None:
    """Remember the choices; mode 0600, an existing service's address may hold a password."""
    write_private(paths.choices, json.dumps(asdict(choices), indent=2) + "\n")


def choose(
    paths: InstancePaths,
    environ: Mapping[str, str],
    *,
    port: int | None = None,
    time_zone: str | None = None,
    new_ports: bool = False,
    empty: bool = False,
) -> Choices:
    """Remembered choices, changed where the caller asks; a new instance takes free ports that no neighbour remembers."""
    chosen = load(paths)
    if chosen is None or new_ports:
        http, postgres, mqtt = _free_ports(paths)
        old = chosen or Choices(http, postgres, mqtt, demonstration=not empty)
        chosen = replace(old, http=http, postgres=postgres, mqtt=mqtt)
    if port is not None:
        chosen = replace(chosen, http=checked_port(port))
    if time_zone is not None:
        chosen = replace(chosen, time_zone=checked_time_zone(time_zone))
    if database_url := environ.get("CITYCOMMAND_DATABASE_URL"):
        owner_url = environ.get("CITYCOMMAND_OWNER_DATABASE_URL")
        chosen = replace(chosen, database_url=database_url, owner_database_url=owner_url)
    if mqtt_url := environ.get("CITYCOMMAND_MQTT_URL"):
        chosen = replace(chosen, mqtt_url=mqtt_url)
    return chosen


def _free_ports(paths: InstancePaths) -> tuple[int, int, int]:
    avoid = _ports_of_neighbours(paths)
    stretch = PORTS_TRIED * (int(paths.key, 16) % STRETCHES)
    http = DEFAULT_HTTP if paths.name == "default" else FIRST_HTTP + stretch
    return free_port(http, avoid), free_port(FIRST_POSTGRES + stretch, avoid), free_port(FIRST_MQTT + stretch, avoid)


def checked_port(port: int) -> int:
    """A port a normal user may listen on; InvalidInput otherwise."""
    if not 1024 <= port <= 65535:
        raise InvalidInput(f"{port} is not a usable port.", "Choose one between 1024 and 65535.")
    return port


def checked_time_zone(name: str) -> str:
    """The name of a known time zone; InvalidInput otherwise."""
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InvalidInput(
            f"The time zone {name!r} is not known.", "Use a name such as Asia/Shanghai or America/New_York."
        ) from error


def free_port(first: int, avoid: Iterable[int] = ()) -> int:
    """The first port from `first` on that nobody listens on and nobody remembers."""
    avoid = set(avoid)
    for port in range(first, first + PORTS_TRIED):
        if port not in avoid and is_free(port):
            return port
    raise ConfigurationError(
        f"None of the ports {first} to {first + PORTS_TRIED - 1} is free.", "Stop what listens there ('ss -ltnp')."
    )


def is_free(port: int) -> bool:
    """Whether 127.0.0.1:`port` can be listened on now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def require_free(paths: InstancePaths, service: str, port: int) -> None:
    """Raise ConfigurationError when another program listens on the port that `service` is about to take."""
    if is_free(port):
        return
    remedy = f"--port {free_port(port + 1)}" if service == "http" else "--new-ports"
    raise ConfigurationError(
        f"Port {port}, which instance {paths.name!r} uses for {service}, is taken by another program.",
        f"Stop that program, or choose another port: ./citycommand up --instance {paths.name} {remedy}",
    )


def _ports_of_neighbours(paths: InstancePaths) -> set[int]:
    taken: set[int] = set()
    for file in paths.var.parent.glob("*/instance.json"):
        if file == paths.choices:
            continue
        neighbour = load(InstancePaths(file.parent.name, file.parent))
        if neighbour:
            taken |= {neighbour.http, neighbour.postgres, neighbour.mqtt}
    return taken
