"""What kind of photo, film or sound a file is, told by its bytes and never by its name or by what its sender says. Pure.

Known are the kinds that phones and cameras make: JPEG, PNG, WebP, HEIC; MP4, QuickTime, WebM; MP3, M4A, OGG, WAV, WebM sound. Of a
container the tracks decide: an MP4 or WebM without a picture is a sound.
Sources: ISO/IEC 14496-12 (boxes), RFC 9559 (Matroska), RFC 3533 (Ogg).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import BinaryIO

HEIF_BRANDS = {b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1"}
FILM_BRANDS = {
    b"isom", b"iso2", b"iso3", b"iso4", b"iso5", b"iso6", b"iso8", b"mp41", b"mp42", b"avc1", b"dash", b"MSNV", b"M4V ", b"M4A ", b"M4B ",
    b"3gp4", b"3gp5", b"3gp6", b"3g2a", b"mmp4", b"qt  ",
}  # fmt: skip
"""Major brands of the MP4 family that phones write."""

TRACKS_WITHIN = 1 << 20
"""WebM names its tracks before anything else; further in nobody looks."""

HEAD = 64
"""So many bytes tell the container."""

_SOUND_IN_OGG = (b"OpusHead", b"\x01vorbis", b"Speex   ", b"\x7fFLAC")


def container_of(head: bytes) -> str | None:
    """The media type as far as the first bytes tell it; None for anything else.

    What is "video/mp4", "video/quicktime" or "video/webm" here may turn out to be a sound: `type_of` looks further.
    """
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head[:4] == b"RIFF":
        return {b"WEBP": "image/webp", b"WAVE": "audio/wav"}.get(head[8:12])
    if head[4:8] == b"ftyp":
        return _of_brand(head[8:12])
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return "video/webm" if b"\x42\x82\x84webm" in head else None
    if head.startswith(b"OggS"):
        return "audio/ogg" if any(codec in head for codec in _SOUND_IN_OGG) else None
    if head.startswith(b"ID3") or (head[:1] == b"\xff" and len(head) > 1 and head[1] & 0xE6 == 0xE2):
        return "audio/mpeg"
    return None


def _of_brand(brand: bytes) -> str | None:
    if brand in HEIF_BRANDS:
        return "image/heic"
    if brand == b"qt  ":
        return "video/quicktime"
    return "video/mp4" if brand in FILM_BRANDS else None


def type_of(file: BinaryIO) -> str | None:
    """The media type of a whole file that can be read from anywhere; None where it is none of the known kinds, or has no track."""
    file.seek(0)
    found = container_of(file.read(HEAD))
    if found in ("video/mp4", "video/quicktime"):
        handlers = set(_handlers(file))
        return found if b"vide" in handlers else "audio/mp4" if b"soun" in handlers else None
    if found == "video/webm":
        file.seek(0)
        tracks = file.read(TRACKS_WITHIN)
        return found if _names_codec(tracks, b"V_") else "audio/webm" if _names_codec(tracks, b"A_") else None
    return found


def _names_codec(tracks: bytes, kind: bytes) -> bool:
    """Whether a CodecID (element 0x86, its length in one byte) of this kind stands there."""
    place = tracks.find(b"\x86")
    while place >= 0:
        if tracks[place + 1 : place + 2] > b"\x80" and tracks.startswith(kind, place + 2):
            return True
        place = tracks.find(b"\x86", place + 1)
    return False


def _handlers(file: BinaryIO) -> Iterator[bytes]:
    """What each track of the film is handled as: `vide`, `soun`, ….  The movie box may stand at the end."""
    size = file.seek(0, os.SEEK_END)
    for kind, start, end in _boxes(file, 0, size):
        if kind == b"moov":
            for track, first, last in _boxes(file, start, end):
                if track == b"trak":
                    yield from _handler(file, first, last)


def _handler(file: BinaryIO, start: int, end: int) -> Iterator[bytes]:
    for kind, first, last in _boxes(file, start, end):
        if kind == b"mdia":
            for inner, place, _end in _boxes(file, first, last):
                if inner == b"hdlr":
                    file.seek(place + 8)
                    yield file.read(4)


def _boxes(file: BinaryIO, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Kind, beginning and end of the content of each box between two places; what cannot be a box ends the walk."""
    place = start
    while place + 8 <= end:
        file.seek(place)
        head = file.read(16)
        length, content = int.from_bytes(head[:4], "big"), place + 8
        if length == 1:
            length, content = int.from_bytes(head[8:16], "big"), place + 16
        elif length == 0:
            length = end - place
        if length < content - place or place + length > end:
            return
        yield head[4:8], content, place + length
        place += length
