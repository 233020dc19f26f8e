"""National ID numbers (GB 11643-1999): reading what people write, checking it, showing as little of it as will do.

Weights, check characters and the 15-digit form are the standard's. A region code that nobody knows is a warning and no
error: codes of dissolved counties stay valid for life, and the standard's own example carries one.
"""

from __future__ import annotations

import secrets
import unicodedata
from collections.abc import Container
from dataclasses import dataclass
from datetime import date

from config.errors import InvalidInput

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_CHARACTERS = "10X98765432"
EARLIEST = date(1900, 1, 1)


@dataclass(frozen=True)
class NationalId:
    """A number that can be right. `doubts` are messages for the worker; none of them refuses it."""

    number: str
    birth_date: date
    sex: str
    doubts: tuple[str, ...] = ()


def parse(written: str, today: date, regions: Container[str] | None = None) -> NationalId:
    """Read a number of 18 characters, or of 15 digits, which is converted.

    `regions` are six-digit region codes that are known to exist; another one is doubted, not refused. Raises InvalidInput
    where length, characters, check character or birth date cannot be right; the message never repeats the number.
    """
    number = _lengthened(_clean(written))
    if number[-1] != check_character(number):
        raise InvalidInput("The ID number's last character does not fit the others.", _COMPARE, field="id_number")
    birth_date = _birth_date(number, today)
    doubts = () if regions is None or number[:6] in regions else ("unknown_region",)
    return NationalId(number, birth_date, "male" if int(number[16]) % 2 else "female", doubts)


def check_character(number: str) -> str:
    """The 18th character that fits the first 17 digits of `number`."""
    total = sum(weight * int(digit) for weight, digit in zip(WEIGHTS, number[:17], strict=True))
    return CHECK_CHARACTERS[total % 11]


def masked(number: str) -> str:
    """The number as lists and notices show it: no birth date, nothing to look somebody up by."""
    return f"{number[:3]}{'*' * 11}{number[-4:]}"


def masked_name(name: str) -> str:
    """A name as it may stand where others read it: 张*, 欧阳*, J*."""
    compound = name[:2] in _COMPOUND_SURNAMES and len(name) > 2
    return name[: 2 if compound else 1] + "*" if name else ""


_COMPARE = "Compare it with the card, character by character."
_COMPOUND_SURNAMES = frozenset({"欧阳", "司马", "上官", "诸葛", "司徒", "东方", "尉迟", "皇甫", "令狐", "慕容"})


def _clean(written: str) -> str:
    """Full-width digits, spaces, hyphens and a small x are how people write it."""
    plain = unicodedata.normalize("NFKC", written).upper()
    number = "".join(character for character in plain if not character.isspace() and character not in "-－·")
    digits = number[:-1] if len(number) == 18 and number[-1] == "X" else number
    if len(number) not in (15, 18) or not (digits.isascii() and digits.isdecimal()):
        raise InvalidInput(
            "An ID number has 18 characters: 17 digits and a last digit or X.", _COMPARE, field="id_number"
        )
    return number


def _lengthened(number: str) -> str:
    if len(number) == 18:
        return number
    longer = f"{number[:6]}19{number[6:]}"
    return longer + check_character(longer)


def _birth_date(number: str, today: date) -> date:
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        born = date.max
    if not EARLIEST <= born <= today:
        raise InvalidInput("The birth date inside the ID number cannot be right.", _COMPARE, field="id_number")
    return born


def temporary_key() -> str:
    """A key for somebody without an ID number; it cannot be mistaken for one."""
    return f"T{secrets.token_hex(16)}"
