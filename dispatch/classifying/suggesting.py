"""What history and the case standards say of a text, as one list of suggestions. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dispatch.classifying.keywords import Keywords
from dispatch.classifying.model import Guess, Model
from dispatch.classifying.words import features

MOST = 3
WORTH_SAYING = 0.05
"""Below this confidence a class is not suggested."""

SURE = 0.5
"""From this confidence on history alone speaks for the classes that it knows."""

KNOWN_ENOUGH = 0.25
"""Share of a text that history must have seen, so that it is asked first."""


@dataclass(frozen=True)
class Suggestion:
    """`basis`: history (learnt from past cases) or standards (words that fit)."""

    class_code: str
    condition_id: int | None
    confidence: float
    basis: str

    def told(self) -> dict[str, Any]:
        """As plain data."""
        return self.__dict__ | {"confidence": round(self.confidence, 3)}


def suggest(text: str, source: str, model: Model | None, keywords: Keywords) -> list[Suggestion]:
    """At most three classes, the likeliest first; none for a text without words that either knows.

    History is asked first where it has seen enough of the text. The standards fill up with classes that history never had; where
    history is unsure (it is young, or the words are new), a class counts as its better advocate says.
    """
    said = features(text, source)
    if not any(not feature.startswith("source=") for feature in said):
        return []
    learnt = model is not None and model.known_share(said) >= KNOWN_ENOUGH
    found = _said(model.guesses(said), "history") if model and learnt else []
    settled = {label.class_code for label in model.labels} if model and found and found[0].confidence >= SURE else set()
    found += [each for each in _said(keywords.guesses(said), "standards") if each.class_code not in settled]
    best: dict[str, Suggestion] = {}
    for each in sorted(found, key=lambda each: -each.confidence):
        best.setdefault(each.class_code, each)
    return list(best.values())[:MOST]


def sure(found: list[Suggestion], threshold: float | None) -> Suggestion | None:
    """The suggestion that may decide alone: learnt from history and at or above the threshold; without a threshold none ever."""
    if threshold is None or not found or found[0].basis != "history" or found[0].confidence < threshold:
        return None
    return found[0]


def _said(guesses: list[Guess], basis: str) -> list[Suggestion]:
    return [
        Suggestion(guess.class_code, guess.condition_id, guess.confidence, basis)
        for guess in guesses
        if guess.confidence >= WORTH_SAYING
    ]
