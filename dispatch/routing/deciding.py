"""The decision: the first rule that fits and can name a unit, with everything that was asked before it. Pure (D4)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from config.errors import UnroutableCase
from dispatch.routing.conditions import PLACE
from dispatch.routing.facts import Facts
from dispatch.routing.rules import Rule

MOST_LISTED = 20
"""Of longer lists the rules that failed on place or class are told as numbers."""


@dataclass(frozen=True)
class Decision:
    """The responsible unit and the reason. `reason` is one of asset_unit, condition_unit, unit, fallback.

    `considered`: {rule, number, version, name, name_en, outcome, fact} of every rule asked: `chosen`, `not` (the condition `fact`
    does not hold), `no_unit` (it fits, but its asset or condition names no unit), `also` (it fits as well, but comes later).
    """

    unit_id: int
    rule_id: int | None
    reason: str
    facts: dict[str, Any]
    considered: list[dict[str, Any]]
    set_id: int | None = None


def decide(facts: Facts, rules: Iterable[Rule], fallback_unit_id: int | None) -> Decision:
    """Decide among rules in any order. Raises UnroutableCase where none fits and no fallback desk is defined."""
    return decide_ranked(facts, sorted(rules, key=lambda rule: rule.rank), fallback_unit_id)


def decide_ranked(
    facts: Facts,
    rules: Sequence[Rule],
    fallback_unit_id: int | None,
    set_id: int | None = None,
    *,
    all_rules: bool = False,
    others: int = 0,
) -> Decision:
    """Decide among rules in the order of their rank; with `all_rules` those after the chosen one are asked, too.

    `others`: how many more rules there are that ask for other classes.

    Raises UnroutableCase where none fits and no fallback desk is defined.
    """
    considered: list[dict[str, Any]] = []
    chosen: tuple[Rule, int] | None = None
    for rule in rules:
        mismatch = rule.mismatch(facts)
        unit = None if mismatch else rule.unit(facts)
        outcome = "not" if mismatch else "no_unit" if unit is None else "also" if chosen else "chosen"
        considered.append(_entry(rule, outcome, mismatch))
        if unit is not None and chosen is None:
            chosen = rule, unit
            if not all_rules:
                break
    kept = considered if all_rules else _shortened(considered, others)
    if chosen is not None:
        return Decision(chosen[1], chosen[0].id, chosen[0].target, facts.kept(), kept, set_id)
    if fallback_unit_id is None:
        raise UnroutableCase("No routing rule fits and no fallback desk is defined.")
    return Decision(fallback_unit_id, None, "fallback", facts.kept(), kept, set_id)


def _entry(rule: Rule, outcome: str, fact: str | None) -> dict[str, Any]:
    entry = {"rule": rule.id, "number": rule.number, "version": rule.version, "name": rule.name}
    return entry | {"name_en": rule.name_en, "outcome": outcome} | ({"fact": fact} if fact else {})


def _shortened(considered: list[dict[str, Any]], others: int) -> list[dict[str, Any]]:
    if len(considered) + others <= MOST_LISTED:
        return considered
    near = [entry for entry in considered if entry.get("fact") not in PLACE]
    far = Counter(entry["fact"] for entry in considered if entry.get("fact") in PLACE)
    far += Counter({"classes": others})
    return near + [{"rule": None, "outcome": "not", "fact": fact, "count": count} for fact, count in far.items()]
