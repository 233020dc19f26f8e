"""A report through a public door: taken once however often it is sent, and found again by a code that nobody can guess (D2, S5).

The code follows from a nonce and the instance's secret, so that a repeated sending gets the same code although only its hash is kept.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, text

from config.errors import KeyReused
from config.settings import Settings
from dispatch import policy, reports
from dispatch.evidence import StoredFile
from dispatch.public.services import Service
from dispatch.reports import NewReport, Position

CODE_LENGTH = 12
"""Characters of 5 bits each: 60 bits, of which a throttled door tries none that fits."""


@dataclass(frozen=True)
class Submission:
    """What somebody sent. Repetitions are told by `repeat_key`, without one by sender and content, for `repeat_s` seconds.

    `known_as` is the report's `source_system`; `reporter` are name, phone, email as far as given; `answers` are question and answer,
    `condition` the place in its class of the filing condition that they mean.
    """

    door: str
    source: str
    known_as: str
    sender: str
    words: str
    service: Service | None = None
    answers: tuple[tuple[str, str], ...] = ()
    condition: int | None = None
    position: Position | None = None
    address: str = ""
    reporter: Mapping[str, str] = field(default_factory=dict)
    raw: Mapping[str, Any] = field(default_factory=dict)
    share_words: bool = False
    reporting_key_id: int | None = None
    repeat_key: str = ""
    repeat_s: float = 60.0
    case_id: int | None = None

    def description(self) -> str:
        """The words with the answers beneath them, as the centre reads it."""
        return "\n".join(
            part for part in (self.words, *(f"{asked} {answer}" for asked, answer in self.answers)) if part
        )

    def new_report(self, now: datetime) -> NewReport:
        """The same as the door of all reports takes it."""
        return NewReport(
            source=self.source,
            source_system=self.known_as,
            description=self.description(),
            title=self.words or (self.service.name if self.service else ""),
            occurred_at=now,
            position=self.position,
            class_code=self.service.class_code if self.service else None,
            address=self.address,
            reporter=self.reporter,
            raw={**self.raw, "words": self.words},
            case_id=self.case_id,
        )


@dataclass(frozen=True)
class Taken:
    """What became of it. `code` is told to the sender only. `repeated`: it had come before."""

    case_id: int
    number: str
    code: str
    location_quality: str
    due_at: datetime | None
    repeated: bool


def take(
    db: Connection,
    settings: Settings,
    sent: Submission,
    *,
    now: datetime,
    photos: Sequence[StoredFile] = (),
    trace_id: str | None = None,
) -> Taken:
    """Take it, or find what became of it when it came before. Raises KeyReused, and InvalidInput like dispatch.reports.receive."""
    fingerprint = _fingerprint(sent, photos)
    repeat_hash = _repeat_hash(sent, fingerprint)
    db.execute(
        text("select pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": f"submission {repeat_hash.hex()}"}
    )
    earlier = _earlier(db, sent, repeat_hash)
    if earlier is not None and bytes(earlier.fingerprint) != fingerprint:
        raise KeyReused("This Idempotency-Key was used for another request.")
    if earlier is not None:
        return _taken(db, settings, earlier.case_id, bytes(earlier.nonce), repeated=True)
    new = _with_condition(db, sent.new_report(now), sent.condition, now.astimezone(settings.time_zone).date())
    received = reports.receive(db, settings, new, now=now, photos=photos, trace_id=trace_id)
    nonce = secrets.token_bytes(16)
    db.execute(
        _KEEP,
        {
            "report": received.report_id,
            "case": received.case_id,
            "door": sent.door,
            "service": sent.service.code if sent.service else None,
            "key": sent.reporting_key_id,
            "repeat": repeat_hash,
            "fingerprint": fingerprint,
            "nonce": nonce,
            "code": code_hash(code_of(settings.secret, nonce)),
            "share": sent.share_words,
        },
    )
    return _taken(db, settings, received.case_id, nonce, repeated=False)


def by_code(db: Connection, code: str) -> Row[Any] | None:
    """The submission with this code: case_id, number, state, service_code, reporting_key_id, door; None where there is none."""
    return db.execute(_BY_CODE, {"hash": code_hash(code)}).first()


def code_of(secret: bytes, nonce: bytes) -> str:
    """The code of a submission, in letters and digits that are not mistaken for each other, in groups of four."""
    digest = hmac.digest(secret, b"submission " + nonce, hashlib.sha256)
    plain = base64.b32encode(digest).decode().translate(_CLEAR)[:CODE_LENGTH]
    return "-".join(plain[start : start + 4] for start in range(0, CODE_LENGTH, 4))


def code_hash(code: str) -> bytes:
    """What is kept of a code. However it was typed: spaces, hyphens and case do not matter."""
    plain = "".join(character for character in code.upper() if character.isalnum())
    return hashlib.sha256(f"submission {plain}".encode()).digest()


def _with_condition(db: Connection, new: NewReport, ordinal: int | None, day: date) -> NewReport:
    """The filing condition that an answer means; no class where the class table has moved on: nobody's report is lost over that."""
    if not policy.in_force(db, day, new.class_code):
        return replace(new, class_code=None)
    return replace(new, condition_id=policy.condition_by_ordinal(db, day, new.class_code, ordinal) if ordinal else None)


_CLEAR = str.maketrans("IO", "89")
"""Base32 has neither 0 nor 1; without I and O nothing can be mistaken for them."""

_KEEP = text("""
    insert into dispatch.submission (
        report_id, case_id, door, service_code, reporting_key_id, repeat_hash, fingerprint, nonce, code_hash, share_words)
    values (:report, :case, :door, :service, :key, :repeat, :fingerprint, :nonce, :code, :share)
""")
_EARLIER = text("""
    select case_id, nonce, fingerprint from dispatch.submission
    where repeat_hash = :hash and (:keyed or recorded_at > gis.now() - make_interval(secs => :within)) order by id desc limit 1
""")
_BY_CODE = text("""
    select b.case_id, c.number, c.state, b.service_code, b.reporting_key_id, b.door
    from dispatch.submission b join dispatch.cases c on c.id = b.case_id where b.code_hash = :hash
""")


def _earlier(db: Connection, sent: Submission, repeat_hash: bytes) -> Row[Any] | None:
    return db.execute(_EARLIER, {"hash": repeat_hash, "keyed": bool(sent.repeat_key), "within": sent.repeat_s}).first()


def _taken(db: Connection, settings: Settings, case_id: int, nonce: bytes, *, repeated: bool) -> Taken:
    case = db.execute(
        text("select number, location_quality, due_at from dispatch.cases where id = :id"), {"id": case_id}
    ).one()
    return Taken(case_id, case.number, code_of(settings.secret, nonce), case.location_quality, case.due_at, repeated)


def _fingerprint(sent: Submission, photos: Sequence[StoredFile]) -> bytes:
    content = [
        sent.words,
        sent.service.code if sent.service else "",
        sent.answers,
        [sent.position.lon, sent.position.lat, sent.position.system] if sent.position else None,
        sent.address,
        dict(sent.reporter),
        sent.case_id,
        [photo.sha256.hex() for photo in photos],
    ]
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).digest()


def _repeat_hash(sent: Submission, fingerprint: bytes) -> bytes:
    what = f"key {sent.repeat_key}" if sent.repeat_key else f"sender {sent.sender} {fingerprint.hex()}"
    return hashlib.sha256(f"{sent.door} {sent.reporting_key_id} {what}".encode()).digest()
