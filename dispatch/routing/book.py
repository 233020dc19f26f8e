"""A set of rules made ready to be asked: ranked, with its zones and road sections in one spatial index. Immutable, kept in memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray

from dispatch.routing.deciding import MOST_LISTED, Decision, decide_ranked
from dispatch.routing.facts import Facts
from dispatch.routing.rules import Rule


@dataclass(frozen=True)
class Book:
    """The rules of one set in the order of their rank; `grounds`: polygons in WGS 84 degrees by id of the rule that asks for them."""

    set_id: int | None
    rules: tuple[Rule, ...]
    grounds: Mapping[int, shapely.Geometry] = field(default_factory=dict)

    @classmethod
    def of(
        cls, set_id: int | None, rules: Iterable[Rule], grounds: Mapping[int, shapely.Geometry] | None = None
    ) -> Book:
        """Rank the rules."""
        return cls(set_id, tuple(sorted(rules, key=lambda rule: rule.rank)), grounds or {})

    @cached_property
    def asks(self) -> frozenset[str]:
        """Names of all conditions that some rule has: facts that nobody asks for are not gathered."""
        return frozenset(name for rule in self.rules for name in rule.matches)

    @cached_property
    def load_units(self) -> tuple[int, ...]:
        """Fixed units whose load some rule asks for."""
        return tuple({rule.unit_id for rule in self.rules if "load_below" in rule.matches and rule.unit_id is not None})

    @cached_property
    def shift_units(self) -> tuple[int, ...]:
        """Fixed units of which some rule asks whether they are on duty."""
        return tuple({rule.unit_id for rule in self.rules if "on_shift" in rule.matches and rule.unit_id is not None})

    @cached_property
    def _index(self) -> tuple[shapely.STRtree, NDArray[np.int64]] | None:
        if not self.grounds:
            return None
        shapes = [self.grounds[rule] for rule in self.grounds]
        shapely.prepare(shapes)
        return shapely.STRtree(shapes), np.array(list(self.grounds), dtype=np.int64)

    def at(self, point: tuple[float, float] | None) -> frozenset[int]:
        """Ids of the rules whose zone or road section holds a WGS 84 point; its border belongs to it."""
        if point is None or self._index is None:
            return frozenset()
        tree, ids = self._index
        return frozenset(ids[tree.query(shapely.Point(*point), predicate="intersects")].tolist())

    def over(self, area: shapely.Geometry) -> tuple[frozenset[int], frozenset[int]]:
        """Ids of the rules whose ground covers a polygon whole, and of those that cover a part of it."""
        if self._index is None:
            return frozenset(), frozenset()
        tree, ids = self._index
        touched = tree.query(area, predicate="intersects")
        whole = {int(ids[n]) for n in touched if tree.geometries[n].covers(area)}
        return frozenset(whole), frozenset(int(ids[n]) for n in touched) - whole

    def meet(self, one: int, other: int) -> bool:
        """Whether the grounds of two rules have a place in common."""
        return bool(shapely.intersects(self.grounds[one], self.grounds[other]))

    def decide(self, facts: Facts, fallback_unit_id: int | None, *, all_rules: bool = False) -> Decision:
        """Decide (deciding.py). Raises UnroutableCase."""
        if all_rules or len(self.rules) <= MOST_LISTED:
            return decide_ranked(facts, self.rules, fallback_unit_id, self.set_id, all_rules=all_rules)
        rules = self._of_class.get(facts.class_code)
        if rules is None:
            rules = tuple(rule for rule in self.rules if _may_be_of(rule, facts.class_code))
            self._of_class[facts.class_code] = rules
        others = len(self.rules) - len(rules)
        return decide_ranked(facts, rules, fallback_unit_id, self.set_id, others=others)

    @cached_property
    def _of_class(self) -> dict[str | None, tuple[Rule, ...]]:
        """The rules that do not fail on a class, by class, as they are asked for: most of a large set do."""
        return {}


def _may_be_of(rule: Rule, class_code: str | None) -> bool:
    classes = rule.matches.get("classes")
    return not classes or (class_code is not None and class_code.startswith(tuple(classes)))
