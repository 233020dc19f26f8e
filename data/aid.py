"""The demonstration's welfare side: programmes, aid workers at three levels, households with planted gaps, applications under way.

Everything goes through the doors that people use (welfare/households.py, welfare/applications.py), except what was granted
before the system came: that is written as a city's old list would be.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert, text

from config.errors import ConfigurationError
from config.settings import Settings
from data.generator.households import REGION, SampleHousehold, households
from gis import actors, keyring, organisation
from welfare import access, amounts, applications, identity, programmes, tables
from welfare import households as registry
from welfare.amounts import Amount
from welfare.applications import Move, NewApplication
from welfare.eligibility import Setting, parameter
from welfare.households import NewHousehold, NewPerson

SHARE = 0.1
"""Of the reference district's households."""

WORKERS = (
    ("aid_community", "田雨", "Tian Yu", "community_aid_worker", "community", 0),
    ("aid_community2", "白桦", "Bai Hua", "community_aid_worker", "community", -1),
    ("aid_street", "孟广平", "Meng Guangping", "subdistrict_aid_worker", "subdistrict", 0),
    ("aid_street2", "方锦", "Fang Jin", "subdistrict_aid_worker", "subdistrict", -1),
    ("aid_district", "林正", "Lin Zheng", "district_aid_officer", "district", 0),
    ("planner", "何远山", "He Yuanshan", "planner", "district", 0),
    ("aid_auditor", "高清", "Gao Qing", "aid_auditor", "district", 0),
)
"""User name, name, English name, post, level of the area, and which area of that level."""

GRANTED_BEFORE_DAYS = 400
"""So long ago was granted what households received before the system came."""

UNDER_WAY: tuple[tuple[str, ...], ...] = (
    (), (), ("forward",), ("ask_materials",), ("forward", "post_notice"), ("forward", "post_notice"),
    ("forward", "post_notice", "submit"), ("forward", "post_notice", "submit"), ("forward", "post_notice", "submit", "approve"),
    ("forward", "post_notice", "submit", "refuse"), ("forward", "post_notice", "object"),
)  # fmt: skip
"""How far the applications of the demonstration have come."""

DAYS_FOR = {"forward": 1, "ask_materials": 1, "post_notice": 6, "submit": 8, "object": 3, "approve": 4, "refuse": 4}
BY = {"forward": "aid_community", "ask_materials": "aid_community", "post_notice": "aid_street", "submit": "aid_street",
      "object": "aid_street", "approve": "aid_district", "refuse": "aid_district"}  # fmt: skip
WORDS = {
    "ask_materials": "缺少医疗费用发票和残疾证复印件，已书面一次性告知。",
    "object": "公示期间有居民反映该户另有房屋出租。",
    "refuse": "经信息核对，家庭成员名下有机动车一辆。",
    "approve": "符合条件，予以确认。",
}


def load(
    db: Connection, settings: Settings, seed: int, now: datetime, say: Callable[[str], None], share: float = SHARE
) -> int:
    """Fill the welfare side of a loaded demonstration city; returns how many households it has."""
    load_people(db)
    programmes.publish(db, programmes.shipped())
    today = now.astimezone(settings.time_zone).date()
    codes = list(db.execute(text("select code from gis.area where level = 'community' order by code")).scalars())
    sample = households(seed, codes, today, share)
    say(f"{len(sample)} households in difficulty, {sum(len(each.people) for each in sample)} persons")
    access.state(db, "")
    _register(db, settings, sample, today)
    _play(db, settings, now)
    return len(sample)


def load_people(db: Connection) -> None:
    """Aid workers with the demonstration's passwords, each in the area of the post."""
    for username, name, name_en, post, level, which in WORKERS:
        areas = list(
            db.execute(text("select id from gis.area where level = :level order by code"), {"level": level}).scalars()
        )
        account = organisation.add_account(db, username, name, name_en, password=f"demo-{username}")
        organisation.give_post(db, account, post, area_id=areas[which])


def _register(db: Connection, settings: Settings, sample: Sequence[SampleHousehold], today: date) -> None:
    ring = keyring.ring(db, settings)
    spots = _spots(db)
    stated = today - timedelta(days=60)
    granted: list[tuple[str, int, str]] = []
    for each in sample:
        lon, lat, address = spots[each.community][each.spot % len(spots[each.community])]
        people = [
            NewPerson(one.name, one.relation, _number(one.born, one.sequence), facts=one.facts) for one in each.people
        ]
        new = NewHousehold(each.community, people, each.facts, address, position=(lon, lat), source="demonstration")
        household_id, _ = registry.register(db, ring, new, day=stated)
        granted += [(each.community, household_id, programme) for programme in each.receiving]
    since = max(today - timedelta(days=GRANTED_BEFORE_DAYS), _all_in_force(db))
    policy = programmes.policy(db, since)
    views = registry.views(db, [household_id for _, household_id, _ in granted], stated)
    for area_code, household_id, programme in granted:
        version = next(each for each in policy.versions if each.code == programme)
        due = former_amount(version.amount, Setting(views[household_id], policy.parameters, {}))
        _grant(db, area_code, household_id, programme, since, due, version.amount.every)


