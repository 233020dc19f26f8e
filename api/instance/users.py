"""Which operating-system user runs what: PostgreSQL refuses to run as root, so root lends it to user `postgres`."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from api.instance.paths import InstancePaths, make_private
from config.errors import ConfigurationError

SHARED_HOME = Path("/var/lib/citycommand")


def runner(service: str) -> str:
    """Name of the user who runs `service` ("postgres" or "mosquitto"): that user under root, else ourselves."""
    if os.geteuid() != 0:
        return pwd.getpwuid(os.getuid()).pw_name if _has_name(os.getuid()) else str(os.getuid())
    try:
        return pwd.getpwnam(service).pw_name
    except KeyError as error:
        raise ConfigurationError(
            f"There is no user {service!r} to run {service} as.", f"Install Debian's package of {service} again."
        ) from error


def _has_name(uid: int) -> bool:
    return any(entry.pw_uid == uid for entry in pwd.getpwall())


def as_user(user: str, command: Sequence[str]) -> list[str]:
    """The command line that runs `command` as `user`; unchanged unless we are root."""
    if os.geteuid() != 0:
        return list(command)
    return ["setpriv", "--reuid", user, "--regid", user, "--init-groups", "--", *command]


def can_enter(user: str, directory: Path) -> bool:
    """Whether `user` gets through every directory down to `directory`."""
    return subprocess.run(as_user(user, ["test", "-x", str(directory)]), check=False, cwd="/").returncode == 0


def write_for(service: str, path: Path, content: str) -> None:
    """Write a file that only the user who runs `service` reads. A link that lies there is replaced, not followed."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(content)
    give(service, path)


def give(service: str, path: Path) -> None:
    """Make the user who runs `service` the owner of `path`, where we are somebody else."""
    if os.geteuid() == 0:
        user = runner(service)
        shutil.chown(path, user, user)


def home_of(service: str, link: Path, paths: InstancePaths) -> Path:
    """The directory where `service` keeps its files, made when missing, owned by the user who runs it.

    It is `link` itself; where that user cannot get there (a checkout of mode 0700) it is a directory of its own under
    /var/lib/citycommand, and `link` points to it.
    """
    user = runner(service)
    if not link.exists():
        link.unlink(missing_ok=True)  # a link whose target was removed
        if can_enter(user, link.parent):
            link.mkdir(mode=0o700)
        else:
            target = SHARED_HOME / paths.key / service
            make_private(SHARED_HOME, 0o755)
            make_private(target.parent, 0o711)
            target.mkdir(mode=0o700, exist_ok=True)
            link.symlink_to(target)
        give(service, link)
    home = link.resolve()
    if not can_enter(user, home):
        raise ConfigurationError(
            f"User {user!r}, who runs {service}, cannot enter {home}.",
            f"Let that user through again: chmod o+x on the directories above {home}.",
        )
    return home
