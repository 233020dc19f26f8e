"""Formulas of the evaluation: read safely, never run; scores and grades out of parts, some of which nothing can tell yet (D6)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.errors import InvalidInput
from dispatch.evaluation import expressions, formulas, named_counts, scoring
from dispatch.evaluation.formulas import KNOWN

COUNTS: dict[str, float | None] = {
    **dict.fromkeys(named_counts.COUNTS, 0.0),
    "asked_back": None,
    "handled": 6,
    "to_handle": 8,
    "handled_in_time": 4,
    "rework": 1,
    "to_close": 4,
}


def value(written: str, **counts: float | None) -> float | None:
    return expressions.value(expressions.read(written, KNOWN), COUNTS | counts)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("handled / to_handle", 0.75),
        ("1 - rework / to_close", 0.75),
        ("(handled + rework) / (to_handle - 1)", 1.0),
        ("-handled * 2 + 20", 8.0),
        ("handled / voided", None),
        ("asked_back / handled", None),
        ("1 - 0 * asked_back", None),
    ],
)
def test_a_formula_is_arithmetic_over_counts(written: str, expected: float | None) -> None:
    assert value(written) == expected


def test_a_volume_is_a_share_of_the_largest_among_those_compared() -> None:
    formula = expressions.read("of_most(handled)", KNOWN)
    assert expressions.value(formula, COUNTS, {"handled": 24}) == 0.25
    assert expressions.value(formula, COUNTS | {"handled": 0}, {"handled": 0}) == 0.0


@pytest.mark.parametrize(
    "written",
    [
        "", "   ", "1 / 2", "handled /", "unheard_of / handled", "__import__('os')", "handled.real", "handled[0]", "handled ** 9",
        "handled if handled else 1", "lambda: handled", "'handled'", "handled and 1", "of_most(1 + handled)", "of_most(handled, rework)",
        "max(handled, 1)", "handled, rework", "handled\x00", "True + handled", "handled + " * 60 + "1",
        "[handled for handled in (1,)]", "handled := 3", "handled % 2", "handled // 2", "1j * handled",
    ],
)  # fmt: skip
def test_anything_else_is_refused(written: str) -> None:
    with pytest.raises(InvalidInput):
        expressions.read(written, KNOWN)


@given(st.text(max_size=60))
def test_whatever_is_typed_is_a_formula_or_refused(written: str) -> None:
    try:
        formula = expressions.read(written, KNOWN)
    except InvalidInput:
        return
    assert formula.names <= KNOWN


def test_defaults_are_the_reference_and_use_known_counts() -> None:
    used = formulas.defaults()
    assert {each.code for each in used.indicators} >= {
        "handling_rate", "in_time_handling_rate", "closing_rate", "in_time_closing_rate", "in_time_filing_rate", "accurate_filing_rate",
        "in_time_dispatch_rate", "accurate_dispatch_rate", "in_time_verification_rate", "in_time_check_rate", "missed_rate",
        "valid_report_rate", "rework_rate",
    }  # fmt: skip
    weights = {code: [part.weight for part in score.parts] for code, score in used.scores.items()}
    assert weights == {
        "inspector": [40, 20, 20, 20],
        "intake_operator": [25, 40, 35],
        "shift_leader": [25, 40, 35],
        "dispatcher": [20, 40, 40],
        "unit": [10, 30, 30, 30],
    }
    assert used.versions == {}


UNIT = COUNTS | {"ended": 5, "closed": 4, "to_close": 5, "handled_in_time": 6, "to_handle": 8, "rework": 1}


def test_a_unit_is_scored_as_by_hand() -> None:
    wanted = formulas.defaults().scores["unit"]
    scored = scoring.score(wanted, UNIT, {"ended": 10})
    assert scored.parts == (50.0, 80.0, 75.0, 80.0)
    assert scored.points == pytest.approx(0.1 * 50 + 0.3 * 80 + 0.3 * 75 + 0.3 * 80)
    assert (scored.grade, scored.weight) == ("B", 100)


def test_what_nothing_can_tell_yet_is_left_out_and_never_nought() -> None:
    wanted = formulas.defaults().scores["inspector"]
    counts = COUNTS | {
        "valid": 9,
        "reported": 10,
        "to_verify": 4,
        "verified_in_time": 4,
        "to_check": 2,
        "checked_in_time": 1,
        "missed": None,
    }
    scored = scoring.score(wanted, counts, {})
    assert scored.parts == (90.0, None, 100.0, 50.0)
    assert scored.weight == 80
    assert scored.points == pytest.approx((40 * 0.9 + 20 * 1.0 + 20 * 0.5) / 80 * 100)
    assert scoring.score(wanted, COUNTS | {"missed": None}, {}).points is None


@pytest.mark.parametrize(
    ("points", "grade"),
    [(100, "A"), (90, "A"), (89.9, "B"), (75, "B"), (60, "C"), (59.9, "D"), (40, "D"), (39.9, "E"), (0, "E")],
)
def test_grades_begin_where_the_reference_says(points: float, grade: str) -> None:
    assert scoring.grade(formulas.defaults().scores["unit"], points) == grade


@given(st.lists(st.tuples(st.integers(0, named_counts.ALL), st.integers(1, 9)), max_size=20))
def test_marks_give_back_every_count(groups: list[tuple[int, int]]) -> None:
    counts = named_counts.counted(groups)
    for place, name in enumerate(named_counts.COUNTS):
        assert counts[name] == sum(cases for marks, cases in groups if marks >> place & 1)
    unknown = named_counts.counted(groups, named_counts.OF_CALLBACKS)
    assert [name for name, number in unknown.items() if number is None] == list(named_counts.OF_CALLBACKS)
