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
from typing import BinaryIO

from config.errors import InvalidInput

CHUNK = 1 << 20

HEIF_BRANDS = {b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1"}


@dataclass(frozen=True)
class StoredFile:
    """An original that lies safely on disk."""

    sha256: bytes
    size: int
    media_type: str
    file_name: str


def keep(directory: Path, stream: BinaryIO, file_name: str, limit_bytes: int) -> StoredFile:
    """Hash and store a picture; it is durable (fsync) when this returns.

    The type is told by the content, never by name or header. Raises InvalidInput when it is empty, larger than
    `limit_bytes`, or no picture of a known kind.
    """
    directory.mkdir(mode=0o750, parents=True, exist_ok=True)
    digest = hashlib.sha256()
    size = 0
    media_type = ""
    with tempfile.NamedTemporaryFile(dir=directory, prefix="incoming-") as target:
        for chunk in _chunks(stream):
            if not size:
                media_type = _picture_type(chunk, file_name)
            size += len(chunk)
            if size > limit_bytes:
                raise InvalidInput(
                    "'{file}' is larger than {limit} MB.",
                    "Send a smaller photo.",
                    file=file_name,
                    limit=limit_bytes // 1_000_000,
                )
            digest.update(chunk)
            target.write(chunk)
        if not size:
            raise InvalidInput("'{file}' is empty.", "Take the photo again.", file=file_name)
        target.flush()
        os.fsync(target.fileno())
        _settle(Path(target.name), path_of(directory, digest.digest()))
    return StoredFile(digest.digest(), size, media_type, file_name)


def path_of(directory: Path, sha256: bytes, suffix: str = "") -> Path:
    """Where the original with this hash lies; with a suffix, something derived from it."""
    name = sha256.hex()
    return directory / name[:2] / name[2:4] / (name + suffix)


def media_type_of(head: bytes) -> str | None:
    """Media type by the first bytes, for the kinds of picture that phones and cameras make; None for anything else."""
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head[4:8] == b"ftyp" and head[8:12] in HEIF_BRANDS:
        return "image/heic"
    return None


def _picture_type(head: bytes, file_name: str) -> str:
    found = media_type_of(head)
    if found is None:
        raise InvalidInput("'{file}' is not a photo that can be used.", "Send JPEG, PNG, WebP or HEIC.", file=file_name)
    return found


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
