"""Numbers as people write them in tables: with a decimal comma where the mapping states it, degrees with minutes and seconds. Pure."""

from __future__ import annotations

import math
import re
import unicodedata
from typing import Any

DECIMALS = (".", ",")
"""What a mapping's `decimal` may be; without it the point."""

_GROUPED = re.compile(r"[+-]?\d{1,3}([. ]\d{3})+(,\d*)?")
_DMS = re.compile(
    r"(?P<sign>[-+]?)(?P<before>[EWNS东西北南]?)[经纬]?\s*(?P<d>\d{1,3})\s*[°º度]\s*"
    r"((?P<m>\d{1,2}(\.\d*)?)\s*['′’‘分]\s*)?((?P<s>\d{1,2}(\.\d*)?)\s*(\"|″|”|''|′′|秒)\s*)?(?P<after>[EWNS]?)",
    re.IGNORECASE,
)
_MINUS = frozenset("WwSs西南")
_SIGNS = str.maketrans({
    "º": "°", "˚": "°", "。": ".", "−": "-", "–": "-", "′": "'", "’": "'", "‘": "'", "´": "'", "″": '"', "”": '"', "“": '"',
})  # fmt: skip
_HALVES = {"东经": 1, "北纬": 1, "西经": -1, "南纬": -1, "E": 1, "N": 1, "W": -1, "S": -1}
_SIDED = re.compile(rf"({'|'.join(_HALVES)})?[:\s]*(.*?)\s*({'|'.join(_HALVES)})?")
_LOOSE = re.compile(
    r"([+-])?\s*(\d{1,3}(?:\.\d+)?)\s*(?:°|度|d|:|-|\s|$)\s*"
    r"(?:(\d{1,2}(?:\.\d+)?)\s*(?:['′’分]|m|:|-|\s|$)\s*(?:(\d{1,2}(?:\.\d+)?)\s*(?:\"|″|”|''|秒|s)?)?)?"
)
"""Degrees, minutes and seconds parted by whatever is at hand: read so only where a coordinate is known to stand."""


def number(value: Any, decimal: str = ".") -> float:
    """A value as a number; thousands may be grouped by the other sign. Raises ValueError for what is none."""
    if not isinstance(value, str):
        return float(value)
    words = value.strip()
    if decimal == ".":
        return float(words.replace(",", ""))
    if _GROUPED.fullmatch(words):
        words = re.sub(r"[. ]", "", words)
    return float(words.replace(",", "."))


def coordinate(value: Any, decimal: str = ".") -> float:
    """A coordinate: a number, or degrees, minutes and seconds as people write them (116°24'30.5"E, 东经116度24分, 116 24 30, 116-24-30,
    116d24m30s, 116.4E, also in full-width signs). Raises ValueError, TypeError.
    """
    if not isinstance(value, str):
        return float(value)
    words = unicodedata.normalize("NFKC", value.translate(_SIGNS)).strip().strip('"').strip()
    found = degrees(words.replace(",", "."))
    if found is not None:
        return found
    half, words = _side(words)
    try:
        return half * (number(words, decimal) if decimal == "," else float(words))
    except ValueError:
        return half * _parts(words)


def together(degrees: float, minutes: float = 0.0, seconds: float = 0.0) -> float:
    """Degrees, minutes and seconds of one angle; 60 is what rounding leaves of 59.9999. Raises ValueError for what is none."""
    if not (0 <= minutes <= 60 and 0 <= seconds <= 60):
        raise ValueError(f"{minutes:g} minutes {seconds:g} seconds")
    return math.copysign(abs(degrees) + minutes / 60 + seconds / 3600, degrees)


def _side(words: str) -> tuple[int, str]:
    """-1 for west and south, else 1; and what stands beside the word for it."""
    found = _SIDED.fullmatch(words)
    if found is None:
        return 1, words
    return _HALVES[found[1] or found[3] or "E"], found[2]


def _parts(words: str) -> float:
    found = _LOOSE.fullmatch(words)
    if not found or (found[3] and "." in found[2]) or (found[4] and "." in found[3]):
        raise ValueError(words)
    size = together(*(float(part or 0) for part in found.groups()[1:]))
    return -size if found[1] == "-" else size


def degrees(words: str) -> float | None:
    """Decimal degrees of what is written with signs for degrees, minutes, seconds; None for anything else."""
    found = _DMS.fullmatch(words.strip())
    if found is None:
        return None
    minutes, seconds = float(found["m"] or 0), float(found["s"] or 0)
    if minutes >= 60 or seconds >= 60:
        return None
    size = int(found["d"]) + minutes / 60 + seconds / 3600
    return -size if found["sign"] == "-" or {found["before"], found["after"]} & _MINUS else size
