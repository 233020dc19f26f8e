"""Cells of tables for spreadsheets: nobody's words run as a formula, and come back as they were."""

import pytest

from api import tickets
from gis.exporting.cells import as_it_was, harmless

FORMULAS = ["=1+1", "+cmd|' /C calc'!A0", "-2+3+cmd", "@SUM(A1)", "\t=1", "\r=1"]


@pytest.mark.parametrize("words", FORMULAS)
def test_a_formula_stays_a_text(words: str) -> None:
    assert harmless(words) == f"'{words}"
    assert as_it_was(str(harmless(words))) == words


@pytest.mark.parametrize("value", ["-3.5", "+8", "'s-Hertogenbosch", "路灯=不亮", "", -3, 2.5, None])
def test_what_is_none_stays_as_it_is(value: object) -> None:
    assert harmless(value) == value


def test_a_ticket_that_was_exported_so_is_read_as_it_was_meant() -> None:
    [ticket] = tickets.of_csv(b"number,content\nT-1,'=HYPERLINK(x)\n")
    assert ticket["content"] == "=HYPERLINK(x)"
