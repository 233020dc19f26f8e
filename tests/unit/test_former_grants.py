"""What the demonstration's households were granted before the system came, by the rules of that day."""

from __future__ import annotations

from typing import Any

import pytest

from config.errors import ConfigurationError
from data.aid import former_amount
from welfare import programmes
from welfare.amounts import Amount, parse_amount
from welfare.eligibility import Setting
from welfare.facts import View, dictionary

STANDARD = 1120
"""Yuan a month and member, urban, from 2025-07-01 on (config/welfare/parameters.toml)."""


def rule(code: str) -> Amount:
    entry = next(entry for entry in programmes.shipped()["programme"] if entry["code"] == code)
    return parse_amount(entry["amount"], dictionary())


def household(**facts: Any) -> Setting:
    """Two members in town without further facts of their own."""
    parameters = {entry["name"]: entry["value"] for entry in reversed(programmes.shipped()["parameter"])}
    return Setting(View({"settlement": "urban", "household_size": 2, **facts}), parameters, {})


def test_the_amount_is_what_the_rule_gives() -> None:
    assert former_amount(rule("mla"), household(income_month=1240)) == 2 * STANDARD - 1240


def test_who_earns_too_much_by_now_earned_less_when_it_was_granted() -> None:
    assert former_amount(rule("mla"), household(income_month=9000)) == STANDARD


def test_nobody_is_granted_an_amount_that_nobody_knows() -> None:
    with pytest.raises(ConfigurationError, match="no facts for the amount"):
        former_amount(rule("mla"), household())
