"""Where an instance keeps its things. Everything lies under var/<instance>/; sockets lie in a short path."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path

from config.errors import ConfigurationError, InvalidInput

CHECKOUT = Path(__file__).resolve().parents[2]
SOCKET_PATH_LIMIT = 107
"""Bytes that fit into sockaddr_un.sun_path beside its closing zero (unix(7))."""
NAME = re.compile(r"[a-z][a-z0-9_-]{0,30}")


@dataclass(frozen=True)
class InstancePaths:
    """Files and directories of one instance."""

    name: str
    var: Path

    @classmethod
    def of(cls, name: str, checkout: Path = CHECKOUT) -> InstancePaths:
        """Paths of instance `name`; InvalidInput when the name cannot be a directory's."""
        if not NAME.fullmatch(name):
            raise InvalidInput(
                f"An instance cannot be called {name!r}.",
                "Use a short name of small letters, digits, '-' and '_', starting with a letter.",
            )
        return cls(name, checkout / "var" / name)

    @property
    def key(self) -> str:
        """Short, stable key of this instance on this machine: two checkouts never share one."""
        return hashlib.sha256(os.fsencode(self.var)).hexdigest()[:10]

    @property
    def choices(self) -> Path:
        """What was chosen once and is remembered: ports, time zone."""
        return self.var / "instance.json"

    @property
    def environment(self) -> Path:
        """The CITYCOMMAND_* variables of the processes; holds passwords, mode 0600."""
        return self.var / "environment"

    @property
    def secrets(self) -> Path:
        """Generated passwords and keys; never in a backup."""
        return self.var / "secrets"

    @property
    def signing_key(self) -> Path:
        """Key that signs what leaves and comes back."""
        return self.secrets / "signing_key"

    @property
    def logs(self) -> Path:
        """One log file a process."""
        return self.var / "logs"

    @property
    def metrics(self) -> Path:
        """Where the processes share their counters while they run."""
        return self.var / "metrics"

    @property
    def evidence(self) -> Path:
        """Originals and thumbnails of evidence, by content hash."""
        return self.var / "evidence"

    @property
    def postgres(self) -> Path:
        """Data directory of the private cluster, or a link to it."""
        return self.var / "postgres"

    @property
    def mosquitto(self) -> Path:
        """Configuration and stored messages of the private broker, or a link to it."""
        return self.var / "mosquitto"

    @property
    def supervisor_configuration(self) -> Path:
        """Written from the process table at every `up`."""
        return self.var / "supervisor.conf"

    @property
    def sockets(self) -> Path:
        """Directory of this instance's sockets: short, ours alone, gone after a reboot."""
        if os.geteuid() == 0:
            return Path("/run/citycommand") / self.key
        return Path(f"/tmp/citycommand-{os.getuid()}") / self.key

    @property
    def postgres_socket(self) -> Path:
        """Directory of the cluster's socket, owned by the user who runs PostgreSQL."""
        return self.sockets / "postgres"

    @property
    def supervisor_socket(self) -> Path:
        """Socket on which supervisord takes orders."""
        return self.sockets / "supervisor"


def make_private(directory: Path, mode: int = 0o700) -> None:
    """Create `directory` (and its parents) and make sure that it is ours and no link.

    Raises ConfigurationError where another user owns it or it cannot be written.
    """
    try:
        directory.mkdir(mode=mode, parents=True, exist_ok=True)
        status = directory.lstat()
        if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid():
            raise PermissionError
        directory.chmod(mode)
    except (PermissionError, FileExistsError, NotADirectoryError) as error:
        raise ConfigurationError(
            f"The directory {directory} cannot be used: it belongs to another user or may not be written.",
            "Run as the user who owns it, or remove it, or work in a checkout of your own.",
        ) from error


def write_private(path: Path, content: str) -> None:
    """Write a file that only its owner reads, whole or not at all."""
    partial = path.with_name(path.name + ".partial")
    partial.unlink(missing_ok=True)
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
