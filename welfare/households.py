"""The registry: households with their members, the facts stated of them, and opening a record for a purpose (W7, W9, W17)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, insert, text
from sqlalchemy.exc import IntegrityError

from config.errors import DuplicateAid, InvalidInput, NotFound
from gis.actors import Actor
from gis.db import literal, named_sql
from gis.vault import KeyRing, Sealed
from welfare import access, identity, tables
from welfare.facts import View, age, dictionary, view
from welfare.identity import NationalId, masked, masked_name

RELATIONS: dict[str, tuple[str, str]] = {
    "head": ("户主", "head"),
    "spouse": ("配偶", "spouse"),
    "child": ("子女", "child"),
    "parent": ("父母", "parent"),
    "grandchild": ("孙子女", "grandchild"),
    "other": ("其他", "other"),
}


@dataclass(frozen=True)
class NewPerson:
    """Somebody to register. Without `id_number` (a foundling) birth date and sex are stated and a temporary key is made."""

    name: str
    relation: str
    id_number: str | None = None
    birth_date: date | None = None
    sex: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class NewHousehold:
    """A household to register. `position` is WGS 84 (lon, lat) in degrees; `area_code` the community it lives in."""

    area_code: str
    people: Sequence[NewPerson]
    facts: Mapping[str, Any] = field(default_factory=dict)
    address: str = ""
    phone: str = ""
    registered_area_code: str | None = None
    position: tuple[float, float] | None = None
    source: str = "community"


def register(
    db: Connection, ring: KeyRing, new: NewHousehold, *, day: date, actor: Actor | None = None
) -> tuple[int, list[str]]:
    """Enter a household with everybody in it; returns its id and doubts about ID numbers (see `identity.parse`).

    Raises InvalidInput for what cannot be right, DuplicateAid for somebody who is registered already. The caller has
    entered an area that holds the community.
    """
    if not new.people:
        raise InvalidInput("A household has at least one member.", field="people")
    _require_community(db, new.area_code)
    household_id = _insert_household(db, new)
    doubts: list[str] = []
    for person in new.people:
        known = _identity(person, day)
        doubts += known.doubts if isinstance(known, NationalId) else ()
        person_id = _insert_person(db, ring, new.area_code, person, known)
        _insert_member(db, new.area_code, household_id, person_id, person.relation, day)
        state_facts(db, new.area_code, household_id, person.facts, day, new.source, person_id=person_id, actor=actor)
    state_facts(db, new.area_code, household_id, new.facts, day, new.source, actor=actor)
    return household_id, doubts


def state_facts(
    db: Connection,
    area_code: str,
    household_id: int,
    facts: Mapping[str, Any],
    since: date,
    source: str,
    *,
    person_id: int | None = None,
    actor: Actor | None = None,
) -> None:
    """State facts from a day on. Raises InvalidInput for an unknown fact or an impossible value; None states nothing."""
    subject = "household" if person_id is None else "person"
    rows = []
    for name, value in facts.items():
        if value is None:
            continue
        dictionary().check(name, subject, value)
        rows.append({
            "area_code": area_code, "household_id": household_id, "person_id": person_id, "name": name, "value": value,
            "since": since, "source": source, "account_id": actor.account_id if actor else None,
        })  # fmt: skip
    if rows:
        db.execute(insert(tables.fact), rows)


@dataclass(frozen=True)
class Record:
    """A household as it is opened for a purpose: all that rules and people need to know of it."""

    household: Row[Any]
    members: Sequence[Row[Any]]
    view: View

    @property
    def id(self) -> int:
        """The household's id."""
        return int(self.household.id)


def open_record(
    db: Connection, actor: Actor, household_id: int, purpose: tuple[str, str], trace_id: str, day: date
) -> Record:
    """A household with members and facts as of `day`; who opened it, when and for what is written down for each person.

    Raises NotFound where it does not exist or lies outside the area that this transaction works in.
    """
    record = read(db, household_id, day)
    people = [member.person_id for member in record.members]
    access.log(
        db,
        actor,
        "record",
        purpose,
        trace_id,
        area_code=record.household.area_code,
        household_id=household_id,
        people=people,
    )
    return record


def read(db: Connection, household_id: int, day: date) -> Record:
    """What `open_record` returns, for programs that compute and show no person."""
    household = db.execute(named_sql("welfare", "household"), {"id": household_id}).first()
    if household is None:
        raise NotFound("There is no household {household}, or not in your area.", household=household_id)
    values = {"ids": [household_id], "day": day}
    members = list(db.execute(named_sql("welfare", "members"), values))
    return Record(household, members, views(db, [household_id], day)[household_id])


def views(db: Connection, household_ids: Sequence[int], day: date) -> dict[int, View]:
    """Household id → what rules see of it on `day`; three queries, however many households."""
    values = {"ids": list(household_ids), "day": day}
    stated: dict[int, dict[str, Any]] = {id: {} for id in household_ids}
    people: dict[int, dict[int, dict[str, Any]]] = {id: {} for id in household_ids}
    births: dict[int, date] = {}
    for row in db.execute(named_sql("welfare", "members"), values):
        people[row.household_id][row.person_id] = {}
        births[row.person_id] = row.birth_date
    for row in db.execute(named_sql("welfare", "facts"), values):
        if row.person_id is None:
            stated[row.household_id][row.name] = row.value
        elif row.person_id in people[row.household_id]:
            people[row.household_id][row.person_id][row.name] = row.value
    receiving: dict[int, set[str]] = {id: set() for id in household_ids}
    for row in db.execute(named_sql("welfare", "receiving"), values):
        receiving[row.household_id].add(row.programme_code)
    return {id: view(stated[id], people[id], births, day, frozenset(receiving[id])) for id in household_ids}


