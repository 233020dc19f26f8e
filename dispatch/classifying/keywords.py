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
    conditions: Mapping[str, Mapping[int, frozenset[str]]]
    weights: Mapping[str, float]

    def guesses(self, said: Iterable[str]) -> list[Guess]:
        """Classes whose words the text uses, the likeliest first."""
        said = {feature for feature in said if not feature.startswith("source=")}
        hits = {code: self._weight(said & own) for code, own in self.classes.items()}
        total = sum(hits.values())
        if not total:
            return []
        spoken = self._weight(said & self.weights.keys())
        found = [
            Guess(code, self._condition(code, said), round(MOST_SURE * (hit / spoken) * (hit / total) ** 0.5, 4))
            for code, hit in hits.items()
            if hit
        ]
        return sorted((g for g in found if g.confidence >= ENOUGH), key=lambda g: (-g.confidence, g.class_code))

    def _condition(self, code: str, said: set[str]) -> int | None:
        """The condition whose words the text uses; None where none of them decides."""
        hits = {key: self._weight(said & own) for key, own in self.conditions.get(code, {}).items()}
        best = max(hits.values(), default=0.0)
        leading = [key for key, hit in hits.items() if hit == best]
        return leading[0] if best and len(leading) == 1 else None

    def _weight(self, shared: Iterable[str]) -> float:
        return sum(self.weights[feature] for feature in shared)


def keywords(standards: Sequence[Standard], spoken: Mapping[str, Sequence[str]]) -> Keywords:
    """From the standards in force; `spoken`: further words of a class (config/class_words.toml)."""
    classes: dict[str, set[str]] = {}
    conditions: dict[str, dict[int, frozenset[str]]] = {}
    for standard in standards:
        own = {feature for words in standard.texts for feature in features(words)}
        classes.setdefault(standard.class_code, set()).update(own)
        if standard.condition_id is not None:
            conditions.setdefault(standard.class_code, {})[standard.condition_id] = frozenset(own)
    for code in classes:
        classes[code].update(feature for words in spoken.get(code, ()) for feature in features(words))
    seen = Counter(feature for own in classes.values() for feature in own)
    weights = {feature: math.log(1 + len(classes) / count) for feature, count in seen.items()}
    return Keywords({code: frozenset(own) for code, own in classes.items()}, conditions, weights)
