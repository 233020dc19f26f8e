"""Take an instance down, and remove it altogether."""

from __future__ import annotations

import shutil
from pathlib import Path

from api.instance.paths import InstancePaths
from api.instance.supervision import Supervisor


def down(paths: InstancePaths) -> bool:
    """Stop every process of the instance. Returns False when none ran."""
    return Supervisor(paths).shut_down()


def remove(paths: InstancePaths) -> None:
    """Stop the instance and delete all it has: database, evidence, settings, keys."""
    down(paths)
    for link in (paths.postgres, paths.mosquitto):
        if link.is_symlink():
            _remove_with_empty_parent(link.resolve())
    shutil.rmtree(paths.sockets, ignore_errors=True)
    if paths.var.exists():
        shutil.rmtree(paths.var)


def _remove_with_empty_parent(target: Path) -> None:
    shutil.rmtree(target, ignore_errors=True)
    if target.parent.exists() and not any(target.parent.iterdir()):
        target.parent.rmdir()
