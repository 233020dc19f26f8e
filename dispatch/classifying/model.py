"""What was learnt, as arrays and text: one file, read without executing anything in it (docs/decisions/0080). Pure but for that file.

A model is linear: a text's features, weighted by how rare they are and scaled to length 1, times a matrix, gives each label a score; the
softmax of the scores is the confidence. A label is a class with a filing condition, or a class alone.
"""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from config.errors import UnreadableFile
from dispatch.classifying import words

MOST_BYTES = 500_000_000


class Label(NamedTuple):
    """What a text can be about. `condition_id` is None where only the class is known."""

    class_code: str
    condition_id: int | None


class Guess(NamedTuple):
    """A class with its confidence from 0 to 1, and the likeliest condition within it."""

    class_code: str
    condition_id: int | None
    confidence: float


@dataclass(frozen=True)
class Model:
    """`vocabulary`: feature → row. `rarity` (n): inverse document frequency. `weights` (n × labels), `bias` (labels).

    `facts`: trained when, on what, how well.
    """

    labels: tuple[Label, ...]
    vocabulary: Mapping[str, int]
    rarity: NDArray[np.float32]
    weights: NDArray[np.float32]
    bias: NDArray[np.float32]
    facts: Mapping[str, Any]

    def known_share(self, features: Iterable[str]) -> float:
        """Share of a text's features (but for its source) that were seen in training."""
        said = [feature for feature in features if not feature.startswith("source=")]
        return sum(feature in self.vocabulary for feature in said) / len(said) if said else 0.0

    def confidences(self, features: Iterable[str]) -> NDArray[np.float64]:
        """Confidence of every label, in the order of `labels`; they sum to 1."""
        rows = [self.vocabulary[feature] for feature in sorted(features) if feature in self.vocabulary]
        scores = self.bias.astype(np.float64)
        if rows:
            values = self.rarity[rows] / np.linalg.norm(self.rarity[rows])
            scores = scores + values @ self.weights[rows]
        powers = np.exp(scores - scores.max())
        return np.asarray(powers / powers.sum(), dtype=np.float64)

    def guesses(self, features: Iterable[str]) -> list[Guess]:
        """Classes, the likeliest first: a class has the confidence of all its conditions together."""
        of_class: dict[str, list[tuple[float, int | None]]] = defaultdict(list)
        for label, confidence in zip(self.labels, self.confidences(features), strict=True):
            of_class[label.class_code].append((float(confidence), label.condition_id))
        found = [
            Guess(code, max(parts, key=lambda part: part[0])[1], sum(p for p, _ in parts))
            for code, parts in of_class.items()
        ]
        return sorted(found, key=lambda guess: (-guess.confidence, guess.class_code))


def save(model: Model, file: Path) -> None:
    """Write a model, whole or not at all."""
    file.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
    head = {"form": words.FORM, "labels": model.labels, "facts": dict(model.facts)}
    listed = "\n".join(sorted(model.vocabulary, key=model.vocabulary.__getitem__))
    partial = file.with_name(f"{file.name}.{os.getpid()}")
    with partial.open("wb") as stream:
        np.savez(
            stream,
            head=_bytes(json.dumps(head, ensure_ascii=False)),
            vocabulary=_bytes(listed),
            rarity=model.rarity,
            weights=model.weights,
            bias=model.bias,
        )
    partial.replace(file)


def load(file: Path) -> Model:
    """Read a model.

    Raises UnreadableFile for one that is damaged, or of another form of features; FileNotFoundError where there is none.
    """
    if file.stat().st_size > MOST_BYTES:
        raise UnreadableFile("The file of the classifier is too large.", "Train it again: ./citycommand classify train")
    try:
        with file.open("rb") as stream, np.load(stream, allow_pickle=False) as arrays:
            head = json.loads(arrays["head"].tobytes())
            listed = arrays["vocabulary"].tobytes().decode().split("\n")
            rarity, weights, bias = (np.asarray(arrays[name], np.float32) for name in ("rarity", "weights", "bias"))
        labels = tuple(Label(code, condition) for code, condition in head["labels"])
        form = head["form"]
        fits = (len(rarity), *weights.shape, len(bias)) == (len(listed), len(listed), len(labels), len(labels))
        fits = fits and all(bool(np.isfinite(array).all()) for array in (rarity, weights, bias))
    except FileNotFoundError:
        raise
    except Exception as error:  # numpy and zipfile complain of a damaged file in every kind of exception
        raise _unusable() from error
    if form != words.FORM or not fits:
        raise _unusable()
    return Model(labels, {feature: n for n, feature in enumerate(listed)}, rarity, weights, bias, head["facts"])


def _unusable() -> UnreadableFile:
    return UnreadableFile(
        "The file of the classifier is damaged, or of an older version.",
        "Train it again: ./citycommand classify train. Until then the words of the case standards serve.",
    )


def _bytes(text: str) -> NDArray[np.uint8]:
    return np.frombuffer(text.encode(), dtype=np.uint8)