def _all_in_force(db: Connection) -> date:
    """The first day on which every programme had a version: nobody was granted anything by rules that did not exist."""
    first = text(
        "select max(first) from (select min(valid_from) as first from welfare.programme_version group by programme_code) v"
    )
    day: date = db.execute(first).scalar_one()
    return day


def former_amount(rule: Amount, setting: Setting) -> float:
    """What was granted by the rules of that day, in yuan.

    Who earns too much for it now earned less then: half of what the standard allows. Raises ConfigurationError where the
    household's facts do not say how much.
    """
    facts = setting.view.facts
    due = amounts.amount(rule, setting)
    if due == 0 and rule.form == "shortfall":
        standard, _missing = parameter(rule.names["standard"], setting)
        before = replace(setting.view, facts={**facts, "income_month": standard * facts["household_size"] / 2})
        due = amounts.amount(rule, replace(setting, view=before))
    if due is None:
        raise ConfigurationError("A household of the demonstration has no facts for the amount of its aid.")
    return due


def _grant(
    db: Connection, area_code: str, household_id: int, programme: str, since: date, amount: float, every: str
) -> None:
    """Granted before the system came: the grant and the claims of its members."""
    common = {"area_code": area_code, "household_id": household_id, "programme_code": programme, "since": since}
    db.execute(insert(tables.grants).values(**common, amount=amount, every=every))
    db.execute(
        text(
            "insert into welfare.claim (area_code, household_id, programme_code, person_id, since)"
            " select :area_code, :household_id, :programme_code, person_id, :since from welfare.member"
            " where household_id = :household_id"
        ),
        common,
    )


def _play(db: Connection, settings: Settings, now: datetime) -> None:
    """Applications of the first worker's community, in every state; each move at its own past moment."""
    people = {username: actors.actor(db, username) for username, *_ in WORKERS}
    home = access.enter(db, people["aid_community"]).area_code
    access.state(db, "")
    waiting = db.execute(_WITHOUT, {"community": home, "count": len(UNDER_WAY)}).all()
    for moves, household in zip(UNDER_WAY, waiting, strict=False):
        moment = now - timedelta(days=sum(DAYS_FOR[move] for move in moves) + 1, hours=3)
        new = NewApplication(household.id, "mla", household.head, authorised=True, note="低保申请，材料齐全。")
        id = applications.apply(
            db, settings, new, actor=people["aid_community"], now=moment, trace_id=f"demonstration-{household.id}"
        )
        for version, move in enumerate(moves, 1):
            moment += timedelta(days=DAYS_FOR[move])
            visitors = ("孟广平", "方锦") if move == "post_notice" else ()
            if move == "refuse":
                facts, day = {"vehicles": 1}, moment.astimezone(settings.time_zone).date()
                registry.state_facts(db, home, household.id, facts, day, "车辆管理部门核对", actor=people[BY[move]])
            wanted = Move(move, version, WORDS.get(move, ""), visitors)
            applications.move(db, settings, id, wanted, actor=people[BY[move]], now=moment)


def _spots(db: Connection) -> dict[str, list[tuple[float, float, str]]]:
    """Community → places to live: middles of its buildings, with the nearest street as address."""
    found: dict[str, list[tuple[float, float, str]]] = {}
    for row in db.execute(_BUILDINGS):
        found.setdefault(row.code, []).append((row.lon, row.lat, row.address))
    return found


def _number(born: date, sequence: int) -> str:
    body = f"{REGION}{born:%Y%m%d}{sequence:03d}"
    return body + identity.check_character(body)


_WITHOUT: Any = text("""
    select h.id, min(m.person_id) filter (where m.relation = 'head') as head
    from welfare.household h join welfare.member m on m.household_id = h.id
    join welfare.fact f on f.household_id = h.id and f.person_id is null and f.name = 'income_month'
    where h.area_code = :community
      and not exists (select from welfare.grants g where g.household_id = h.id and g.programme_code in ('mla', 'esp'))
      and exists (select from welfare.fact f where f.household_id = h.id and f.name = 'property_total')
    group by h.id, f.value order by (f.value #>> '{}')::float / count(*), h.id limit :count
""")
_BUILDINGS: Any = text("""
    select c.code, st_x(p) as lon, st_y(p) as lat,
           r.name || (1 + b.id % 180) || '号' as address
    from (select id, st_pointonsurface(geom) as p from gis.asset where kind = 'building' and id % 5 = 0) b
    join gis.area c on c.level = 'community' and st_contains(c.geom, b.p)
    cross join lateral (select name from gis.asset where kind = 'road' and name <> '' order by geom <-> b.p limit 1) r
""")
