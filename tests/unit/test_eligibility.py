"""Who qualifies, in three values, with reasons; and which rules are refused before they can be wrong for everybody."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.errors import ConfigurationError, InvalidInput
from welfare import facts, programmes
from welfare.amounts import amount, parse_amount
from welfare.assessment import Version, assess, in_order, reasons, trace
from welfare.eligibility import Finding, Setting, decisive, evaluate
from welfare.facts import Member, View, dictionary, view
from welfare.rules import parse

DAY = date(2026, 11, 24)
CLAUSE = {"zh": "条款", "en": "clause"}


def shipped_policy() -> tuple[list[Version], dict[str, Any]]:
    content = programmes.shipped()
    parameters: dict[str, Any] = {}
    for entry in sorted(content["parameter"], key=lambda entry: entry["valid_from"]):
        if entry["valid_from"] <= DAY:
            parameters[entry["name"]] = entry["value"]
    versions = [
        Version(n, entry["code"], parse(entry["rule"], dictionary()), parse_amount(entry["amount"], dictionary()))
        for n, entry in enumerate(content["programme"])
    ]
    return versions, parameters


VERSIONS, PARAMETERS = shipped_policy()
POOR = {
    "settlement": "urban",
    "income_month": 1500,
    "property_total": 9000,
    "vehicles": 0,
    "houses": 1,
    "medical_paid_year": 0,
}
COUPLE: dict[int, dict[str, Any]] = {1: {"able_to_work": True}, 2: {"able_to_work": True}}
BIRTHS = {1: date(1980, 1, 1), 2: date(1982, 1, 1), 3: date(2015, 6, 1)}


def household(
    changes: Mapping[str, Any] = {},
    members: dict[int, dict[str, Any]] = COUPLE,
    receiving: frozenset[str] = frozenset(),
) -> View:
    stated = {name: value for name, value in {**POOR, **changes}.items() if value is not None}
    return view(stated, members, BIRTHS, DAY, receiving)


def found(seen: View, code: str = "mla") -> Any:
    return assess(VERSIONS, seen, PARAMETERS, [("mla", "esp")])[code]


def test_a_household_below_the_standard_qualifies_and_gets_the_shortfall() -> None:
    assessment = found(household())
    assert assessment.outcome == "eligible"
    assert assessment.amount == 2 * 1180 - 1500


def test_a_failed_clause_tells_what_was_found_what_was_required_and_the_gap() -> None:
    assessment = found(household({"income_month": 3000}))
    assert assessment.outcome == "not_eligible"
    (reason,) = reasons(trace(assessment.finding))
    assert (reason["actual"], reason["required"], reason["gap"]) == (1500, 1180, 320)
    assert reason["zh"] == "人均月收入低于低保标准"
    assert reason["basis"]


def test_what_is_missing_never_decides_and_is_named() -> None:
    assessment = found(household({"property_total": None}))
    assert assessment.outcome == "undetermined"
    assert assessment.finding.missing == {"property_per_person"}
    assert [reason["missing"] for reason in reasons(trace(assessment.finding))] == [["property_per_person"]]


def test_what_fails_for_certain_fails_whatever_is_missing() -> None:
    assessment = found(household({"property_total": None, "vehicles": 1}))
    assert assessment.outcome == "not_eligible"
    assert not assessment.finding.missing


def test_the_standard_depends_on_where_one_is_registered() -> None:
    assert found(household({"income_month": 2000, "settlement": "rural"})).outcome == "not_eligible"
    assert found(household({"income_month": 2000, "settlement": None})).finding.missing == {"settlement"}


def test_additions_for_children_and_the_seriously_ill() -> None:
    members: dict[int, dict[str, Any]] = {
        1: {"seriously_ill": True},
        2: {"seriously_ill": False, "disability_grade": "none"},
        3: {},
    }
    assert found(household(members=members)).amount == pytest.approx(3 * 1180 - 1500 + 1180 * (0.3 + 0.2))


def test_one_programme_rests_on_another() -> None:
    assert found(household({"medical_paid_year": 10000}), "medical").outcome == "eligible"
    assert found(household({"medical_paid_year": 10000}), "medical").amount == 7000
    assert found(household({"medical_paid_year": 90000}), "medical").amount == 30000
    marginal = {"income_month": 2900, "medical_paid_year": 5999}
    assert found(household(marginal), "medical").outcome == "not_eligible"
    assert found(household({**marginal, "medical_paid_year": 6000}), "medical").outcome == "eligible"


def test_what_is_received_is_told_and_excludes_its_rival() -> None:
    seen = household(receiving=frozenset({"esp"}))
    assert found(seen).outcome == "blocked"
    assert found(seen).blocked_by == "esp"
    assert found(seen, "esp").outcome == "receiving"
    assert found(seen, "esp").qualifies is False, "two people able to work: to be reviewed"


def test_all_members_must_meet_what_is_asked_of_all() -> None:
    alone: dict[int, dict[str, Any]] = {1: {"able_to_work": False, "has_supporter": False, "disability_grade": "1"}}
    assert found(household({"income_month": 200}, alone), "esp").outcome == "eligible"
    with_another: dict[int, dict[str, Any]] = {
        **alone,
        2: {"able_to_work": None, "has_supporter": False, "disability_grade": "2"},
    }
    assessment = found(household({"income_month": 200}, with_another), "esp")
    assert assessment.outcome == "undetermined"
    assert assessment.finding.missing == {"able_to_work"}


def test_a_parameter_that_is_not_in_force_is_an_error_of_ours_not_a_no() -> None:
    with pytest.raises(ConfigurationError, match="mla_standard"):
        assess(VERSIONS, household(), {})


# ---- three-valued logic, for any facts ---------------------------------------------------------------------------

NUMBERS = st.one_of(st.none(), st.integers(0, 4000))
ATOM = {"fact": "income_month", "op": "<", "value": 2000, "clause": CLAUSE}


@st.composite
def trees(draw: st.DrawFn, depth: int = 3) -> dict[str, Any]:
    """Any rule over the household's own facts."""
    kinds = ["fact", "fact", "all", "any", "not"] if depth else ["fact"]
    kind = draw(st.sampled_from(kinds))
    if kind == "fact":
        name = draw(st.sampled_from(["income_month", "property_total", "vehicles", "houses"]))
        op = draw(st.sampled_from(["<", "<=", ">", ">=", "=", "!="]))
        return {"fact": name, "op": op, "value": draw(st.integers(0, 4000)), "clause": CLAUSE}
    if kind == "not":
        return {"not": draw(trees(depth - 1))}
    return {kind: draw(st.lists(trees(depth - 1), min_size=1, max_size=3))}


