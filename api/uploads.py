"""Files handed in for imports: streamed to disk, bounded in size, waiting under a name that nobody can guess."""

from __future__ import annotations

import re
import secrets
import shutil
import time
from pathlib import Path

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from api.middleware import too_large
from config.errors import InvalidInput, NotFound, UnreadableFile
from config.settings import Settings
from gis.importing import archives

WAIT_S = 24 * 3600
"""How long a file waits for somebody to do something with it."""

_TOKEN = re.compile(r"[A-Za-z0-9_-]{20,40}")
_NOT_IN_NAMES = re.compile(r"[^\w.() -]+")


async def receive(request: Request, settings: Settings, name: str) -> tuple[str, Path]:
    """Take the request's body as a file called `name`; returns its token and where it lies.

    Raises InvalidInput for a name or size that cannot be, or a body that breaks off.
    """
    token, path = _place(settings, name)
    await run_in_threadpool(_clear, settings)
    size = 0
    try:
        with path.open("wb") as file:
            async for block in request.stream():
                size += len(block)
                if size > settings.import_limit_bytes:
                    raise too_large(settings.import_limit_bytes)
                await run_in_threadpool(file.write, block)
        if size == 0:
            raise InvalidInput("The file {file} is empty.", "Choose another file.", file=name)
    except (InvalidInput, ClientDisconnect):
        shutil.rmtree(path.parent, ignore_errors=True)
        raise
    return token, path


def find(settings: Settings, token: str) -> Path:
    """The file that waits under a token. Raises NotFound."""
    folder = _folder(settings) / token
    if not _TOKEN.fullmatch(token) or not folder.is_dir():
        raise NotFound("This file no longer waits here.", "Choose it again.")
    return next(folder.iterdir())


def opened(settings: Settings, token: str) -> Path:
    """What can be opened of a file that waits: itself, or the data set of its zip, unpacked once. Raises NotFound, UnreadableFile."""
    path = find(settings, token)
    folder = settings.imports_directory / "opened" / token
    folder.mkdir(parents=True, exist_ok=True)
    try:
        return archives.unpacked(path, folder, settings.import_unpacked_bytes)
    except UnreadableFile:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def forget(settings: Settings, token: str) -> None:
    """Remove a file that waits."""
    if _TOKEN.fullmatch(token):
        for folder in (_folder(settings), settings.imports_directory / "opened"):
            shutil.rmtree(folder / token, ignore_errors=True)


def _folder(settings: Settings) -> Path:
    return settings.imports_directory / "waiting"


def _place(settings: Settings, name: str) -> tuple[str, Path]:
    plain = _NOT_IN_NAMES.sub("_", Path(name.replace("\\", "/")).name).strip(". ")[-120:]
    if not plain or "." not in plain:
        raise InvalidInput("The file needs a name with an ending, such as lamps.csv.")
    token = secrets.token_urlsafe(24)
    folder = _folder(settings) / token
    folder.mkdir(parents=True)
    return token, folder / plain


def _clear(settings: Settings) -> None:
    for folder in _folder(settings).iterdir():
        if time.time() - folder.stat().st_mtime > WAIT_S:
            forget(settings, folder.name)
