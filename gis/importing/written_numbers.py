"""Numbers as people write them in tables: with a decimal comma where the mapping states it, degrees with minutes and seconds. Pure."""

from __future__ import annotations

import re
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
    """A coordinate: a number, or degrees, minutes and seconds with their signs (116°24'30.5"E). Raises ValueError, TypeError."""
    found = degrees(value.replace(",", ".")) if isinstance(value, str) else None
    if found is not None:
        return found
    return number(value, decimal) if decimal == "," else float(value)


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