@given(trees(), st.fixed_dictionaries(dict.fromkeys(("income_month", "property_total", "vehicles", "houses"), NUMBERS)))
def test_a_verdict_stands_whatever_the_missing_facts_turn_out_to_be(
    tree: dict[str, Any], stated: dict[str, Any]
) -> None:
    """True and False hold for every completion tried; an open verdict names facts, and only missing ones."""
    rule = parse(tree, dictionary())
    verdict = evaluate(rule, Setting(View({n: v for n, v in stated.items() if v is not None}), {}))
    missing = {name for name, value in stated.items() if value is None}
    assert verdict.missing <= missing
    assert (verdict.result is None) == bool(verdict.missing)
    outcomes = set()
    for guess in (0, 1, 999, 2000, 4001):
        outcomes.add(
            evaluate(rule, Setting(View({n: guess if v is None else v for n, v in stated.items()}), {})).result
        )
    if verdict.result is not None:
        assert outcomes == {verdict.result}
    assert None not in outcomes


@given(trees(), st.fixed_dictionaries(dict.fromkeys(("income_month", "property_total", "vehicles", "houses"), NUMBERS)))
def test_the_reasons_are_the_clauses_that_decided(tree: dict[str, Any], stated: dict[str, Any]) -> None:
    verdict = evaluate(parse(tree, dictionary()), Setting(View({n: v for n, v in stated.items() if v is not None}), {}))
    clauses = decisive(verdict)
    assert clauses
    assert len(reasons(trace(verdict))) == len(clauses)
    if "not" not in str(tree):
        assert {clause.result for clause in clauses} == {verdict.result}


@given(
    st.lists(st.sampled_from([True, False, None]), max_size=6),
    st.integers(0, 6),
    st.sampled_from(["<", "<=", ">", ">=", "=", "!="]),
)
def test_a_count_is_known_only_where_every_possible_count_agrees(
    flags: list[bool | None], wanted: int, op: str
) -> None:
    members = tuple(Member(n, {} if flag is None else {"seriously_ill": flag}) for n, flag in enumerate(flags))
    inner = {"fact": "seriously_ill", "op": "=", "value": True, "clause": CLAUSE}
    rule = parse({"members": "count", "rule": inner, "op": op, "value": wanted, "clause": CLAUSE}, dictionary())
    verdict = evaluate(rule, Setting(View({}, members), {}))
    possible = {
        evaluate(
            rule, Setting(View({}, tuple(Member(n, {"seriously_ill": f}) for n, f in enumerate(whole))), {})
        ).result
        for whole in _completions(flags)
    }
    assert verdict.result == (possible.pop() if len(possible) == 1 else None)


