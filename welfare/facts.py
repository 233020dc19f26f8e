"""What can be known of a household and its members: the dictionary of facts, and the view that rules look at. Pure.

Facts are dated statements with a source (welfare.fact). A fact that nobody has stated is missing, never zero. Derived facts
(age, size of the household, income per head) are computed here and are missing when what they need is missing.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from importlib.resources import files
from typing import Any

from config.errors import InvalidInput

KINDS = ("number", "flag", "choice")


@dataclass(frozen=True)
class FactKind:
    """One fact: of whom, of which kind, in which unit, with its names; derived ones cannot be stated."""

    name: str
    subject: str
    kind: str
    zh: str
    en: str
    unit: str = ""
    choices: tuple[str, ...] = ()
    derived: bool = False


@dataclass(frozen=True)
class Dictionary:
    """All facts that rules may ask for."""

    kinds: Mapping[str, FactKind]

    def has(self, name: str, subject: str) -> bool:
        """Whether there is such a fact of a `household` or `person`."""
        return name in self.kinds and self.kinds[name].subject == subject

    def is_number(self, name: str) -> bool:
        """Whether the fact is a number."""
        return self.kinds[name].kind == "number"

    def comparable(self, name: str, op: str, value: Any, with_parameter: bool) -> bool:
        """Whether a fact can be compared so: numbers by order, flags and choices by equality, choices with a list."""
        kind = self.kinds[name]
        if op == "in":
            return kind.kind == "choice" and isinstance(value, list) and set(value) <= set(kind.choices)
        if kind.kind == "number":
            return with_parameter or _fits(kind, value)
        return op in ("=", "!=") and not with_parameter and _fits(kind, value)

    def check(self, name: str, subject: str, value: Any) -> None:
        """Raise InvalidInput unless `value` can be stated of this fact."""
        if not self.has(name, subject) or self.kinds[name].derived:
            raise InvalidInput("There is no fact '{fact}' to state of a {subject}.", fact=name, subject=subject)
        if not _fits(self.kinds[name], value):
            raise InvalidInput("'{value}' is no value of fact '{fact}'.", fact=name, value=str(value)[:60])


@dataclass(frozen=True)
class Member:
    """A person as rules see one: facts by name, what is missing is absent."""

    person_id: int
    facts: Mapping[str, Any]


@dataclass(frozen=True)
class View:
    """A household as rules see it on one day: its facts, its members, and what it receives."""

    facts: Mapping[str, Any]
    members: tuple[Member, ...] = ()
    receiving: frozenset[str] = field(default_factory=frozenset)


@lru_cache
def dictionary() -> Dictionary:
    """The dictionary in config/welfare/facts.toml."""
    content = tomllib.loads(files("config").joinpath("welfare/facts.toml").read_text(encoding="utf-8"))
    kinds = [FactKind(**{**entry, "choices": tuple(entry.get("choices", ()))}) for entry in content["fact"]]
    return Dictionary({kind.name: kind for kind in kinds})


def view(
    stated: Mapping[str, Any], members: Mapping[int, Mapping[str, Any]], births: Mapping[int, date], day: date,
    receiving: frozenset[str] = frozenset(),
) -> View:  # fmt: skip
    """Stated facts with all derived ones. `births`: person id → birth date."""
    people = tuple(
        Member(person, {**facts, "age": age(births[person], day)} if person in births else dict(facts))
        for person, facts in members.items()
    )
    derived: dict[str, Any] = {"household_size": len(people)}
    for total, each in (("income_month", "income_per_person"), ("property_total", "property_per_person")):
        if people and stated.get(total) is not None:
            derived[each] = round(stated[total] / len(people), 2)
    return View({name: value for name, value in {**stated, **derived}.items() if value is not None}, people, receiving)


def age(born: date, day: date) -> int:
    """Completed years on `day`; whoever is born on 29 February completes a year on 1 March."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def _fits(kind: FactKind, value: Any) -> bool:
    if kind.kind == "flag":
        return isinstance(value, bool)
    if kind.kind == "choice":
        return isinstance(value, str) and value in kind.choices
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e12
