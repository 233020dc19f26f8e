"""The log of evidence, the rows it speaks of and the files on disk compared: what was changed, removed, reordered or lost.

Reads only. It may run beside a working city: it sees the database as of one moment, and files are never changed by the city.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text

from dispatch.custody import heads
from dispatch.custody.entries import FIRST, differing, digest, parse
from dispatch.evidence import path_of
from gis.db import named_sql

UNDER_WAY_S = 3600
"""A file younger than this may belong to a report that is not yet entered."""

KEEP = "Keep the city as it is, and restore a backup into a new instance to compare: ./citycommand --instance CHECK restore FILE"
ALTERED = "Somebody with the database owner's rights did this: look in its log. " + KEEP
LOST = "Copy the original from a backup (evidence/{path} in the file) to the same place. Its hash decides whether it is the right one."


@dataclass(frozen=True)
class Finding:
    """Something that is not as it was. `serious`: evidence or its log was touched; otherwise only worth knowing."""

    kind: str
    what: str
    next_step: str
    case: str | None = None
    evidence_id: int | None = None
    number: int | None = None
    serious: bool = True


@dataclass
class Verdict:
    """What a walk found. `head`: number and hash of the last entry."""

    entries: int = 0
    files: int = 0
    size: int = 0
    head: tuple[int, bytes] = (0, FIRST)
    findings: list[Finding] = field(default_factory=list)

    @property
    def intact(self) -> bool:
        """Whether nothing serious was found."""
        return not any(finding.serious for finding in self.findings)

    def told(self) -> dict[str, Any]:
        """The same as plain data."""
        return {
            "intact": self.intact,
            "entries": self.entries,
            "files": self.files,
            "bytes": self.size,
            "head": {"number": self.head[0], "hash": self.head[1].hex()},
            "findings": [asdict(finding) for finding in self.findings],
        }


def verify(
    db: Connection, directory: Path, kept: Mapping[int, heads.Head], progress: Callable[[Verdict, int], None]
) -> Verdict:
    """Walk the whole log. `kept`: heads that somebody outside has kept, by number. `db`: a new transaction, whose moment is fixed here."""
    db.execute(text("set transaction isolation level repeatable read, read only"))
    total = db.execute(text("select count(*) from dispatch.evidence")).scalar_one()
    walk = _Walk(directory, kept)
    rows = db.execution_options(stream_results=True, yield_per=500).execute(named_sql("dispatch.custody", "walk"))
    for row in rows:
        walk.step(row._asdict())
        progress(walk.verdict, total)
    walk.missing_heads()
    photos = db.execute(text("select sha256 from gis.asset_photo")).scalars()
    walk.strays({bytes(sha256) for sha256 in photos})
    return walk.verdict


@dataclass(frozen=True)
class _Link:
    """One entry with the row it speaks of, or one of them alone; `fields`: what the entry says, where it can be read."""

    row: Mapping[str, Any]
    fields: Mapping[str, str] | None

    @property
    def case(self) -> str | None:
        return self.row["case_number"] or (self.fields or {}).get("case")

    @property
    def sha256(self) -> bytes | None:
        """Of the file as it came: by the entry, else by the row."""
        return _bytes(self.fields["sha256"]) if self.fields else self.row["sha256"] and bytes(self.row["sha256"])


class _Walk:
    """Where the walk stands: the entry before, and what became of each file."""

    def __init__(self, directory: Path, kept: Mapping[int, heads.Head]) -> None:
        self.directory, self.kept = directory, kept
        self.verdict = Verdict()
        self.files: dict[bytes, Finding | None] = {}

    def step(self, row: Mapping[str, Any]) -> None:
        """One link of the chain and its file."""
        link = _Link(row, parse(row["entry"]) if row["number"] is not None else None)
        if row["number"] is None:
            self._find("not_entered", link, "is stored, but its entry in the log is missing", ALTERED)
        else:
            self._entry(link)
        if (sha256 := link.sha256) is not None:
            self._file(sha256, link)

    def _entry(self, link: _Link) -> None:
        number, stored = int(link.row["number"]), bytes(link.row["hash"])
        last, before = self.verdict.head
        if number != last + 1:
            gone = f"{last + 1}" if number == last + 2 else f"{last + 1} to {number - 1}"
            self._find("entry_removed", link, f"follows a gap: entry {gone} of the log is missing", ALTERED)
        elif bytes(link.row["previous"]) != before:
            self._find(
                "chain_broken", link, f"does not follow entry {last}: entries were changed or reordered", ALTERED
            )
        self._content(link, number, stored)
        if number in self.kept and self.kept[number].hash != stored:
            day = self.kept[number].day
            self._find("head_differs", link, f"is not what the kept head of {day} says: the log was rewritten", ALTERED)
        self.verdict.entries += 1
        self.verdict.head = number, stored

    def _content(self, link: _Link, number: int, stored: bytes) -> None:
        row, fields = link.row, link.fields
        chained = (str(number), bytes(row["previous"]).hex(), str(row["evidence_id"]))
        if digest(row["entry"]) != stored:
            self._find("entry_changed", link, "has an entry in the log whose text was changed", ALTERED)
        elif fields is None or (fields["number"], fields["previous"], fields["evidence"]) != chained:
            self._find("entry_changed", link, "has an entry in the log that was moved or relabelled", ALTERED)
        if row["found_id"] is None:
            self._find("evidence_removed", link, "was removed from the database; only its entry is left", ALTERED)
        elif fields is not None and (other := differing(fields, row)):
            told = ", ".join(f"{name} was {fields[name]!r}" for name in other)
            self._find("evidence_changed", link, f"was changed in the database: {told}", ALTERED)

    def _file(self, sha256: bytes, link: _Link) -> None:
        if sha256 not in self.files:
            self.files[sha256] = self._looked_at(sha256)
        if found := self.files[sha256]:
            self._find(found.kind, link, found.what, found.next_step)

    def _looked_at(self, sha256: bytes) -> Finding | None:
        path = path_of(self.directory, sha256)
        place = str(path.relative_to(self.directory))
        advice = LOST.format(path=place)
        try:
            with path.open("rb") as content:
                found = hashlib.file_digest(content, "sha256").digest()
                self.verdict.size += content.tell()
        except FileNotFoundError:
            return Finding("file_missing", f"has lost its file {place}", advice)
        except OSError as error:
            return Finding("file_unreadable", f"has a file that cannot be read, {place}: {error.strerror}", advice)
        self.verdict.files += 1
        return None if found == sha256 else Finding("file_changed", f"has a file that was changed: {place}", advice)

    def missing_heads(self) -> None:
        """Kept heads beyond the end: what was removed there leaves no gap."""
        for head in self.kept.values():
            if head.number > self.verdict.head[0]:
                what = f"The log ends at entry {self.verdict.head[0]}; the kept head of {head.day} is {head.number}: its end is gone."
                self.verdict.findings.append(Finding("log_cut", what, ALTERED, number=head.number))

    def strays(self, others: set[bytes]) -> None:
        """Files that no row knows, and that are old enough for no report to be under way."""
        before = time.time() - UNDER_WAY_S
        for path in sorted(self.directory.rglob("*")):
            sha256 = _bytes(path.name.partition(".")[0])
            if sha256 in self.files or sha256 in others or not path.is_file() or path.stat().st_mtime > before:
                continue
            what = f"No row knows the file {path.relative_to(self.directory)}."
            advice = (
                "It was left by a report that was refused, or put there by hand. It is no evidence and may be removed."
            )
            self.verdict.findings.append(Finding("file_unknown", what, advice, serious=False))

    def _find(self, kind: str, link: _Link, what: str, advice: str) -> None:
        evidence_id = link.row["evidence_id"]
        subject = f"Evidence {evidence_id}" + (f" of case {link.case}" if link.case else "")
        finding = Finding(kind, f"{subject} {what}.", advice, link.case, evidence_id, link.row["number"])
        self.verdict.findings.append(finding)


def _bytes(digits: str) -> bytes | None:
    try:
        return bytes.fromhex(digits) if len(digits) == 64 else None
    except ValueError:
        return None
