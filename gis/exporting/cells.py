"""Cells of tables that people open in a spreadsheet: a text is kept a text, and nobody's words are run as a formula.

Sources: OWASP, "CSV Injection"; what begins with = + - @, a tab or a carriage return would be one.
"""

from __future__ import annotations

from typing import Any

FORMULAS = tuple("=+-@\t\r")
"""What makes a spreadsheet run a text as a formula."""


def harmless(value: Any) -> Any:
    """The value as a cell: a text that would be a formula gets an apostrophe, as spreadsheets write it; numbers stay numbers."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULAS) and not is_number(value) else value


def as_it_was(cell: str) -> str:
    """The text behind a cell that `harmless` wrote."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] in FORMULAS else cell


def is_number(words: str) -> bool:
    """Whether a spreadsheet would take the words for a number."""
    try:
        float(words)
    except ValueError:
        return False
    return True
