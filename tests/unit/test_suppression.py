"""Published figures give nobody away: no hidden small cell can be worked out from the others and the sums."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from welfare.suppression import LEAST, exposed_cells, suppress


def square(rows: list[list[int]]) -> tuple[dict[Any, int], list[tuple[Any, list[Any]]]]:
    """A table with sums of rows and columns and of all."""
    width = len(rows[0])
    cells: dict[Any, int] = {(r, c): value for r, row in enumerate(rows) for c, value in enumerate(row)}
    sums: list[tuple[Any, list[Any]]] = []
    for r, row in enumerate(rows):
        cells[(r, "sum")] = sum(row)
        sums.append(((r, "sum"), [(r, c) for c in range(width)]))
    for c in range(width):
        cells[("sum", c)] = sum(row[c] for row in rows)
        sums.append((("sum", c), [(r, c) for r in range(len(rows))]))
    cells[("sum", "sum")] = sum(map(sum, rows))
    sums.append((("sum", "sum"), [(r, "sum") for r in range(len(rows))]))
    return cells, sums


def test_a_small_cell_takes_companions_with_it() -> None:
    cells, sums = square([[3, 40, 50], [60, 70, 80], [90, 30, 20]])
    published = suppress(cells, sums)
    hidden = {cell for cell, value in published.items() if value is None}
    assert (0, 0) in hidden
    assert len(hidden) >= 4, "one hidden cell in a row or column is given away by its sum"
    assert published[("sum", "sum")] == 443


def test_nothing_small_nothing_hidden_and_zero_is_told() -> None:
    cells, sums = square([[0, 40], [60, 5]])
    assert suppress(cells, sums) == cells


def test_the_same_table_is_hidden_in_the_same_way() -> None:
    cells, sums = square([[3, 2, 0], [60, 7, 8], [9, 3, 20]])
    turned = dict(reversed(list(cells.items())))
    assert suppress(cells, sums) == suppress(turned, sums)


def test_a_sum_that_fixes_two_small_cells_is_seen_through() -> None:
    """1 + 1 = 2: both are hidden, but the sum leaves 0 to 2 for each."""
    cells: dict[Any, int] = {"a": 1, "b": 1, "c": 30, "total": 32}
    sums: list[tuple[Any, list[Any]]] = [("total", ["a", "b", "c"])]
    assert exposed_cells(cells, sums, {"a", "b"}) == {"a", "b"}
    published = suppress(cells, sums)
    assert published["c"] is None or published["total"] is None


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.integers(0, 30), min_size=3, max_size=3), min_size=2, max_size=4))
def test_no_hidden_cell_can_be_recovered(rows: list[list[int]]) -> None:
    cells, sums = square(rows)
    published = suppress(cells, sums)
    hidden = {cell for cell, value in published.items() if value is None}
    assert all(published[cell] in (None, value) for cell, value in cells.items())
    assert {cell for cell, value in cells.items() if 0 < value < LEAST} <= hidden
    assert not exposed_cells(cells, sums, hidden)
