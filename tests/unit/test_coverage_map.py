"""Classes and colours of the coverage map: they fit the figures, leave nothing out, and never name what cannot be."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dashboards.coverage_map import HIDDEN, SHADES, breaks, shade


def test_classes_begin_where_figures_are_published() -> None:
    """Figures of 1 to 4 are always hidden: no class may promise them."""
    assert breaks([0, None, 6, 7, 15, 19, 21], least=5) == [(5, 6), (7, 8), (9, 16), (17, 20), (21, 22)]


def test_classes_end_at_round_numbers() -> None:
    found = breaks([5, 38, 77, 120, 260, 410, 533, 700, 912, 1004], least=5)
    assert found == [(5, 100), (101, 200), (201, 500), (501, 700), (701, 1100)]


def test_few_figures_make_few_classes_and_the_greatest_is_darkest() -> None:
    assert breaks([7, 7, 7], least=5) == [(5, 7)]
    assert shade(7, [(5, 7)]) == SHADES[-1]
    assert breaks([None, 0], least=5) == []


def test_hidden_looks_unlike_any_class() -> None:
    assert shade(None, [(5, 7)]) == HIDDEN
    assert shade(0, [(5, 7)]) not in (*SHADES, HIDDEN)


@given(st.lists(st.one_of(st.none(), st.just(0), st.integers(5, 5000)), min_size=1, max_size=60))
def test_every_figure_has_exactly_one_class_and_no_class_is_empty(values: list[int | None]) -> None:
    classes = breaks(values, least=5)
    assert len(classes) <= len(SHADES)
    for value in (value for value in values if value):
        assert sum(low <= value <= high for low, high in classes) == 1
    for low, high in classes:
        assert any(value is not None and low <= value <= high for value in values)
