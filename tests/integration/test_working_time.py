"""The working calendar in the database: layers and editions, and clocks that keep theirs whatever is changed afterwards (D5)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, text

from config.settings import Settings
from dispatch.calendars import editions, reading
from dispatch.calendars.editions import Day, Hours
from dispatch.detail import detail
from gis import actors
from tests.support import smalltown
from tests.support.walks import Walk

ZONE = ZoneInfo("Asia/Shanghai")
THURSDAY = datetime(2026, 11, 19, 2, tzinfo=UTC)
"""Ten in the morning in the small town."""


def clocks_of(db: Connection, case_id: int) -> list[Any]:
    return list(db.execute(text("select * from dispatch.clock where case_id = :id order by id"), {"id": case_id}))


def at(text_: str) -> datetime:
    return datetime.fromisoformat(text_).replace(tzinfo=ZONE)


def being_handled(walk: Walk, now: datetime) -> int:
    """A case of litter, four work hours, dispatched at `now` and accepted a minute later."""
    walk.now = now - timedelta(minutes=5)
    walk.report(class_code=smalltown.LITTER_CLASS)
    walk.to_filed()
    walk.move("dispatcher", "dispatch")
    walk.move("roads", "accept_order")
    return walk.received.case_id


def test_published_days_come_in_once_and_the_citys_own_go_before(db: Connection, settings: Settings) -> None:
    today = date(2026, 11, 24)
    assert reading.known_until(db) is None
    assert editions.refresh(db, settings, today)
    assert not editions.refresh(db, settings, today), "nothing new has been published since"
    calendar = reading.calendar(db, ZONE)
    assert not calendar.works(date(2026, 10, 1))
    assert calendar.works(date(2026, 10, 10)), "a make-up Saturday"
    assert reading.known_until(db) == date(max(calendar.known), 12, 31)
    own = editions.begin(db, "page")
    editions.set_days(db, own, [Day(date(2026, 10, 10), False), Day(date(2026, 11, 27), False, "运动会")])
    assert not reading.calendar(db, ZONE).works(date(2026, 10, 10))
    back = editions.begin(db, "page")
    editions.set_days(db, back, [Day(date(2026, 10, 10), None)])
    assert reading.calendar(db, ZONE).works(date(2026, 10, 10)), "taken out of the city's table: as published again"
    assert not reading.calendar(db, ZONE, own).works(date(2026, 10, 10)), "that edition stays as it was"


def test_what_is_published_no_more_is_taken_out(db: Connection, settings: Settings) -> None:
    editions.refresh(db, settings, date(2026, 11, 24))
    nobody = Settings(**{**vars(settings), "holidays": "none"})
    assert editions.refresh(db, nobody, date(2026, 11, 24))
    assert reading.calendar(db, ZONE).special == {}
    assert reading.known_until(db) is None


def test_changes_of_calendar_and_hours_leave_every_clock_that_has_begun(db: Connection, walk: Walk) -> None:
    """Being handled since ten on Thursday: due at four. Then the afternoon is shortened, Friday made a holiday, the limit doubled."""
    case_id = being_handled(walk, THURSDAY)
    before = clocks_of(db, case_id)
    assert before[-1].due_at == at("2026-11-19T16:00")
    edition = editions.begin(db, "page")
    editions.set_days(db, edition, [Day(date(2026, 11, 20), False)])
    editions.add_hours(db, edition, Hours(date(2026, 1, 1), [("08:00", "11:00")]))
    db.execute(text("update dispatch.filing_condition set limit_amount = 8 where class_code = :c"), {"c": "M0101"})
    assert clocks_of(db, case_id) == before


def test_a_pause_keeps_what_was_used_by_the_calendar_of_then(db: Connection, walk: Walk) -> None:
    """Two hours used by noon on Thursday; then hours begin at eleven. The rest runs from Monday eleven by the new hours."""
    case_id = being_handled(walk, THURSDAY)
    walk.now = at("2026-11-19T11:58")
    walk.move("roads", "ask_suspension", note="rain", until=at("2026-11-23T08:00"))
    walk.move("dispatcher", "grant_suspension", note="granted")
    paused = clocks_of(db, case_id)[-1]
    assert paused.stopped_at == at("2026-11-19T12:00")
    edition = editions.begin(db, "page")
    editions.add_hours(db, edition, Hours(date(2026, 11, 1), [("11:00", "12:00"), ("14:00", "18:00")]))
    walk.now = at("2026-11-23T08:59")
    walk.move("dispatcher", "resume", note="dry")
    resumed = clocks_of(db, case_id)[-1]
    assert (resumed.limit_amount, resumed.continues_id) == (2.0, paused.id)
    assert resumed.due_at == at("2026-11-23T15:00")
    assert resumed.calendar_edition_id == edition
    assert clocks_of(db, case_id)[-2] == paused


def test_a_deadline_beyond_the_announced_years_is_shown_as_provisional(
    db: Connection, walk: Walk, settings: Settings
) -> None:
    editions.refresh(db, settings, date(2026, 11, 24))
    year = max(reading.calendar(db, ZONE).known)
    case_id = being_handled(
        walk, datetime(year, 12, 31, 8, tzinfo=UTC)
    )  # two hours are left of the year's last working day
    running = clocks_of(db, case_id)[-1]
    assert running.provisional
    assert running.due_at > datetime(year, 12, 31, 16, tzinfo=UTC)
    reader = actors.actor(db, "dispatcher")
    shown = detail(db, reader, case_id, now=walk.now, zone=walk.settings.time_zone)
    assert (shown["provisional"], shown["due_provisional"]) == (True, True)
    assert [clock["provisional"] for clock in shown["clocks"]][-1]
    edition = editions.begin(db, "page")
    editions.set_years(db, edition, {year + 1: True})
    assert not detail(db, reader, case_id, now=walk.now, zone=walk.settings.time_zone)["due_provisional"]
    assert clocks_of(db, case_id)[-1].provisional, "what it was computed with did not know the year"


def test_hours_that_end_leave_the_earlier_editions_alone(db: Connection) -> None:
    first = editions.begin(db, "page")
    added = editions.add_hours(db, first, Hours(date(2026, 5, 1), [("07:00", "15:00")], yearly=True))
    second = editions.begin(db, "page")
    editions.end_hours(db, second, added, date(2027, 1, 1))
    day = date(2027, 6, 1)
    assert reading.calendar(db, ZONE, first).shifts_on(day) != reading.calendar(db, ZONE, second).shifts_on(day)
    assert reading.calendar(db, ZONE, second).shifts_on(date(2026, 6, 1)) == reading.shifts([("07:00", "15:00")])
