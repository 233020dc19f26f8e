"""In which encoding a file's texts are probably written: shown as a guess, for the steward to change. Pure but for reading the file."""

from __future__ import annotations

import codecs
from pathlib import Path

from config.errors import UnreadableFile

CHOICES = ("UTF-8", "GB18030", "Big5", "ISO-8859-1")
"""What a steward may choose; GB18030 holds GBK and GB 2312."""

TEXTS = (".csv", ".tsv", ".psv", ".txt")
LOOKED_AT = 1 << 20
"""Bytes from the beginning that are looked at."""

USUAL = {"GB18030": ("gb2312", 0xB0, 0xD7), "Big5": ("big5", 0xA4, 0xC6)}
"""Where the characters of everyday use stand: the first level of GB 2312, and that of Big5."""

MOST_ODD = 0.02
"""Share of control characters beyond which content is no text."""


def of_file(path: Path) -> str:
    """The probable encoding of a file whose texts say nothing of it; "" where the format says it. Raises UnreadableFile for no text."""
    if path.suffix.lower() in TEXTS:
        return guess(_beginning(path, 0), path.name)
    table = path.with_suffix(".dbf")
    if path.suffix.lower() != ".shp" or path.with_suffix(".cpg").exists() or not table.exists():
        return ""
    head = _beginning(table, 0)[:32]
    if len(head) < 32 or head[29]:
        return ""  # its table says it
    content = head[32:] + _beginning(table, 32).replace(b"\0", b" ")
    return "" if content.isascii() else guess(content, table.name)


def guess(content: bytes, name: str) -> str:
    """The encoding of CHOICES in which the content reads best. Raises UnreadableFile for what is no text at all."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise UnreadableFile(
            "The texts of {file} are in UTF-16, which is not read here.",
            "Save it as CSV UTF-8 and hand it in again.",
            file=name,
        )
    odd = sum(byte < 32 and byte not in b"\t\r\n\f\x1a" for byte in content[:65536])
    if odd > MOST_ODD * max(len(content[:65536]), 1):
        raise UnreadableFile(
            "The file {file} is no text: it holds binary data.",
            "Check that its ending says what it is: .csv for text, .xlsx for a workbook, .zip for a Shapefile.",
            file=name,
        )
    read = {encoding: _decoded(content, encoding) for encoding in CHOICES}
    if read["UTF-8"] is not None:
        return "UTF-8"
    usual = {name: _usual(words, *USUAL[name]) for name, words in read.items() if words is not None and name in USUAL}
    best = max(usual, key=lambda encoding: usual[encoding], default="")
    return best if best and usual[best] > 0 else "ISO-8859-1"


def _beginning(path: Path, at: int) -> bytes:
    with path.open("rb") as file:
        file.seek(at)
        return file.read(LOOKED_AT)


def _decoded(content: bytes, encoding: str) -> str | None:
    """The text, whose last character may be cut off; None where it is not in this encoding."""
    try:
        return codecs.getincrementaldecoder(encoding)().decode(content)
    except UnicodeDecodeError:
        return None


def _usual(words: str, encoding: str, first: int, last: int) -> float:
    """Which share of what is not ASCII are characters in everyday use: those whose first byte in `encoding` lies in a range."""
    foreign = [letter for letter in words if ord(letter) > 127]
    return sum(first <= _lead(letter, encoding) <= last for letter in foreign) / len(foreign) if foreign else 0.0


def _lead(letter: str, encoding: str) -> int:
    try:
        return letter.encode(encoding)[0]
    except UnicodeEncodeError:
        return 0
