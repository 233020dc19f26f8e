"""A rule, how specific it is, and in which order rules are asked. Pure.

Rules are asked by priority (the smaller number first), then the more specific first, then the older. How specific a rule is, is a sum
of points that the page shows: the narrower its place and its class, and the more else it asks, the more points.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from dispatch.routing.conditions import CONDITIONS, answer
from dispatch.routing.facts import Facts

AREA_POINTS = {"city": 1, "district": 2, "subdistrict": 3, "community": 4}
GROUND_POINTS = {"zone": 5, "section": 6}
CLASS_POINTS = {1: 1, 3: 2, 5: 3}
"""By length of the code: components or matters, a major class 大类, a minor class 小类."""
CONDITION_POINTS = 4

TARGETS = ("unit", "asset_unit", "condition_unit")


@dataclass(frozen=True)
class Rule:
    """Where all of `matches` hold, the unit of `target` is responsible: a fixed unit, the asset's, or the condition's.

    `number` and `version` stay with a rule through all sets; `id` is its row in one set.
    """

    id: int
    priority: int
    name: str
    target: str
    unit_id: int | None = None
    name_en: str = ""
    matches: Mapping[str, Any] = field(default_factory=dict)
    number: int = 0
    version: int = 1

    @property
    def rank(self) -> tuple[int, int, int, int]:
        """Rules are asked in ascending order of this."""
        return (self.priority, -specificity(self.matches), self.number, self.id)

    @cached_property
    def asked(self) -> tuple[tuple[str, Any], ...]:
        """Conditions in the order in which they are asked; unknown ones last."""
        known = [(name, self.matches[name]) for name in CONDITIONS if name in self.matches]
        return (*known, *((name, wanted) for name, wanted in self.matches.items() if name not in CONDITIONS))

    def mismatch(self, facts: Facts) -> str | None:
        """Name of the first condition that does not hold or is not known, or None when all hold."""
        asked = (self.id, self.unit(facts))
        for name, wanted in self.asked:
            if answer(name, wanted, facts, asked) is not True:
                return name
        return None

    def fits(self, facts: Facts) -> bool | None:
        """Whether all conditions hold; None where that depends on what is not known."""
        asked = (self.id, self.unit(facts))
        answers = [answer(name, wanted, facts, asked) for name, wanted in self.asked]
        return False if False in answers else None if None in answers else True

    def unit(self, facts: Facts) -> int | None:
        """The unit this rule names for these facts, if it can name one."""
        if self.target == "unit":
            return self.unit_id
        return facts.asset_unit_id if self.target == "asset_unit" else facts.condition_unit_id


def specificity(matches: Mapping[str, Any]) -> int:
    """Points for how narrow the conditions are. Of several areas or classes the widest counts."""
    points = 0
    for name, wanted in matches.items():
        if name == "areas":
            points += min((AREA_POINTS.get(area.get("level", ""), 1) for area in wanted), default=0)
        elif name == "ground":
            points += GROUND_POINTS[wanted["kind"]]
        elif name == "classes":
            narrow = CONDITION_POINTS if matches.get("conditions") else 0
            points += max(narrow, min((CLASS_POINTS.get(len(code), 3) for code in wanted), default=0))
        elif name == "conditions":
            points += 0 if "classes" in matches else CONDITION_POINTS
        else:
            points += 1
    return points
