"""Routing decides, explains, and never fails silently (D4)."""

from __future__ import annotations

from typing import Any

import pytest
import shapely

from config.errors import UnroutableCase
from dispatch.routing import Facts, Rule, decide
from dispatch.routing.book import Book
from dispatch.routing.deciding import MOST_LISTED
from dispatch.routing.rules import specificity
from dispatch.routing.words import Names, why

ASSET = Rule(1, 10, "asset", "asset_unit", number=1)
CONDITION = Rule(2, 20, "condition", "condition_unit", number=2)
COMMUNITY = {"areas": [{"code": "990101001", "level": "subdistrict"}]}
NORTH = Rule(3, 30, "north", "unit", 7, matches=COMMUNITY, number=3)
NORTH_LAMPS = Rule(4, 30, "north lamps", "unit", 8, matches={**COMMUNITY, "classes": ["C02"]}, number=4)


def rule(matches: dict[str, Any], unit: int = 7, number: int = 5, priority: int = 30) -> Rule:
    return Rule(number, priority, f"rule {number}", "unit", unit, matches=matches, number=number)


def facts(**more: Any) -> Facts:
    return Facts(**{"class_code": "M0101", "area_code": "990101001001", "source": "hotline", **more})


def test_the_unit_of_the_asset_comes_first() -> None:
    decision = decide(Facts("C0205", "990101001001", "inspector", 5, "L-5", 3, 4), [CONDITION, ASSET], None)
    assert (decision.unit_id, decision.rule_id, decision.reason) == (3, 1, "asset_unit")
    assert decision.facts["asset_code"] == "L-5"


def test_the_more_specific_of_two_rules_decides() -> None:
    lamp = decide(Facts("C0205", "990101001001", "hotline"), [NORTH, NORTH_LAMPS], None)
    assert lamp.unit_id == 8
    assert decide(facts(), [NORTH, NORTH_LAMPS], None).unit_id == 7


def test_priority_comes_before_what_is_specific_and_age_after_it() -> None:
    first = rule({}, unit=1, number=9, priority=5)
    assert decide(facts(class_code="C0205"), [NORTH_LAMPS, first], None).unit_id == 1
    older, newer = rule(COMMUNITY, unit=1, number=6), rule(COMMUNITY, unit=2, number=7)
    assert decide(facts(), [newer, older], None).unit_id == 1


def test_what_was_asked_in_vain_is_kept_with_the_reason() -> None:
    decision = decide(Facts(None, None, "citizen"), [ASSET, CONDITION, NORTH], 99)
    assert (decision.unit_id, decision.reason, decision.rule_id) == (99, "fallback", None)
    assert [(entry["outcome"], entry.get("fact")) for entry in decision.considered] == [
        ("no_unit", None),
        ("no_unit", None),
        ("not", "areas"),
    ]


def test_of_a_long_list_what_failed_on_place_or_class_is_told_as_a_number() -> None:
    elsewhere = [rule({"classes": [f"C{number:04}"]}, number=number) for number in range(10, 10 + 2 * MOST_LISTED)]
    night = rule({"hours": {"from": "22:00", "to": "06:00"}}, number=8)
    decision = decide(facts(time="12:00"), [*elsewhere, night], 99)
    assert [entry["name"] for entry in decision.considered if entry["rule"]] == ["rule 8"]
    assert decision.considered[-1] == {"rule": None, "outcome": "not", "fact": "classes", "count": 2 * MOST_LISTED}


@pytest.mark.parametrize(
    ("matches", "fits", "fails"),
    [
        ({"classes": ["C", "M01"]}, {}, {"class_code": "M0201"}),
        ({"conditions": [4]}, {"condition_id": 4}, {"condition_id": 5}),
        ({"asset_kinds": ["street_lamp"]}, {"asset_kind": "street_lamp"}, {"asset_kind": "tree"}),
        ({"owners": ["水务集团"]}, {"asset_owner": "水务集团"}, {}),
        ({"asset_units": [3]}, {"asset_unit_id": 3}, {"asset_unit_id": 4}),
        ({"sources": ["hotline", "citizen"]}, {}, {"source": "sensor"}),
        ({"priorities": ["emergency"]}, {"priority": "emergency"}, {"priority": "normal"}),
        ({"dates": {"from": "2026-06-01", "to": "2026-09-30"}}, {"day": "2026-09-30"}, {"day": "2026-10-01"}),
        ({"dates": {"from": "2026-06-01", "to": None}}, {"day": "2030-01-01"}, {"day": "2026-05-31"}),
        ({"weekdays": [6, 7]}, {"weekday": 7}, {"weekday": 1}),
        ({"hours": {"from": "08:00", "to": "18:00"}}, {"time": "08:00"}, {"time": "18:00"}),
        ({"hours": {"from": "22:00", "to": "06:00"}}, {"time": "23:30"}, {"time": "06:00"}),
        ({"hours": {"from": "22:00", "to": "06:00"}}, {"time": "00:00"}, {"time": "21:59"}),
        ({"day": "restday"}, {"workday": False}, {"workday": True}),
        ({"weather": ["heavy_rain", "flood"]}, {"weather": ("flood",)}, {"weather": ()}),
        ({"load_below": 10}, {"load": {7: 9}}, {"load": {7: 10}}),
        ({"on_shift": True}, {"on_shift": {7: True}}, {"on_shift": {7: False}}),
        ({"on_shift": True}, {"on_shift": {7: True}}, {"on_shift": None}),
        ({"weather": ["heat"]}, {"weather": ("heat",)}, {"weather": None}),
    ],
)
def test_every_fact_can_be_asked_for(matches: dict[str, Any], fits: dict[str, Any], fails: dict[str, Any]) -> None:
    assert decide(facts(**fits), [rule(matches)], 99).unit_id == 7
    refused = decide(facts(**fails), [rule(matches)], 99)
    assert (refused.unit_id, refused.considered[0]["fact"]) == (99, next(iter(matches)))


