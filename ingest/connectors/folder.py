"""A drop folder: the newest file of a pattern, once it is no longer being written. The files stay where they are."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

from config.errors import UnreadableFile
from ingest.connectors.reader import Brought, Request, need

SETTLED_S = 5.0
"""A file that changed within this time may still be half copied; the next reading takes it."""


def read(request: Request) -> Brought:
    """Settings: `path`, `pattern` (such as *.gpkg). Raises UnreadableFile where the folder is away or holds no such file."""
    folder = Path(str(need(request.settings, "path")))
    pattern = str(request.settings.get("pattern", "*"))
    if not folder.is_dir():
        raise UnreadableFile("The folder {folder} is not there.", "Check that it is mounted.", folder=folder.name)
    found = [(path.stat().st_mtime, path) for path in folder.glob(pattern) if not path.name.startswith(".")]
    settled = [
        entry for entry in found if entry[0] <= time.time() - float(request.settings.get("settled_s", SETTLED_S))
    ]
    if not settled:
        if found:
            return Brought([])
        raise UnreadableFile(
            "The folder {folder} holds no file {pattern}.",
            "Ask its owner for one.",
            folder=folder.name,
            pattern=pattern,
        )
    changed, path = max(settled)
    return Brought([path], datetime.fromtimestamp(changed, UTC))
