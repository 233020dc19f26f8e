"""Routing decides, explains, and never fails silently (D4)."""

import pytest

from config.errors import UnroutableCase
from dispatch.routing import Facts, Rule, decide

ASSET = Rule(1, 10, "asset", "asset_unit")
CONDITION = Rule(2, 20, "condition", "condition_unit")
NORTH = Rule(3, 30, "north", "unit", 7, matches={"area_prefix": "990101001"})
NORTH_LAMPS = Rule(4, 30, "north lamps", "unit", 8, matches={"area_prefix": "990101001", "class_prefix": "C02"})


def test_the_unit_of_the_asset_comes_first() -> None:
    decision = decide(Facts("C0205", "990101001001", "inspector", 5, "L-5", 3, 4), [CONDITION, ASSET], None)
    assert (decision.unit_id, decision.rule_id, decision.reason) == (3, 1, "asset_unit")
    assert decision.facts["asset_code"] == "L-5"


def test_the_more_specific_of_two_rules_decides() -> None:
    lamp = decide(Facts("C0205", "990101001001", "hotline"), [NORTH, NORTH_LAMPS], None)
    assert lamp.unit_id == 8
    assert decide(Facts("M0101", "990101001001", "hotline"), [NORTH, NORTH_LAMPS], None).unit_id == 7


def test_what_was_asked_in_vain_is_kept_with_the_reason() -> None:
    decision = decide(Facts(None, None, "citizen"), [ASSET, CONDITION, NORTH], 99)
    assert (decision.unit_id, decision.reason, decision.rule_id) == (99, "fallback", None)
    assert [entry["outcome"] for entry in decision.considered] == [
        "no asset_unit",
        "no condition_unit",
        "not area_prefix=990101001",
    ]


def test_an_unknown_condition_of_a_rule_never_matches() -> None:
    strange = Rule(9, 1, "strange", "unit", 1, matches={"weather": "storm"})
    assert decide(Facts("C0205", None, "hotline"), [strange], 99).unit_id == 99


def test_without_a_fallback_desk_it_says_so() -> None:
    with pytest.raises(UnroutableCase, match="fallback"):
        decide(Facts(None, None, "citizen"), [], None)
