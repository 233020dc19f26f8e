"""Which handler to propose for a case: way along the streets, skill, shift and load, each with its reason. Pure (D4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Candidate:
    """A handler of the unit. `metres`: way to the case, `straight` where only the line in the air is known; None: not known.

    `skilled`: the class is among the skills stated; None where none are stated. `on_shift` is None until shifts are known.
    `handled`: cases of this class in the last year; `load`: orders on hand.
    """

    account_id: int
    metres: float | None
    straight: bool
    skilled: bool | None
    on_shift: bool | None
    handled: int
    load: int


@dataclass(frozen=True)
class Proposed:
    """A candidate with the sum that ranks it, in metres, and the reasons behind it: (what, number)."""

    candidate: Candidate
    cost_m: float
    reasons: tuple[tuple[str, float], ...]


MOST_EXPERIENCE = 10


def rank(candidates: Iterable[Candidate], weights: Mapping[str, float]) -> list[Proposed]:
    """The best first; of equal ones who has less on hand, then the older account."""
    proposed = [_weigh(candidate, weights) for candidate in candidates]
    return sorted(proposed, key=lambda one: (one.cost_m, one.candidate.load, one.candidate.account_id))


def _weigh(one: Candidate, weights: Mapping[str, float]) -> Proposed:
    if one.metres is None:
        cost, reasons = weights["unknown_place_m"], [("place_unknown", 0.0)]
    else:
        cost, reasons = one.metres, [("straight" if one.straight else "way", one.metres)]
    if one.skilled is not None:
        reasons.append(("skilled" if one.skilled else "unskilled", 0.0))
        cost += 0 if one.skilled else weights["unskilled_m"]
    if one.on_shift is False:
        reasons.append(("off_shift", 0.0))
        cost += weights["off_shift_m"]
    if one.handled:
        reasons.append(("handled", one.handled))
        cost -= weights["experience_m"] * min(one.handled, MOST_EXPERIENCE)
    reasons.append(("load", one.load))
    return Proposed(one, cost + weights["open_order_m"] * one.load, tuple(reasons))
