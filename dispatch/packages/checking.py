"""A package compared with its own manifest, record and entries: which byte is not what it was. Needs no database."""

from __future__ import annotations

import hashlib
import json
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from config.errors import UnreadableFile
from dispatch.custody import entries
from dispatch.packages import archive
from dispatch.packages.record import FORM

BROKEN = (zipfile.BadZipFile, zlib.error, EOFError)
"""What a zip says of bytes that are not what they were."""


@dataclass
class Contents:
    """What was read of a package. `findings`: what is not as it was, in sentences."""

    record: dict[str, Any] = field(default_factory=dict)
    manifest: bytes = b""
    signature: bytes = b""
    paper: bytes = b""
    certificate: bytes = b""
    files: int = 0
    findings: list[str] = field(default_factory=list)


def read(path: Path) -> Contents:
    """Read a package and compare all that is in it. Raises UnreadableFile for what is no package."""
    try:
        with zipfile.ZipFile(path) as package:
            return _Reading(package).contents
    except (*BROKEN, OSError, NotImplementedError, RuntimeError, ValueError) as error:
        raise UnreadableFile(
            "The file is no readable package: {problem}.", "Copy it again from where it was received.", problem=error
        ) from error


class _Reading:
    """One package being read."""

    def __init__(self, package: zipfile.ZipFile) -> None:
        self.package, self.contents = package, Contents()
        found = self.contents
        names = package.namelist()
        found.findings += [
            f"{name} is in the package twice." for name in sorted({n for n in names if names.count(n) > 1})
        ]
        found.manifest, found.signature = self._bytes(archive.MANIFEST), self._bytes(archive.SIGNATURE)
        found.paper, found.certificate = self._bytes(archive.PAPER), self._bytes(archive.CERTIFICATE)
        listed = dict(self._listed())
        self.digests = {name: self._compared(name, digest) for name, digest in listed.items()}
        strange = set(names) - listed.keys() - {archive.MANIFEST, archive.SIGNATURE}
        found.findings += [f"{name} is not in the manifest: it was put in later." for name in sorted(strange)]
        self._look_at_record()

    def _bytes(self, name: str) -> bytes:
        try:
            return self.package.read(name)
        except KeyError:
            self.contents.findings.append(f"{name} is missing.")
        except BROKEN:
            self.contents.findings.append(f"{name} was changed.")
        return b""

    def _listed(self) -> Iterator[tuple[str, str]]:
        """Names and digests of the manifest's lines."""
        for line in self.contents.manifest.decode("utf-8", "replace").splitlines():
            digest, _, name = line.partition("  ")
            if len(digest) == 64 and name:
                yield name, digest
            else:
                self.contents.findings.append(f"A line of {archive.MANIFEST} cannot be read.")

    def _compared(self, name: str, wanted: str) -> str | None:
        """The file's digest, where it could be read."""
        digest = hashlib.sha256()
        try:
            with self.package.open(name) as content:
                while block := content.read(archive.BLOCK):
                    digest.update(block)
        except KeyError:
            self.contents.findings.append(f"{name} is missing.")
            return None
        except BROKEN:
            self.contents.findings.append(f"{name} was changed.")
            return None
        self.contents.files += 1
        if digest.hexdigest() != wanted:
            self.contents.findings.append(f"{name} was changed.")
        return digest.hexdigest()

    def _look_at_record(self) -> None:
        """Every exhibit of the record is here as the record and its entry in the log say."""
        found = self.contents
        try:
            found.record = json.loads(self._bytes(archive.RECORD) or b"{}")
        except ValueError:
            found.record = {}
        if found.record.get("format") != FORM:
            found.findings.append(f"{archive.RECORD} is no record of this form.")
            return
        for exhibit in found.record["evidence"]:
            self._look_at(exhibit)

    def _look_at(self, exhibit: dict[str, Any]) -> None:
        name = f"{archive.LOG}/{exhibit['log_entry']:08d}.txt"
        fields = entries.parse(self._bytes(name).decode("utf-8", "replace"))
        said = {"sha256": exhibit["sha256"], "number": str(exhibit["log_entry"]), "evidence": str(exhibit["evidence"])}
        if self.digests.get(name) != exhibit["log_hash"]:
            self.contents.findings.append(f"{name} is not the entry that the record names.")
        elif fields is None or any(fields[key] != value for key, value in said.items()):
            self.contents.findings.append(f"{name} does not speak of {exhibit['file']}.")
        if self.digests.get(exhibit["file"]) != exhibit["sha256"]:
            self.contents.findings.append(f"{exhibit['file']} is not the file that the record names.")
