"""Every passage of a line at a place: there and back, round, over itself, and bends that are no second passage."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis import progress
from gis.lines import passages, wording
from gis.progress import Track
from tests.unit.test_linear import degrees


def line(*metres: tuple[float, float]) -> Track:
    return progress.track(degrees(*metres))


def found(on: Track, place: tuple[float, float], within_m: float = 50.0) -> list[tuple[float, float]]:
    lon, lat = degrees(place)[0]
    return [(each.at_m, each.beside_m) for each in passages.passages(on, lon, lat, within_m)]


def test_there_and_back_on_one_street_is_two_passages() -> None:
    there_and_back = line((0, 0), (1000, 0), (1000, 6), (0, 6))
    (out, beside_out), (back, beside_back) = found(there_and_back, (300, 2))
    assert [out, back] == pytest.approx([300, 1706], abs=0.5)
    assert [beside_out, beside_back] == pytest.approx([2, 4], abs=0.1)
    assert [at for at, _ in found(line((0, 0), (1000, 0), (0, 0)), (400, 0))] == pytest.approx([400, 1600], abs=0.5)


def test_the_tip_of_a_turn_is_one_place() -> None:
    assert [at for at, _ in found(line((0, 0), (1000, 0), (0, 0)), (1010, 0))] == pytest.approx([1000], abs=0.5)


def test_a_line_that_crosses_itself_and_a_round_that_closes() -> None:
    eight = line((0, 0), (400, 0), (400, 400), (200, 400), (200, -200))
    assert [at for at, _ in found(eight, (200, 0))] == pytest.approx([200, 1400], abs=1)
    round_line = line((0, 0), (400, 0), (400, 400), (0, 400), (0, 0))
    assert [at for at, _ in found(round_line, (0, 0))] == pytest.approx([0, 1600], abs=1)


def test_a_bend_beside_the_place_is_one_passage_and_another_street_none() -> None:
    bend = line((0, 0), (100, 0), (110, 4), (200, 4))
    assert len(found(bend, (105, 8))) == 1
    two_streets = line((0, 0), (500, 0), (500, 45), (0, 45))
    assert [at for at, _ in found(two_streets, (200, 2))] == pytest.approx([200], abs=0.5)
    assert found(two_streets, (200, 200)) == []
    lon, lat = degrees((200, 200))[0]
    assert passages.nearest(two_streets, lon, lat).beside_m == pytest.approx(155, abs=0.5)


def test_corners_beside_a_place_are_no_passages_of_their_own() -> None:
    """Metres along the line are sums: at the end of a side they differ from the start of the next in the last bit."""
    round_about = line(*[(200 * np.cos(angle), 200 * np.sin(angle)) for angle in np.linspace(0, 6.2, 61)])
    for angle in (0.5, 2.0, 4.0):
        assert len(found(round_about, (205 * np.cos(angle), 205 * np.sin(angle)))) == 1


def test_a_stretch_has_its_length_and_ends() -> None:
    on = line((0, 0), (400, 0), (400, 400), (0, 400), (0, 0))
    cut = progress.track(np.array(passages.stretch(on, 300, 1000).coords))
    assert cut.length_m == pytest.approx(700, abs=0.5)
    assert np.hypot(*(np.array(passages.point(on, 500)) - degrees((400, 100))[0])) < 1e-6


def test_pieces_are_joined_in_their_order_whichever_way_they_were_drawn() -> None:
    first, second, third = degrees((0, 0), (100, 0)), degrees((100, 100), (100, 3)), degrees((100, 100), (300, 100))
    joined = passages.chained([first[::-1], second, third])
    assert joined is not None
    assert progress.track(joined).length_m == pytest.approx(400, abs=0.5)
    assert passages.chained([first, third]) is None


def test_words_in_both_languages() -> None:
    said = wording.sentence(("at", {"at": "2.4 km"}), ("stop", {"stop": {"zh": "东站", "en": "East"}}), ("back", {}))
    assert said == {
        "zh": "距起点 2.4 km，在东站，下行。",
        "en": "2.4 km from the start, at the stop East, on the way back.",
    }


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(-400, 400), st.integers(-400, 400)), min_size=2, max_size=12, unique=True),
    st.integers(-450, 450),
    st.integers(-450, 450),
)
def test_the_nearest_place_is_always_among_them(corners: list[tuple[int, int]], east: int, north: int) -> None:
    on = line(*[(float(x), float(y)) for x, y in corners])
    lon, lat = degrees((east, north))[0]
    all_of_it = passages.passages(on, lon, lat, 5_000)
    assert min(each.beside_m for each in all_of_it) == pytest.approx(passages.nearest(on, lon, lat).beside_m, abs=1e-6)
    assert [each.at_m for each in all_of_it] == sorted(each.at_m for each in all_of_it)
