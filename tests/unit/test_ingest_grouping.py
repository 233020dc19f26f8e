"""Many lamps at once are one circuit."""

from __future__ import annotations

from ingest.grouping import Member, gather


def members(group: str, count: int, at: int = 900, first: int = 1) -> list[Member]:
    return [Member(first + number, group, at) for number in range(count)]


def test_most_of_a_circuit_is_the_circuit() -> None:
    (found,) = gather(members("LC-1-1", 18), {"LC-1-1": 20}, 3, 0.5, set())
    assert (found.at, found.groups, found.share) == (900, ("LC-1-1",), 0.9)
    assert found.members == tuple(range(1, 19))


def test_a_few_of_many_stay_single() -> None:
    assert gather(members("LC-1-1", 9), {"LC-1-1": 20}, 3, 0.5, set()) == []


def test_two_of_two_are_too_few() -> None:
    assert gather(members("LC-1-1", 2), {"LC-1-1": 2}, 3, 0.5, set()) == []


def test_two_circuits_of_a_cabinet_are_one_finding() -> None:
    both = [*members("LC-1-1", 5), *members("LC-1-2", 6, first=50)]
    (found,) = gather(both, {"LC-1-1": 5, "LC-1-2": 6}, 3, 0.5, set())
    assert found.groups == ("LC-1-1", "LC-1-2")
    assert len(found.members) == 11


def test_while_it_stands_half_keeps_it_up() -> None:
    seven = members("LC-1-1", 7)
    assert gather(seven, {"LC-1-1": 20}, 3, 0.5, set()) == []
    assert len(gather(seven, {"LC-1-1": 20}, 3, 0.5, {900})) == 1
    assert gather(seven[:4], {"LC-1-1": 20}, 3, 0.5, {900}) == []
