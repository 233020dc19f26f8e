"""Invented households of the demonstration district, at a tenth of the reference figures, with gaps planted in known places (W7, W16).

Four sorts: those with the allowance, those in difficulty otherwise, and among both what a planner has to find: who qualifies
and does not receive, who receives and no longer qualifies, elders living alone whom nobody supports, and facts never asked.
ID numbers carry the district's fictional region code and fit their check character; none of them belongs to anybody.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import numpy as np

from data.generator.areas import COUNTY_CODE
from data.generator.frame import random
from data.generator.people import person_name

REFERENCE = {"allowance": (6_345, 12_493), "other": (6_498, 7_721)}
"""Households and persons of the reference district."""

STANDARD = {"urban": 1180, "rural": 920}
DENSE = 3
"""Communities in which most of the gaps lie: what a map must show and a total hides."""

GAP, NO_LONGER, UNASKED, ALONE = 0.10, 0.035, 0.05, 0.035
"""Shares: of the others who qualify without receiving; of recipients who no longer do; of others with a fact never asked;
of others who are elders alone without support."""


@dataclass(frozen=True)
class SamplePerson:
    """One member; `facts` as in config/welfare/facts.toml."""

    name: str
    relation: str
    born: date
    sex: str
    sequence: int
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class SampleHousehold:
    """One household: where it lives (community code and a number that chooses a place), what is stated, what it receives."""

    community: str
    spot: int
    people: tuple[SamplePerson, ...]
    facts: dict[str, Any]
    receiving: tuple[str, ...]
    planted: str = ""


def households(seed: int, communities: Sequence[str], today: date, share: float = 0.1) -> list[SampleHousehold]:
    """Equal seed, communities, day and share give equal households. `share` is of the reference district."""
    maker = _Maker(random(seed, "households"), list(communities), today)
    (kept, kept_persons), (difficult, persons_there) = (
        (int(households * share + 0.5), int(persons * share + 0.5)) for households, persons in REFERENCE.values()
    )
    found = [maker.allowance(size) for size in maker.sizes(kept, kept_persons, most=5)]
    others = maker.sizes(difficult, persons_there, most=4)
    plan = maker.plan(others)
    return found + [maker.other(size, what) for size, what in zip(others, plan, strict=True)]


class _Maker:
    def __init__(self, rng: np.random.Generator, communities: list[str], today: date) -> None:
        self.rng, self.communities, self.today = rng, communities, today
        self.dense = communities[:: max(1, len(communities) // DENSE)][:DENSE]
        self.sequences: dict[tuple[date, str], int] = {}

    def sizes(self, households: int, persons: int, most: int) -> list[int]:
        """So many households with so many persons in all, none larger than `most`."""
        sizes = np.ones(households, int)
        for _ in range(persons - households):
            sizes[self.rng.choice(np.flatnonzero(sizes < most))] += 1
        return [int(size) for size in self.rng.permutation(sizes)]

    def plan(self, sizes: Sequence[int]) -> list[str]:
        """What is planted in each of the other households; who lives alone is found among those of one."""
        found = [""] * len(sizes)
        order = [int(place) for place in self.rng.permutation(len(sizes))]
        for what, share in (("alone", ALONE), ("gap", GAP), ("unasked", UNASKED)):
            fitting = [place for place in order if not found[place] and (what != "alone" or sizes[place] == 1)]
            for place in fitting[: round(share * len(sizes))]:
                found[place] = what
        return found

    def allowance(self, size: int) -> SampleHousehold:
        """Receives the allowance; now and then it has come into money since."""
        gone = self.rng.random() < NO_LONGER
        settlement = self._settlement()
        per_head = STANDARD[settlement] * (self.rng.uniform(1.1, 1.45) if gone else self.rng.uniform(0.25, 0.92))
        people = self._people(size, self.rng.random() < 0.3)
        receiving = ["mla"] + (["elder"] if self._has_very_old(people) and self.rng.random() < 0.7 else [])
        facts = self._facts(settlement, per_head, size) | self._illness()
        return self._household(people, facts, receiving, "no_longer" if gone else "", self._anywhere())

    def other(self, size: int, what: str) -> SampleHousehold:
        """In difficulty without the allowance: mostly a little above the standard."""
        settlement = self._settlement()
        per_head = STANDARD[settlement] * self.rng.uniform(1.02, 1.8)
        if what == "gap":
            per_head = STANDARD[settlement] * self.rng.uniform(0.4, 0.9)
        if what == "alone":
            return self._alone(settlement)
        facts = self._facts(settlement, per_head, size) | self._illness()
        if what == "unasked":
            facts |= {"income_month": round(STANDARD[settlement] * 0.8 * size), "property_total": None}
        people = self._people(size, self.rng.random() < 0.45)
        receiving = ["elder"] if self._has_very_old(people) and what != "gap" and self.rng.random() < 0.6 else []
        community = str(self.rng.choice(self.dense)) if what == "gap" and self.rng.random() < 0.7 else self._anywhere()
        return self._household(people, facts, receiving, what, community)

    def _alone(self, settlement: str) -> SampleHousehold:
        """An elder without capacity, means or support; half of them are in support, the others nobody has found (W16)."""
        found = self.rng.random() < 0.5
        facts = self._facts(settlement, STANDARD[settlement] * self.rng.uniform(0.05, 0.4), 1)
        person = self._person("head", int(self.rng.integers(70, 92)))
        person.facts.update(able_to_work=False, has_supporter=False)
        return self._household((person,), facts, ["esp"] if found else [], "" if found else "alone", self._anywhere())

    def _household(
        self, people: Sequence[SamplePerson], facts: dict[str, Any], receiving: list[str], planted: str, community: str
    ) -> SampleHousehold:
        return SampleHousehold(
            community, int(self.rng.integers(1 << 30)), tuple(people), facts, tuple(receiving), planted
        )

    def _facts(self, settlement: str, per_head: float, size: int) -> dict[str, Any]:
        return {
            "settlement": settlement,
            "income_month": round(per_head * size),
            "property_total": round(float(self.rng.uniform(0, 24_000)) * size),
            "vehicles": 0,
            "houses": int(self.rng.random() < 0.8),
        }

    def _illness(self) -> dict[str, Any]:
        ill = self.rng.random() < 0.18
        return {"medical_paid_year": round(float(self.rng.lognormal(9.0, 0.8)), 2) if ill else 0}

    def _people(self, size: int, elderly: bool) -> list[SamplePerson]:
        """A head, then spouse, children, an old parent, as the size allows."""
        head_age = int(self.rng.integers(66, 90)) if elderly else int(self.rng.integers(28, 62))
        people = [self._person("head", head_age)]
        if size > 1 and self.rng.random() < 0.65:
            other = "female" if people[0].sex == "male" else "male"
            people.append(self._person("spouse", max(23, head_age + int(self.rng.integers(-6, 5))), other))
        while len(people) < size:
            if not elderly and len(people) == size - 1 and self.rng.random() < 0.25:
                people.append(self._person("parent", head_age + int(self.rng.integers(22, 30))))
            elif elderly:
                people.append(self._person("grandchild", int(self.rng.integers(3, 24))))
            else:
                people.append(self._person("child", int(self.rng.integers(0, max(2, min(24, head_age - 20))))))
        return people

    def _person(self, relation: str, age: int, sex: str | None = None) -> SamplePerson:
        sex = sex or str(self.rng.choice(["male", "female"]))
        born = self.today - timedelta(days=int(age * 365.25 + self.rng.integers(90, 330)))
        name = person_name(self.rng, sex)
        disabled = self.rng.random() < 0.11
        facts: dict[str, Any] = {
            "able_to_work": 16 <= age < 60 and not disabled,
            "seriously_ill": bool(self.rng.random() < 0.07),
            "disability_grade": str(self.rng.choice(["1", "2", "3", "4"])) if disabled else "none",
            "has_supporter": True,
            "school": _school(age, float(self.rng.random())),
        }
        return SamplePerson(name, relation, born, sex, self._sequence(born, sex), facts)

    def _sequence(self, born: date, sex: str) -> int:
        """The next number of those born on a day: odd for men, even for women."""
        number = self.sequences.get((born, sex), 1 if sex == "male" else 2)
        self.sequences[(born, sex)] = number + 2
        return number

    def _has_very_old(self, people: Sequence[SamplePerson]) -> bool:
        return any((self.today - person.born).days >= 80 * 365.25 for person in people)

    def _settlement(self) -> str:
        return "urban" if self.rng.random() < 0.85 else "rural"

    def _anywhere(self) -> str:
        return str(self.rng.choice(self.communities))


def _school(age: int, draw: float) -> str:
    if 6 <= age < 15:
        return "compulsory"
    if 15 <= age < 18:
        return "senior" if draw < 0.85 else "none"
    return "college" if 18 <= age < 23 and draw < 0.5 else "none"


REGION = COUNTY_CODE
"""Region code in the sample numbers: the fictional district's."""
