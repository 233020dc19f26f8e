"""Room on the disk, asked before it is needed: a full disk in the middle of a start is hard to understand."""

from __future__ import annotations

import shutil
from pathlib import Path

from config.errors import ConfigurationError


def require_space(directory: Path, megabytes: int, purpose: str, free_bytes: int | None = None) -> None:
    """Raise ConfigurationError when less than `megabytes` are free where `directory` lies (or will lie)."""
    while not directory.exists():
        directory = directory.parent
    free = shutil.disk_usage(directory).free if free_bytes is None else free_bytes
    if free < megabytes * 1_000_000:
        raise ConfigurationError(
            f"The disk is nearly full: {free // 1_000_000} MB are free at {directory}, {purpose} needs {megabytes} MB.",
            "Free some space there ('df -h' shows the disks) and run the same command again.",
        )
