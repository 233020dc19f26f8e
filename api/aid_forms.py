"""What the aid pages send, checked for form; what it means is checked in welfare/."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from config.errors import InvalidInput
from welfare.applications import Move, NewApplication
from welfare.households import NewHousehold, NewPerson, Record

Words = Annotated[str, Field(max_length=500)]
Facts = dict[Annotated[str, Field(max_length=60)], Any]


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _can_be_kept(cls, content: Any) -> Any:
        """No text holds NUL or half a character, which the database cannot keep."""
        if any("\x00" in words or not _whole(words) for words in _texts(content)):
            raise ValueError("a character that cannot be kept")
        return content


def _texts(content: Any) -> Iterator[str]:
    if isinstance(content, str):
        yield content
    elif isinstance(content, dict):
        for name, value in content.items():
            yield from _texts(name)
            yield from _texts(value)
    elif isinstance(content, list):
        for value in content:
            yield from _texts(value)


def _whole(words: str) -> bool:
    try:
        words.encode()
    except UnicodeEncodeError:
        return False
    return True


class PurposeIn(_Form):
    """Why a record is opened."""

    purpose: Annotated[str, Field(max_length=40)]
    reason: Words = ""


class PersonIn(_Form):
    """A member to register."""

    name: Annotated[str, Field(min_length=1, max_length=80)]
    relation: Annotated[str, Field(max_length=20)]
    id_number: Annotated[str, Field(max_length=40)] | None = None
    birth_date: date | None = None
    sex: Annotated[str, Field(max_length=10)] | None = None
    facts: Facts = {}


class HouseholdIn(_Form):
    """A household to register, in a community of the caller's area."""

    area_code: Annotated[str, Field(max_length=40)]
    people: Annotated[list[PersonIn], Field(min_length=1, max_length=30)]
    facts: Facts = {}
    address: Words = ""
    phone: Annotated[str, Field(max_length=40)] = ""
    registered_area_code: Annotated[str, Field(max_length=40)] | None = None
    lon: Annotated[float, Field(ge=-180, le=180)] | None = None
    lat: Annotated[float, Field(ge=-90, le=90)] | None = None

    def wanted(self) -> NewHousehold:
        """As the registry takes it."""
        people = [NewPerson(**person.model_dump()) for person in self.people]
        position = None if self.lon is None or self.lat is None else (self.lon, self.lat)
        return NewHousehold(
            self.area_code, people, self.facts, self.address, self.phone, self.registered_area_code, position
        )


class FactsIn(_Form):
    """Facts of a household, or with `person_id` of one of its members."""

    facts: Annotated[Facts, Field(min_length=1)]
    source: Annotated[str, Field(min_length=1, max_length=200)]
    person_id: int | None = None

    def of_member(self, record: Record) -> Facts:
        """The facts. Raises InvalidInput where the person is no member of the household."""
        if self.person_id is not None and self.person_id not in {member.person_id for member in record.members}:
            raise InvalidInput("This person is not a member of the household.", field="person_id")
        return self.facts


class ApplicationIn(_Form):
    """An application."""

    household_id: int
    programme: Annotated[str, Field(max_length=40)]
    applicant_id: int
    authorised: bool = False
    note: Words = ""

    def wanted(self) -> NewApplication:
        """As the use case takes it."""
        return NewApplication(**self.model_dump())


class MoveIn(_Form):
    """A move of an application, with the version that was seen."""

    move: Annotated[str, Field(max_length=40)]
    version: int
    note: Words = ""
    visitors: Annotated[list[Annotated[str, Field(max_length=80)]], Field(max_length=10)] = []

    def wanted(self) -> Move:
        """As the use case takes it."""
        return Move(self.move, self.version, self.note, tuple(self.visitors))
