"""Small films and sounds as phones make them: a WAV that plays, and files of other kinds that have the tracks they name."""

from __future__ import annotations

import io
import math
import struct
import wave


def wav(seconds: float = 0.5) -> bytes:
    """A tone of 440 Hz."""
    content = io.BytesIO()
    with wave.open(content, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        tone = (int(9000 * math.sin(2 * math.pi * 440 * n / 8000)) for n in range(int(8000 * seconds)))
        sound.writeframes(b"".join(struct.pack("<h", each) for each in tone))
    return content.getvalue()


def box(kind: bytes, *content: bytes) -> bytes:
    """A box of ISO/IEC 14496-12."""
    body = b"".join(content)
    return struct.pack(">I", 8 + len(body)) + kind + body


def mp4(*handlers: bytes, brand: bytes = b"isom", at_the_end: bool = True) -> bytes:
    """An MP4 with one track for each handler (`vide`, `soun`); phones write the movie box at the end."""
    tracks = [
        box(b"trak", box(b"tkhd", bytes(84)), box(b"mdia", box(b"hdlr", bytes(8), each, bytes(13))))
        for each in handlers
    ]
    movie, data = box(b"moov", box(b"mvhd", bytes(100)), *tracks), box(b"mdat", bytes(5000))
    return box(b"ftyp", brand, bytes(4), brand) + (data + movie if at_the_end else movie + data)


def webm(*codecs: bytes) -> bytes:
    """The beginning of a WebM with a track for each codec (`V_VP8`, `A_OPUS`)."""
    head = b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\xf7\x81\x01\x42\xf2\x81\x04\x42\xf3\x81\x08\x42\x82\x84webm\x42\x87\x81\x04"
    tracks = b"".join(b"\xae\x90\xd7\x81\x01\x86" + bytes([0x80 | len(codec)]) + codec for codec in codecs)
    return head + b"\x18\x53\x80\x67\x01\xff\xff\xff\xff\xff\xff\xff" + tracks + bytes(2000)


def ogg(codec: bytes = b"OpusHead") -> bytes:
    """The first page of an Ogg file."""
    return b"OggS\x00\x02" + bytes(20) + b"\x01\x13" + codec + bytes(200)
