"""Whom to propose for a case: the nearest who can and has time (D4)."""

from __future__ import annotations

from typing import Any

from dispatch.handler_choice import Candidate, rank

WEIGHTS = {
    "unknown_place_m": 3000.0,
    "open_order_m": 800.0,
    "unskilled_m": 5000.0,
    "off_shift_m": 50000.0,
    "experience_m": 50.0,
}


def one(account_id: int, **more: Any) -> Candidate:
    values: dict[str, Any] = {
        "metres": 1000.0,
        "straight": False,
        "skilled": None,
        "on_shift": None,
        "handled": 0,
        "load": 0,
    }
    return Candidate(account_id, **(values | more))


def order(*candidates: Candidate) -> list[int]:
    return [each.candidate.account_id for each in rank(candidates, WEIGHTS)]


def test_the_nearest_by_way_comes_first() -> None:
    assert order(one(1, metres=1500.0), one(2, metres=900.0), one(3, metres=None)) == [2, 1, 3]


def test_who_has_less_on_hand_before_who_is_a_little_nearer() -> None:
    assert order(one(1, metres=400.0, load=2), one(2, metres=1100.0)) == [2, 1]


def test_skills_count_only_where_they_are_stated() -> None:
    assert order(one(1, metres=100.0, skilled=False), one(2, metres=4000.0, skilled=True), one(3, metres=4500.0)) == [
        2,
        3,
        1,
    ]


def test_nobody_off_shift_before_somebody_who_may_be_on() -> None:
    assert order(one(1, metres=1.0, on_shift=False), one(2, metres=30000.0)) == [2, 1]


def test_experience_weighs_little_and_not_without_end() -> None:
    assert order(one(1), one(2, handled=3)) == [2, 1]
    assert order(one(1, metres=900.0, handled=10), one(2, metres=900.0, handled=500)) == [1, 2]


def test_every_weight_has_its_reason() -> None:
    (told,) = rank([one(1, metres=120.0, straight=True, skilled=False, on_shift=False, handled=4, load=2)], WEIGHTS)
    assert list(told.reasons) == [("straight", 120), ("unskilled", 0), ("off_shift", 0), ("handled", 4), ("load", 2)]
    assert told.cost_m == 120 + 5000 + 50000 - 200 + 1600
