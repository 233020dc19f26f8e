"""A package that comes back: its contents, its signatures, and whether this instance handed it out just so (D10)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from config.errors import CityCommandError, UnreadableFile
from config.settings import Settings
from dashboards import signing
from dispatch.packages import archive, checking, keeping
from gis.db import make_engine, transaction


@dataclass(frozen=True)
class Found:
    """What a package is: `findings` say what was changed; `handed_out`: None where the register could not be asked."""

    number: str
    files: int
    findings: list[str]
    signed_by: str
    ours: bool
    handed_out: bool | None

    @property
    def intact(self) -> bool:
        """Whether nothing was changed since a known certificate signed it."""
        return not self.findings and self.ours

    def told(self) -> dict[str, Any]:
        """As plain data."""
        return {**vars(self), "intact": self.intact}

    def lines(self) -> list[str]:
        """As a terminal shows it."""
        lines = [f"✗ {finding}" for finding in self.findings]
        lines.append(
            f"Package {self.number or '?'}: {self.files} files were read. Signed by: {self.signed_by or 'nobody'}."
        )
        if not self.ours:
            lines.append(
                "✗ The signature is not of the certificate asked for. Name the right one with --certificate FILE."
            )
        if self.handed_out is None:
            lines.append("· The register of this instance could not be asked; the package was compared with itself.")
        return [
            *lines,
            "The package is as it was handed out." if self.intact else "The package is NOT as it was handed out.",
        ]


def check(settings: Settings, path: Path, certificate: Path | None) -> Found:
    """Compare all that can be compared. Raises UnreadableFile for what is no package."""
    contents = checking.read(path)
    findings = list(contents.findings)
    trusted = certificate or settings.report_signature
    by, ours = _signatures(contents, trusted, findings)
    number = str(contents.record.get("package", {}).get("number", ""))
    handed_out = None if certificate else _as_handed_out(settings, number, path, findings)
    return Found(number, contents.files, findings, by, ours, handed_out)


def _signatures(contents: checking.Contents, trusted: Path, findings: list[str]) -> tuple[str, bool]:
    """By whom manifest and paper are signed, and whether that is `trusted`; what does not hold is added to the findings."""
    try:
        manifest = signing.verify_apart(contents.manifest, contents.signature, trusted)
    except UnreadableFile as error:
        findings.append(f"{archive.SIGNATURE}: {error}")
        return "", False
    if not manifest.intact:
        findings.append(f"{archive.MANIFEST} is not what was signed.")
    try:
        paper = signing.verify(contents.paper, trusted)
        if not paper.intact:
            findings.append(f"{archive.PAPER} is not what was signed.")
    except CityCommandError as error:
        findings.append(f"{archive.PAPER}: {error}")
        return manifest.by, False
    return manifest.by, manifest.ours and paper.ours


def _as_handed_out(settings: Settings, number: str, path: Path, findings: list[str]) -> bool | None:
    """Whether the whole file is the one in the register, to the byte."""
    engine = make_engine(settings.database_url, pool_size=1)
    try:
        with transaction(engine) as db:
            known = keeping.known_hash(db, number)
    except (SQLAlchemyError, CityCommandError):
        return None
    finally:
        engine.dispose()
    with path.open("rb") as whole:
        same = known is not None and hashlib.file_digest(whole, "sha256").digest() == known
    if not same:
        what = (
            "No package with this number was handed out here."
            if known is None
            else "The file differs from the one handed out."
        )
        findings.append(what)
    return same
