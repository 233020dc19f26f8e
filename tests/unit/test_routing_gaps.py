"""Places × classes: gaps, what only sometimes fits, and rules of equal rank that contradict each other (D4)."""

from __future__ import annotations

from typing import Any

import pytest
import shapely

from dispatch.routing import Rule
from dispatch.routing.book import Book
from dispatch.routing.gaps import Cell, ClassFacts, judge, of_class

LITTER = ClassFacts("M0101", frozenset({1, 2}), (5, 5))
HERE = "990101001001"


def rule(number: int, unit: int | None = 7, target: str = "unit", priority: int = 30, **matches: Any) -> Rule:
    return Rule(number, priority, str(number), target, unit, matches=matches, number=number)


def cell(*rules: Rule, about: ClassFacts = LITTER, grounds: dict[int, shapely.Geometry] | None = None) -> Cell:
    book = Book.of(1, rules, grounds)
    whole, partly = book.over(shapely.box(0, 0, 1, 1))
    return judge(of_class(book.rules, about), about, HERE, whole, partly, book.meet)


def area(code: str = HERE) -> list[dict[str, str]]:
    return [{"code": code, "level": "community"}]


def test_a_rule_for_this_place_and_class_covers_it() -> None:
    assert cell(rule(1, areas=area(), classes=["M01"])) == Cell("covered", (1,))


def test_without_one_it_is_a_gap() -> None:
    assert cell(rule(1, areas=area("990102")), rule(2, classes=["C"])).kind == "gap"


@pytest.mark.parametrize(
    "more", [{"sources": ["hotline"]}, {"hours": {"from": "22:00", "to": "06:00"}}, {"weather": ["heat"]}]
)
def test_a_rule_that_asks_for_more_covers_it_only_sometimes(more: dict[str, Any]) -> None:
    assert cell(rule(1, **more)).kind == "sometimes"
    assert cell(rule(1, **more), rule(2, 8, priority=90)) == Cell("covered", (1, 2))


@pytest.mark.parametrize(
    ("units", "kind"), [((5, 6), "covered"), ((5, None), "sometimes"), ((None, None), "gap"), ((), "gap")]
)
def test_the_unit_of_the_condition_covers_what_all_conditions_name(units: tuple[int | None, ...], kind: str) -> None:
    about = ClassFacts("M0101", frozenset({1, 2}), units)
    assert cell(rule(1, None, "condition_unit"), about=about).kind == kind


def test_the_unit_of_the_asset_may_cover_components_only() -> None:
    assert cell(rule(1, None, "asset_unit")).kind == "gap"
    assert cell(rule(1, None, "asset_unit"), about=ClassFacts("C0101", frozenset(), ())).kind == "sometimes"


def test_a_zone_covers_an_area_whole_or_in_part() -> None:
    zone = rule(1, ground={"kind": "zone"})
    assert cell(zone, grounds={1: shapely.box(-1, -1, 2, 2)}).kind == "covered"
    assert cell(zone, grounds={1: shapely.box(0.5, 0, 2, 1)}).kind == "sometimes"
    assert cell(zone, grounds={1: shapely.box(5, 5, 6, 6)}).kind == "gap"


def test_two_units_of_equal_rank_contradict_each_other() -> None:
    assert (
        cell(rule(1, classes=["M01"]), rule(2, 8, areas=[{"code": "99", "level": "city"}], sources=["hotline"])).kind
        == "conflict"
    )
    assert cell(rule(1, classes=["M01"]), rule(2, 7, classes=["M0"])).kind == "covered", "the same unit"
    assert cell(rule(1, classes=["M01"]), rule(2, 8, classes=["M0101"])).kind == "covered", (
        "the second is more specific"
    )


@pytest.mark.parametrize(
    ("one", "other", "kind"),
    [
        ({"sources": ["hotline"]}, {"sources": ["sensor"]}, "sometimes"),
        ({"sources": ["hotline"]}, {"sources": ["sensor", "hotline"]}, "conflict"),
        ({"hours": {"from": "08:00", "to": "18:00"}}, {"hours": {"from": "18:00", "to": "08:00"}}, "sometimes"),
        ({"hours": {"from": "08:00", "to": "18:00"}}, {"hours": {"from": "17:59", "to": "08:00"}}, "conflict"),
        ({"day": "workday"}, {"day": "restday"}, "sometimes"),
        ({"dates": {"to": "2026-06-30"}}, {"dates": {"from": "2026-07-01"}}, "sometimes"),
        ({"weather": ["heat"]}, {"weather": ["flood"]}, "conflict"),
    ],
)
def test_only_what_can_happen_at_once_is_a_conflict(one: dict[str, Any], other: dict[str, Any], kind: str) -> None:
    assert cell(rule(1, **one), rule(2, 8, **other)).kind == kind


def test_zones_that_lie_apart_do_not_contradict() -> None:
    zones = rule(1, ground={"kind": "zone"}), rule(2, 8, ground={"kind": "zone"})
    west, east = shapely.box(0, 0, 0.4, 1), shapely.box(0.6, 0, 1, 1)
    assert cell(*zones, grounds={1: west, 2: east}).kind == "sometimes"
    assert cell(*zones, grounds={1: west, 2: shapely.box(0.3, 0, 1, 1)}).pairs == ((1, 2),)
