"""Evidence files: each original stored once under its SHA-256, durable before the answer, never overwritten (D2).

What is read out of a picture afterwards (thumbnail, EXIF, perceptual hash) is the work of dispatch/pictures.py.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from config.errors import InvalidInput
from config.i18n import _
from dispatch import media

CHUNK = 1 << 20


@dataclass(frozen=True)
class StoredFile:
    """An original that lies safely on disk."""

    sha256: bytes
    size: int
    media_type: str
    file_name: str


@dataclass(frozen=True)
class Limits:
    """Largest size of a photo, a film and a sound in bytes; 0: not taken here."""

    photo: int
    film: int = 0
    sound: int = 0

    def of(self, media_type: str) -> int:
        """The limit for this type."""
        return {"image": self.photo, "video": self.film, "audio": self.sound}[media_type.partition("/")[0]]


def keep(directory: Path, stream: BinaryIO, file_name: str, limits: Limits | int) -> StoredFile:
    """Hash and store a file; it is durable (fsync) when this returns. A number is the limit for photos, and only they are taken.

    The type is told by the content, never by name or header. Raises InvalidInput when it is empty, larger than its kind
    may be, or of no known kind.
    """
    limits = Limits(limits) if isinstance(limits, int) else limits
    directory.mkdir(mode=0o750, parents=True, exist_ok=True)
    digest = hashlib.sha256()
    size = 0
    media_type: str | None = ""
    with tempfile.NamedTemporaryFile(dir=directory, prefix="incoming-") as target:
        for chunk in _chunks(stream):
            if not size:
                media_type = _taken(media.container_of(chunk[: media.HEAD]), limits, file_name)
            size += len(chunk)
            _must_fit(size, media_type or "", limits, file_name)
            digest.update(chunk)
            target.write(chunk)
        if not size:
            raise InvalidInput("'{file}' is empty.", "Take the photo again.", file=file_name)
        target.flush()
        media_type = _taken(media.type_of(cast(BinaryIO, target.file)), limits, file_name)
        _must_fit(size, media_type, limits, file_name)
        os.fsync(target.fileno())
        _settle(Path(target.name), path_of(directory, digest.digest()))
    return StoredFile(digest.digest(), size, media_type, file_name)


def _taken(media_type: str | None, limits: Limits, file_name: str) -> str:
    """The type, where this door takes it. Raises InvalidInput."""
    if media_type is not None and limits.of(media_type):
        return media_type
    if not limits.film:
        raise InvalidInput("'{file}' is not a photo that can be used.", "Send JPEG, PNG, WebP or HEIC.", file=file_name)
    raise InvalidInput(
        "'{file}' is no photo, video or voice note that can be used.",
        "Send JPEG, PNG, WebP, HEIC; MP4, MOV, WebM; MP3, M4A, OGG, WAV.",
        file=file_name,
    )


def _must_fit(size: int, media_type: str, limits: Limits, file_name: str) -> None:
    limit = limits.of(media_type)
    if size <= limit:
        return
    next_step = {
        "image": _("Send a smaller photo."),
        "video": _("Film a shorter while, or at a lower resolution."),
        "audio": _("Record a shorter while."),
    }[media_type.partition("/")[0]]
    raise InvalidInput("'{file}' is larger than {limit} MB.", next_step, file=file_name, limit=limit // 1_000_000)


def path_of(directory: Path, sha256: bytes, suffix: str = "") -> Path:
    """Where the original with this hash lies; with a suffix, something derived from it."""
    name = sha256.hex()
    return directory / name[:2] / name[2:4] / (name + suffix)


def _chunks(stream: BinaryIO) -> Iterator[bytes]:
    while chunk := stream.read(CHUNK):
        yield chunk


def _settle(temporary: Path, final: Path) -> None:
    """Give the file its lasting name unless the same content already has it, and make the name durable.

    Where another request has just given it, its folders are made durable here too: whoever answers first must be right.
    """
    final.parent.parent.mkdir(mode=0o750, exist_ok=True)
    final.parent.mkdir(mode=0o750, exist_ok=True)
    temporary.chmod(0o440)
    with suppress(FileExistsError):
        final.hardlink_to(temporary)
    for folder in (final.parent, final.parent.parent, final.parent.parent.parent):
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
