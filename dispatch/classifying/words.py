"""What of a text counts for classifying it: words and pairs of words, of Chinese also pairs of characters. Pure.

Chinese has no spaces: its words are cut by jieba's dictionary (rjieba). Pairs of characters stand beside them, since a dictionary
cuts 灯不亮 into one word here and into three there.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

FORM = 1
"""Changes with what `features` makes of a text: a model of another form is not used."""

LONGEST = 1000
"""Characters of a text that are looked at."""

_RUN = re.compile(r"[a-z][a-z0-9]*|[\u3400-\u9fff]+")


def features(text: str, source: str = "", notes: Sequence[re.Pattern[str]] = ()) -> frozenset[str]:
    """The features of a text. `source`: by which way it came, a feature too. `notes`: workflow notes that are no part of it."""
    found = set(_of_text(without(text, notes)))
    if source:
        found.add(f"source={source}")
    return frozenset(found)


def naming(text: str, *names: str) -> str:
    """Whether a text holds the name of its class, for figures that ask what is left where it does not: whole, part or no.

    part: a word of four letters or more, or a pair of Chinese characters, stands in both.
    """
    said = " ".join(_plain(text))
    if any(name and " ".join(_plain(name)) in said for name in names):
        return "whole"
    telling = {feature for name in names for feature in features(name) if not feature.isascii() or len(feature) > 3}
    return "part" if telling & features(text) else "no"


def _plain(text: str) -> list[str]:
    return _RUN.findall(unicodedata.normalize("NFKC", text).lower())


def without(text: str, notes: Sequence[re.Pattern[str]]) -> str:
    """A text without what the work on it has written into it."""
    for note in notes:
        text = note.sub(" ", text)
    return text


def compiled(notes: Sequence[str]) -> list[re.Pattern[str]]:
    """Patterns of workflow notes, as a mapping lists them."""
    return [re.compile(note, re.IGNORECASE) for note in notes]


@lru_cache(maxsize=4096)
def _of_text(text: str) -> frozenset[str]:
    found: set[str] = set()
    before = ""
    for run in _plain(text[:LONGEST]):
        if run[0].isascii():
            word = _singular(run)
            found.update((word, f"{before} {word}") if before else (word,))
            before = word
        else:
            found.update(_chinese(run))
            before = ""
    return frozenset(found)


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def _chinese(run: str) -> list[str]:
    import rjieba  # a third of a second and 30 MB: only where somebody writes Chinese

    return [*rjieba.cut(run), *(run[n : n + 2] for n in range(len(run) - 1))]
