"""Learning from examples with scikit-learn, and saying honestly how well: on the newest part, which learning has not seen.

Equal texts with equal labels are one row with a weight: hotlines write the same words a thousand times.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from config.errors import InvalidInput
from dispatch.classifying.model import Guess, Label, Model

HELD_OUT = 0.2
"""Share of the examples, the newest, on which accuracy is measured."""

FEWEST = 50
"""Examples below which nothing is learnt: the words of the case standards know more."""

FEWEST_OF_LABEL = 3
MOST_FEATURES = 50_000
STRENGTH = 10.0
"""Inverse of the regularisation (scikit-learn's C)."""

Ranked = Mapping[frozenset[str], list[Guess]]
"""Guesses for each text."""

THRESHOLDS = (0.5, 0.7, 0.8, 0.9, 0.95, 0.99)


@dataclass(frozen=True)
class Example:
    """One past report: its features, what it turned out to be, when it came. `naming`: whether its text names its class (words.naming)."""

    features: frozenset[str]
    label: Label
    at: datetime
    naming: str = "no"

    @property
    def has_words(self) -> bool:
        """Whether anything but its source is known of it."""
        return any(not feature.startswith("source=") for feature in self.features)


def learn(examples: Sequence[Example], now: datetime) -> Model:
    """Measure on the newest part, then learn from all. Raises InvalidInput where there is too little to learn from."""
    ordered = sorted(examples, key=lambda example: example.at)
    _must_be_enough(ordered)
    facts = {
        "trained_at": now.isoformat(timespec="seconds"),
        "examples": len(ordered),
        "from": ordered[0].at.date().isoformat(),
        "to": ordered[-1].at.date().isoformat(),
        "measured": measured(ordered),
    }
    return fit(ordered, facts)


def measured(ordered: Sequence[Example]) -> dict[str, Any]:
    """Accuracy on the newest part of examples in the order of time, beside always saying the commonest classes."""
    cut = len(ordered) - max(1, int(len(ordered) * HELD_OUT))
    past, newest = ordered[:cut], ordered[cut:]
    model = fit(past, {})
    ranked = {features: model.guesses(features) for features in {example.features for example in newest}}
    common = [code for code, _ in Counter(example.label.class_code for example in past).most_common(3)]
    groups = {
        "all": newest,
        "class_not_named": [example for example in newest if example.naming != "whole"],
        "class_not_even_partly_named": [example for example in newest if example.naming == "no"],
        "class_not_named_but_words_there": [e for e in newest if e.naming != "whole" and e.has_words],
    }
    return {
        "learnt_from": len(past),
        "held_out": len(newest),
        "held_out_since": newest[0].at.date().isoformat(),
        "accuracy": {name: _accuracy(group, ranked, common) for name, group in groups.items()},
        "classes": _per_class(newest, ranked),
        "above": [_above(threshold, newest, ranked) for threshold in THRESHOLDS],
    }


def fit(examples: Sequence[Example], facts: Mapping[str, Any]) -> Model:
    """The model of these examples (multinomial logistic regression). Labels with fewer than three examples are left out."""
    from scipy.sparse import csr_matrix
    from sklearn.linear_model import LogisticRegression

    common = {label for label, count in Counter(e.label for e in examples).items() if count >= FEWEST_OF_LABEL}
    rows = Counter((example.features, example.label) for example in examples if example.label in common)
    labels = sorted(common, key=lambda label: (label.class_code, label.condition_id or 0))
    if len(labels) < 2:
        raise _too_little(len(examples))
    vocabulary, rarity = _vocabulary(rows)
    place = {label: n for n, label in enumerate(labels)}
    pairs = sorted(rows, key=lambda pair: (sorted(pair[0]), place[pair[1]]))  # the same examples give the same model
    x = csr_matrix(_values([pair[0] for pair in pairs], vocabulary, rarity), shape=(len(pairs), len(vocabulary)))
    learner = LogisticRegression(C=STRENGTH, max_iter=1000, tol=1e-5)
    learner.fit(x, [place[pair[1]] for pair in pairs], sample_weight=[rows[pair] for pair in pairs])
    weights, bias = learner.coef_, learner.intercept_
    if len(labels) == 2:  # scikit-learn keeps one row for two labels
        weights, bias = np.vstack([-weights, weights]) / 2, np.array([-bias[0], bias[0]]) / 2
    return Model(
        tuple(labels), vocabulary, rarity, weights.T.astype(np.float32).copy(), bias.astype(np.float32), dict(facts)
    )


def _must_be_enough(examples: Sequence[Example]) -> None:
    if len(examples) < FEWEST:
        raise _too_little(len(examples))


def _too_little(found: int) -> InvalidInput:
    return InvalidInput(
        "{found} past reports with words and a class are too few to learn from.",
        "The words of the case standards serve meanwhile. Train again when there are {fewest} of several classes.",
        found=found,
        fewest=FEWEST,
    )


def _vocabulary(rows: Counter[tuple[frozenset[str], Label]]) -> tuple[dict[str, int], Any]:
    """Features that stand in two examples or more, and how rare each is: ln((1 + n) / (1 + n with it)) + 1."""
    seen: Counter[str] = Counter()
    for (features, _), count in rows.items():
        for feature in features:
            seen[feature] += count
    kept = sorted((-count, feature) for feature, count in seen.items() if count > 1)[:MOST_FEATURES]
    total = rows.total()
    rarity = np.array([math.log((1 + total) / (1 - negative)) + 1 for negative, _ in kept], dtype=np.float32)
    return {feature: n for n, (_, feature) in enumerate(kept)}, rarity


def _values(texts: Iterable[frozenset[str]], vocabulary: Mapping[str, int], rarity: Any) -> Any:
    """(values, (rows, columns)) of the sparse matrix, each row of length 1."""
    values, rows, columns = [], [], []
    for row, features in enumerate(texts):
        places = sorted(vocabulary[feature] for feature in features if feature in vocabulary)
        length = float(np.linalg.norm(rarity[places])) if places else 1.0
        values += [float(rarity[place]) / length for place in places]
        rows += [row] * len(places)
        columns += places
    return values, (rows, columns)


def _accuracy(examples: Sequence[Example], ranked: Ranked, common: Sequence[str]) -> dict[str, Any]:
    number = len(examples)
    if not number:
        return {"reports": 0}
    first = sum(ranked[e.features][0].class_code == e.label.class_code for e in examples)
    three = sum(e.label.class_code in [g.class_code for g in ranked[e.features][:3]] for e in examples)
    both = sum(ranked[e.features][0][:2] == tuple(e.label) for e in examples)
    return {
        "reports": number,
        "top_1": round(first / number, 4),
        "top_3": round(three / number, 4),
        "class_and_condition": round(both / number, 4),
        "commonest_class": round(sum(e.label.class_code == common[0] for e in examples) / number, 4),
        "commonest_3_classes": round(sum(e.label.class_code in common for e in examples) / number, 4),
    }


def _per_class(examples: Sequence[Example], ranked: Ranked) -> dict[str, dict[str, float]]:
    """For each class: how many came, how many of them were said first, how many that were said first were right."""
    came, said, right = Counter[str](), Counter[str](), Counter[str]()
    for example in examples:
        code, first = example.label.class_code, ranked[example.features][0].class_code
        came[code] += 1
        said[first] += 1
        right[code] += code == first
    return {
        code: {
            "reports": count,
            "found": round(right[code] / count, 4),
            "right_when_said": round(right[code] / said[code], 4) if said[code] else 0.0,
        }
        for code, count in came.most_common()
    }


def _above(threshold: float, examples: Sequence[Example], ranked: Ranked) -> dict[str, float]:
    sure = [e for e in examples if ranked[e.features][0].confidence >= threshold]
    right = sum(ranked[e.features][0].class_code == e.label.class_code for e in sure)
    return {
        "confidence": threshold,
        "share_of_reports": round(len(sure) / len(examples), 4),
        "right": round(right / len(sure), 4) if sure else 0.0,
    }
