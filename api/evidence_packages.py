"""An evidence package made: the record in both languages drawn and signed, the originals beside it, the handing-out written down (D10)."""

from __future__ import annotations

import json
import shutil
import tempfile
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text

from config.settings import Settings
from dashboards import evidence_record, signing
from dashboards.city import city
from dispatch import detail
from dispatch.evidence import path_of
from dispatch.packages import archive, gathering, keeping, record
from dispatch.packages.gathering import Gathered
from gis.actors import Actor

READ_ME = Path(__file__).with_name("evidence_package_readme.txt")

_CONDITION = text("""
    select f.text, f.text_en, f.closing_standard, f.closing_standard_en from dispatch.filing_condition f where f.id = :id
""")


@dataclass(frozen=True)
class Handed:
    """To whom a package goes, and why."""

    recipient: str
    reason: str


@dataclass(frozen=True)
class Made:
    """A package in a folder of its own, which the caller removes."""

    path: Path
    number: str


def make(
    db: Connection, settings: Settings, actor: Actor, case_id: int, handed: Handed, now: datetime, trace_id: str
) -> Made:
    """Make the package of a case and write down who handed it to whom.

    Raises NotFound for a case that `actor` may not see, EvidenceTouched, InvalidInput where no evidence may go.
    """
    chinese, english = (
        detail.detail(db, replace(actor, locale=locale), case_id, now=now, zone=settings.time_zone)
        for locale in ("zh", "en")
    )
    gathered = gathering.gather(db, case_id, settings.evidence_directory)
    ordinal = keeping.next_ordinal(db, case_id)
    about = _about(db, settings, actor, f"{chinese['number']}-{ordinal}", handed, now)
    said = record.of(about, chinese, english, _condition(db, chinese["condition_id"]), gathered)
    folder = settings.var / "exports"
    folder.mkdir(parents=True, exist_ok=True)
    path = Path(tempfile.mkdtemp(prefix="package-", dir=folder)) / f"evidence-{about.number}.zip"
    try:
        manifest, sha256 = _write(path, settings, said, gathered, now)
    except BaseException:
        shutil.rmtree(path.parent, ignore_errors=True)
        raise
    size = path.stat().st_size
    keeping.write_down(db, actor, case_id, ordinal, handed.recipient, handed.reason, manifest, sha256, size, trace_id)
    return Made(path, about.number)


def _about(
    db: Connection, settings: Settings, actor: Actor, number: str, handed: Handed, now: datetime
) -> record.About:
    return record.About(
        number=number,
        made_at=now,
        by=record.both(actor.name, actor.name_en) or actor.username,
        post=actor.post_for("evidence.hand_out") or "",
        recipient=handed.recipient,
        reason=handed.reason,
        city=city(db, settings, now, "zh").name or settings.instance,
        instance=settings.instance,
    )


def _condition(db: Connection, condition_id: int | None) -> dict[str, str] | None:
    row = db.execute(_CONDITION, {"id": condition_id}).first()
    if row is None:
        return None
    standard = record.both(row.closing_standard, row.closing_standard_en)
    return {"text": record.both(row.text, row.text_en) or "", "standard": standard or ""}


def _write(
    path: Path, settings: Settings, said: dict[str, Any], gathered: Gathered, now: datetime
) -> tuple[str, bytes]:
    certificate = settings.report_signature
    signing.ensure(certificate, settings.instance, now)
    thumbnails = {
        exhibit.name: path_of(settings.evidence_directory, bytes(exhibit.row["sha256"]), ".thumbnail.jpg")
        for exhibit in gathered.exhibits
        if exhibit.row["has_thumbnail"]
    }
    pdf = evidence_record.draw(said, thumbnails, settings.time_zone)
    made = {
        archive.READ_ME: READ_ME.read_bytes(),
        archive.PAPER: signing.sign(pdf, certificate, f"Evidence package {said['package']['number']}"),
        archive.RECORD: (json.dumps(said, ensure_ascii=False, indent=1) + "\n").encode(),
        archive.CERTIFICATE: signing.certificate_of(certificate),
    }
    made |= {f"{archive.LOG}/{each.row['number']:08d}.txt": each.row["entry"].encode() for each in gathered.exhibits}
    originals = {exhibit.name: exhibit.path for exhibit in gathered.exhibits}
    return archive.write(path, made, originals, lambda manifest: signing.sign_apart(manifest, certificate))
