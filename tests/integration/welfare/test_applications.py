"""An application's way: community, sub-district, notice, district; written reasons, paused clocks, four eyes, nobody twice (W2, W5, W7)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from config.errors import DuplicateAid, IllegalMove, InvalidInput, NotFound, NotPermitted, SeparationOfDuties, StaleCase
from config.settings import Settings
from gis import organisation
from gis.vault import KeyRing
from tests.support import aid
from tests.support.aid import DAY, HERE, AidTown
from welfare import access, applications, households, listing, procedure, programmes
from welfare.applications import Move, NewApplication

START = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
"""A Tuesday, 09:00 in the town."""


class Way:
    """One application whose people act when they are told to."""

    def __init__(
        self, db: Connection, settings: Settings, ring: KeyRing, town: AidTown, number: int, **facts: Any
    ) -> None:
        self.db, self.settings, self.town = db, settings, town
        self.household = aid.register(db, ring, aid.household(number, facts=facts), town["here"])
        self.now = START

    def apply(self, programme: str = "mla", authorised: bool = True) -> Way:
        access.enter(self.db, self.town["here"])
        head = households.read(self.db, self.household, DAY).members[0].person_id
        new = NewApplication(self.household, programme, head, authorised)
        self.id = applications.apply(self.db, self.settings, new, actor=self.town["here"], now=self.now, trace_id="t")
        return self

    def wait(self, **span: float) -> Way:
        self.now += timedelta(**span)
        return self

    def do(self, who: str, move: str, note: str = "", visitors: tuple[str, ...] = ()) -> Way:
        access.enter(self.db, self.town[who])
        wanted = Move(move, self.seen().version, note, visitors)
        applications.move(self.db, self.settings, self.id, wanted, actor=self.town[who], now=self.now)
        return self

    def to_notice(self) -> Way:
        return self.do("here", "forward").do("street", "post_notice", visitors=("张一", "李二"))

    def to_decision(self) -> Way:
        return self.to_notice().wait(days=7).do("street", "submit")

    def seen(self) -> Any:
        return self.db.execute(text("select * from welfare.application where id = :id"), {"id": self.id}).one()

    def detail(self, who: str) -> dict[str, Any]:
        access.enter(self.db, self.town[who])
        return listing.application(self.db, self.town[who], self.id, now=self.now)


@pytest.fixture
def way(db: Connection, settings: Settings, ring: KeyRing, town: AidTown, request: pytest.FixtureRequest) -> Way:
    return Way(db, settings, ring, town, 40)


def test_from_the_community_to_the_grant(way: Way) -> None:
    way.apply().to_decision().wait(hours=2).do("district", "approve")
    assert way.seen().state == "approved"
    (grant,) = way.db.execute(text("select * from welfare.grants where application_id = :id"), {"id": way.id}).all()
    assert (grant.amount, grant.every, grant.until) == (2 * 1180 - 1500 + 0.2 * 1180, "month", None), (
        "one of them is 70"
    )
    assert households.views(way.db, [way.household], grant.since)[way.household].receiving == {"mla"}
    history = way.detail("district")["history"]
    assert [row["move"] for row in history] == ["apply", "forward", "post_notice", "submit", "approve"]
    assert history[2]["details"]["visitors"] == ["张一", "李二"]
    assert all(row["in_time"] is not False for row in history)


def test_what_a_decision_rests_on_is_kept(way: Way) -> None:
    way.apply().to_decision().do("district", "approve")
    row = way.db.execute(text("select * from welfare.assessment order by id desc limit 1")).one()
    assert row.parameters["mla_standard"]["values"]["urban"] == 1180
    assert row.facts["household"]["income_month"] == 1500
    assert row.trace["result"] is True
    with pytest.raises(DBAPIError, match="permission denied"), way.db.begin_nested():
        way.db.execute(text("update welfare.assessment set outcome = 'eligible'"))


def test_a_refusal_gives_its_reasons_with_figures(way: Way) -> None:
    way.apply().to_decision()
    households.state_facts(
        way.db, HERE, way.household, {"income_month": 3000}, DAY, "verification", actor=way.town["district"]
    )
    way.do("district", "refuse", "核对后收入超过标准")
    refused = way.detail("here")["history"][-1]
    assert refused["note"] == "核对后收入超过标准"
    (reason,) = refused["details"]["reasons"]
    assert (reason["text"], reason["actual"], reason["required"], reason["gap"]) == (
        "人均月收入低于低保标准",
        1500,
        1180,
        320,
    )


@pytest.mark.parametrize("move", ["refuse"])
def test_a_refusal_without_words_is_not_taken(way: Way, move: str) -> None:
    way.apply().to_decision()
    with pytest.raises(InvalidInput, match="needs 'note'"):
        way.do("district", move, "  ")


def test_what_does_not_qualify_is_not_approved(way: Way) -> None:
    way.apply().to_decision()
    households.state_facts(
        way.db, HERE, way.household, {"vehicles": 1}, DAY, "verification", actor=way.town["district"]
    )
    with pytest.raises(InvalidInput, match="does not qualify") as refused:
        way.do("district", "approve")
    assert [reason["fact"] for reason in refused.value.facts["reasons"]] == ["vehicles"]  # type: ignore[attr-defined]


def test_what_is_not_known_is_not_approved(db: Connection, settings: Settings, ring: KeyRing, town: AidTown) -> None:
    way = Way(db, settings, ring, town, 41, property_total=None).apply().to_decision()
    with pytest.raises(InvalidInput, match="does not qualify") as refused:
        way.do("district", "approve")
    assert refused.value.facts["reasons"][0]["missing"] == ["property_per_person"]  # type: ignore[index]


def test_the_notice_stands_seven_days(way: Way) -> None:
    way.apply().to_notice().wait(days=6, hours=23)
    with pytest.raises(IllegalMove, match="The notice stands until"):
        way.do("street", "submit")
    way.wait(hours=1).do("street", "submit")
    assert way.seen().state == "deciding"


def test_an_objection_is_rechecked_and_noticed_again(way: Way) -> None:
    way.apply().to_notice().wait(days=3).do("street", "object", "邻居反映有未申报收入").wait(days=1)
    way.do("street", "recheck", "复核未发现", ("张一", "李二")).wait(days=6)
    with pytest.raises(IllegalMove):
        way.do("street", "submit")
    way.wait(days=1).do("street", "submit")


def test_missing_materials_stop_the_clock_and_say_why(way: Way) -> None:
    """Two work days for the community: one and a half are used, then the clock stands for a month, then half a day is left."""
    way.apply().wait(days=1, hours=4)
    way.do("here", "ask_materials", "缺残疾证复印件")
    assert way.seen().stage_due_at is None
    way.wait(days=30).do("here", "bring_materials")
    # 24 November 09:00 + 1 day 4 h = 25th 13:00: 7 + 4 of 16 hours; back on 25 December 13:00, a Friday: 4 h on, 1 h on Monday.
    assert way.seen().stage_due_at == datetime(2026, 12, 28, 1, 0, tzinfo=UTC)
    way.wait(days=10).do("here", "forward")
    assert way.detail("here")["history"][-1]["in_time"] is False
    assert [row["in_time"] for row in way.detail("here")["history"]] == [None, True, None, False]


def test_a_home_is_visited_by_two(way: Way) -> None:
    way.apply().do("here", "forward")
    for visitors in ((), ("张一",), ("张一", "张一"), ("张一", " ")):
        with pytest.raises(InvalidInput):
            way.do("street", "post_notice", visitors=visitors)


def test_nothing_is_verified_without_signatures(way: Way) -> None:
    with pytest.raises(InvalidInput, match="signed"):
        way.apply(authorised=False)


def test_each_level_makes_its_own_moves(way: Way) -> None:
    way.apply()
    for who in ("street", "district", "planner"):
        with pytest.raises(NotPermitted):
            way.do(who, "forward")
    access.enter(way.db, way.town["there"])
    with pytest.raises(NotFound):
        applications.move(way.db, way.settings, way.id, Move("forward", 1), actor=way.town["there"], now=way.now)
    access.enter(way.db, way.town["here"])
    way.to_decision()
    for who in ("here", "street"):
        with pytest.raises(NotPermitted):
            way.do(who, "approve")


def test_whoever_brought_it_there_does_not_decide_it(way: Way) -> None:
    """Even somebody who holds both posts."""
    street = way.town["street"]
    area = way.db.execute(text("select id from gis.area where code = '990101001'")).scalar_one()
    organisation.give_post(way.db, street.account_id, "district_aid_officer", area_id=area)
    both = type(street)(**{**vars(street), "posts": (*street.posts, "district_aid_officer")})
    way.apply().to_decision()
    access.enter(way.db, both)
    with pytest.raises(SeparationOfDuties):
        applications.move(way.db, way.settings, way.id, Move("approve", way.seen().version), actor=both, now=way.now)


def test_two_at_once_one_effect(way: Way) -> None:
    way.apply()
    version = way.seen().version
    way.do("here", "forward")
    with pytest.raises(StaleCase, match="forward"):
        applications.move(way.db, way.settings, way.id, Move("forward", version), actor=way.town["here"], now=way.now)


def test_nobody_applies_twice_for_one_programme(way: Way) -> None:
    way.apply()
    with pytest.raises(DuplicateAid):
        way.apply()
    way.apply("elder")


def test_the_database_itself_refuses_a_second_claim(way: Way) -> None:
    """Whatever program writes it: same person, same programme, overlapping time (W7)."""
    way.apply()
    with pytest.raises(DBAPIError, match="ex_claim_once"), way.db.begin_nested():
        way.db.execute(
            text(
                "insert into welfare.claim (area_code, programme_code, person_id, household_id, since)"
                " select area_code, programme_code, person_id, household_id, since + 100 from welfare.claim limit 1"
            )
        )


def test_a_refused_application_leaves_the_way_free(way: Way) -> None:
    way.apply().do("here", "withdraw", "申请人要求撤回")
    way.apply().do("here", "forward").do("street", "refuse", "不共同生活")
    way.wait(days=1).apply()


def test_what_excludes_is_not_applied_for(way: Way) -> None:
    way.apply().to_decision().do("district", "approve").wait(days=1)
    with pytest.raises(DuplicateAid, match="excludes"):
        way.apply("esp")


def test_aid_paid_once_is_free_again_after_a_year(
    db: Connection, settings: Settings, ring: KeyRing, town: AidTown
) -> None:
    way = (
        Way(db, settings, ring, town, 42, medical_paid_year=10_000)
        .apply("medical")
        .to_decision()
        .do("district", "approve")
    )
    with pytest.raises(DuplicateAid):
        way.wait(days=300).apply("medical")
    way.wait(days=80).apply("medical")


def test_the_database_knows_exactly_the_procedure(db: Connection) -> None:
    stored = db.execute(text("select move, from_state, to_state from welfare.transition order by 1, 2, 3")).all()
    assert [tuple(row) for row in stored] == procedure.rows()


def test_every_pair_of_states_is_allowed_or_refused_by_table_and_database_alike(way: Way) -> None:
    way.apply()
    allowed = {(t.source, t.target) for t in procedure.TRANSITIONS}
    for source in procedure.STATES:
        for target in procedure.STATES:
            if source == target:
                continue
            with way.db.begin_nested() as attempt:
                outcome = try_change(way, source, target)
                attempt.rollback()
            assert outcome == ((source, target) in allowed), (source, target)


def try_change(way: Way, source: str, target: str) -> bool:
    """Whether the database lets an application go from `source` to `target`; it is brought there along allowed moves first."""
    for step in path_to(source):
        way.db.execute(
            text("update welfare.application set state = :s, version = version + 1 where id = :id"),
            {"s": step, "id": way.id},
        )
    try:
        with way.db.begin_nested():
            way.db.execute(
                text("update welfare.application set state = :s, version = version + 1 where id = :id"),
                {"s": target, "id": way.id},
            )
    except DBAPIError:
        return False
    return True


def path_to(state: str) -> list[str]:
    """States on a way from `submitted` to `state`."""
    ways: dict[str, list[str]] = {"submitted": []}
    for _ in procedure.STATES:
        for step in procedure.TRANSITIONS:
            if step.source in ways and step.target not in ways:
                ways[step.target] = [*ways[step.source], step.target]
    return ways[state]


def test_desks_see_what_lies_on_them(way: Way) -> None:
    way.apply()
    reach = access.enter(way.db, way.town["here"])
    own = listing.applications(way.db, way.town["here"], reach, now=way.now, own=True)
    assert [(row["id"], row["applicant"], row["timing"]) for row in own] == [(way.id, "王*", "ok")]
    way.do("here", "forward")
    reach = access.enter(way.db, way.town["here"])
    assert listing.applications(way.db, way.town["here"], reach, now=way.now, own=True) == []
    assert listing.counts(way.db, reach, way.now) == {"here": 0, "late": 0, "on_notice": 0, "open": 1}
    reach = access.enter(way.db, way.town["street"])
    later = way.now + timedelta(days=60)
    assert listing.applications(way.db, way.town["street"], reach, now=later, own=True)[0]["timing"] == "overdue"


def test_a_newer_parameter_counts_from_its_day(way: Way) -> None:
    entry = {
        "name": "mla_property_limit",
        "unit": "CNY/person",
        "valid_from": DAY + timedelta(days=20),
        "value": 1000,
        "basis": "试",
    }
    programmes.publish(way.db, {"parameter": [entry]})
    assert programmes.policy(way.db, DAY).parameters["mla_property_limit"] == 28000
    assert programmes.policy(way.db, DAY + timedelta(days=20)).parameters["mla_property_limit"] == 1000
    with pytest.raises(InvalidInput, match="another value"):
        programmes.publish(way.db, {"parameter": [{**entry, "value": 2000}]})


def test_publishing_the_same_again_changes_nothing_and_a_wrong_rule_not_at_all(way: Way) -> None:
    content = programmes.shipped()
    assert programmes.publish(way.db, content) == {"programmes": 0, "versions": 0, "parameters": 0}
    mla = next(entry for entry in content["programme"] if entry["code"] == "mla")
    for change, says in (
        ({"rule": {"fact": "dependency_ratio", "op": ">=", "value": 1.5}}, "dependency_ratio"),
        ({"rule": {**mla["rule"]["all"][0], "parameter": "unheard_of"}}, "unheard_of"),
        ({"rule": {"programme": "medical", "is": "eligible", "clause": {"zh": "循", "en": "c"}}}, "circle"),
    ):
        with pytest.raises(InvalidInput, match=says), way.db.begin_nested():
            programmes.publish(way.db, {"programme": [{**mla, **change, "valid_from": DAY}]})
    assert programmes.publish(way.db, content)["versions"] == 0