def test_the_load_counts_for_the_unit_that_the_rule_would_name() -> None:
    busy = Rule(1, 1, "own unit while it can", "asset_unit", matches={"load_below": 5}, number=1)
    spare = rule({}, unit=8, number=2)
    assert decide(facts(asset_unit_id=3, load={3: 4, 8: 50}), [busy, spare], None).unit_id == 3
    assert decide(facts(asset_unit_id=3, load={3: 5}), [busy, spare], None).unit_id == 8


def test_the_narrower_place_and_class_is_the_more_specific() -> None:
    def areas(*levels: str) -> dict[str, Any]:
        return {"areas": [{"code": "99", "level": level} for level in levels]}

    zone, section = {"ground": {"kind": "zone"}}, {"ground": {"kind": "section"}}
    ladder: list[dict[str, Any]] = [
        {},
        areas("city"),
        areas("district"),
        areas("subdistrict"),
        areas("community"),
        zone,
        section,
    ]
    assert [specificity(matches) for matches in ladder] == [0, 1, 2, 3, 4, 5, 6]
    assert specificity(areas("community", "district")) == 2  # no narrower than its widest part
    by_class: list[dict[str, Any]] = [
        {"classes": ["C"]},
        {"classes": ["C02"]},
        {"classes": ["C0205"]},
        {"conditions": [4]},
    ]
    assert [specificity(matches) for matches in by_class] == [1, 2, 3, 4]
    assert specificity({"classes": ["C0205"], "conditions": [4]}) == 4
    assert specificity({**areas("community"), "classes": ["C0205"], "sources": ["hotline"], "day": "workday"}) == 9


def test_zones_hold_a_point_or_not_their_border_included() -> None:
    zone = rule({"ground": {"kind": "zone", "name": "market"}})
    book = Book.of(1, [zone, rule({}, unit=1, number=9)], {zone.id: shapely.box(115.6, 38.4, 115.61, 38.41)})
    inside, border, outside = (book.at((lon, 38.405)) for lon in (115.605, 115.61, 115.6101))
    assert book.decide(facts(ground=inside), None).unit_id == 7
    assert book.decide(facts(ground=border), None).unit_id == 7
    assert book.decide(facts(ground=outside), None).unit_id == 1
    assert book.at(None) == frozenset()


def test_a_large_book_decides_as_its_rules_asked_one_by_one() -> None:
    some = [rule({"classes": [f"M01{number:02}"]}, unit=number, number=number) for number in range(10, 60)]
    book = Book.of(1, [*some, rule({"areas": [{"code": "990102", "level": "district"}]}, number=9), CONDITION])
    for code in ("M0112", "M0159", "M0199", "C0205", None):
        asked = facts(class_code=code, condition_unit_id=70)
        one_by_one = decide(asked, book.rules, 99)
        decision = book.decide(asked, 99)
        assert (decision.unit_id, decision.rule_id) == (one_by_one.unit_id, one_by_one.rule_id)
        others = 50 if code in ("M0199", "C0205", None) else 49
        assert {"rule": None, "outcome": "not", "fact": "classes", "count": others} in decision.considered


def test_an_explanation_asks_the_later_rules_too() -> None:
    book = Book.of(1, [NORTH, NORTH_LAMPS, rule({"sources": ["sensor"]}, number=9, priority=90)])
    told = book.decide(facts(class_code="C0205"), None, all_rules=True)
    assert [(entry["number"], entry["outcome"]) for entry in told.considered] == [
        (4, "chosen"),
        (3, "also"),
        (9, "not"),
    ]


def test_reasons_are_said_in_words() -> None:
    areas = Names(areas={"990101001": "一街道"})
    entry = decide(facts(area_code="99"), [NORTH], 99).considered[0]
    assert why(entry, NORTH.matches, areas, "zh") == "不符合：区域不是一街道"
    assert why(entry, NORTH.matches, Names(), "en") == "does not fit: Area is not 990101001"
    assert why({"outcome": "not area_prefix=99"}, None, Names(), "en") == "does not fit: area_prefix=99"


def test_an_unknown_condition_of_a_rule_never_matches() -> None:
    assert decide(facts(), [rule({"moon": "full"})], 99).unit_id == 99


def test_without_a_fallback_desk_it_says_so() -> None:
    with pytest.raises(UnroutableCase, match="fallback"):
        decide(Facts(None, None, "citizen"), [], None)
