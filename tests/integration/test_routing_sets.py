"""Rules in sets: drafted, approved by another, in force, rolled back; tried on history, searched for gaps, taught by corrections (D4)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from config.errors import IllegalMove, InvalidInput, NotFound, SeparationOfDuties
from config.settings import Settings
from dispatch import duty, handlers, service
from dispatch.reports import Position
from dispatch.routing import corrections, editing, explaining, ground, reading, sets, store, studies
from dispatch.routing.editing import Wanted
from gis import actors, events
from tests.support import smalltown
from tests.support.server import Person
from tests.support.smalltown import STEP, Town
from tests.support.walks import Walk

LONG = timedelta(days=90)


def who(walk: Walk, name: str) -> int:
    return walk.town.accounts[name]


def draft(walk: Walk) -> int:
    return sets.draft(walk.db, who(walk, "leader"), reading.in_force_id(walk.db, walk.now), "")


def add(walk: Walk, set_id: int, unit: str = "U-ROAD", priority: int = 5, **matches: Any) -> int:
    wanted = Wanted("新规则", "unit", priority, walk.town.units[unit], "New rule", matches)
    return editing.save(walk.db, who(walk, "leader"), set_id, None, wanted, "test")


def bring_into_force(walk: Walk, set_id: int) -> None:
    sets.submit(walk.db, who(walk, "leader"), set_id, "试行")
    sets.approve(walk.db, who(walk, "mayor"), set_id, None, walk.now, "同意")


def unit_of(walk: Walk, **changes: Any) -> str:
    decision = walk.report(**changes).decision
    assert decision is not None
    return next(code for code, unit in walk.town.units.items() if unit == decision.unit_id)


def test_a_draft_decides_nothing_until_another_person_approves_it(walk: Walk) -> None:
    set_id = draft(walk)
    number = add(walk, set_id, classes=["C02"])
    assert unit_of(walk) == "U-LIGHT"
    sets.submit(walk.db, who(walk, "leader"), set_id, "照明改由道桥处负责")
    with pytest.raises(SeparationOfDuties):
        sets.approve(walk.db, who(walk, "leader"), set_id, None, walk.now, "")
    with pytest.raises(IllegalMove):
        add(walk, set_id, classes=["M"])
    sets.approve(walk.db, who(walk, "mayor"), set_id, None, walk.now, "同意")
    assert unit_of(walk) == "U-ROAD"
    decision = walk.received.decision
    assert decision is not None
    assert (decision.set_id, decision.considered[0]["number"]) == (set_id, number)
    told = [row["change"] for row in reading.changes(walk.db, "zh", set_id)]
    assert told == ["approved", "submitted", "added", "drafted"]


def test_going_back_is_approved_too_and_old_decisions_keep_what_they_used(walk: Walk) -> None:
    first = reading.in_force_id(walk.db, walk.now)
    assert first is not None
    set_id = draft(walk)
    add(walk, set_id, classes=["C02"])
    bring_into_force(walk, set_id)
    unit_of(walk)
    used = walk.received.decision
    back = sets.roll_back(walk.db, who(walk, "leader"), first, "试行效果不好")
    assert unit_of(walk) == "U-ROAD", "not before it is approved"
    sets.approve(walk.db, who(walk, "mayor"), back, None, walk.now, "")
    assert unit_of(walk) == "U-LIGHT"
    assert used is not None
    rule = walk.db.execute(text("select name from dispatch.routing_rule where id = :id"), {"id": used.rule_id}).scalar()
    assert rule == "新规则"


def test_a_planned_set_begins_at_its_moment_and_can_be_withdrawn_before(walk: Walk) -> None:
    set_id = draft(walk)
    add(walk, set_id, classes=["C02"])
    sets.submit(walk.db, who(walk, "leader"), set_id, "下周起")
    with pytest.raises(InvalidInput, match="past"):
        sets.approve(walk.db, who(walk, "mayor"), set_id, walk.now - timedelta(days=1), walk.now, "")
    begins = walk.now + timedelta(days=7)
    sets.approve(walk.db, who(walk, "mayor"), set_id, begins, walk.now, "")
    assert store.in_force(walk.db, walk.now).book.set_id != set_id
    assert store.in_force(walk.db, begins).book.set_id == set_id
    assert next(one for one in reading.overview(walk.db, "zh", walk.now) if one["id"] == set_id)["role"] == "planned"
    sets.drop(walk.db, who(walk, "leader"), set_id, "推迟")
    assert store.in_force(walk.db, begins).book.set_id != set_id
    with pytest.raises(IllegalMove, match="in force"):
        sets.drop(walk.db, who(walk, "leader"), reading.in_force_id(walk.db, walk.now) or 0, "")


@pytest.mark.parametrize(
    "statement",
    [
        "update dispatch.routing_rule set priority = 1",
        "delete from dispatch.routing_rule",
        "update dispatch.routing_set set valid_from = gis.now()",
        "update dispatch.routing_set set state = 'draft', valid_from = null, fingerprint = null",
        "delete from dispatch.routing_set",
    ],
)
def test_the_database_keeps_what_was_approved(walk: Walk, statement: str) -> None:
    with pytest.raises(DBAPIError, match=r"stays as it is|stay as they are"):
        walk.db.execute(text(statement))


def test_a_rule_keeps_its_number_and_counts_its_versions(walk: Walk) -> None:
    set_id = draft(walk)
    number = add(walk, set_id, classes=["C02"])
    bring_into_force(walk, set_id)
    later = draft(walk)
    wanted = Wanted("新规则", "unit", 5, walk.town.units["U-ROAD"], matches={"classes": ["C0205"]})
    for _again in range(2):
        editing.save(walk.db, who(walk, "leader"), later, number, wanted, "")
    rules = {rule["number"]: rule for rule in reading.rules(walk.db, later, "zh")}
    assert (rules[number]["version"], rules[number]["change"]) == (2, "changed")
    assert [condition["words"] for condition in rules[number]["conditions"]] == ["路灯"]
    editing.remove(walk.db, who(walk, "leader"), later, number, "不再需要")
    assert [rule["number"] for rule in reading.removed(walk.db, later)] == [number]


def test_a_zone_decides_inside_and_a_road_section_beside_its_road(walk: Walk) -> None:
    lon, lat = walk.town.lamp
    set_id = draft(walk)
    corners = [[lon - 0.0003, lat - 0.0003], [lon + 0.0003, lat - 0.0003], [lon, lat + 0.0003]]
    zone = {"type": "Polygon", "coordinates": [[*corners, corners[0]]]}
    number = add(walk, set_id, ground={"kind": "zone", "name": "夜市", "shape": zone})
    bring_into_force(walk, set_id)
    assert unit_of(walk) == "U-ROAD"
    assert unit_of(walk, position=Position(lon + STEP, lat)) == "U-LIGHT"
    later = draft(walk)
    section = ground.section_between(walk.db, (lon + STEP - 0.0002, lat), (lon + STEP + 0.0005, lat))
    editing.save(
        walk.db,
        who(walk, "leader"),
        later,
        number,
        Wanted("路段", "unit", 5, walk.town.units["U-ROAD"], matches={"ground": section}),
        "",
    )
    bring_into_force(walk, later)
    assert unit_of(walk) == "U-LIGHT"
    assert unit_of(walk, position=Position(lon + STEP, lat + 0.0002)) == "U-ROAD"
    (words,) = [rule["conditions"] for rule in reading.rules(walk.db, later, "zh") if rule["number"] == number]
    assert words[0]["words"].startswith("试验路 ")


def test_a_rule_may_ask_whether_the_unit_is_on_duty(walk: Walk) -> None:
    set_id = draft(walk)
    add(walk, set_id, priorities=["normal"], on_shift=True)
    bring_into_force(walk, set_id)
    assert unit_of(walk) == "U-LIGHT", "the unit of the rule has not stated when it is there"
    roads = actors.actor(walk.db, "roads")
    local = walk.now.astimezone(walk.settings.time_zone)
    duty.state(walk.db, roads, [duty.Hours((local.isoweekday(),), "00:00", "24:00")])
    assert unit_of(walk) == "U-ROAD"
    kept = walk.received.decision
    assert kept is not None
    assert kept.facts["on_shift"] == {str(walk.town.units["U-ROAD"]): True}
    duty.state(walk.db, roads, [duty.Hours((local.isoweekday() % 7 + 1,), "08:00", "17:00")])
    assert unit_of(walk) == "U-LIGHT", "it is there on another day only"


def test_hours_weather_load_and_owner_are_gathered_when_a_rule_asks(walk: Walk) -> None:
    walk.db.execute(text("update gis.asset set owner = '市政' where id = :id"), {"id": walk.town.lamp_id})
    hour = walk.now.astimezone(walk.settings.time_zone).strftime("%H:00")
    end = (walk.now + timedelta(hours=1)).astimezone(walk.settings.time_zone).strftime("%H:00")
    day = "workday" if walk.now.astimezone(walk.settings.time_zone).isoweekday() < 6 else "restday"
    asked: dict[str, Any] = {"hours": {"from": hour, "to": end}, "day": day, "weather": ["heavy_rain"], "load_below": 1}
    set_id = draft(walk)
    add(walk, set_id, owners=["市政"], asset_kinds=["street_lamp"], priorities=["normal"], **asked)
    bring_into_force(walk, set_id)
    assert unit_of(walk) == "U-LIGHT", "it does not rain"
    flags = '{"flags": {"heavy_rain": null}}'
    walk.db.execute(text("insert into gis.setting (name, value) values ('weather', cast(:v as jsonb))"), {"v": flags})
    assert unit_of(walk) == "U-ROAD"
    kept = walk.received.decision
    assert kept is not None
    assert kept.facts["weather"] == ("heavy_rain",)
    assert kept.facts["load"] == {str(walk.town.units[unit]): 0 for unit in ("U-LIGHT", "U-ROAD")}
    walk.to_filed()
    walk.move("dispatcher", "dispatch")
    assert unit_of(walk) == "U-LIGHT", "the unit has an order now"


def test_a_rule_is_refused_with_what_is_wrong(walk: Walk) -> None:
    set_id = draft(walk)
    for matches, error in (
        ({"areas": [{"code": "nowhere"}]}, NotFound),
        ({"conditions": [987654]}, InvalidInput),
        ({"moon": "full"}, InvalidInput),
        ({"hours": {"from": "08:00", "to": "08:00"}}, InvalidInput),
        ({"ground": {"kind": "zone", "shape": {"type": "Polygon", "coordinates": []}}}, InvalidInput),
        ({"ground": {"kind": "zone"}}, InvalidInput),
        ({"ground": {"kind": "section", "road_id": 987654, "from_m": 0, "to_m": 9}}, NotFound),
    ):
        with pytest.raises(error):
            add(walk, set_id, **matches)


def test_who_would_get_this_and_why(walk: Walk) -> None:
    set_id = draft(walk)
    add(walk, set_id, classes=["C02"], areas=[{"code": "990101"}])
    question = explaining.Question(walk.town.lamp, smalltown.LAMP_CLASS)
    now = explaining.explain(walk.db, walk.settings.time_zone, question, walk.now, "zh")
    assert (now["unit"]["name"], now["reason"]) == ("照明所", "asset_unit")
    tried = explaining.Question(walk.town.lamp, smalltown.LAMP_CLASS, set_id=set_id)
    then = explaining.explain(walk.db, walk.settings.time_zone, tried, walk.now, "zh")
    assert then["unit"]["name"] == "道桥处"
    assert [(entry["outcome"], entry["why"]) for entry in then["considered"]][:2] == [
        ("chosen", "据此决定"),
        ("also", "也符合，但次序在后"),
    ]


def study(walk: Walk, kind: str, set_id: int, **asked: Any) -> dict[str, Any]:
    """Run a study to its end, piece by piece, as the dispatch process does."""
    study_id = studies.start(walk.db, who(walk, "leader"), kind, set_id, asked, events.new_trace())
    event = events.Event(0, "routing.study", "", {"study_id": study_id}, "t" * 32, walk.now, 1)
    for _piece in range(20):
        studies.act(walk.db, walk.settings, event)
        row = studies.one(walk.db, study_id)
        if row.finished_at is not None:
            assert row.done == row.total
            return dict(row.result)
    raise AssertionError("the study does not end")


def test_a_dry_run_tells_which_cases_would_go_elsewhere(walk: Walk) -> None:
    lamps = [walk.report().case_id for _ in range(3)]
    walk.report(class_code=smalltown.LITTER_CLASS)
    set_id = draft(walk)
    number = add(walk, set_id, classes=["C02"])
    against = reading.in_force_id(walk.db, walk.now)
    period = {"since": (walk.now - LONG).isoformat(), "until": (walk.now + timedelta(hours=1)).isoformat()}
    found = study(walk, "dry_run", set_id, **period, against=against)
    light, road = walk.town.units["U-LIGHT"], walk.town.units["U-ROAD"]
    mine = [case for case in found["cases"] if case["id"] in lamps]
    assert [(case["from"], case["to"]) for case in mine] == [(light, road)] * 3
    assert found["moves"] == {f"{light}>{road}": found["changed"]}
    rules = {str(rule["id"]): rule["number"] for rule in reading.rules(walk.db, set_id, "zh")}
    assert {rules[rule]: count for rule, count in found["by_rule"].items()}[number] == found["changed"]
    same = study(walk, "dry_run", against or 0, **period, against=against)
    assert (same["changed"], same["cases"]) == (0, [])


def test_gaps_and_conflicts_by_community_and_class(walk: Walk) -> None:
    set_id = draft(walk)
    found = study(walk, "gaps", set_id)
    assert found["classes"] == ["C0205", "M0101"]
    assert [(area["code"], area["cells"]) for area in found["areas"]] == [("990101001001", "s.")]
    one, other = add(walk, set_id, classes=["M"]), add(walk, set_id, "U-LIGHT", classes=["M"])
    assert study(walk, "gaps", set_id)["counts"]["conflict"] == 1
    cell = studies.cell(walk.db, store.book_of(walk.db, set_id), "990101001001", "M0101", walk.now.date())
    assert (cell["kind"], cell["pairs"]) == ("conflict", [[one, other]])


def test_corrections_lead_to_a_proposal_that_somebody_accepts_into_a_draft(walk: Walk) -> None:
    for _case in range(3):
        walk.report()
        walk.to_filed()
        walk.move("dispatcher", "dispatch", unit_id=walk.town.units["U-ROAD"], note="灯杆归道桥处")
    since = walk.now - LONG
    (found,) = corrections.proposals(walk.db, since)
    assert (found["number"], found["corrected"], found["unit"], found["area_code"]) == (1, 3, "道桥处", "990101001001")
    assert found["decided"] >= 3
    set_id = draft(walk)
    made = corrections.answer(walk.db, who(walk, "leader"), found, set_id, ("灯杆", "Lamp posts"), "照建议办", since)
    assert corrections.proposals(walk.db, since) == [], "it was answered"
    rule = next(rule for rule in reading.rules(walk.db, set_id, "zh") if rule["number"] == made)
    assert (rule["who"], rule["priority"]) == ("道桥处", 10)
    bring_into_force(walk, set_id)
    assert unit_of(walk) == "U-ROAD", "more specific than the rule that was corrected"
    with pytest.raises(NotFound, match="proposed any more"):
        corrections.answer(walk.db, who(walk, "leader"), found, None, ("", ""), "", since)


def test_handlers_are_proposed_with_reasons(walk: Walk) -> None:
    walk.report()
    walk.to_filed()
    walk.move("dispatcher", "dispatch")
    row = {"id": walk.received.case_id, "unit_id": walk.town.units["U-LIGHT"], "class_code": smalltown.LAMP_CLASS}
    lon, lat = walk.town.lamp
    (one,) = handlers.proposed(walk.db, row | {"lon": lon, "lat": lat}, "zh", walk.now)
    assert (one["name"], one["reasons"]) == ("electrician", ["位置未知", "在办 0 件"])
    statement = text("insert into dispatch.skill (account_id, class_prefix) values (:id, 'C02')")
    walk.db.execute(statement, {"id": walk.town.accounts["electrician"]})
    (skilled,) = handlers.proposed(walk.db, row | {"lon": lon, "lat": lat}, "zh", walk.now)
    assert skilled["reasons"][1] == "能处置此类"
    walk.move("lighting", "accept_order")
    walk.move("electrician", "feed_back")
    walk.report()
    again = row | {"id": walk.received.case_id, "lon": lon + 0.00005, "lat": lat}
    (near,) = handlers.proposed(walk.db, again, "zh", walk.now)
    assert near["reasons"] == ["沿路 4 米", "能处置此类", "一年内处置此类 1 件", "在办 0 件"]


def test_the_whole_way_over_http(people: dict[str, Person], engine: Engine, settings: Settings, town: Town) -> None:
    keeper, approver, dispatcher = people["leader"], people["mayor"], people["dispatcher"]
    assert people["inspector"].get("/api/routing").status_code == 403
    assert dispatcher.post("/api/routing/sets", json={"why": "x"}).status_code == 403
    set_id = keeper.post("/api/routing/sets", json={}).json()["id"]
    rule = {"name": "夜间", "target": "unit", "unit_id": town.units["U-ROAD"], "matches": {"classes": ["M"]}}
    assert keeper.post(f"/api/routing/sets/{set_id}/rules", json=rule | {"moon": 1}).status_code == 422
    number = keeper.post(f"/api/routing/sets/{set_id}/rules", json=rule).json()["number"]
    night = rule | {"priority": 5, "matches": {"classes": ["M"], "hours": {"from": "22:00", "to": "06:00"}}}
    assert keeper.request("PUT", f"/api/routing/sets/{set_id}/rules/{number}", json=night).status_code == 200
    asked = {"lon": town.lamp[0], "lat": town.lamp[1], "class_code": smalltown.LITTER_CLASS, "set_id": set_id}
    told = keeper.get("/api/routing/explain", params=asked | {"at": "2026-11-24T23:30:00+08:00"}).json()
    assert (told["unit"]["name"], told["rule"]["number"]) == ("道桥处", number)
    study_id = keeper.post(f"/api/routing/sets/{set_id}/studies", json={"kind": "gaps"}).json()["id"]
    while service.act_on_next(engine, settings, "studies"):
        pass
    assert keeper.get(f"/api/routing/studies/{study_id}").json()["finished_at"]
    assert approver.get(f"/api/routing/studies/{study_id}").status_code == 422
    assert keeper.post(f"/api/routing/sets/{set_id}/submit", json={"why": "夜间值班"}).status_code == 204
    assert keeper.post(f"/api/routing/sets/{set_id}/approve", json={}).status_code == 403
    assert approver.post(f"/api/routing/sets/{set_id}/approve", json={"why": "同意"}).status_code == 204
    shown = dispatcher.get("/api/routing").json()
    assert [one["id"] for one in shown["sets"] if one["role"] == "in_force"] == [set_id]
    assert dispatcher.request("PUT", "/api/routing/weather", json={"flags": {"flood": None}}).status_code == 204
    assert dispatcher.get("/api/routing").json()["weather"]["up"] == ["flood"]
    tomorrow = f"{datetime.now(ZoneInfo('Asia/Shanghai')) + timedelta(days=1):%Y-%m-%dT%H:%M}"
    for until, status in ((tomorrow, 204), ("2020-01-01T08:00", 422)):
        flags = {"flood": None, "snow_ice": until}
        assert dispatcher.request("PUT", "/api/routing/weather", json={"flags": flags}).status_code == status
    weather = dispatcher.get("/api/routing").json()["weather"]
    assert (weather["up"], weather["until"]["snow_ice"]) == (["flood", "snow_ice"], f"{tomorrow}:00+08:00")
    rules = dispatcher.get(f"/api/routing/sets/{set_id}").json()["rules"]
    assert [condition["words"] for condition in rules[0]["conditions"]] == ["all matters", "22:00–06:00"]
