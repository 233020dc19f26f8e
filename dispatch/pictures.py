"""What is read out of a picture after it was stored: size, EXIF time and place, perceptual hash, thumbnail (D2).

Runs in the dispatch process, fed by the event `evidence.stored`. A picture that cannot be read keeps its reason; the
original stays as it came.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import imagehash
import pillow_heif
from PIL import ExifTags, Image, ImageOps
from sqlalchemy import Connection, text

from config.settings import Settings
from dispatch.evidence import path_of
from gis import events

pillow_heif.register_heif_opener()
MOST_PIXELS = 60_000_000
"""Larger than any phone's picture; beyond it a small file could unpack to gigabytes."""

LONGEST_SIDE = 65_535
"""The most that JPEG knows. Memory is taken by the line too: a picture of fifty million lines of one pixel fills gigabytes."""

THUMBNAIL_PIXELS = 480


@dataclass(frozen=True)
class Picture:
    """What a picture says of itself. Position in WGS 84 degrees, as cameras write it; time as written, without zone."""

    width: int
    height: int
    perceptual_hash: str
    taken_text: str | None
    position: tuple[float, float] | None


def act(db: Connection, settings: Settings, event: events.Event) -> None:
    """Consumer `pictures`: read the picture of one evidence row and note what it says.

    Decoders complain in every kind of exception: whatever they say is the picture's fault and is noted. An error that
    carries a number comes from the system (disk full, file away): it is raised, and the picture's turn comes again.
    """
    evidence_id = event.payload["evidence_id"]
    row = db.execute(
        text("select e.sha256, e.case_id, e.media_type from dispatch.evidence e where e.id = :id"), {"id": evidence_id}
    ).one()
    if not row.media_type.startswith("image/"):
        return  # a film or a voice note has nothing that is read out of it
    original = path_of(settings.evidence_directory, row.sha256)
    picture, reason = None, None
    try:
        picture = read(original, path_of(settings.evidence_directory, row.sha256, ".thumbnail.jpg"))
    except Exception as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        reason = _writable(f"{type(error).__name__}: {error}")
    _note(db, evidence_id, picture, reason)
    events.notify_live(db, "case", {"id": row.case_id})


def read(original: Path, thumbnail: Path) -> Picture:
    """Read a picture and write its thumbnail (JPEG, upright, longest side 480 pixels)."""
    with Image.open(original) as image:
        if image.width * image.height > MOST_PIXELS:
            raise ValueError(f"{image.width} × {image.height} pixels are more than {MOST_PIXELS}")
        if max(image.size) > LONGEST_SIDE:
            raise ValueError(f"{max(image.size)} pixels on one side are more than {LONGEST_SIDE}")
        exif = image.getexif()
        image.info.pop("exif", None)  # else it is written again after turning, which fails for what cameras write oddly
        image.draft("RGB", (THUMBNAIL_PIXELS * 2, THUMBNAIL_PIXELS * 2))
        width, height = image.size
        small = ImageOps.exif_transpose(image)
        small.thumbnail((THUMBNAIL_PIXELS, THUMBNAIL_PIXELS))
        small = small.convert("RGB")
    temporary = thumbnail.with_name(f"{thumbnail.name}.{os.getpid()}")
    temporary.unlink(missing_ok=True)  # left by an attempt that the disk refused; nobody may write to it any more
    small.save(temporary, "JPEG", quality=80)
    temporary.chmod(0o440)
    temporary.replace(thumbnail)
    return Picture(width, height, str(imagehash.phash(small)), _taken(exif), _position(exif))


def _taken(exif: Image.Exif) -> str | None:
    value = exif.get_ifd(ExifTags.IFD.Exif).get(ExifTags.Base.DateTimeOriginal) or exif.get(ExifTags.Base.DateTime)
    return _writable(str(value)) or None if value else None


def _writable(text: str) -> str:
    """Text from a picture as a database takes it: without NUL, and of a sensible length."""
    return text.replace("\0", "")[:500]


def _position(exif: Image.Exif) -> tuple[float, float] | None:
    """Longitude and latitude from the GPS block; None where it is absent or nonsense."""
    gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
    try:
        lat = _degrees(gps[ExifTags.GPS.GPSLatitude], gps.get(ExifTags.GPS.GPSLatitudeRef) == "S")
        lon = _degrees(gps[ExifTags.GPS.GPSLongitude], gps.get(ExifTags.GPS.GPSLongitudeRef) == "W")
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None
    return (lon, lat) if -180 <= lon <= 180 and -90 <= lat <= 90 else None


def _degrees(parts: object, negative: bool) -> float:
    degrees, minutes, seconds = (float(part) for part in parts)  # type: ignore[attr-defined]
    value = degrees + minutes / 60 + seconds / 3600
    return -value if negative else value


def _note(db: Connection, evidence_id: int, picture: Picture | None, error: str | None) -> None:
    position = picture.position if picture else None
    db.execute(
        text("""
            insert into dispatch.evidence_reading (evidence_id, width, height, perceptual_hash, taken_text, taken_geom,
                                                   taken_distance_m, thumbnail, error)
            select :id, :width, :height, :hash, :taken, point.geom,
                   st_distance(point.geom::geography, c.geom::geography), :thumbnail, :error
            from dispatch.evidence e join dispatch.cases c on c.id = e.case_id,
                 (select case when cast(:lon as double precision) is null then null
                              else st_setsrid(st_makepoint(:lon, :lat), 4326) end as geom) point
            where e.id = :id
            on conflict (evidence_id) do nothing
        """),
        {
            "id": evidence_id,
            "width": picture.width if picture else None,
            "height": picture.height if picture else None,
            "hash": picture.perceptual_hash if picture else None,
            "taken": picture.taken_text if picture else None,
            "lon": position[0] if position else None,
            "lat": position[1] if position else None,
            "thumbnail": picture is not None,
            "error": error,
        },
    )
