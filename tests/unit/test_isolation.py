"""Which valves to close for a burst, who is dry, and what a stuck valve changes; checked by hand and by brute force."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.networks.graph import Graph
from gis.networks.isolation import Supply, isolate
from gis.networks.segments import END, START, Cuts

# source 0 ─v0─ 1 ─v1─ 2 ─v2─ 3      pipes 0: 0-1, 1: 1-2, 2: 2-3, and 3: 2-4 with v3 at 2
ENDS = [(0, 1), (1, 2), (2, 3), (2, 4)]
CUTS = [(0, END, 0), (1, END, 1), (2, END, 2), (3, START, 3)]


def supply(shut: tuple[int, ...] = (), sources: tuple[int, ...] = (0,)) -> Supply:
    ends = np.array(ENDS)
    graph = Graph.of(5, ends[:, 0], ends[:, 1], np.full(4, 100.0))
    source = np.isin(np.arange(5), sources)
    return Supply.prepare(graph, Cuts.of(CUTS), source, ~np.isin(np.arange(4), shut), np.array([500.0, 300, 150, 200]))


def test_the_valves_around_the_burst_are_closed_those_under_pressure_first() -> None:
    found = isolate(supply(), 1)
    assert found.close == (0, 1)
    assert found.pressed == (True, False)
    assert found.drained.tolist() == [1]
    assert found.dry.tolist() == [2, 3]
    assert found.dry_nodes.tolist() == [1, 2, 3, 4]
    assert found.fed_before


def test_a_stuck_valve_brings_in_the_segment_beyond_it() -> None:
    found = isolate(supply(), 1, stuck={1})
    assert found.close == (0, 3, 2)
    assert found.joined == (1,)
    assert found.drained.tolist() == [1, 2]
    assert found.dry.tolist() == [3]


def test_a_valve_that_is_shut_already_is_named_and_not_closed_again() -> None:
    found = isolate(supply(shut=(1,)), 1)
    assert found.close == (0,)
    assert found.shut_already == (1,)
    assert found.dry.tolist() == []  # what lies beyond had no water before


def test_a_second_source_keeps_what_it_reaches() -> None:
    found = isolate(supply(sources=(0, 3)), 1)
    assert found.close == (0, 1)
    assert found.pressed == (True, True)
    assert found.dry.tolist() == []


def test_a_source_inside_is_named() -> None:
    assert isolate(supply(), 0).sources.tolist() == [0]


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_closing_what_is_named_is_enough_and_each_of_it_is_needed(data: st.DataObject) -> None:
    """By walking: with the named valves shut nothing leads into the burst; with one of the pressed ones open, something does."""
    nodes = data.draw(st.integers(3, 12))
    pairs = data.draw(
        st.lists(st.tuples(st.integers(0, nodes - 1), st.integers(0, nodes - 1)), min_size=2, max_size=18)
    )
    ends = np.array([pair for pair in pairs if pair[0] != pair[1]]).reshape(-1, 2)
    if not len(ends):
        return
    places = [(edge, side) for edge in range(len(ends)) for side in (START, END)]
    chosen = data.draw(st.lists(st.sampled_from(places), unique=True))
    cuts = [(edge, side, valve) for valve, (edge, side) in enumerate(chosen)]
    opened = np.array(data.draw(st.lists(st.booleans(), min_size=len(cuts), max_size=len(cuts))), dtype=bool)
    source = np.isin(np.arange(nodes), data.draw(st.lists(st.integers(0, nodes - 1), max_size=3)))
    burst = data.draw(st.integers(0, len(ends) - 1))
    stuck = set(data.draw(st.lists(st.sampled_from(range(len(cuts))), max_size=2))) if cuts else set()
    graph = Graph.of(nodes, ends[:, 0], ends[:, 1], np.ones(len(ends)))
    found = isolate(Supply.prepare(graph, Cuts.of(cuts), source, opened), burst, stuck)
    shut = {valve for valve in range(len(cuts)) if not opened[valve]}
    assert not stuck & set(found.close)
    inside = _walk(ends, cuts, shut | set(found.close), {("edge", burst)})
    # What is walked to from the burst is what is drained, with its nodes; no source feeds it unless one lies inside.
    assert {n for kind, n in inside if kind == "edge"} == set(found.drained.tolist())
    assert {n for kind, n in inside if kind == "node" and source[n]} == set(found.sources.tolist())
    fed = _walk(ends, cuts, shut | set(found.close), {("node", int(n)) for n in np.flatnonzero(source)})
    fed_before = _walk(ends, cuts, shut, {("node", int(n)) for n in np.flatnonzero(source)})
    dry = {n for kind, n in fed_before - fed if kind == "edge"} - set(found.drained.tolist())
    assert dry == set(found.dry.tolist())
    for valve, pressed in zip(found.close, found.pressed, strict=True):
        leak = (shut | set(found.close)) - {valve}
        reached = _walk(ends, cuts, leak, {("node", int(n)) for n in np.flatnonzero(source)})
        outside = fed - inside
        if pressed and outside:
            assert ("edge", burst) in reached


def _walk(
    ends: np.ndarray, cuts: list[tuple[int, int, int]], shut: set[int], origin: set[tuple[str, int]]
) -> set[tuple[str, int]]:
    blocked = {(edge, side) for edge, side, valve in cuts if valve in shut}
    seen, todo = set(origin), list(origin)
    while todo:
        kind, number = todo.pop()
        if kind == "edge":
            near = [("node", int(ends[number][side])) for side in (START, END) if (number, side) not in blocked]
        else:
            near = [
                ("edge", edge)
                for edge in range(len(ends))
                for side in (START, END)
                if ends[edge][side] == number and (edge, side) not in blocked
            ]
        fresh = [each for each in near if each not in seen]
        seen.update(fresh)
        todo += fresh
    return seen


@pytest.mark.parametrize("burst", range(4))
def test_shutting_everything_off_needs_no_more_valves_than_there_are(burst: int) -> None:
    found = isolate(supply(), burst, stuck={0, 1, 2, 3})
    assert found.close == ()
    assert found.drained.tolist() == [0, 1, 2, 3]
