"""Coverage by community: planted households come out in the columns they were planted for; the demonstration's gaps are found (W16)."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, insert, text

from config.settings import Settings
from data.generator.households import households as invented
from gis import keyring
from tests.support import aid
from tests.support.aid import DAY, HERE, THERE, AidTown
from welfare import access, coverage, tables
from welfare import households as registry
from welfare.households import NewHousehold, NewPerson

PLANTED = {
    HERE: {"gap": 9, "covered": 7, "undetermined": 5, "no_longer": 6, "unassessed": 8},
    THERE: {"gap": 6, "covered": 8, "undetermined": 0, "no_longer": 0, "unassessed": 0},
}
FACTS: dict[str, dict[str, Any]] = {
    "gap": {},
    "covered": {},
    "undetermined": {"property_total": None},
    "no_longer": {"income_month": 9000},
    "unassessed": {"property_total": None},
}


@pytest.fixture(scope="module")
def town(engine: Engine, settings: Settings) -> AidTown:
    """The aid town with PLANTED households, each of two persons below the standard unless FACTS say otherwise."""
    with engine.begin() as db:
        town = aid.build(db)
        ring = keyring.ring(db, settings)
        number = 0
        for area_code, columns in PLANTED.items():
            for column, count in columns.items():
                for _ in range(count):
                    number += 1
                    new = aid.household(number, area_code, FACTS[column])
                    id = aid.register(db, ring, new, town["here" if area_code == HERE else "there"])
                    if column in ("covered", "no_longer", "unassessed"):
                        grant = {"area_code": area_code, "household_id": id, "programme_code": "mla", "every": "month"}
                        db.execute(insert(tables.grants).values(**grant, amount=0, since=DAY - timedelta(days=90)))
    return town


def test_every_household_stands_where_it_was_planted(engine: Engine, town: AidTown) -> None:
    with engine.begin() as db:
        access.enter(db, town["planner"])
        rows = {row.area_code: row.values for row in coverage.table(db, "mla", DAY)}
    for area_code, planted in PLANTED.items():
        assert {column: rows[area_code][column] for column in planted} == planted
        assert rows[area_code]["eligible"] == planted["gap"] + planted["covered"]
        assert rows[area_code]["receiving"] == planted["covered"] + planted["no_longer"] + planted["unassessed"]
    assert rows["990101"]["eligible"] == 30
    assert rows["990101001"]["gap"] == 15


def test_rates_follow_from_published_figures_only(engine: Engine, town: AidTown) -> None:
    with engine.begin() as db:
        access.enter(db, town["planner"])
        rows = {row.area_code: row for row in coverage.table(db, "mla", DAY)}
    assert rows[HERE].coverage == 7 / 16
    hidden = coverage.Figures("x", "x", "", "community", dict.fromkeys(coverage.COLUMNS))
    assert hidden.coverage is None


def test_before_anybody_was_registered_nobody_is_counted(engine: Engine, town: AidTown) -> None:
    with engine.begin() as db:
        access.enter(db, town["planner"])
        rows = {row.area_code: row.values for row in coverage.table(db, "mla", DAY - timedelta(days=91))}
        assert not any(rows["990101"].values())


def test_gaps_of_the_demonstrations_households_are_found(engine: Engine, settings: Settings, town: AidTown) -> None:
    """The invented households of the demonstration, registered for real: every planted gap and nothing else is one."""
    today = date(2026, 11, 24)
    sample = invented(5, [HERE, THERE], today, 0.02)
    with engine.connect() as db, db.begin() as transaction:
        access.state(db, "")
        ring = keyring.ring(db, settings)
        before = counted(db_rows=coverage.count(db, "mla", today))
        for number, each in enumerate(sample):
            people = [
                NewPerson(
                    p.name, p.relation, aid.id_number(p.born, p.sequence, f"9902{number % 90 + 10:02d}"), facts=p.facts
                )
                for p in each.people
            ]
            id, _ = registry.register(db, ring, NewHousehold(each.community, people, each.facts), day=today)
            for programme in each.receiving:
                grant = {"area_code": each.community, "household_id": id, "programme_code": programme, "every": "month"}
                db.execute(insert(tables.grants).values(**grant, amount=0, since=today - timedelta(days=9)))
        after = counted(db_rows=coverage.count(db, "mla", today))
        elders = coverage.count(db, "esp", today)
        transaction.rollback()
    planted = Counter(each.planted for each in sample)
    assert after["gap"] - before["gap"] >= planted["gap"]
    assert after["no_longer"] - before["no_longer"] == planted["no_longer"]
    assert after["undetermined"] - before["undetermined"] == planted["unasked"]
    assert sum(count for (_, column), count in elders.items() if column == "gap") >= planted["alone"]


def counted(db_rows: Counter[tuple[str, str]]) -> Counter[str]:
    """Households by column, whatever the community."""
    total: Counter[str] = Counter()
    for (_, column), count in db_rows.items():
        total[column] += count
    return total


def test_figures_need_an_area(engine: Engine, town: AidTown) -> None:
    with engine.begin() as db:
        assert coverage.count(db, "mla", DAY) == Counter()
        assert db.execute(text("select count(*) from welfare.household")).scalar_one() == 0
