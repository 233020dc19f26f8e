"""Suggestions from the words of the case standards: class names, filing conditions, and what people say for them. Pure.

Used where there is no history to learn from, or where a text has nothing that history knows. A word counts the more the
fewer classes have it. The confidence says how much of the text speaks for a class, and how little for others; never above `MOST_SURE`:
words that fit prove little.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from dispatch.classifying.model import Guess
from dispatch.classifying.words import features

MOST_SURE = 0.6
RIVAL = 0.5
"""Guesses below this share of the first one's confidence are not made."""

NAMED = 1.2
"""What a class gains that is called by its whole name."""

ENOUGH = 0.05
"""Guesses below this confidence are not made."""


class Standard(NamedTuple):
    """A class or one of its filing conditions (`condition_id`), with the words that describe it in both languages."""

    class_code: str
    condition_id: int | None
    texts: tuple[str, ...]


@dataclass(frozen=True)
class Keywords:
    """Features of every class and condition, and the weight of each feature."""

    classes: Mapping[str, frozenset[str]]
    names: Mapping[str, Sequence[frozenset[str]]]
    conditions: Mapping[str, Mapping[int, frozenset[str]]]
    weights: Mapping[str, float]

    def guesses(self, said: Iterable[str]) -> list[Guess]:
        """Classes whose words the text uses, the likeliest first."""
        said = {feature for feature in said if not feature.startswith("source=")}
        hits = {
            code: hit * self._named(code, said)
            for code, own in self.classes.items()
            if (hit := self._weight(said & own))
        }
        spoken = self._weight(said & self.weights.keys())
        first, second = [*sorted(hits.values(), reverse=True), 0.0, 0.0][:2]
        found = [
            Guess(code, self._condition(code, said), _confidence(hit, second if hit == first else first, spoken))
            for code, hit in hits.items()
        ]
        bar = max(ENOUGH, RIVAL * max((guess.confidence for guess in found), default=0.0))
        return sorted((g for g in found if g.confidence >= bar), key=lambda g: (-g.confidence, g.class_code))

    def _condition(self, code: str, said: set[str]) -> int | None:
        """The condition whose words the text uses; None where none of them decides."""
        hits = {key: self._weight(said & own) for key, own in self.conditions.get(code, {}).items()}
        best = max(hits.values(), default=0.0)
        leading = [key for key, hit in hits.items() if hit == best]
        return leading[0] if best and len(leading) == 1 else None

    def _named(self, code: str, said: set[str]) -> float:
        """A class that is called by its whole name, in either language, comes before those whose words only fit."""
        return NAMED if any(name and name <= said for name in self.names[code]) else 1.0

    def _weight(self, shared: Iterable[str]) -> float:
        return sum(self.weights[feature] for feature in shared)


def _telling(texts: Iterable[str], nothing: frozenset[str]) -> set[str]:
    return {feature for text in texts for feature in features(text) if not nothing.issuperset(feature.split())}


def _confidence(hit: float, rival: float, spoken: float) -> float:
    """How much of what was said speaks for a class (square root of its share), and how it stands beside its strongest rival."""
    return round(float(MOST_SURE * math.sqrt(min(1.0, hit / spoken)) * hit / (hit + rival)), 4)


def keywords(standards: Sequence[Standard], spoken: Mapping[str, Sequence[str]]) -> Keywords:
    """From the standards in force; `spoken` (config/class_words.toml): further words of a class, and words that say nothing."""
    nothing = frozenset(spoken.get("says_nothing", ()))
    classes: dict[str, set[str]] = {}
    conditions: dict[str, dict[int, frozenset[str]]] = {}
    for standard in standards:
        own = _telling(standard.texts, nothing)
        classes.setdefault(standard.class_code, set()).update(own)
        if standard.condition_id is not None:
            conditions.setdefault(standard.class_code, {})[standard.condition_id] = frozenset(own)
    for code in classes:
        classes[code].update(_telling(spoken.get(code, ()), nothing))
    seen = Counter(feature for own in classes.values() for feature in own)
    weights = {feature: math.log(1 + len(classes) / count) for feature, count in seen.items()}
    names = {s.class_code: [features(words) for words in s.texts] for s in standards if s.condition_id is None}
    return Keywords({code: frozenset(own) for code, own in classes.items()}, names, conditions, weights)
