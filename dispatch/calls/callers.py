"""Who called: numbers in one form, sealed for storage, masked for reading. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from config.errors import InvalidInput
from gis.vault import KeyRing, Sealed

_WRITTEN = re.compile(r"[\s()（）\-–—.]")
_NUMBER = re.compile(r"[0-9]{3,15}(?:[x转*][0-9]{1,6})?")


@dataclass(frozen=True)
class Caller:
    """Name and telephone number as far as they are known; both may be empty."""

    name: str = ""
    number: str = ""

    @property
    def known(self) -> bool:
        """Whether there is anything to seal."""
        return bool(self.name or self.number)


def caller(name: str, number: str) -> Caller:
    """A caller with the number in the one form by which it is found again. Raises InvalidInput for what is no number."""
    return Caller(" ".join(name.split()), number_of(number))


def number_of(written: str) -> str:
    """Digits without the country's code, spaces and dashes; an extension stays behind its sign. Raises InvalidInput."""
    number = _WRITTEN.sub("", written.strip())
    number = re.sub(r"^(?:\+|00)?86(?=1\d{10}$|0\d{9,11}$)", "", number)
    number = re.sub(r"^\+", "00", number)
    if number and not _NUMBER.fullmatch(number):
        raise InvalidInput(
            "'{number}' is no telephone number.",
            "Type 3 to 15 digits; an extension follows after x.",
            number=written[:40],
            field="number",
        )
    return number


def masked_number(number: str) -> str:
    """138****5678: enough to tell two callers apart, too little to call."""
    digits = len(number)
    head, tail = (3, 4) if digits >= 10 else (2, 2) if digits >= 7 else (0, 1)
    return number[:head] + "*" * max(0, digits - head - tail) + number[digits - tail :] if number else ""


def masked_name(name: str) -> str:
    """刘**: the first character, and that there is more."""
    return name[:1] + "**" if name else ""


def sealed(who: Caller, keys: KeyRing, confidential: bool) -> dict[str, Any]:
    """The columns of tables.sealed_caller for a caller."""
    columns: dict[str, Any] = dict.fromkeys(
        ("caller_index", "caller_cipher", "caller_algorithm", "caller_key_version", "number_index")
    )
    columns["confidential"] = confidential
    if who.known:
        seal = keys.newest.seal(json.dumps([who.name, who.number], ensure_ascii=False))
        columns |= {
            "caller_index": seal.index,
            "caller_cipher": seal.cipher,
            "caller_algorithm": seal.algorithm,
            "caller_key_version": seal.key_version,
        }
    if who.number:
        columns["number_index"] = keys.newest.index(who.number)
    return columns


def opened(row: Mapping[str, Any], keys: KeyRing) -> Caller:
    """The caller in a row with the columns of tables.sealed_caller. Raises ConfigurationError where a key is missing."""
    if row["caller_cipher"] is None:
        return Caller()
    seal = Sealed(
        bytes(row["caller_index"]), bytes(row["caller_cipher"]), row["caller_algorithm"], row["caller_key_version"]
    )
    name, number = json.loads(keys.open(seal))
    return Caller(name, number)
