"""Names as people mistype them: one character wrong, missing or swapped; made from a seed, so that a run can be repeated."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from random import Random
from typing import NamedTuple

KINDS = ("wrong", "missing", "swapped")


class Slip(NamedTuple):
    """What was meant, what was typed, and what went wrong."""

    name: str
    typed: str
    kind: str


def slips(names: Sequence[str], count: int, seed: int = 1) -> list[Slip]:
    """`count` slips, names and kinds in turn; the wrong character is one that stands in some other of the names."""
    random = Random(seed)
    alphabet = sorted({letter for name in names for letter in name if letter.isalpha()})
    chosen = [name for name in names if sum(letter.isalnum() for letter in name) >= 2]
    found: list[Slip] = []
    while len(found) < count:
        name, kind = random.choice(chosen), KINDS[len(found) % len(KINDS)]
        typed = _mistyped(name, kind, alphabet, random)
        if typed is not None:
            found.append(Slip(name, typed, kind))
    return found


def _mistyped(name: str, kind: str, alphabet: Sequence[str], random: Random) -> str | None:
    """None where nothing would be seen: two equal characters swapped, a space taken out."""
    letters = list(unicodedata.normalize("NFC", name))
    at = random.choice([place for place, letter in enumerate(letters) if letter.isalnum()])
    if kind == "wrong":
        letters[at] = random.choice([other for other in alphabet if other.casefold() != letters[at].casefold()])
    elif kind == "missing":
        del letters[at]
    else:
        if at + 1 >= len(letters) or not letters[at + 1].isalnum() or letters[at] == letters[at + 1]:
            return None
        letters[at], letters[at + 1] = letters[at + 1], letters[at]
    return "".join(letters)
