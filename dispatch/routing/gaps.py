"""Places × classes: which rule would decide, where none would, and where two of equal rank would both. Pure.

An area is not one report: hour, source, asset and the rest are open. A rule that depends on them, or whose zone covers only a part of
the area, fits "perhaps". So a cell is covered (some rule always fits), sometimes (only perhaps), a gap (none can), or a conflict.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Literal

from dispatch.routing.facts import Facts
from dispatch.routing.rules import Rule, specificity

Kind = Literal["covered", "sometimes", "gap", "conflict"]
MARKS: dict[Kind, str] = {"covered": ".", "sometimes": "s", "gap": "g", "conflict": "c"}

Meet = Callable[[int, int], bool]
"""Whether the grounds of two rules, by id, have a place in common."""


@dataclass(frozen=True)
class ClassFacts:
    """A minor class: its filing conditions, and the units that they name (None: one names no unit)."""

    code: str
    conditions: frozenset[int]
    units: tuple[int | None, ...]

    @property
    def named(self) -> bool | None:
        """Whether its conditions name a unit: all (True), some (None), none (False)."""
        if not self.units or all(unit is None for unit in self.units):
            return False
        return None if None in self.units else True


@dataclass(frozen=True)
class Cell:
    """One area and class. `rules`: ids of those that can decide, in order; `pairs`: those of equal rank that contradict."""

    kind: Kind
    rules: tuple[int, ...]
    pairs: tuple[tuple[int, int], ...] = ()


def of_class(rules: Iterable[Rule], about: ClassFacts) -> list[Rule]:
    """The ranked rules that can ever speak about a class."""
    return [rule for rule in rules if _speaks(rule, about)]


def judge(
    rules: Sequence[Rule], about: ClassFacts, area_code: str, whole: frozenset[int], partly: frozenset[int], meet: Meet
) -> Cell:
    """Judge one cell by the rules of its class, ranked. `whole`, `partly`: rules whose ground covers the area, or a part of it."""
    facts = Facts(about.code, area_code, None, ground=whole, partly=partly)
    able: list[Rule] = []
    always: Rule | None = None
    for rule in rules:
        if always is not None and _equal(rule) != _equal(always):
            break
        fits = _both(rule.fits(facts), _names(rule, about))
        if fits is False:
            continue
        able.append(rule)
        always = always or (rule if fits else None)
    pairs = tuple(
        (one.id, other.id)
        for one, other in combinations(able, 2)
        if _equal(one) == _equal(other) and _differ(one, other) and _can_meet(one, other, meet)
    )
    kind: Kind = "conflict" if pairs else "covered" if always else "sometimes" if able else "gap"
    return Cell(kind, tuple(rule.id for rule in able), pairs)


def _speaks(rule: Rule, about: ClassFacts) -> bool:
    classes, conditions = rule.matches.get("classes"), rule.matches.get("conditions")
    if classes and not about.code.startswith(tuple(classes)):
        return False
    return not conditions or not about.conditions.isdisjoint(conditions)


def _names(rule: Rule, about: ClassFacts) -> bool | None:
    """Whether the rule can name a unit: components may stand in the register with one, matters have none."""
    if rule.target == "unit":
        return True
    if rule.target == "asset_unit":
        return None if about.code.startswith("C") else False
    return about.named


def _both(one: bool | None, other: bool | None) -> bool | None:
    return False if one is False or other is False else None if None in (one, other) else True


def _equal(rule: Rule) -> tuple[int, int]:
    return rule.priority, specificity(rule.matches)


def _differ(one: Rule, other: Rule) -> bool:
    return (one.target, one.unit_id) != (other.target, other.unit_id)


_SETS = ("sources", "priorities", "asset_kinds", "owners", "asset_units", "weekdays", "conditions")


def _can_meet(one: Rule, other: Rule, meet: Meet) -> bool:
    """Whether one report can satisfy both: not where they ask for different hours, sources, days or grounds."""
    a, b = one.matches, other.matches
    if any(name in a and name in b and set(a[name]).isdisjoint(b[name]) for name in _SETS):
        return False
    if "day" in a and "day" in b and a["day"] != b["day"]:
        return False
    if "hours" in a and "hours" in b and not _hours_meet(a["hours"], b["hours"]):
        return False
    if "dates" in a and "dates" in b and not _dates_meet(a["dates"], b["dates"]):
        return False
    return "ground" not in a or "ground" not in b or meet(one.id, other.id)


def _hours_meet(a: Mapping[str, str], b: Mapping[str, str]) -> bool:
    def holds(span: Mapping[str, str], at: str) -> bool:
        begin, end = span["from"], span["to"]
        return begin <= at < end if begin < end else at >= begin or at < end

    return holds(a, b["from"]) or holds(b, a["from"])


def _dates_meet(a: Mapping[str, Any], b: Mapping[str, Any]) -> bool:
    begins = max(a.get("from") or "", b.get("from") or "")
    return begins <= min(a.get("to") or "9999", b.get("to") or "9999")
