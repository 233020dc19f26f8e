"""How ends find each other: by name, by nearness, on the way of a line, at shared vertices; and what checks say of the rest."""

from __future__ import annotations

import numpy as np

from gis.networks.checks import check
from gis.networks.topology import Line, Point, Role, Rules, Topology, build

WATER = Rules()
STREET = Rules(shared_vertices=True)
SEWER = Rules(directed=True)


def line(
    number: int, *xy: tuple[float, float], start: str | None = None, end: str | None = None, **more: float
) -> Line:
    return Line(number, "s", f"L{number}", "water_main", np.array(xy, dtype=float), start, end, **more)  # type: ignore[arg-type]


def point(number: int, x: float, y: float, role: Role = "node", **more: str) -> Point:
    return Point(number, "s", f"P{number}", "valve", x, y, role, **more)  # type: ignore[arg-type]


def said(made: Topology, rules: Rules = WATER, wanted: str | None = None) -> set[tuple[str, int]]:
    return {(finding.check, finding.asset) for finding in check(made, rules, wanted)}


def test_names_count_more_than_places() -> None:
    made = build(
        [line(1, (0, 0), (10, 0), start="A", end="B"), line(2, (99, 9), (50, 0), start="B", end="C")], [], WATER
    )
    assert [(edge.start, edge.end) for edge in made.edges] == [(0, 1), (1, 2)]


def test_ends_within_reach_meet_and_others_do_not() -> None:
    made = build([line(1, (0, 0), (10, 0)), line(2, (10.3, 0.2), (20, 0)), line(3, (21, 0), (30, 0))], [], WATER)
    assert made.edges[0].end == made.edges[1].start
    assert made.edges[1].end != made.edges[2].start
    assert ("unsnapped_end", 2) in said(made)


def test_an_end_beside_a_line_cuts_it_there() -> None:
    made = build([line(1, (0, 0), (100, 0)), line(2, (40, 0.3), (40, 50))], [], WATER)
    assert sorted((edge.asset, round(edge.length_m)) for edge in made.edges) == [(1, 40), (1, 60), (2, 50)]
    assert len(set(made.graph().parts)) == 1


def test_lines_that_cross_without_an_end_do_not_meet() -> None:
    made = build([line(1, (0, 0), (100, 0)), line(2, (50, -50), (50, 50))], [], WATER)
    assert len(made.edges) == 2
    assert len(set(made.graph().parts)) == 2


def test_a_valve_on_a_main_cuts_it() -> None:
    made = build([line(1, (0, 0), (100, 0), start="A", end="B")], [point(9, 30, 0.2, "valve")], WATER)
    assert [round(edge.length_m) for edge in made.edges] == [30, 70]
    assert [valve.asset for valve in made.valves] == [9]
    assert len(made.cuts) == 1


def test_a_valve_beside_a_node_says_so() -> None:
    made = build([line(1, (0, 0), (100, 0), start="A", end="B")], [point(9, 2, 0, "valve", pipe="L1", node="B")], WATER)
    assert made.cuts == [(0, 1, 0)]


def test_a_valve_of_no_pipe_is_found() -> None:
    made = build([line(1, (0, 0), (100, 0), start="A", end="B")], [point(9, 2, 0, "valve", pipe="L7", node="B")], WATER)
    assert ("valve_without_pipe", 9) in said(made)


def test_a_valve_far_from_every_main_is_found() -> None:
    made = build([line(1, (0, 0), (100, 0))], [point(9, 50, 30, "valve")], WATER)
    assert ("loose_point", 9) in said(made)


def test_streets_meet_at_shared_vertices_only() -> None:
    crossing = line(2, (50, -50), (50, 0), (50, 50))
    over = line(3, (70, -50), (70, 50))
    made = build([line(1, (0, 0), (50, 0), (100, 0)), crossing, over], [], STREET)
    assert len(made.edges) == 5
    assert sorted(np.bincount(made.graph().parts).tolist()) == [2, 5]
    assert sum(edge.length_m for edge in made.edges) == 300


def test_a_street_that_returns_to_itself() -> None:
    made = build([line(1, (0, 0), (10, 0), (20, 10), (10, 20), (10, 0))], [], STREET)
    assert [round(edge.length_m) for edge in made.edges] == [10, 48]


def test_sewers_run_downhill_whatever_way_they_were_drawn() -> None:
    made = build([line(1, (0, 0), (10, 0), start="A", end="B", level_start=3.0, level_end=4.0)], [], SEWER)
    assert (made.edges[0].start, made.edges[0].end) == (1, 0)
    assert made.edges[0].xy[0].tolist() == [10, 0]
    assert ("adverse_slope", 1) in said(made)


def test_a_stated_length_is_shared_out_over_the_pieces() -> None:
    made = build([line(1, (0, 0), (100, 0), length_m=110.0)], [point(9, 50, 0, "valve")], WATER)
    assert [round(edge.length_m, 6) for edge in made.edges] == [55, 55]


def test_what_is_drawn_twice_is_found_once() -> None:
    made = build([line(1, (0, 0), (10, 0)), line(2, (10, 0), (0, 0)), line(3, (0, 0), (5, 9), (10, 0))], [], WATER)
    assert [(f.check, f.asset, f.other) for f in check(made, WATER, None) if f.check == "duplicate"] == [
        ("duplicate", 2, 1)
    ]


def test_mains_without_a_source_and_sewers_without_an_outfall_are_found() -> None:
    fed = line(1, (0, 0), (10, 0), start="P9", end="B")
    dry = line(2, (500, 0), (510, 0), start="C", end="D")
    assert said(build([fed, dry], [point(9, 0, 0, "source")], WATER), WATER, "source") == {("no_source", 2)}
    drains = line(3, (0, 0), (10, 0), start="E", end="P8")
    assert said(build([drains, dry], [point(8, 10, 0, "outlet")], SEWER), SEWER, "outlet") == {("no_outlet", 2)}


def test_a_circle_of_sewers_is_found() -> None:
    ring = [line(1, (0, 0), (9, 0), start="A", end="B"), line(2, (9, 0), (9, 9), start="B", end="C"),
            line(3, (9, 9), (0, 0), start="C", end="A")]  # fmt: skip
    assert ("circle", 1) in said(build(ring, [], SEWER), SEWER, "outlet")
