"""Published figures give nobody away: no hidden small cell can be worked out from the others and the sums."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from welfare import coverage
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


AREAS = [
    SimpleNamespace(code=code, level=level, parent=parent)
    for code, level, parent in (
        ("11", "community", "1"), ("12", "community", "1"), ("21", "community", "2"), ("22", "community", "2"),
        ("1", "subdistrict", "0"), ("2", "subdistrict", "0"), ("0", "district", None),
    )
]  # fmt: skip
SINGLE = ("covered", "gap", "undetermined", "no_longer", "unassessed")


@settings(max_examples=25, deadline=None)
@given(st.lists(st.lists(st.sampled_from((0, 1, 3, 4, 6, 12, 40)), min_size=5, max_size=5), min_size=4, max_size=4))
def test_no_hidden_figure_of_the_coverage_table_can_be_recovered(communities: list[list[int]]) -> None:
    """Columns that add up (those who qualify, those who receive) within areas that add up."""
    cells: dict[Any, int] = {(area.code, column): 0 for area in AREAS for column in coverage.COLUMNS}
    for area, figures in zip(AREAS, communities, strict=False):
        cells |= {(area.code, column): value for column, value in zip(SINGLE, figures, strict=True)}
        cells |= {(area.code, total): sum(cells[(area.code, part)] for part in parts) for total, parts in coverage.SUMS}
    for area in AREAS[4:]:
        parts = [part.code for part in AREAS if part.parent == area.code]
        cells |= {(area.code, column): sum(cells[(part, column)] for part in parts) for column in coverage.COLUMNS}
    published = suppress(cells, coverage.sums(AREAS))
    hidden = {cell for cell, value in published.items() if value is None}
    assert all(published[cell] is None for cell, value in cells.items() if 0 < value < LEAST)
    assert not exposed_cells(cells, coverage.sums(AREAS), hidden)
