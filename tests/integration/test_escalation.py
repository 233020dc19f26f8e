"""The ladder: rungs before and after a limit, each once for a clock, not while it stands still, told to whom the rung names (D5)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, text

from config.errors import InvalidInput
from config.settings import Settings
from dispatch import notices, timers
from dispatch.escalation import rungs
from dispatch.escalation.rungs import NewRung
from gis import events, organisation
from tests.support import smalltown
from tests.support.walks import Walk

HOUR = timedelta(hours=1)
DISPATCHED = datetime(2026, 11, 19, 2, tzinfo=UTC)
"""Thursday, ten in the morning; four work hours from then end at four."""

HALF = NewRung("用时过半", "share", 0.5, "post", "Half the time", stage="handling", class_prefix="M01", post="leader")
LATE = NewRung(
    "超时两小时", "after", 2, "post", "Two hours late", stage="handling", limit_kind="work_hour", post="assessor"
)


def enter(walk: Walk, rung: NewRung, at: datetime = DISPATCHED - HOUR) -> int:
    return rungs.add(walk.db, walk.settings.time_zone, rung, walk.town.accounts["steward"], at)


def being_handled(walk: Walk, class_code: str = smalltown.LITTER_CLASS) -> int:
    walk.now = DISPATCHED - timedelta(minutes=5)
    walk.report(class_code=class_code)
    walk.to_filed()
    walk.move("dispatcher", "dispatch")
    walk.move("roads" if class_code == smalltown.LITTER_CLASS else "lighting", "accept_order")
    return walk.received.case_id


def told_by(walk: Walk, *moments: datetime) -> list[tuple[str, str]]:
    """Fire at each moment in turn; the rungs' notices so far, with whom they tell."""
    for moment in moments:
        while timers.fire(walk.db, walk.settings.time_zone, moment):
            pass
    found = walk.db.execute(text("select * from gis.event where kind = 'clock.escalated' order by id"))
    for row in found.all():
        event = events.Event(row.id, row.kind, row.subject, row.payload, row.trace_id, row.occurred_at, 1)
        notices.act(walk.db, walk.settings, event)
    return noticed(walk.db)


def noticed(db: Connection) -> list[tuple[str, str]]:
    rows = db.execute(
        text(
            "select n.facts ->> 'rung' as rung, coalesce(n.post, a.username, u.code) as whom from dispatch.notice n"
            " left join gis.account a on a.id = n.account_id left join gis.unit u on u.id = n.unit_id"
            " where n.kind = 'escalated' order by n.id"
        )
    )
    return [(row.rung, row.whom) for row in rows]


def test_a_rung_at_half_of_the_working_time_and_one_two_work_hours_after(walk: Walk) -> None:
    enter(walk, HALF)
    enter(walk, LATE)
    being_handled(walk)
    noon = DISPATCHED + 2 * HOUR
    assert told_by(walk, noon - timedelta(seconds=1)) == []
    assert told_by(walk, noon) == [("用时过半", "leader")]
    due = datetime(2026, 11, 19, 8, tzinfo=UTC)
    assert told_by(walk, due, due + 2 * HOUR - timedelta(seconds=1)) == [("用时过半", "leader")], "hours, not yet two"
    both = [("用时过半", "leader"), ("超时两小时", "assessor")]
    assert told_by(walk, due + 2 * HOUR) == both
    assert told_by(walk, due + 9 * HOUR, due + 99 * HOUR) == both, "each rung once for a clock"


def test_a_clock_that_stands_still_climbs_nothing_and_goes_on_where_it_was(walk: Walk) -> None:
    enter(walk, HALF)
    three_quarters = enter(walk, replace(HALF, name="四分之三", amount=0.75))
    being_handled(walk)
    assert told_by(walk, DISPATCHED + 2 * HOUR) == [("用时过半", "leader")]
    walk.now = datetime(2026, 11, 19, 6, 28, tzinfo=UTC)
    walk.move("roads", "ask_suspension", note="rain", until=datetime(2026, 11, 23, 0, tzinfo=UTC))
    walk.move("dispatcher", "grant_suspension", note="granted")  # two and a half hours are used
    assert told_by(walk, walk.now + 20 * HOUR) == [("用时过半", "leader")]
    walk.now = datetime(2026, 11, 22, 23, 59, tzinfo=UTC)
    walk.move("dispatcher", "resume", note="dry")
    monday = walk.now
    assert told_by(walk, monday + timedelta(minutes=29)) == [("用时过半", "leader")], "half is not told a second time"
    assert told_by(walk, monday + timedelta(minutes=30)) == [("用时过半", "leader"), ("四分之三", "leader")]
    fired = text("select count(*) from dispatch.escalation where rung_id = :id")
    assert walk.db.execute(fired, {"id": three_quarters}).scalar() == 1


