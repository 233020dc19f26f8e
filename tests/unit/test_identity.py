"""National ID numbers: the standard's own example, what people type, and what cannot be right."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.errors import InvalidInput
from welfare import identity

TODAY = date(2026, 11, 24)
EXAMPLE = "440524188001010014"
"""The standard's own example; its region code and year of birth are of long ago."""


def number(region: str, born: date, sequence: int) -> str:
    body = f"{region}{born:%Y%m%d}{sequence:03d}"
    return body + identity.check_character(body)


def test_the_check_character_of_the_standards_example() -> None:
    assert identity.check_character(EXAMPLE) == EXAMPLE[-1]


@given(st.dates(date(1900, 1, 1), TODAY), st.integers(0, 999), st.integers(110000, 659999))
def test_a_right_number_is_read_and_one_wrong_digit_is_noticed(born: date, sequence: int, region: int) -> None:
    right = number(str(region), born, sequence)
    found = identity.parse(right, TODAY)
    assert (found.number, found.birth_date) == (right, born)
    assert found.sex == ("male" if sequence % 2 else "female")
    for place in range(17):
        other = right[:place] + str((int(right[place]) + 1) % 10) + right[place + 1 :]
        with pytest.raises(InvalidInput):
            identity.parse(other, TODAY)


@given(st.dates(date(1900, 1, 1), date(1999, 12, 31)), st.integers(0, 999))
def test_fifteen_digits_become_eighteen(born: date, sequence: int) -> None:
    old = f"130102{born:%y%m%d}{sequence:03d}"
    assert identity.parse(old, TODAY).number == number("130102", born, sequence)


def test_what_people_type_is_understood() -> None:
    right = next(n for n in (number("130102", date(1960, 5, 17), k) for k in range(999)) if n.endswith("X"))
    wide = right.translate({ord(c): ord(c) + 0xFEE0 for c in "0123456789X"})
    for typed in (right.lower(), f" {right[:6]} {right[6:14]} {right[14:]} ", wide, f"{right[:6]}-{right[6:]}"):
        assert identity.parse(typed, TODAY).number == right


@pytest.mark.parametrize("typed", ["", "1", "13010219600517001", "1301021960051700111", "X" * 18, "١٣٠١٠٢١٩٦٠٠٥١٧٠٠١١"])
def test_what_is_no_number_is_refused_without_being_repeated(typed: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        identity.parse(typed, TODAY)
    assert len(typed) < 10 or typed not in str(refused.value)


@pytest.mark.parametrize("born", ["19000230", "20261125", "18991231", "20001301"])
def test_an_impossible_birth_date_is_refused(born: str) -> None:
    body = f"130102{born}001"
    with pytest.raises(InvalidInput, match="birth date"):
        identity.parse(body + identity.check_character(body), TODAY)


def test_an_unknown_region_is_doubted_not_refused() -> None:
    right = number("990101", date(1980, 1, 1), 7)
    assert identity.parse(right, TODAY, {"130102"}).doubts == ("unknown_region",)
    assert identity.parse(right, TODAY, {"990101"}).doubts == ()


def test_what_is_shown_tells_nothing() -> None:
    right = number("990101", date(1980, 1, 1), 7)
    assert "1980" not in identity.masked(right)
    assert len(identity.masked(right)) == 18
    assert [identity.masked_name(name) for name in ("张三", "欧阳修文", "欧阳", "J", "")] == [
        "张*",
        "欧阳*",
        "欧*",
        "J*",
        "",
    ]
