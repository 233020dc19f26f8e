"""The closed loop through the dispatch room's own functions, on a real database: moves, duties, clocks (D1, D5, D9, C1)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from config.errors import IllegalMove, InvalidInput, NotPermitted, SeparationOfDuties, StaleCase
from dispatch import detail, timers
from dispatch.evaluation import counting, figures
from dispatch.evaluation.counting import Query
from dispatch.reports import Position
from gis import actors, clock
from tests.support import smalltown
from tests.support.walks import Walk


def test_the_whole_way_to_a_verified_close(walk: Walk) -> None:
    walk.report()
    walk.to_closed()
    seen = detail.detail(
        walk.db, actors.actor(walk.db, "assessor"), walk.received.case_id, now=walk.now, zone=walk.settings.time_zone
    )
    assert seen["state"] == "closed"
    assert [row["move"] for row in seen["history"]] == [
        "report", "accept", "send_verification", "verify", "file", "dispatch", "accept_order", "feed_back", "send_check",
        "check", "close",
    ]  # fmt: skip
    assert [row["seq"] for row in seen["history"]] == list(range(1, 12))
    assert seen["decision"]["reason"] == "The unit maintains component C-LAMP-1 at this place."
    assert all(clock["stopped_at"] for clock in seen["clocks"])
    assert seen["moves"] == []
    assert [task["result"] for task in seen["tasks"]] == ["verify", "check"]
    assert {row["trace_id"] for row in seen["history"]} == {walk.received.trace_id}
    verified = next(row for row in seen["history"] if row["move"] == "verify")
    assert verified["distance_m"] == pytest.approx(4.4, abs=0.5)


def test_a_case_keeps_its_condition_when_a_newer_class_table_comes_into_force(walk: Walk) -> None:
    walk.report()
    walk.db.execute(text("update dispatch.filing_condition set valid_to = current_date - 1"))
    walk.to_closed()


def test_figures_of_the_evaluation_come_from_the_history(walk: Walk) -> None:
    walk.report()
    walk.to_closed()
    walk.report()
    query = Query(walk.now - timedelta(days=1), walk.now + timedelta(days=1), "Asia/Shanghai")
    assert counting.ready(walk.db) == 0
    rows = figures.table(walk.db, "unit", query, "en")
    assert len(rows) == 1
    row = rows[0]
    assert (row["reported"], row["filed"], row["handled"], row["closed"], row["rework"]) == (2, 1, 1, 1, 0)
    assert row["rates"]["in_time_closing_rate"] == 1.0
    assert row["name"] == "照明所"
    days = counting.daily(walk.db, query)
    assert sum(day["reported"] for day in days) == 2


def test_a_failed_check_leads_to_rework_by_the_same_unit(walk: Walk) -> None:
    walk.report()
    walk.to_filed()
    walk.move("dispatcher", "dispatch")
    walk.move("lighting", "accept_order")
    walk.move("lighting", "feed_back")
    walk.move("intake", "send_check")
    walk.move("inspector2", "fail_check", note="仍不亮")
    walk.move("dispatcher", "rework", note="重新处置")
    row = walk.db.execute(text("select * from dispatch.cases where id = :id"), {"id": walk.received.case_id}).one()
    assert (row.state, row.rework_count, row.unit_id) == ("dispatched", 1, walk.town.units["U-LIGHT"])


def test_another_unit_is_a_correction_that_is_kept_and_restarts_its_clock(walk: Walk) -> None:
    walk.report()
    walk.to_filed()
    walk.move("dispatcher", "dispatch")
    walk.move("dispatcher", "redispatch", unit_id=walk.town.units["U-ROAD"], note="灯杆属道桥处")
    decisions = walk.db.execute(
        text("select reason, unit_id, facts from dispatch.routing_decision where case_id = :id order by id"),
        {"id": walk.received.case_id},
    ).all()
    assert [row.reason for row in decisions] == ["asset_unit", "person"]
    assert decisions[1].facts == {"instead_of": walk.town.units["U-LIGHT"], "note": "灯杆属道桥处"}
    with pytest.raises(NotPermitted, match="another unit"):
        walk.move("lighting", "accept_order")
    walk.move("roads", "accept_order")


def test_illegal_moves_missing_fields_and_missing_posts_are_refused(walk: Walk) -> None:
    walk.report()
    with pytest.raises(
        IllegalMove, match=r"'close' is not possible in state 'reported'\. Possible moves: accept, cancel"
    ):
        walk.move("leader", "close")
    with pytest.raises(NotPermitted):
        walk.move("dispatcher", "accept")
    with pytest.raises(InvalidInput, match="needs 'note'"):
        walk.move("intake", "refuse")
    walk.move("intake", "accept")
    walk.move("intake", "send_verification", inspector_id=walk.town.accounts["inspector"])
    with pytest.raises(NotPermitted, match="another inspector"):
        walk.move("inspector2", "verify")


def test_an_old_version_is_refused_and_told_who_was_faster(walk: Walk) -> None:
    walk.report()
    walk.move("intake", "accept", version=1)
    with pytest.raises(StaleCase, match="Already done: 'accept' by intake"):
        walk.move("intake", "refuse", version=1, note="x")


def test_nobody_dispatches_and_also_closes_the_same_case(walk: Walk) -> None:
    walk.db.execute(text("insert into gis.setting (name, value) values ('two_centres', 'false')"))
    for name, post in (("leader", "dispatcher"), ("inspector", "dispatcher")):
        walk.db.execute(
            text("insert into gis.post_assignment (account_id, post) values (:a, :p)"),
            {"a": walk.town.accounts[name], "p": post},
        )
    walk.report()
    walk.to_filed()
    with pytest.raises(SeparationOfDuties):
        walk.move("inspector", "dispatch")
    walk.move("leader", "dispatch")
    walk.move("lighting", "accept_order")
    walk.move("lighting", "feed_back")
    walk.move("intake", "send_check")
    walk.move("inspector2", "check")
    with pytest.raises(SeparationOfDuties):
        walk.move("leader", "close")


def test_whoever_dispatched_does_not_void_either(walk: Walk) -> None:
    walk.db.execute(
        text("insert into gis.post_assignment (account_id, post) values (:a, 'dispatcher')"),
        {"a": walk.town.accounts["leader"]},
    )
    walk.report()
    walk.to_filed()
    walk.move("leader", "dispatch")
    walk.move("lighting", "return_order", note="不属本单位")
    with pytest.raises(SeparationOfDuties):
        walk.move("leader", "void", note="作废")


def test_work_at_a_desk_is_never_dated_back_and_nothing_before_the_last_step(walk: Walk) -> None:
    walk.report()
    with pytest.raises(InvalidInput, match="happens when it is sent"):
        walk.move("intake", "accept", occurred_at=walk.now)
    walk.to_filed()
    walk.move("dispatcher", "dispatch")
    walk.move("lighting", "accept_order")
    with pytest.raises(InvalidInput, match="before the last step"):
        walk.move("lighting", "feed_back", occurred_at=walk.now - timedelta(minutes=5))
    walk.move("lighting", "feed_back", occurred_at=walk.now)


def test_a_phone_that_runs_ahead_does_not_hold_up_its_case(walk: Walk) -> None:
    walk.report(occurred_at=walk.now + timedelta(minutes=4))
    walk.move("intake", "accept")


def test_neither_does_one_that_answers_a_task(walk: Walk) -> None:
    walk.report()
    walk.move("intake", "accept")
    walk.move("intake", "send_verification")
    walk.move("inspector", "verify", occurred_at=walk.now + timedelta(minutes=1, seconds=40))
    walk.move("leader", "file")
    with pytest.raises(InvalidInput, match="in the future"):
        walk.move("dispatcher", "dispatch", occurred_at=walk.now + timedelta(minutes=10))


def test_people_and_units_of_a_move_must_fit(walk: Walk) -> None:
    walk.report()
    walk.move("intake", "accept")
    with pytest.raises(InvalidInput, match="no active inspector"):
        walk.move("intake", "send_verification", inspector_id=walk.town.accounts["dispatcher"])
    walk.move("intake", "send_verification", inspector_id=walk.town.accounts["inspector2"])
    walk.move("intake", "send_verification", inspector_id=walk.town.accounts["inspector"], note="换人")
    with pytest.raises(NotPermitted, match="another inspector"):
        walk.move("inspector2", "verify")
    walk.move("inspector", "verify")
    walk.move("leader", "file")
    with pytest.raises(InvalidInput, match="no such unit"):
        walk.move("dispatcher", "dispatch", unit_id=9999)
    walk.move("dispatcher", "dispatch")
    with pytest.raises(InvalidInput, match="with this unit already"):
        walk.move("dispatcher", "redispatch", unit_id=walk.town.units["U-LIGHT"], note="再派")
    walk.move("lighting", "accept_order")
    with pytest.raises(InvalidInput, match="no handler of the case's unit"):
        walk.move("lighting", "assign", handler_id=walk.town.accounts["assessor"])
    walk.move("lighting", "assign", handler_id=walk.town.accounts["electrician"])


def test_far_from_the_case_a_reason_is_needed_and_the_history_shows_it(walk: Walk) -> None:
    walk.report()
    walk.move("intake", "accept")
    walk.move("intake", "send_verification")
    far = Position(walk.town.lamp[0] + 0.01, walk.town.lamp[1])
    with pytest.raises(InvalidInput, match=r"You are 8\d\d m from the case"):
        walk.move("inspector", "verify", position=far)
    walk.move("inspector", "verify", position=far, note="道路封闭，从桥上拍摄")
    seen = detail.detail(
        walk.db, actors.actor(walk.db, "leader"), walk.received.case_id, now=walk.now, zone=walk.settings.time_zone
    )
    assert [row["on_site"] for row in seen["history"] if row["move"] == "verify"] == [False]


def test_a_class_chosen_later_places_and_routes_again_with_its_reason(walk: Walk) -> None:
    walk.report(class_code=None)
    walk.move("intake", "accept", class_code=smalltown.LAMP_CLASS)
    seen = detail.detail(
        walk.db, actors.actor(walk.db, "leader"), walk.received.case_id, now=walk.now, zone=walk.settings.time_zone
    )
    assert seen["unit"]["name"] == "照明所"
    assert seen["asset"]["code"] == "C-LAMP-1"
    assert seen["decision"]["reason_code"] == "asset_unit"
    assert seen["condition_id"] == walk.town.conditions["lamp"]
    walk.db.execute(text("update dispatch.filing_condition set valid_to = '2001-01-01'"))
    walk.move("intake", "send_verification")
    walk.move("inspector", "verify")
    walk.move("leader", "file")
    walk.move("dispatcher", "dispatch")


def test_the_database_refuses_what_the_workflow_refuses(walk: Walk) -> None:
    walk.report()
    for change in (
        "update dispatch.cases set state = 'closed2', version = version + 1 where id = :id",
        "update dispatch.cases set state = 'handled', version = version + 1 where id = :id",
        "update dispatch.cases set state = 'accepted' where id = :id",
    ):
        with pytest.raises(IntegrityError), walk.db.begin_nested():
            walk.db.execute(text(change), {"id": walk.received.case_id})
    with pytest.raises(IntegrityError), walk.db.begin_nested():
        walk.db.execute(
            text("insert into dispatch.case_event (case_id, seq, move, from_state, to_state, occurred_at, trace_id)"
                 " values (:id, 2, 'close', 'reported', 'closed', now(), 't')"),
            {"id": walk.received.case_id},
        )  # fmt: skip


def test_clocks_warn_and_run_out_once(walk: Walk) -> None:
    walk.report()
    assert timers.fire(walk.db, walk.settings.time_zone, walk.now + timedelta(minutes=11)) == 0
    assert timers.fire(walk.db, walk.settings.time_zone, walk.now + timedelta(minutes=12)) == 1
    assert timers.fire(walk.db, walk.settings.time_zone, walk.now + timedelta(minutes=14)) == 0
    assert timers.fire(walk.db, walk.settings.time_zone, walk.now + timedelta(minutes=15)) == 1
    assert timers.fire(walk.db, walk.settings.time_zone, walk.now + timedelta(hours=9)) == 0
    kinds = walk.db.execute(
        text("select kind from gis.event where subject = :s and kind like 'clock.%' order by id"),
        {"s": f"case:{walk.received.case_id}"},
    ).scalars()
    assert list(kinds) == ["clock.warned", "clock.breached"]


def test_clocks_run_on_virtual_time(walk: Walk) -> None:
    moment = datetime(2030, 1, 1, 8, tzinfo=UTC)
    clock.set_virtual(walk.db, moment, rate=0)
    assert clock.now(walk.db) == moment
    clock.set_virtual(walk.db, moment, rate=1_000_000)
    assert walk.db.execute(text("select gis.now() > cast(:m as timestamptz)"), {"m": moment}).scalar_one()
    clock.set_real(walk.db)
    assert abs(clock.now(walk.db) - datetime.now(UTC)) < timedelta(seconds=5)
