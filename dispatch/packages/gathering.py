"""Which evidence of a case may be handed out, each file compared with its entry in the log before it goes (D2, D10).

A camera's files go only after both reviews of their own case, and only where the camera's site is published; what stays behind is told
with its reason. A file or an entry that is not as it came stops the whole: a package must never carry it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text

from config.errors import EvidenceTouched, InvalidInput
from config.i18n import _
from dispatch import facts
from dispatch.custody.entries import FIRST, differing, digest, parse
from dispatch.evidence import path_of
from dispatch.workflow import guards
from gis.db import named_sql

NOT_REVIEWED = _("Files of a camera that have not passed both reviews.")
NOT_PUBLISHED = _("Files of a camera whose site is not published.")
NOTHING = _("The case has no evidence that may be handed out.")
NEXT_STEPS = {
    "": _("Have an inspector take photos first."),
    NOT_REVIEWED: _("Ask the reviewers of evidence."),
    NOT_PUBLISHED: _("Have the camera entered in a data set that everybody may see, and named on the case."),
}
"""What to do where nothing may go, by why that is."""

_CAMERA = text("""
    select a.code, a.name, a.name_en, st_x(st_pointonsurface(a.geom)) as lon, st_y(st_pointonsurface(a.geom)) as lat,
           a.attributes, exists (select from gis.open_asset o where o.id = a.id) as published
    from dispatch.seen_case c join gis.seen_asset a on a.id = c.asset_id and a.kind = 'camera' where c.id = :id
""")
_HEAD = text("select number, hash from dispatch.custody order by number desc limit 1")


@dataclass(frozen=True)
class Exhibit:
    """One original that goes into a package: its row, where it lies, and how it is called there."""

    row: Mapping[str, Any]
    path: Path
    name: str


@dataclass(frozen=True)
class Gathered:
    """What goes, what stays behind (reason → how many), the cameras with their sites, and the head of the log: number and hash."""

    exhibits: list[Exhibit]
    left_out: dict[str, int]
    cameras: list[dict[str, Any]]
    head: tuple[int, bytes]


def gather(db: Connection, case_id: int, directory: Path) -> Gathered:
    """Look at every file. Raises EvidenceTouched naming one that is not as it came, InvalidInput where nothing may go."""
    rows = [dict(row._mapping) for row in db.execute(named_sql("dispatch.packages", "evidence"), {"id": case_id})]
    standing = {
        each: _standing(db, each) for each in {row["case_id"] for row in rows if row["case_source"] == "camera"}
    }
    left_out: dict[str, int] = {}
    exhibits: list[Exhibit] = []
    for row in rows:
        reason = standing[row["case_id"]][0] if row["case_id"] in standing else None
        if reason:
            left_out[reason] = left_out.get(reason, 0) + 1
            continue
        exhibits.append(_compared(row, directory, len(exhibits) + 1))
    if not exhibits:
        raise InvalidInput(NOTHING, NEXT_STEPS.get(next(iter(left_out), ""), NEXT_STEPS[""]))
    cameras = [camera for _reason, camera in standing.values() if camera and not _reason]
    head = db.execute(_HEAD).one()
    return Gathered(exhibits, left_out, cameras, (head.number, bytes(head.hash)))


def _standing(db: Connection, case_id: int) -> tuple[str | None, dict[str, Any] | None]:
    """Why files of a camera's case stay behind, or None; and the camera with its site."""
    made = facts.made(db, case_id)
    passed = all(any(moves.get(review, 0) for moves in made.values()) for review in guards.REVIEWS)
    row = db.execute(_CAMERA, {"id": case_id}).first()
    camera = dict(row._mapping) if row else None
    if not passed:
        return NOT_REVIEWED, camera
    return (None if camera and camera["published"] else NOT_PUBLISHED), camera


def _compared(row: Mapping[str, Any], directory: Path, number: int) -> Exhibit:
    """The exhibit, where log, row and file agree. Raises EvidenceTouched."""
    told = {"id": row["id"], "number": row["case_number"]}
    if row["number"] is None or not _entered(row):
        raise EvidenceTouched("Evidence {id} of case {number} does not agree with its entry in the log.", **told)
    path = path_of(directory, bytes(row["sha256"]))
    try:
        with path.open("rb") as content:
            found = hashlib.file_digest(content, "sha256").digest()
    except OSError as error:
        raise EvidenceTouched("The file of evidence {id} of case {number} cannot be read.", **told) from error
    if found != bytes(row["sha256"]):
        raise EvidenceTouched("The file of evidence {id} of case {number} is not as it came.", **told)
    return Exhibit(row, path, f"evidence/{number:03d}-{found.hex()[:12]}.{ENDINGS.get(row['media_type'], 'bin')}")


def _entered(row: Mapping[str, Any]) -> bool:
    """Whether the entry is whole, hangs on the one before, and says what the row says."""
    fields = parse(row["entry"])
    before = bytes(row["hash_before"]) if row["hash_before"] is not None else FIRST
    return (
        fields is not None
        and digest(row["entry"]) == bytes(row["hash"])
        and bytes(row["previous"]) == before
        and fields["previous"] == before.hex()
        and fields["number"] == str(row["number"])
        and fields["evidence"] == str(row["id"])
        and not differing(fields, row)
    )


ENDINGS = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "image/heic": "heic",
    "video/mp4": "mp4",
    "video/webm": "webm",
    "video/quicktime": "mov",
    "audio/mp4": "m4a",
    "audio/mpeg": "mp3",
    "audio/ogg": "ogg",
    "audio/wav": "wav",
    "audio/webm": "weba",
}
"""Endings of file names by the type that the content has."""
