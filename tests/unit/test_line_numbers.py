"""House numbers of a road cut in two and put together (C5)."""

from __future__ import annotations

import pytest

from gis.register.line_numbers import cut, joined


@pytest.mark.parametrize(
    ("numbers", "share", "first", "second"),
    [
        ([35, 45], 0.5, [35, 39], [41, 45]),
        ([46, 34], 0.5, [46, 40], [38, 34]),
        ([1, 10], 0.3, [1, 3], [4, 10]),
        ([7, 7], 0.9, [7, 7], None),
        ([2, 8], 0.05, None, [2, 8]),
    ],
)
def test_each_part_has_its_doors(numbers: list[int], share: float, first: list[int], second: list[int]) -> None:
    assert cut({"numbers_left": numbers}, share) == ({"numbers_left": first}, {"numbers_left": second})


def test_what_is_no_range_stays_out_of_it() -> None:
    assert cut({"numbers_left": None, "numbers_right": ["12", "98"], "lanes": 2}, 0.5) == ({}, {})


@pytest.mark.parametrize(
    ("theirs", "at_end", "turned", "whole"),
    [
        ({"numbers_left": [41, 45]}, True, False, {"numbers_left": [35, 45]}),
        ({"numbers_left": [29, 33]}, False, False, {"numbers_left": [29, 39]}),
        ({"numbers_right": [45, 41]}, True, True, {"numbers_left": [35, 45]}),
        ({"numbers_left": [101, 91]}, True, False, {"numbers_left": [35, 39]}),
        ({"numbers_right": [2, 8]}, True, False, {"numbers_right": [2, 8]}),
        ({}, True, False, {}),
    ],
)
def test_numbers_go_on_or_stay(
    theirs: dict[str, list[int]], at_end: bool, turned: bool, whole: dict[str, list[int]]
) -> None:
    assert joined({"numbers_left": [35, 39]}, theirs, at_end=at_end, turned=turned) == whole