def find(db: Connection, words: str, ring: KeyRing, *, limit: int = 30) -> list[dict[str, Any]]:
    """Households of the area by name, address or a whole ID number; names masked, nothing that identifies.

    A list is no opened record: it is not logged, and shows no more than a notice board would.
    """
    wanted = words.strip()
    values: dict[str, Any] = {
        "like": f"%{literal(wanted)}%",
        "indexes": _indexes(wanted, ring),
        "all": not wanted,
        "limit": limit,
    }
    rows = db.execute(named_sql("welfare", "find_households"), values)
    return [{**row._mapping, "head": masked_name(row.head or "")} for row in rows]


def id_number(
    db: Connection, ring: KeyRing, actor: Actor, person_id: int, purpose: tuple[str, str], trace_id: str
) -> str:
    """The whole ID number of one person; that it was read is written down. Raises NotFound outside the area."""
    row = db.execute(
        text("select area_code, id_index, id_cipher, id_algorithm, id_key_version from welfare.person where id = :id"),
        {"id": person_id},
    ).first()
    if row is None:
        raise NotFound("There is no person {person}, or not in your area.", person=person_id)
    access.log(db, actor, "id_number", purpose, trace_id, area_code=row.area_code, people=[person_id])
    return ring.open(Sealed(bytes(row.id_index), bytes(row.id_cipher), row.id_algorithm, row.id_key_version))


def shown(member: Row[Any], ring: KeyRing, day: date) -> dict[str, Any]:
    """A member as an opened record shows one: the ID number masked."""
    sealed = Sealed(bytes(member.id_index), bytes(member.id_cipher), member.id_algorithm, member.id_key_version)
    number = masked(ring.open(sealed)) if member.id_kind == "national" else ""
    return {
        "person_id": member.person_id, "name": member.name, "sex": member.sex, "birth_date": member.birth_date,
        "age": age(member.birth_date, day), "relation": member.relation, "id_kind": member.id_kind, "id_number": number,
    }  # fmt: skip


def _identity(person: NewPerson, day: date) -> NationalId | tuple[date, str]:
    if person.id_number:
        return identity.parse(person.id_number, day)
    if person.birth_date is None or person.birth_date > day or person.sex not in ("male", "female"):
        raise InvalidInput(
            "Somebody without an ID number needs a birth date and a sex.",
            "State both as far as they are known.",
            field="people",
        )
    return person.birth_date, person.sex


def _require_community(db: Connection, area_code: str) -> None:
    """Raise InvalidInput where the code is no community of the area that this transaction works in."""
    if db.execute(_COMMUNITY, {"code": area_code}).first() is None:
        raise InvalidInput(
            "There is no community '{area}' in your area.",
            "A household is entered at the community it lives in.",
            area=area_code,
            field="area_code",
        )


def _insert_household(db: Connection, new: NewHousehold) -> int:
    lon, lat = new.position or (None, None)
    values = {
        "area_code": new.area_code, "registered": new.registered_area_code, "address": new.address, "phone": new.phone,
        "lon": lon, "lat": lat, "source": new.source,
    }  # fmt: skip
    return int(db.execute(_HOUSEHOLD, values).scalar_one())


def _insert_person(
    db: Connection, ring: KeyRing, area_code: str, person: NewPerson, known: NationalId | tuple[date, str]
) -> int:
    """Raises DuplicateAid for somebody who is registered, in this area or in another; the answer does not say where."""
    number = known.number if isinstance(known, NationalId) else identity.temporary_key()
    born, sex = (known.birth_date, known.sex) if isinstance(known, NationalId) else known
    if not person.name.strip() or person.relation not in RELATIONS:
        raise InvalidInput(
            "A member needs a name and a relation.", "Relations are: {relations}.", relations=list(RELATIONS)
        )
    sealed = ring.newest.seal(number)
    values = {
        "area_code": area_code, "name": person.name.strip(), "sex": sex, "birth_date": born,
        "id_kind": "national" if isinstance(known, NationalId) else "temporary", "id_index": sealed.index,
        "id_cipher": sealed.cipher, "id_algorithm": sealed.algorithm, "id_key_version": sealed.key_version,
    }  # fmt: skip
    try:
        with db.begin_nested():
            return int(db.execute(insert(tables.person).values(**values).returning(tables.person.c.id)).scalar_one())
    except IntegrityError as error:
        if getattr(error.orig, "pgcode", "") != "23505":
            raise
        raise DuplicateAid(
            "{name} is registered already, in this or another household.",
            "Look the ID number up; if it is not in your area, ask the district to move the record.",
            name=masked_name(person.name),
        ) from error


def _insert_member(db: Connection, area_code: str, household_id: int, person_id: int, relation: str, day: date) -> None:
    values = {
        "area_code": area_code,
        "household_id": household_id,
        "person_id": person_id,
        "relation": relation,
        "since": day,
    }
    db.execute(insert(tables.member).values(**values))


def _indexes(words: str, ring: KeyRing) -> list[bytes]:
    """Blind indexes to look for, where the words are a whole ID number."""
    try:
        number = identity.parse(words, date.max).number
    except InvalidInput:
        return []
    return ring.indexes(number)


_COMMUNITY = text("""
    select from gis.area where code = :code and level = 'community'
      and code >= current_setting('welfare.area_from', true) and code <= current_setting('welfare.area_to', true)
""")
_HOUSEHOLD = text("""
    insert into welfare.household (area_code, registered_area_code, address, phone, geom, source)
    values (:area_code, :registered, :address, :phone, st_setsrid(st_makepoint(:lon, :lat), 4326), :source) returning id
""")
