"""A way told from street to street: turns by angle, pieces of one street as one, time by class."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.street_speeds import speeds
from gis.networks.directions import Piece, steps, turn_of

HERE = (116.0, 39.9)
EAST, NORTH = (116.001, 39.9), (116.0, 39.901)


def piece(course: list[tuple[float, float]], name: str, length_m: float = 100.0, street_class: str = "") -> Piece:
    return Piece(course, length_m, name, "", street_class)


@pytest.mark.parametrize(
    ("to", "turn"),
    [
        ((116.002, 39.9), "straight"),
        ((116.001, 39.901), "left"),
        ((116.001, 39.899), "right"),
        ((116.0018, 39.9004), "slight_left"),
        ((116.0018, 39.8996), "slight_right"),
        ((116.0003, 39.9008), "sharp_left"),
        ((116.0003, 39.8992), "sharp_right"),
        (HERE, "back"),
    ],
)
def test_turns_are_named_by_their_angle_on_the_ground(to: tuple[float, float], turn: str) -> None:
    assert turn_of([HERE, EAST], [EAST, to]) == turn


def test_pieces_of_one_street_are_one_step() -> None:
    way = [
        piece([HERE, EAST], "人民路"),
        piece([EAST, (116.002, 39.9)], "人民路"),
        piece([(116.002, 39.9), (116.002, 39.901)], "解放路"),
    ]
    told = steps(way, {}, 36)
    assert [(step.turn, step.name, step.length_m) for step in told] == [
        ("start", "人民路", 200),
        ("left", "解放路", 100),
    ]
    assert [step.seconds for step in told] == pytest.approx([20, 10])


def test_time_follows_the_class_of_the_street() -> None:
    classes, other = speeds()
    told = steps(
        [piece([HERE, EAST], "a", 1000, "primary"), piece([EAST, NORTH], "b", 1000, "residential")], classes, other
    )
    assert [step.seconds for step in told] == [pytest.approx(90), pytest.approx(180)]


@settings(suppress_health_check=[HealthCheck.too_slow])  # drawing them is slow on a loaded machine
@given(st.lists(st.tuples(st.sampled_from("abc"), st.floats(1, 1e4)), min_size=1, max_size=30))
def test_steps_together_are_the_whole_way(streets: list[tuple[str, float]]) -> None:
    told = steps([piece([HERE, EAST], name, metres) for name, metres in streets], {}, 20)
    assert sum(step.length_m for step in told) == pytest.approx(sum(metres for _, metres in streets))
    assert all(a.name != b.name for a, b in itertools.pairwise(told))
