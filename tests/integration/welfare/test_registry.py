"""The registry: one person once, numbers sealed, nobody seen outside one's area, every opened record written down (W7, W9, W17)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.exc import DBAPIError

from config.errors import ConfigurationError, DuplicateAid, InvalidInput, NotFound, NotPermitted
from config.settings import Settings
from gis import keyring, vault
from gis.db import metadata, url_of
from gis.vault import KeyRing
from tests.support import aid
from tests.support.aid import DAY, HERE, THERE, AidTown
from tests.support.databases import Database
from welfare import access, households, resealing, tables
from welfare.households import NewHousehold, NewPerson

PURPOSE = ("application", "")


def test_the_number_lies_sealed_with_its_algorithm_and_key(db: Connection, ring: KeyRing, town: AidTown) -> None:
    new = aid.household(10)
    aid.register(db, ring, new, town["here"])
    number = str(new.people[0].id_number)
    (row,) = db.execute(
        text("select * from welfare.person where id_index = any(:i)"), {"i": ring.indexes(number)}
    ).all()
    assert number.encode() not in bytes(row.id_cipher) + bytes(row.id_index)
    assert number not in str(row._mapping)
    assert (row.id_algorithm, row.id_key_version) == ("aes-256-gcm+hmac-sha256", 1)
    assert households.id_number(db, ring, town["here"], row.id, PURPOSE, "t") == number


def test_nobody_is_registered_twice_however_the_number_is_written(db: Connection, ring: KeyRing, town: AidTown) -> None:
    new = aid.household(11)
    aid.register(db, ring, new, town["here"])
    number = str(new.people[0].id_number)
    short = f"{number[:6]}{number[8:17]}"
    for written in (number, f" {number[:6]} {number[6:]}", short):
        again = NewHousehold(HERE, [NewPerson("王秀兰", "head", written)])
        with pytest.raises(DuplicateAid) as refused:
            aid.register(db, ring, again, town["here"])
        assert number not in str(refused.value)
        assert "王秀兰" not in str(refused.value)


def test_somebody_of_another_area_is_known_but_not_told_of(db: Connection, ring: KeyRing, town: AidTown) -> None:
    new = aid.household(12, THERE)
    aid.register(db, ring, new, town["there"])
    again = NewHousehold(HERE, [replace(new.people[0], name="王秀兰")])
    with pytest.raises(DuplicateAid) as refused:
        aid.register(db, ring, again, town["here"])
    assert "东社区" not in str(refused.value)


def test_a_community_sees_only_itself_in_every_table(db: Connection, ring: KeyRing, town: AidTown) -> None:
    """Counts, searches and joins included: it is the database that hides."""
    ours, theirs = (aid.register(db, ring, aid.household(n, area), town[who])
                    for n, area, who in ((13, HERE, "here"), (14, THERE, "there")))  # fmt: skip
    access.enter(db, town["here"])
    for table in by_area():
        codes = set(db.execute(text(f"select distinct area_code from {table}")).scalars())
        assert codes <= {HERE}, table
    assert [row["id"] for row in households.find(db, "王秀兰", ring) if row["id"] in (ours, theirs)] == [ours]
    with pytest.raises(NotFound):
        households.open_record(db, town["here"], theirs, PURPOSE, "t", DAY)
    access.enter(db, town["street"])
    found = {row["id"] for row in households.find(db, "王秀兰", ring)}
    assert {ours, theirs} <= found


def test_a_transaction_that_states_no_area_sees_nobody(engine: Engine, ring: KeyRing, town: AidTown) -> None:
    with engine.begin() as db:
        aid.register(db, ring, aid.household(15), town["here"])
    with engine.begin() as db:
        assert [db.execute(text(f"select count(*) from {table}")).scalar_one() for table in by_area()] == [0] * len(
            by_area()
        )
        with pytest.raises(NotFound):
            households.read(db, 1, DAY)


def test_nobody_writes_into_another_area(db: Connection, ring: KeyRing, town: AidTown) -> None:
    access.enter(db, town["here"])
    with pytest.raises(InvalidInput, match="no community"):
        households.register(db, ring, aid.household(16, THERE), day=DAY, actor=town["here"])
    with pytest.raises(DBAPIError, match="row-level security"):
        db.execute(text("insert into welfare.household (area_code) values (:code)"), {"code": THERE})


def test_every_table_about_people_has_its_policy(database: Database) -> None:
    engine = create_engine(url_of(database.owner_url))
    with engine.connect() as db:
        held = db.execute(
            text("select schemaname || '.' || tablename from pg_policies where policyname = 'by_area' order by 1")
        ).scalars()
        assert list(held) == by_area()
    engine.dispose()
    with_area = {
        table.fullname for table in metadata.sorted_tables if table.schema == "welfare" and "area_code" in table.c
    }
    assert with_area == set(by_area())


def by_area() -> list[str]:
    """Tables with row-level security, by the mark in the models."""
    assert tables.household.info["by_area"]
    return sorted(table.fullname for table in metadata.sorted_tables if table.info.get("by_area"))


def test_every_opened_person_is_written_down_with_the_purpose(db: Connection, ring: KeyRing, town: AidTown) -> None:
    id = aid.register(db, ring, aid.household(17), town["here"])
    record = households.open_record(db, town["here"], id, access.purpose_of("visit"), "trace-1", DAY)
    rows = db.execute(text("select * from welfare.access_log where trace_id = 'trace-1' order by person_id")).all()
    assert [row.person_id for row in rows] == sorted(member.person_id for member in record.members)
    assert {(row.what, row.purpose, row.account_id) for row in rows} == {("record", "visit", town["here"].account_id)}
    households.id_number(db, ring, town["here"], rows[0].person_id, ("audit", "样本"), "trace-2")
    (row,) = db.execute(text("select * from welfare.access_log where trace_id = 'trace-2'")).all()
    assert (row.what, row.reason) == ("id_number", "样本")


@pytest.mark.parametrize(("purpose", "reason"), [("", ""), ("curiosity", ""), ("audit", " ")])
def test_a_record_is_not_opened_without_a_purpose(purpose: str, reason: str) -> None:
    with pytest.raises(InvalidInput):
        access.purpose_of(purpose, reason)


def test_lists_show_masked_names_and_find_by_the_whole_number(db: Connection, ring: KeyRing, town: AidTown) -> None:
    new = aid.household(18)
    id = aid.register(db, ring, new, town["here"])
    (found,) = households.find(db, str(new.people[1].id_number), ring)
    assert (found["id"], found["head"], found["size"]) == (id, "王*", 2)
    assert households.find(db, str(new.people[1].id_number)[:12], ring) == []
    assert households.find(db, "%", ring) == []
    assert not {"name", "phone", "id_cipher"} & found.keys()


def test_the_newest_statement_that_holds_on_the_day_counts(db: Connection, ring: KeyRing, town: AidTown) -> None:
    id = aid.register(db, ring, aid.household(19), town["here"])
    for income, since in ((900, DAY + timedelta(days=30)), (1700, DAY)):
        households.state_facts(db, HERE, id, {"income_month": income}, since, "visit", actor=town["here"])
    assert households.views(db, [id], DAY)[id].facts["income_month"] == 1700
    assert households.views(db, [id], DAY + timedelta(days=30))[id].facts["income_per_person"] == 450


def test_a_foundling_gets_a_temporary_key(db: Connection, ring: KeyRing, town: AidTown) -> None:
    child = NewPerson("小雨", "other", birth_date=date(2026, 10, 1), sex="female")
    id = aid.register(db, ring, NewHousehold(HERE, [child]), town["here"])
    (member,) = households.read(db, id, DAY).members
    assert households.shown(member, ring, DAY)["id_number"] == ""
    assert member.id_kind == "temporary"
    with pytest.raises(InvalidInput, match="birth date and a sex"):
        aid.register(db, ring, NewHousehold(HERE, [replace(child, sex=None)]), town["here"])


@pytest.mark.parametrize(
    "wrong",
    [
        NewHousehold(HERE, []),
        NewHousehold(HERE, [NewPerson("", "head", aid.id_number(date(1970, 1, 1), 1))]),
        NewHousehold(HERE, [NewPerson("甲", "landlord", aid.id_number(date(1970, 1, 1), 1))]),
        NewHousehold(HERE, [NewPerson("甲", "head", "123")]),
        NewHousehold(HERE, [NewPerson("甲", "head", aid.id_number(date(1970, 1, 1), 1))], {"wealth": 1}),
        NewHousehold(HERE, [NewPerson("甲", "head", aid.id_number(date(1970, 1, 1), 1))], {"income_month": "1"}),
    ],
)
def test_what_cannot_be_right_is_refused(db: Connection, ring: KeyRing, town: AidTown, wrong: NewHousehold) -> None:
    with pytest.raises(InvalidInput):
        aid.register(db, ring, wrong, town["here"])


def test_an_account_without_an_area_does_no_welfare_work(db: Connection, town: AidTown) -> None:
    with pytest.raises(NotPermitted, match="no area"):
        access.enter(db, replace(town["here"], account_id=-1))


def test_keys_of_another_instance_are_noticed_before_they_seal(
    db: Connection, ring: KeyRing, settings: Settings
) -> None:
    other = settings.var / "other.toml"
    vault.ensure(other)
    with pytest.raises(ConfigurationError, match="another database"):
        keyring.ring(db, replace(settings, identity_keys=other))
    assert keyring.ring(db, settings) == ring


def test_new_keys_seal_everything_anew(database: Database, ring: KeyRing, engine: Engine, town: AidTown) -> None:
    new = aid.household(20)
    with engine.begin() as db:
        aid.register(db, ring, new, town["here"])
    second = vault.Key(2, "sm4-gcm+hmac-sm3", b"k" * 16, b"i" * 32)
    both = KeyRing({1: ring.keys[1], 2: second})
    owner = create_engine(url_of(database.owner_url))
    with owner.connect() as db, db.begin() as transaction:
        assert resealing.reseal(db, both) > 0
        versions = db.execute(text("select distinct id_key_version, id_algorithm from welfare.person")).all()
        assert [tuple(row) for row in versions] == [(2, "sm4-gcm+hmac-sm3")]
        access.state(db, "")
        assert len(households.find(db, str(new.people[0].id_number), KeyRing({2: second}))) == 1
        transaction.rollback()
    owner.dispose()
