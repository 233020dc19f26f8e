"""Who is responsible for what, where, and why (D4). Pure: facts and rules in, a decision with its reasons out.

Rules are asked by priority, then the more specific first, then the older. Every rule that was asked stands in
`considered` with the reason why it did not decide, so that a decision explains itself and never fails silently.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from config.errors import UnroutableCase


@dataclass(frozen=True)
class Facts:
    """What routing may look at. Codes of areas begin with the code of the area above them."""

    class_code: str | None
    area_code: str | None
    source: str
    asset_id: int | None = None
    asset_code: str | None = None
    asset_unit_id: int | None = None
    condition_unit_id: int | None = None


@dataclass(frozen=True)
class Rule:
    """Where `matches` fits, the unit of `target` is responsible: a fixed unit, the asset's, or the condition's."""

    id: int
    priority: int
    name: str
    target: str
    unit_id: int | None = None
    name_en: str = ""
    matches: Mapping[str, str] = field(default_factory=dict)

    def mismatch(self, facts: Facts) -> str | None:
        """The first condition that does not hold, or None when all hold."""
        for name, wanted in self.matches.items():
            if not _holds(name, wanted, facts):
                return f"{name}={wanted}"
        return None

    def unit(self, facts: Facts) -> int | None:
        """The unit this rule names for these facts, if it can name one."""
        return {"unit": self.unit_id, "asset_unit": facts.asset_unit_id, "condition_unit": facts.condition_unit_id}[
            self.target
        ]


@dataclass(frozen=True)
class Decision:
    """The responsible unit and the reason. `reason` is one of asset_unit, condition_unit, unit, fallback."""

    unit_id: int
    rule_id: int | None
    reason: str
    facts: dict[str, Any]
    considered: list[dict[str, Any]]


def decide(facts: Facts, rules: Iterable[Rule], fallback_unit_id: int | None) -> Decision:
    """The first rule that fits and can name a unit decides; where none does, the fallback desk gets the case.

    Raises UnroutableCase where not even a fallback desk is defined.
    """
    considered: list[dict[str, Any]] = []
    for rule in sorted(rules, key=lambda rule: (rule.priority, -len(rule.matches), rule.id)):
        mismatch = rule.mismatch(facts)
        unit = None if mismatch else rule.unit(facts)
        outcome = f"not {mismatch}" if mismatch else "chosen" if unit is not None else f"no {rule.target}"
        considered.append({"rule": rule.id, "name": rule.name, "name_en": rule.name_en, "outcome": outcome})
        if unit is not None:
            return Decision(unit, rule.id, rule.target, asdict(facts), considered)
    if fallback_unit_id is None:
        raise UnroutableCase("No routing rule fits and no fallback desk is defined.")
    return Decision(fallback_unit_id, None, "fallback", asdict(facts), considered)


def _holds(name: str, wanted: str, facts: Facts) -> bool:
    if name == "class_prefix":
        return (facts.class_code or "").startswith(wanted)
    if name == "area_prefix":
        return (facts.area_code or "").startswith(wanted)
    if name == "source":
        return facts.source == wanted
    return False
