"""How alike two reports are: every likeness moves the odds as the file says, what is unknown moves nothing (D2)."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.repeats.scoring import Between, bits_apart, score, shipped, words_alike

POLICY = shipped()
SAME = Between(metres=0, hours=0, same_class=True, same_asset=True, words=1.0, photo_bits=0)


def total(between: Between) -> float:
    return score(between, POLICY).total


def test_the_same_report_twice_is_the_same_and_where_nothing_is_known_the_prior_stands() -> None:
    assert total(SAME) > 0.999
    assert score(Between(), POLICY).parts == {}
    assert total(Between()) == pytest.approx(1 / (1 + math.exp(-POLICY.prior)))


def test_every_likeness_moves_the_odds_by_what_the_file_says() -> None:
    weights = POLICY.weights
    odds = POLICY.prior + weights["place"]["alike"] + weights["class"]["unlike"]
    odds += (weights["words"]["alike"] + weights["words"]["unlike"]) / 2
    found = score(Between(metres=0, same_class=False, words=0.5), POLICY)
    assert found.total == pytest.approx(1 / (1 + math.exp(-odds)))
    assert found.parts == {"place": 1, "class": 0, "words": 0.5}


@pytest.mark.parametrize(
    ("between", "likely", "shown"),
    [
        (Between(metres=8, hours=2, same_class=True, words=0.6), True, True),
        (Between(metres=8, hours=2, same_class=True, words=0.0), False, True),
        (Between(metres=8, hours=2, same_class=None, words=0.8), True, True),
        (Between(metres=50, hours=1, same_class=True), False, True),
        (Between(metres=100, hours=1, same_class=True), False, False),
        (Between(metres=40, hours=20, same_class=True, words=0.5), False, True),
        (Between(metres=40, hours=20, same_class=True, same_asset=False, words=0.5), False, False),
        (Between(metres=5, hours=1, same_class=False, words=0.1), False, False),
        (Between(metres=150, hours=1, same_class=True, words=0.2), False, False),
        (Between(metres=60, hours=30, same_class=True, words=0.3, photo_bits=2), True, True),
        (Between(metres=90, hours=3, same_class=None, words=0.1, photo_bits=0), False, True),
    ],
)
def test_the_levels_fit_what_a_desk_would_say(between: Between, likely: bool, shown: bool) -> None:
    found = total(between)
    assert (found >= POLICY.levels["likely"], found >= POLICY.levels["shown"]) == (likely, shown)


@given(
    metres=st.floats(0, 500),
    farther=st.floats(0.1, 500),
    hours=st.floats(0, 400),
    same=st.sampled_from([True, False, None]),
    words=st.none() | st.floats(0, 1),
    bits=st.none() | st.integers(0, 64),
)
def test_a_score_is_a_share_and_falls_with_distance(
    metres: float, farther: float, hours: float, same: bool | None, words: float | None, bits: int | None
) -> None:
    near = Between(metres, hours, same, None, words, bits)
    assert 0 <= total(near) <= 1
    assert total(replace(near, metres=metres + farther)) <= total(near)
    assert total(replace(near, same_class=False)) <= total(replace(near, same_class=True))


def test_another_angle_is_not_another_thing() -> None:
    plain = Between(metres=20, hours=5, same_class=True)
    assert total(replace(plain, photo_bits=40)) == total(plain)
    assert total(replace(plain, photo_bits=3)) > total(plain)


def test_words_are_compared_in_both_languages_by_the_shorter_text() -> None:
    assert words_alike("路灯不亮", "门口的路灯不亮了，已经三天") == pytest.approx(1, abs=0.4)
    assert words_alike("lamp out", "the lamp out since Monday") == 1
    assert words_alike("路灯不亮", "垃圾满了") == 0
    assert words_alike("", "路灯") is None
    assert words_alike("the lamp is out", "路灯不亮") is None
    assert words_alike("110", "路灯") is None


def test_photos_are_compared_by_the_closest_pair() -> None:
    assert bits_apart(["ffff000000000000"], ["ffff000000000001", "0000000000000000"]) == 1
    assert bits_apart([], ["ffff000000000000"]) is None
