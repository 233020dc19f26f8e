"""Written time limits: split into number and form, and never guessed."""

from __future__ import annotations

import pytest

from config.errors import InvalidInput, UnmappedForm
from dispatch.importing.forms import check, split

FORMS = {"紧急工作时": "urgent_hour", "紧急工作时制止": "urgent_hour", "天": "", "工作日": "work_day"}


@pytest.mark.parametrize(
    ("cell", "limits"),
    [
        ("2紧急工作时", [(2, "紧急工作时")]),
        ("1紧急工作时制止", [(1, "紧急工作时制止")]),
        ("1紧急工作时、5天", [(1, "紧急工作时"), (5, "天")]),
        ("0.5 工作日", [(0.5, "工作日")]),
        ("立即", []),
        ("5", []),
        ("", []),
    ],
)
def test_a_cell_is_split_into_its_limits(cell: str, limits: list[tuple[float, str]]) -> None:
    assert [(limit.amount, limit.form) for limit in split(cell)] == limits


def test_forms_without_a_meaning_are_named_with_their_rows() -> None:
    with pytest.raises(UnmappedForm) as stopped:
        check(FORMS, ["2紧急工作时", "3天", "5天", "1紧急工作时5天", "4小时", "立即", ""])
    said = str(stopped.value)
    for expected in (
        "'N天' (3 rows)",
        "'N小时' (1 rows)",
        "'N立即' (1 rows)",
        "'(empty)' (1 rows)",
        "nothing has been changed",
    ):
        assert expected in said
    assert "紧急" not in said


def test_a_full_table_passes() -> None:
    check(FORMS, ["2紧急工作时", "3工作日"])


def test_a_meaning_that_is_no_kind_of_limit_is_refused() -> None:
    with pytest.raises(InvalidInput, match="work_week"):
        check({"周": "work_week"}, ["1周"])
