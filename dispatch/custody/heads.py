"""Heads of the log: number and hash of each day's last entry, signed, for somebody outside to keep.

Whoever owns the database could write the whole log anew, and it would agree with itself. It would not agree with a head
that was written down elsewhere before. The signature (HMAC-SHA256 under the instance's secret) tells a head that this
instance wrote from one that somebody made up.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, text

from config.errors import UnreadableFile

_OF_DAYS = text("""
    select distinct on (day) day, number, hash
    from (select c.number, c.hash, (e.recorded_at at time zone :zone)::date as day
          from dispatch.custody c join dispatch.evidence e on e.id = c.evidence_id) entered
    order by day, number desc
""")


@dataclass(frozen=True)
class Head:
    """The last entry of a day (of the city's zone) when it was looked at."""

    instance: str
    day: date
    number: int
    hash: bytes

    def text(self) -> str:
        """What is signed: one line a field."""
        return f"citycommand head 1\n{self.instance}\n{self.day.isoformat()}\n{self.number}\n{self.hash.hex()}\n"

    def signature(self, secret: bytes) -> str:
        """HMAC-SHA256 of the text."""
        return hmac.new(secret, b"evidence head\n" + self.text().encode(), hashlib.sha256).hexdigest()

    def told(self, secret: bytes) -> dict[str, object]:
        """As its file holds it."""
        return {
            "instance": self.instance,
            "day": self.day.isoformat(),
            "number": self.number,
            "hash": self.hash.hex(),
            "signature": self.signature(secret),
        }


def of_days(db: Connection, instance: str, zone: ZoneInfo) -> list[Head]:
    """The head of every day that had evidence, oldest first."""
    return [Head(instance, row.day, row.number, bytes(row.hash)) for row in db.execute(_OF_DAYS, {"zone": str(zone)})]


def write(directory: Path, found: list[Head], today: date, secret: bytes) -> list[Path]:
    """One file for each day that has ended and has none yet; what is there stays as it is. Returns the new ones."""
    directory.mkdir(parents=True, exist_ok=True)
    written = []
    for head in found:
        path = directory / f"evidence-head-{head.day.isoformat()}.json"
        if head.day < today and not path.exists():
            path.write_text(json.dumps(head.told(secret), indent=2) + "\n", encoding="utf-8")
            written.append(path)
    return written


def disagreeing(db: Connection, kept: Iterable[Head]) -> list[Head]:
    """Kept heads that the log no longer has: somebody rewrote it, or cut its end off."""
    stands = text("select hash from dispatch.custody where number = :number")
    return [head for head in kept if _bytes(db.execute(stands, {"number": head.number}).scalar()) != head.hash]


def read(directory: Path, secret: bytes) -> dict[int, Head]:
    """The heads kept in a directory, by number. Raises UnreadableFile naming one that this instance did not sign."""
    return {
        head.number: head for head in (_read(path, secret) for path in sorted(directory.glob("evidence-head-*.json")))
    }


def _read(path: Path, secret: bytes) -> Head:
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        head = Head(kept["instance"], date.fromisoformat(kept["day"]), int(kept["number"]), bytes.fromhex(kept["hash"]))
        signed = hmac.compare_digest(head.signature(secret), kept["signature"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UnreadableFile(f"{path.name} is no head of an evidence log.", "Take another copy of it.") from error
    if not signed:
        raise UnreadableFile(
            f"{path.name} was not signed by this instance, or was changed since.",
            "Take the auditor's own copy; after a restore, keep the secret file of the first instance.",
        )
    return head


def _bytes(stored: memoryview | None) -> bytes | None:
    return None if stored is None else bytes(stored)
