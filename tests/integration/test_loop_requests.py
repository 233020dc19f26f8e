"""What a unit asks for, who helps it, whose a case is, and what comes after the close (C1, D5, D7, D10)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from config.errors import IllegalMove, InvalidInput, NotPermitted, SeparationOfDuties
from dispatch import cases, detail, notices, timers
from dispatch.reports import Position
from dispatch.steps import Move
from gis import actors, events
from tests.support import smalltown
from tests.support.walks import Walk

HOUR = timedelta(hours=1)


def case(walk: Walk) -> Any:
    return walk.db.execute(text("select * from dispatch.cases where id = :id"), {"id": walk.received.case_id}).one()


def clocks(walk: Walk) -> list[Any]:
    return list(
        walk.db.execute(
            text("select * from dispatch.clock where case_id = :id order by id"), {"id": walk.received.case_id}
        )
    )


def seen(walk: Walk, who: str) -> dict[str, Any]:
    return detail.detail(
        walk.db, actors.actor(walk.db, who), walk.received.case_id, now=walk.now, zone=walk.settings.time_zone
    )


def moves(walk: Walk, who: str) -> set[str]:
    return {move["move"] for move in seen(walk, who)["moves"]}


def half_way(walk: Walk) -> datetime:
    """Moves on to where half of the running clock is used."""
    running = clocks(walk)[-1]
    due: datetime = running.due_at
    walk.now = running.started_at + (due - running.started_at) / 2 - timedelta(minutes=1)
    return due


def test_an_extension_adds_to_what_is_left_and_is_possible_twice(walk: Walk) -> None:
    walk.report()
    walk.to_handling()
    whole = clocks(walk)[-1].due_at - clocks(walk)[-1].started_at
    due = half_way(walk)
    walk.move("lighting", "ask_extension", share=0.5, note="等待配件")
    assert "grant_extension" in moves(walk, "dispatcher")
    assert "ask_extension" not in moves(walk, "lighting"), "it was asked for already"
    walk.move("dispatcher", "grant_extension")
    running = clocks(walk)[-1]
    assert abs(running.due_at - (due + whole / 2)) < timedelta(seconds=1)
    assert running.continues_id == clocks(walk)[-2].id
    assert case(walk).due_at == running.due_at
    walk.move("lighting", "ask_extension", share=1, note="再等")
    walk.move("dispatcher", "grant_extension")
    assert abs(clocks(walk)[-1].due_at - (due + whole * 1.5)) < timedelta(seconds=2)
    with pytest.raises(IllegalMove, match="as often as it may be"):
        walk.move("lighting", "ask_extension", share=0.1, note="还要")
    asked = seen(walk, "lighting")["requests"]
    assert [(one["kind"], one["granted"]) for one in asked] == [("extension", True), ("extension", True)]


def test_an_extension_that_is_denied_or_too_long_changes_nothing(walk: Walk) -> None:
    walk.report()
    walk.to_handling()
    due = clocks(walk)[-1].due_at
    with pytest.raises(InvalidInput, match="at most one more"):
        walk.move("lighting", "ask_extension", share=1.5, note="太长")
    walk.move("lighting", "ask_extension", share=1, note="等待配件")
    with pytest.raises(NotPermitted):
        walk.move("lighting", "grant_extension")
    walk.move("dispatcher", "deny_extension", note="配件有库存")
    assert clocks(walk)[-1].due_at == due
    with pytest.raises(IllegalMove, match="Nobody asks"):
        walk.move("dispatcher", "grant_extension")


def test_an_overdue_case_is_neither_extended_nor_suspended(walk: Walk) -> None:
    walk.report()
    walk.to_handling()
    walk.now = clocks(walk)[-1].due_at + HOUR
    assert not {"ask_extension", "ask_suspension"} & moves(walk, "lighting")
    with pytest.raises(IllegalMove, match="overdue"):
        walk.move("lighting", "ask_suspension", until=walk.now + 5 * HOUR, note="等待")


def test_a_suspension_stops_the_clock_and_ends_by_itself_with_what_was_left(walk: Walk) -> None:
    walk.report()
    walk.to_handling()
    left = half_way(walk) - walk.now
    until = walk.now + timedelta(days=30)
    walk.move("lighting", "ask_suspension", until=until, note="等待施工许可")
    walk.move("dispatcher", "grant_suspension")
    paused = case(walk)
    assert (paused.state, paused.stage_due_at, paused.due_at, paused.resume_at) == ("suspended", None, None, until)
    assert clocks(walk)[-1].stopped_at == walk.now
    assert timers.fire(walk.db, walk.settings.time_zone, until - HOUR) == 0, (
        "nothing warns and nothing breaches meanwhile"
    )
    assert timers.resume(walk.db, walk.settings, until - HOUR) == 0
    assert timers.resume(walk.db, walk.settings, until + HOUR) == 1
    assert timers.resume(walk.db, walk.settings, until + HOUR) == 0
    back = case(walk)
    assert (back.state, back.resume_at, back.stage_started_at) == ("handling", None, until + HOUR)
    assert back.due_at - (until + HOUR) < left
    last = seen(walk, "dispatcher")["history"][-1]
    assert (last["move"], last["actor"]) == ("resume", "")


@pytest.mark.parametrize("days", [-1, 400])
def test_a_suspension_ends_within_a_year(walk: Walk, days: int) -> None:
    walk.report()
    walk.to_handling()
    with pytest.raises(InvalidInput, match="within 365 days"):
        walk.move("lighting", "ask_suspension", until=walk.now + timedelta(days=days), note="等待")


def test_a_case_at_work_is_returned_only_with_the_dispatchers_consent(walk: Walk) -> None:
    walk.report()
    walk.to_handling()
    walk.move("lighting", "assign", handler_id=walk.town.accounts["electrician"])
    walk.move("lighting", "ask_return", note="产权不属本单位")
    walk.move("dispatcher", "deny_return", note="产权清楚")
    assert case(walk).state == "handling"
    walk.move("lighting", "ask_return", note="附产权证明")
    walk.move("dispatcher", "grant_return")
    assert (case(walk).state, case(walk).handler_id) == ("filed", None)


def test_what_still_waits_ends_with_the_move_that_takes_the_case_away(walk: Walk) -> None:
    walk.report()
    walk.to_handling()
    walk.move("lighting", "ask_extension", share=1, note="等待配件")
    walk.move("dispatcher", "revoke", note="另行安排")
    assert [(one["granted"], one["answered_at"] is not None) for one in seen(walk, "dispatcher")["requests"]] == [
        (None, True)
    ]


def test_a_handler_hands_back_and_a_desk_takes_back(walk: Walk) -> None:
    walk.report()
    walk.to_handling()
    electrician = walk.town.accounts["electrician"]
    with pytest.raises(IllegalMove, match="Nobody is assigned"):
        walk.move("lighting", "unassign", note="没有人")
    walk.move("lighting", "assign", handler_id=electrician)
    walk.move("electrician", "hand_back", note="车辆故障")
    assert case(walk).handler_id is None
    with pytest.raises(NotPermitted, match="another handler"):
        walk.move("electrician", "hand_back", note="再退")
    walk.move("lighting", "assign", handler_id=electrician)
    walk.move("lighting", "unassign", note="改派他人")
    assert case(walk).handler_id is None


def test_units_assist_and_the_lead_waits_for_them(walk: Walk) -> None:
    walk.report()
    walk.to_handling()
    roads = walk.town.units["U-ROAD"]
    walk.move("dispatcher", "add_assist", assist_unit_id=roads, note="封闭车道")
    with pytest.raises(InvalidInput, match="at work on the case already"):
        walk.move("dispatcher", "add_assist", assist_unit_id=roads, note="再派")
    assert moves(walk, "roads") >= {"accept_assist", "return_assist"}
    with pytest.raises(IllegalMove, match="still at work"):
        walk.move("lighting", "feed_back")
    with pytest.raises(IllegalMove, match="not accepted"):
        walk.move("roads", "finish_assist")
    walk.move("roads", "accept_assist")
    walk.move("roads", "finish_assist", note="已封闭")
    assert [(one["state"], one["task"]) for one in seen(walk, "roads")["assisting"]] == [("done", "封闭车道")]
    walk.finish()
    assert case(walk).state == "closed"


def test_assistance_is_returned_or_taken_back(walk: Walk) -> None:
    walk.report()
    walk.to_handling()
    roads = walk.town.units["U-ROAD"]
    walk.move("dispatcher", "add_assist", assist_unit_id=roads)
    walk.move("roads", "return_assist", note="无需封路")
    walk.move("dispatcher", "add_assist", assist_unit_id=roads, note="请再看")
    walk.move("dispatcher", "revoke_assist", assist_unit_id=roads, note="不再需要")
    with pytest.raises(IllegalMove, match="No unit assists"):
        walk.move("dispatcher", "revoke_assist", assist_unit_id=roads, note="不再需要")
    walk.move("dispatcher", "add_assist", assist_unit_id=walk.town.units["U-DESK"])
    with pytest.raises(InvalidInput, match="does not assist"):
        walk.move("dispatcher", "revoke_assist", assist_unit_id=roads, note="不再需要")
    walk.move("dispatcher", "revoke_assist", assist_unit_id=walk.town.units["U-DESK"], note="不再需要")
    with pytest.raises(NotPermitted, match="not asked to assist"):
        walk.move("roads", "accept_assist")
    walk.finish()


def test_an_emergency_goes_to_several_units_at_once(walk: Walk) -> None:
    walk.report(source="hotline", who="intake")
    with pytest.raises(IllegalMove, match="Only an emergency"):
        walk.move("dispatcher", "dispatch_at_once")
    walk.move("intake", "declare_emergency", note="灯杆倒在车道上")
    walk.move("dispatcher", "dispatch_at_once", assist_unit_ids=(walk.town.units["U-ROAD"],), note="灯杆倒伏")
    now = case(walk)
    assert (now.state, now.stage, now.priority) == ("dispatched", "handling", "emergency")
    assert moves(walk, "roads") >= {"accept_assist"}
    assert "accept_order" in moves(walk, "lighting")


def test_a_disputed_case_is_decided_by_the_leader_or_repaired_by_the_fallback_unit(walk: Walk) -> None:
    walk.report()
    walk.to_filed()
    walk.move("dispatcher", "dispatch")
    walk.move("lighting", "dispute", note="灯杆属道桥处")
    assert (case(walk).stage, clocks(walk)[-1].stage) == ("adjudication", "adjudication")
    with pytest.raises(NotPermitted):
        walk.move("dispatcher", "adjudicate", unit_id=walk.town.units["U-ROAD"], note="裁定")
    walk.move("mayor", "adjudicate", unit_id=walk.town.units["U-ROAD"], note="权属资料")
    assert case(walk).unit_id == walk.town.units["U-ROAD"]
    with pytest.raises(SeparationOfDuties):
        walk.move("mayor", "force_close", note="结案")
    walk.move("roads", "dispute", note="无主")
    walk.move("mayor", "fall_back", unit_id=walk.town.units["U-LIGHT"], note="托底")
    assert (case(walk).fallback, case(walk).unit_id) == (True, walk.town.units["U-LIGHT"])


def test_an_inspector_who_mends_it_on_the_spot_shows_before_and_after(walk: Walk) -> None:
    walk.report()
    with pytest.raises(IllegalMove, match="a photo from before"):
        walk.move("inspector", "quick_handle")
    walk.report(photos=[walk.photo])
    with pytest.raises(NotPermitted, match="Somebody else reported"):
        walk.move("inspector2", "quick_handle")
    walk.move("inspector", "quick_handle", note="已清除")
    walk.move("leader", "close")
    assert case(walk).state == "closed"


def test_what_an_inspector_saw_is_filed_without_a_verification_and_a_call_is_not(walk: Walk) -> None:
    walk.report()
    walk.move("intake", "accept")
    walk.move("leader", "file")
    assert case(walk).state == "filed"
    walk.report(source="hotline", who="intake")
    walk.move("intake", "accept")
    with pytest.raises(IllegalMove, match="seen this on site"):
        walk.move("leader", "file")


def test_evidence_of_a_camera_needs_two_reviews_by_two_people(walk: Walk) -> None:
    walk.report(source="camera", photos=[walk.photo])
    for who, move in (("intake", "accept"), ("intake", "send_verification"), ("inspector", "verify")):
        walk.move(who, move)
    with pytest.raises(IllegalMove, match="legal and its technical review"):
        walk.move("leader", "file")
    walk.move("jurist", "review_law", note="点位已公示")
    with pytest.raises(IllegalMove, match="somebody else's"):
        walk.move("jurist", "review_technique", note="清晰")
    walk.move("technician", "review_technique", note="清晰可辨")
    walk.move("leader", "file")
    walk.move("leader", "transfer_to_law", note="涉嫌违法")
    assert (case(walk).state, case(walk).stage) == ("transferred", None)


def test_urging_pressing_and_instructing_leave_the_case_where_it_is(walk: Walk) -> None:
    walk.report()
    walk.to_handling()
    due = case(walk).stage_due_at
    walk.move("dispatcher", "urge")
    walk.move("mayor", "press", note="群众反映强烈")
    walk.move("mayor", "instruct", note="今日办结")
    now = case(walk)
    assert (now.state, now.pressed, now.stage_due_at) == ("handling", True, due)


def test_a_late_unit_appeals_once_after_the_close(walk: Walk) -> None:
    walk.report()
    walk.to_handling()
    walk.now = clocks(walk)[-1].due_at + HOUR
    walk.finish()
    with pytest.raises(NotPermitted, match="another unit"):
        walk.move("roads", "appeal", note="不是本单位")
    walk.move("lighting", "appeal", note="停电配合，非本单位原因")
    with pytest.raises(NotPermitted):
        walk.move("lighting", "allow_appeal")
    walk.move("assessor", "allow_appeal", note="情况属实")
    assert (case(walk).state, case(walk).exempt) == ("closed", True)
    with pytest.raises(IllegalMove, match="once"):
        walk.move("lighting", "appeal", note="再诉")


def test_nobody_appeals_who_was_in_time_or_too_late_with_it(walk: Walk) -> None:
    walk.report()
    walk.to_closed()
    with pytest.raises(IllegalMove, match="in time"):
        walk.move("lighting", "appeal", note="申诉")
    walk.report()
    walk.to_handling()
    walk.now = clocks(walk)[-1].due_at + HOUR
    walk.finish()
    walk.now += timedelta(days=6)
    with pytest.raises(IllegalMove, match="has passed"):
        walk.move("lighting", "appeal", note="申诉")


def test_a_closed_case_is_reopened_within_its_window_and_reaches_the_unit_again(walk: Walk) -> None:
    walk.report()
    walk.to_closed()
    walk.move("mayor", "reopen", note="问题仍在")
    back = case(walk)
    assert (back.state, back.closed_at, back.reopened_count, back.stage) == ("filed", None, 1, "dispatch")
    walk.move("dispatcher", "dispatch")
    walk.move("lighting", "accept_order")
    walk.finish()
    assert case(walk).state == "closed"
    walk.now += timedelta(days=31)
    with pytest.raises(IllegalMove, match="too long ago"):
        walk.move("mayor", "reopen", note="又坏了")


def test_the_system_reopens_for_a_citizen_and_takes_no_duty(walk: Walk) -> None:
    walk.report()
    walk.to_closed()
    cases.move(
        walk.db, walk.settings, walk.received.case_id, Move("reopen", note="没修好"), actor=None, now=walk.now + HOUR
    )
    last = seen(walk, "dispatcher")["history"][-1]
    assert (last["move"], last["actor"], last["post"]) == ("reopen", "", None)


def test_a_case_is_merged_into_another_and_split_off_again(walk: Walk) -> None:
    first = walk.report().case_id
    walk.report()
    walk.move("intake", "accept")
    walk.move("intake", "merge", into_case_id=first)
    assert (case(walk).state, case(walk).merged_into_id) == ("merged", first)
    walk.move("intake", "split", note="不是同一处")
    assert (case(walk).state, case(walk).merged_into_id, case(walk).closed_at) == ("accepted", None, None)


def test_a_class_is_corrected_with_a_reason_and_routes_again(walk: Walk) -> None:
    walk.report()
    walk.to_filed()
    with pytest.raises(InvalidInput, match="Nothing would change"):
        walk.move("intake", "correct", note="无变化")
    walk.move("intake", "correct", class_code="M0101", note="实为垃圾")
    assert case(walk).class_code == "M0101"


def decisions(walk: Walk) -> list[Any]:
    statement = "select * from dispatch.routing_decision where case_id = :id order by id"
    return list(walk.db.execute(text(statement), {"id": walk.received.case_id}))


def test_a_corrected_place_moves_the_case_and_routes_it_again(walk: Walk) -> None:
    walk.report(description="两盏灯之间")
    walk.to_filed()
    lon, lat = walk.town.lamp
    with pytest.raises(InvalidInput, match="lies there already"):
        walk.move("intake", "relocate", place=Position(lon + 0.00005, lat), note="同一处")
    with pytest.raises(InvalidInput, match="place"):
        walk.move("intake", "relocate", note="没有位置")
    walk.move("intake", "relocate", place=Position(lon, lat + smalltown.STEP), note="来电人说错了路口")
    moved = case(walk)
    assert (moved.grid_code, moved.asset_id, moved.state) == ("990101001001001", None, "filed")
    assert moved.unit_id == walk.town.units["U-DESK"], "no lamp stands there, and the condition names no unit"
    last = walk.db.execute(
        text("select before, after, note from dispatch.case_event where case_id = :id order by seq desc limit 1"),
        {"id": moved.id},
    ).one()
    assert (last.before["grid_code"], last.after["lat"]) == ("990101001001003", lat + smalltown.STEP)
    assert [row.reason for row in decisions(walk)] == ["asset_unit", "fallback"]
    assert told(walk) == [("unrouted", "dispatcher")]


def test_a_corrected_class_brings_a_decision_of_the_rules_in_force_with_their_version(walk: Walk) -> None:
    walk.report()
    walk.to_filed()
    walk.move("intake", "correct", class_code="M0101", note="实为垃圾")
    first, second = decisions(walk)
    assert (first.reason, second.reason, second.unit_id) == (
        "asset_unit",
        "condition_unit",
        walk.town.units["U-ROAD"],
    )
    in_force = walk.db.execute(text("select max(id) from dispatch.routing_set where state = 'approved'")).scalar_one()
    assert first.set_id == second.set_id == in_force
    assert [entry["outcome"] for entry in second.considered] == ["no_unit", "chosen"]


def test_a_reporter_withdraws_what_nobody_has_taken_up(walk: Walk) -> None:
    walk.report()
    with pytest.raises(NotPermitted):
        walk.move("inspector2", "cancel", note="不是我报的")
    walk.move("inspector", "cancel", note="误报")
    assert case(walk).state == "void"


def told(walk: Walk) -> list[tuple[str, str]]:
    """Kinds of notice after the last move, and to whom."""
    row = walk.db.execute(
        text("select * from gis.event where payload ->> 'case_id' = :id order by id desc limit 1"),
        {"id": str(walk.received.case_id)},
    ).one()
    notices.act(
        walk.db,
        walk.settings,
        events.Event(row.id, row.kind, row.subject, row.payload, row.trace_id, row.occurred_at, 1),
    )
    rows = walk.db.execute(
        text(
            "select n.kind, coalesce(u.name, a.username, n.post) as whom from dispatch.notice n"
            " left join gis.unit u on u.id = n.unit_id left join gis.account a on a.id = n.account_id"
            " where n.event_id = :event order by n.id"
        ),
        {"event": row.id},
    )
    return [(row.kind, row.whom) for row in rows]


def test_everybody_concerned_is_told(walk: Walk) -> None:
    walk.report()
    walk.to_filed()
    walk.move("dispatcher", "dispatch", assist_unit_ids=(walk.town.units["U-ROAD"],))
    assert told(walk) == [("turn", "照明所"), ("assist", "道桥处")]
    walk.move("roads", "return_assist", note="无需协办")
    assert told(walk) == [("assist_returned", "dispatcher")]
    walk.move("lighting", "accept_order")
    assert told(walk) == [], "nobody else has a turn because an order was accepted"
    walk.move("lighting", "assign", handler_id=walk.town.accounts["electrician"])
    assert told(walk) == [("turn", "照明所"), ("turn", "electrician")]
    walk.move("lighting", "ask_extension", share=0.5, note="等待配件")
    assert told(walk) == [("asked", "dispatcher")]
    walk.move("dispatcher", "deny_extension", note="配件有库存")
    assert told(walk) == [("answered", "照明所")]
    walk.move("mayor", "press", note="限时办结")
    assert told(walk) == [("pressed", "照明所"), ("pressed", "electrician")]
    walk.move("lighting", "dispute", note="权属不清")
    assert told(walk) == [("turn", "leader")]
