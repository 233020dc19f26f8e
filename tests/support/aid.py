"""The small town's welfare side: a second community, aid workers at three levels, and households to register."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, text

from gis import actors, organisation
from gis.actors import Actor
from gis.vault import KeyRing
from tests.support import smalltown
from welfare import access, households, identity, programmes
from welfare.households import NewHousehold, NewPerson

DAY = date(2026, 11, 24)
HERE, THERE = "990101001001", "990101001002"
"""The town's community, and another one of the same sub-district."""

WORKERS = {
    "here": ("community_aid_worker", HERE),
    "there": ("community_aid_worker", THERE),
    "street": ("subdistrict_aid_worker", "990101001"),
    "district": ("district_aid_officer", "990101"),
    "planner": ("planner", "990101"),
    "auditor": ("aid_auditor", "990101"),
}

POOR = {
    "settlement": "urban",
    "income_month": 1500,
    "property_total": 9000,
    "vehicles": 0,
    "houses": 1,
    "medical_paid_year": 0,
}


@dataclass(frozen=True)
class AidTown:
    """The actors by name."""

    people: Mapping[str, Actor]

    def __getitem__(self, name: str) -> Actor:
        return self.people[name]


def build(db: Connection) -> AidTown:
    """The small town with its welfare side, in an empty, migrated database; the shipped five programmes published."""
    smalltown.build(db)
    db.execute(
        text(
            "insert into gis.area (code, level, name, name_en, parent_id, geom)"
            " select :code, level, '东社区', 'East', parent_id, st_translate(geom, 0.01, 0) from gis.area where code = :like"
        ),
        {"code": THERE, "like": HERE},
    )
    password = organisation.hash_password(smalltown.PASSWORD)
    for username, (post, area_code) in WORKERS.items():
        account = db.execute(
            text("insert into gis.account (username, name, password_hash) values (:n, :n, :hash) returning id"),
            {"n": username, "hash": password},
        ).scalar_one()
        area = db.execute(text("select id from gis.area where code = :code"), {"code": area_code}).scalar_one()
        organisation.give_post(db, account, post, area_id=area)
    programmes.publish(db, programmes.shipped())
    return AidTown({name: actors.actor(db, name) for name in WORKERS})


def id_number(born: date, sequence: int, region: str = "990101") -> str:
    """A right ID number of nobody."""
    body = f"{region}{born:%Y%m%d}{sequence:03d}"
    return body + identity.check_character(body)


def household(sequence: int = 1, area_code: str = HERE, facts: Mapping[str, Any] = {}, **person: Any) -> NewHousehold:
    """A couple below the standard; `facts` change what is stated of the household, `person` of the first member."""
    people = [
        NewPerson("王秀兰", "head", id_number(date(1958, 3, 2), 2 * sequence), facts={"able_to_work": True, **person}),
        NewPerson("李大山", "spouse", id_number(date(1956, 7, 9), 2 * sequence + 1), facts={"able_to_work": True}),
    ]
    stated = {name: value for name, value in {**POOR, **facts}.items() if value is not None}
    return NewHousehold(area_code, people, stated, "试验路1号", position=(115.6003, 38.4003))


def register(db: Connection, ring: KeyRing, new: NewHousehold, actor: Actor) -> int:
    """Enter the actor's area and register; returns the household's id."""
    access.enter(db, actor)
    return households.register(db, ring, new, day=DAY, actor=actor)[0]
