"""Figures of street networks, on networks small enough to count by hand."""

from __future__ import annotations

import math

import pytest
from shapely import LineString
from shapely.affinity import rotate

from data import street_metrics
from data.street_metrics import measure, segments


def grid(size: int = 4, step: float = 100.0) -> list[LineString]:
    """`size` by `size` streets, each with a vertex at every crossing."""
    far = [step * i for i in range(size)]
    return [LineString([(x, y) for y in far]) for x in far] + [LineString([(x, y) for x in far]) for y in far]


def test_a_grid_has_the_nodes_one_counts() -> None:
    found = measure(grid())
    assert found.nodes == 12  # the four corners are bends, not junctions
    assert found.three_way == pytest.approx(8 / 12)
    assert found.four_way == pytest.approx(4 / 12)
    assert found.dead_ends == 0
    assert found.segments == 20


def test_lengths_and_circuity_of_a_grid() -> None:
    found = measure(grid())
    assert found.mean_segment_m == pytest.approx(2400 / 20)
    assert found.median_segment_m == pytest.approx(100)
    assert found.circuity == pytest.approx(2400 / (16 * 100 + 4 * 100 * math.sqrt(2)))


def test_a_grid_looks_in_four_directions_and_its_corners_in_four_more() -> None:
    straight, corner = 16 * 2 / 40, 4 * 2 / 40
    wanted = -4 * (straight / 4) * math.log(straight / 4) - 4 * (corner / 4) * math.log(corner / 4)
    assert measure(grid()).orientation_entropy == pytest.approx(wanted)


def test_turning_the_city_by_a_whole_sector_changes_nothing() -> None:
    slanted, turned = ([rotate(line, angle, origin=(0, 0)) for line in grid()] for angle in (3, 33))
    assert measure(turned).orientation_entropy == pytest.approx(measure(slanted).orientation_entropy)
    assert measure(turned).mean_segment_m == pytest.approx(120)


def test_where_only_two_lines_meet_there_is_no_junction() -> None:
    bent = [LineString([(0, 0), (50, 0)]), LineString([(50, 0), (50, 50)]), LineString([(50, 50), (90, 50), (90, 90)])]
    (whole,) = segments(bent)
    assert whole.length == pytest.approx(180)
    assert whole.chord == pytest.approx(math.hypot(90, 90))
    assert measure(bent).dead_ends == 1


def test_a_bridge_without_a_common_vertex_is_no_junction() -> None:
    over = [LineString([(0, 0), (100, 0)]), LineString([(50, -50), (50, 50)])]
    assert measure(over).segments == 2
    meeting = [LineString([(0, 0), (50, 0), (100, 0)]), LineString([(50, -50), (50, 0), (50, 50)])]
    assert measure(meeting).segments == 4
    assert measure(meeting).four_way == pytest.approx(1 / 5)


def test_a_street_drawn_twice_counts_once_and_a_loop_has_no_direction() -> None:
    twice = [LineString([(0, 0), (100, 0)])] * 2
    assert measure(twice).segments == 1
    loop = [LineString([(0, 0), (100, 0)]), LineString([(100, 0), (140, 0), (140, 40), (100, 0)])]
    found = measure(loop)
    assert found.segments == 2
    assert found.circuity == pytest.approx(1)


def test_a_network_without_a_junction_or_end_is_refused() -> None:
    with pytest.raises(ValueError, match="junction"):
        measure([LineString([(0, 0), (1, 0), (1, 1), (0, 0)])])


def test_deviation_is_from_the_nearest_reference() -> None:
    assert street_metrics.deviation(110, [100, 200]) == pytest.approx(0.1)
    assert street_metrics.deviation(180, [100, 200]) == pytest.approx(0.1)
