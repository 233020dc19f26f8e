"""The invented households: the reference figures at a tenth, the gaps where they were planted, nobody's real number."""

from __future__ import annotations

from collections import Counter
from datetime import date

from data.aid import _number
from data.generator.households import REGION, households
from welfare import identity
from welfare.facts import dictionary

TODAY = date(2026, 11, 24)
COMMUNITIES = [f"99010100{s}00{c}" for s in (1, 2, 3) for c in (1, 2, 3)]


def test_a_tenth_of_the_reference_district() -> None:
    sample = households(1, COMMUNITIES, TODAY)
    receiving = [each for each in sample if "mla" in each.receiving]
    others = [each for each in sample if "mla" not in each.receiving]
    assert (len(receiving), sum(len(each.people) for each in receiving)) == (635, 1249)
    assert (len(others), sum(len(each.people) for each in others)) == (650, 772)


def test_equal_seed_equal_households() -> None:
    assert households(1, COMMUNITIES, TODAY, 0.01) == households(1, COMMUNITIES, TODAY, 0.01)
    assert households(1, COMMUNITIES, TODAY, 0.01) != households(2, COMMUNITIES, TODAY, 0.01)


def test_gaps_lie_where_they_were_planted() -> None:
    sample = households(1, COMMUNITIES, TODAY)
    planted = Counter(each.planted for each in sample)
    assert planted["gap"] == 65
    assert planted["unasked"] > 20
    assert planted["alone"] > 5
    assert planted["no_longer"] > 10
    by_community = Counter(each.community for each in sample if each.planted == "gap")
    assert sum(count for _, count in by_community.most_common(3)) > 0.7 * planted["gap"]


def test_every_person_has_a_number_of_their_own_that_fits_and_is_nobodys() -> None:
    people = [person for each in households(1, COMMUNITIES, TODAY) for person in each.people]
    numbers = [_number(person.born, person.sequence) for person in people]
    assert len(set(numbers)) == len(numbers)
    for number, person in zip(numbers, people, strict=True):
        read = identity.parse(number, TODAY)
        assert (read.birth_date, read.sex) == (person.born, person.sex)
        assert number.startswith(REGION)
    assert REGION.startswith("99"), "no real region's code begins so"


def test_facts_are_those_of_the_dictionary() -> None:
    for each in households(1, COMMUNITIES, TODAY, 0.02):
        for name, value in each.facts.items():
            if value is not None:
                dictionary().check(name, "household", value)
        for person in each.people:
            for name, value in person.facts.items():
                dictionary().check(name, "person", value)