def test_an_ended_clock_and_another_class_climb_nothing(walk: Walk) -> None:
    enter(walk, HALF)
    being_handled(walk, smalltown.LAMP_CLASS)
    assert told_by(walk, DISPATCHED + 3 * HOUR) == [], "the rung is for litter"
    being_handled(walk)
    timers.fire(walk.db, walk.settings.time_zone, walk.now)
    walk.move("roads", "feed_back")
    assert told_by(walk, DISPATCHED + 9 * HOUR) == []
    lapsed = walk.db.execute(text("select count(*) from dispatch.escalation where lapsed_at is not null")).scalar()
    assert lapsed == 1


def test_a_rung_does_not_reach_back_and_an_ended_one_tells_nobody(walk: Walk) -> None:
    being_handled(walk)
    enter(walk, HALF, at=DISPATCHED + 3 * HOUR)
    later = enter(walk, replace(HALF, name="九成", amount=0.9), at=DISPATCHED + 3 * HOUR)
    assert told_by(walk, DISPATCHED + 4 * HOUR + timedelta(minutes=30)) == [], "half had passed before it was entered"
    rungs.end(walk.db, later, walk.town.accounts["steward"], date(2026, 11, 19))
    assert told_by(walk, DISPATCHED + 9 * HOUR) == []


def test_a_rung_for_what_is_late_already_is_planned_when_it_is_entered(walk: Walk) -> None:
    being_handled(walk)
    due = datetime(2026, 11, 19, 8, tzinfo=UTC)
    assert told_by(walk, due + HOUR) == []
    enter(walk, LATE, at=due + HOUR)
    assert told_by(walk, due + 2 * HOUR) == [("超时两小时", "assessor")]


def test_whom_a_rung_tells(walk: Walk) -> None:
    """The unit; whose turn it is; a post at the district, which is the one in whose area the case lies; nobody there: the post."""
    area = walk.db.execute(text("select id from gis.area where code = '990101'")).scalar_one()
    centre = organisation.add_centre(walk.db, "D-1", "区中心", "District", "combined", "district", area_id=area)
    account = organisation.add_account(walk.db, "warden", "区长", "Warden", password=smalltown.PASSWORD)
    organisation.give_post(walk.db, account, "leader", centre_id=centre)
    for name, changes in (
        ("单位", {"whom": "unit", "post": None}),
        ("轮到谁", {"whom": "turn", "post": None}),
        ("区", {"level": "district"}),
        ("市", {"level": "city"}),
        ("无人", {"level": "district", "post": "assessor"}),
    ):
        enter(walk, replace(HALF, name=name, **changes))
    being_handled(walk)
    found = told_by(walk, DISPATCHED + 2 * HOUR)
    assert sorted(found) == sorted(
        [("单位", "U-ROAD"), ("轮到谁", "U-ROAD"), ("区", "warden"), ("市", "mayor"), ("无人", "assessor")]
    )


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"amount": 1.5}, "amount"),
        ({"basis": "after", "amount": 2}, "limit_kind"),
        ({"post": None}, "post"),
        ({"whom": "unit"}, "post"),
        ({"level": "planet"}, "level"),
        ({"stage": "lunch"}, "stage"),
        ({"valid_to": date(1999, 1, 1)}, "valid_to"),
    ],
)
def test_a_rung_that_does_not_fit_is_refused(walk: Walk, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        enter(walk, replace(HALF, **changes))
    assert refused.value.facts["field"] == field


def test_imported_history_climbs_nothing(walk: Walk, settings: Settings) -> None:
    enter(walk, HALF)
    case_id = being_handled(walk)
    walk.db.execute(text("update dispatch.cases set imported = true where id = :id"), {"id": case_id})
    assert told_by(walk, DISPATCHED + 9 * HOUR) == []
