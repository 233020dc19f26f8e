"""The package as a file: a zip whose manifest names every other file in it with its SHA-256, in the form that `sha256sum -c` reads."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

MANIFEST = "manifest.sha256"
SIGNATURE = "manifest.sha256.p7s"
CERTIFICATE = "certificate.pem"
RECORD = "record.json"
PAPER = "record.pdf"
READ_ME = "README.txt"
LOG = "log"
"""Folder of the entries of the log, each a text whose own SHA-256 is its hash."""

BLOCK = 1 << 20
_MOMENT = (1980, 1, 1, 0, 0, 0)
"""Of every file in the zip: the times that count stand in the record."""


def write(
    target: Path, made: Mapping[str, bytes], originals: Mapping[str, Path], sign: Callable[[bytes], bytes]
) -> tuple[str, bytes]:
    """Write the zip at `target`: `made` files by name, `originals` unchanged. Returns the manifest and the SHA-256 of the whole.

    `sign` makes a detached signature of the manifest. Nothing is packed smaller: photos and films are already.
    """
    lines = []
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as package:
        for name, content in made.items():
            package.writestr(_entry(name), content)
            lines.append(f"{hashlib.sha256(content).hexdigest()}  {name}\n")
        for name, path in originals.items():
            lines.append(f"{_copied(package, name, path)}  {name}\n")
        manifest = "".join(lines)
        package.writestr(_entry(MANIFEST), manifest)
        package.writestr(_entry(SIGNATURE), sign(manifest.encode()))
    with target.open("rb") as whole:
        return manifest, hashlib.file_digest(whole, "sha256").digest()


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _MOMENT)
    entry.external_attr = 0o444 << 16
    return entry


def _copied(package: zipfile.ZipFile, name: str, path: Path) -> str:
    digest = hashlib.sha256()
    entry = _entry(name)
    entry.file_size = path.stat().st_size  # a film beyond 2 GB needs the longer form, which is decided by it
    with path.open("rb") as source, package.open(entry, "w") as target:
        while block := source.read(BLOCK):
            digest.update(block)
            target.write(block)
    return digest.hexdigest()