def _completions(flags: list[bool | None]) -> list[list[bool]]:
    found: list[list[bool]] = [[]]
    for flag in flags:
        found = [[*before, value] for before in found for value in ((True, False) if flag is None else (flag,))]
    return found


# ---- what is refused ---------------------------------------------------------------------------------------------

GOOD = {"fact": "income_month", "op": "<", "value": 1, "clause": CLAUSE}


@pytest.mark.parametrize(
    ("tree", "says"),
    [
        ([], "object"),
        ({}, "exactly one"),
        ({"all": [GOOD], "any": [GOOD]}, "exactly one"),
        ({"all": []}, "at least one"),
        ({"all": [GOOD, {**GOOD, "fact": "dependency_ratio"}]}, r"rule.all\[1\]"),
        ({**GOOD, "op": "~"}, "op must be"),
        ({**GOOD, "op": "="} | {"value": "1"}, "cannot be compared"),
        ({**GOOD, "value": True}, "cannot be compared"),
        ({**GOOD, "parameter": "x"}, "either a value or a parameter"),
        ({**GOOD, "note": "x"}, "'note' is not understood"),
        ({**GOOD, "clause": {"zh": "只有中文"}}, "both languages"),
        ({**GOOD, "fact": "seriously_ill"}, "no fact 'seriously_ill' of a household"),
        ({"fact": "settlement", "op": "<", "value": "urban", "clause": CLAUSE}, "cannot be compared"),
        ({"fact": "settlement", "op": "in", "value": ["urban", "suburban"], "clause": CLAUSE}, "cannot be compared"),
        ({"members": "most", "rule": GOOD, "clause": CLAUSE}, "any, all, count or sum"),
        ({"members": "any", "rule": GOOD, "clause": CLAUSE}, "of a person"),
        ({"members": "any", "clause": CLAUSE}, "needs rule"),
        ({"members": "sum", "fact": "seriously_ill", "op": "<", "value": 1, "clause": CLAUSE}, "no number"),
        ({"programme": "mla", "is": "rich", "clause": CLAUSE}, "'is' must be"),
        ({"value": 1, "factor": "f", "fact": "income_month", "op": "<", "clause": CLAUSE}, "a factor multiplies"),
    ],
)
def test_a_rule_that_is_not_fully_understood_is_refused(tree: Any, says: str) -> None:
    with pytest.raises(InvalidInput, match=says):
        parse(tree, dictionary())


@pytest.mark.parametrize(
    "tree",
    [
        {}, {"form": "gift", "every": "month"}, {"form": "share", "every": "year"}, {"form": "shortfall", "every": "month"},
        {"form": "share", "every": "once", "fact": "settlement", "ratio": "r", "cap": "c"},
        {"form": "per_member", "every": "month", "parameter": "p", "extra": 1},
    ],
)  # fmt: skip
def test_an_amount_that_is_not_fully_understood_is_refused(tree: Any) -> None:
    with pytest.raises(InvalidInput):
        parse_amount(tree, dictionary())


def test_programmes_in_a_circle_are_refused() -> None:
    def version(code: str, other: str) -> Version:
        rule = parse({"programme": other, "is": "eligible", "clause": CLAUSE}, dictionary())
        return Version(1, code, rule, VERSIONS[0].amount)

    with pytest.raises(InvalidInput, match="circle"):
        in_order([version("a", "b"), version("b", "a")])


def test_facts_are_of_their_kind() -> None:
    check = dictionary().check
    check("income_month", "household", 12.5)
    check("school", "person", "college")
    for name, subject, value in (
        ("income_month", "household", True), ("income_month", "household", "1"), ("income_month", "person", 1),
        ("income_month", "household", float("nan")), ("income_month", "household", 1e15), ("school", "person", "kindergarten"),
        ("age", "person", 7), ("seriously_ill", "person", 1),
    ):  # fmt: skip
        with pytest.raises(InvalidInput):
            check(name, subject, value)


def test_a_year_of_age_is_completed_on_the_birthday() -> None:
    assert facts.age(date(2000, 11, 25), DAY) == 25
    assert facts.age(date(2000, 11, 24), DAY) == 26
    assert facts.age(date(2004, 2, 29), date(2026, 2, 28)) == 21
    assert facts.age(date(2004, 2, 29), date(2026, 3, 1)) == 22


def test_an_amount_without_its_facts_is_not_known() -> None:
    seen = Setting(view({}, {1: {}}, {}, DAY), PARAMETERS)
    assert amount(VERSIONS[0].amount, seen) is None
    assert isinstance(evaluate(VERSIONS[0].rule, seen), Finding)
