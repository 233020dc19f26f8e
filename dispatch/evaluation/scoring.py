"""Composite scores and grades out of counts and formulas (D6). Pure.

A part that nothing can tell yet (its count is awaited), or for which there was nothing to do, is left out: the score is then that of
the other parts by their weights, and says which were left out. It is never taken for nought.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dispatch.evaluation import expressions
from dispatch.evaluation.expressions import Values
from dispatch.evaluation.formulas import Formulas, Score

LOWEST_GRADE = "E"


@dataclass(frozen=True)
class Scored:
    """Points out of 100 with their grade, the points of each part (0–100, None where left out), and how much weight counted."""

    points: float | None
    grade: str | None
    parts: tuple[float | None, ...]
    weight: float


def rates(formulas: Formulas, counts: Values, most: Values | None = None) -> dict[str, float | None]:
    """All indicators of one row; None where there was nothing to divide by, or a count is awaited."""
    found = {each.code: expressions.value(each.formula, counts, most) for each in formulas.indicators}
    return {code: None if value is None else round(value, 4) for code, value in found.items()}


def score(wanted: Score, counts: Values, most: Values) -> Scored:
    """The composite score of one row; each part between 0 and 1 before it is weighted."""
    shares = [expressions.value(part.formula, counts, most) for part in wanted.parts]
    counted = [
        (part.weight, _share(share)) for part, share in zip(wanted.parts, shares, strict=True) if share is not None
    ]
    weight = sum(each for each, _ in counted)
    points = round(100 * sum(each * share for each, share in counted) / weight, 1) if weight else None
    parts = tuple(None if share is None else round(100 * _share(share), 1) for share in shares)
    return Scored(points, None if points is None else grade(wanted, points), parts, weight)


def grade(wanted: Score, points: float) -> str:
    """The best grade whose limit `points` reaches."""
    return next((letter for letter, limit in wanted.grades if points >= limit), LOWEST_GRADE)


def most_of(rows: Mapping[str | None, Values]) -> dict[str, float | None]:
    """The largest value of each count among the rows that are compared (those that have a key)."""
    named = [counts for key, counts in rows.items() if key is not None]
    names = {name for counts in named for name in counts}
    return {name: max((c for counts in named if (c := counts.get(name)) is not None), default=None) for name in names}


def _share(value: float) -> float:
    return min(1.0, max(0.0, value))
