"""Which of the names found fits best, and why. Pure.

The cost of a hit is the sum of what its reader would mind: a slip, letters still missing, a spelling that is not the name
itself, a kind that is seldom meant. Lower is better; equal costs go to the larger thing.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from gis.naming.folding import words
from gis.naming.spellings import SHORTEST_WORD, pinyin

COST_OF_SLIP = {"swapped": 0.8, "missing": 0.9, "added": 0.9, "wrong": 1.0}
SAME_SOUND = 0.55
"""A wrong character that sounds like the right one: how Chinese slips are mostly made."""

COST_OF_SORT = {"name": 0.0, "english": 0.1, "other": 0.15, "pinyin": 0.2, "initials": 0.3}
COST_OF_KIND = {
    "road": 0.0,
    "area": 0.0,
    "place": 0.02,
    "building": 0.15,
    "bridge": 0.05,
    "bus_stop": 0.08,
    "bus_line": 0.1,
}
OTHER_KIND = 0.06

BEGUN, INSIDE, ALL_WORDS, BEGUN_WITH_SLIP = 0.4, 1.2, 0.5, 1.4
STILL_MISSING, MOST_MISSING = 0.1, 0.6
"""For each character still to come, and for all of them together."""


class Match(NamedTuple):
    """How a query fits a spelling: what it costs, and how: exact, begun, inside, words, slip, begun_slip."""

    cost: float
    how: str


def match(form: str, query: str, text: str, sort: str, spelt: str) -> Match | None:
    """How folded `query` (typed as `text`) fits the folded `form` of a name written `spelt`; None where it does not."""
    found = _whole(form, query) or _part(form, query) or _by_words(spelt, text)
    return Match(found.cost + COST_OF_SORT[sort], found.how) if found else None


def cost_of_thing(kind: str, size_m: float) -> float:
    """Added for what is seldom meant; taken off for what is large (metres of length or width, at most 100 km)."""
    return COST_OF_KIND.get(kind, OTHER_KIND) - 0.02 * math.log10(1 + min(size_m, 100_000.0))


def slip(one: str, other: str) -> str | None:
    """The one slip between two forms, seen from the second: swapped, missing, added or wrong; None where it takes more."""
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    rest, typed = one[start:], other[start:]
    if len(rest) == len(typed) + 1 and rest[1:] == typed:
        return "missing"
    if len(typed) == len(rest) + 1 and typed[1:] == rest:
        return "added"
    if len(rest) == len(typed) >= 1 and rest[1:] == typed[1:]:
        return "wrong"
    if len(rest) == len(typed) >= 2 and rest[:2] == typed[1::-1] and rest[2:] == typed[2:]:
        return "swapped"
    return None


def _whole(form: str, query: str) -> Match | None:
    if form == query:
        return Match(0.0, "exact")
    kind = slip(form, query)
    if kind is None or len(query) < 2:
        return None
    if form.startswith(query):
        return Match(BEGUN + STILL_MISSING, "begun")
    same_sound = kind == "wrong" and pinyin(form) == pinyin(query)
    return Match(SAME_SOUND if same_sound else COST_OF_SLIP[kind], "slip")


def _part(form: str, query: str) -> Match | None:
    left = min(MOST_MISSING, STILL_MISSING * (len(form) - len(query)))
    if form.startswith(query):
        return Match(BEGUN + left, "begun")
    if query in form:
        return Match(INSIDE + left / 2, "inside")
    if 3 <= len(query) < len(form) and any(
        slip(form[:length], query) for length in range(len(query) - 1, len(query) + 2)
    ):
        return Match(BEGUN_WITH_SLIP + left, "begun_slip")
    return None


def _by_words(spelt: str, text: str) -> Match | None:
    """Every word typed is a word of the name, or the beginning of one, at most one slip each; their order does not matter."""
    wanted, standing = words(text), words(spelt)
    if len(standing) < 2 or not wanted:
        return None
    cost = ALL_WORDS + 0.05 * abs(len(standing) - len(wanted))
    for word in wanted:
        best = min((_word_cost(each, word) for each in standing), default=math.inf)
        if math.isinf(best):
            return None
        cost += best
    return Match(cost, "words")


def _word_cost(word: str, typed: str) -> float:
    if word == typed:
        return 0.0
    if word.startswith(typed):
        return 0.2
    kind = slip(word, typed) if len(typed) >= SHORTEST_WORD else None
    return COST_OF_SLIP[kind] if kind else math.inf
