"""House numbers of a road that is cut in two or put together: [at its first point, at its last] on each side. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

SIDES = ("numbers_left", "numbers_right")

Numbers = list[int]


def cut(attributes: Mapping[str, Any], share: float) -> tuple[dict[str, Any], dict[str, Any]]:
    """What both parts have of each side's numbers when a road is cut after `share` of its length; null where it is none."""
    first: dict[str, Any] = {}
    second: dict[str, Any] = {}
    for side in SIDES:
        if (numbers := _numbers(attributes.get(side))) is not None:
            first[side], second[side] = _divided(numbers, share)
    return first, second


def joined(mine: Mapping[str, Any], theirs: Mapping[str, Any], *, at_end: bool, turned: bool) -> dict[str, Any]:
    """Each side's numbers of two roads put together, in the direction of the first.

    `at_end`: the other comes after this one; `turned`: it runs against it, so that its sides change. Numbers that do not go on from
    one to the other stay this road's; where it has none, they are the other's.
    """
    found = {}
    for side, across in zip(SIDES, reversed(SIDES), strict=True):
        own, other = _numbers(mine.get(side)), _numbers(theirs.get(across if turned else side))
        if other is None:
            continue
        added = other[::-1] if turned else other
        found[side] = added if own is None else _together(*((own, added) if at_end else (added, own))) or own
    return found


def _numbers(known: Any) -> Numbers | None:
    fits = isinstance(known, list) and len(known) == 2 and all(isinstance(one, int) for one in known)
    return known if fits else None


def _step(low: int, high: int) -> int:
    """From one door to the next: by two where both ends are even or odd."""
    width = 1 if (low - high) % 2 else 2
    return width if low <= high else -width


def _divided(numbers: Numbers, share: float) -> tuple[Numbers | None, Numbers | None]:
    low, high = numbers
    step = _step(low, high)
    doors = (high - low) // step + 1
    before = round(share * doors)
    first = [low, low + (before - 1) * step] if before else None
    return first, [low + before * step, high] if before < doors else None


def _together(first: Numbers, second: Numbers) -> Numbers | None:
    low, high = first[0], second[1]
    rising = [*first, *second]
    return [low, high] if rising in (sorted(rising), sorted(rising, reverse=True)) else None
