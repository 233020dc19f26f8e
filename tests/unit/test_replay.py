"""A replay's people: what they learn from the past, who takes what first, and the same course for the same seed (D1)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from config.errors import InvalidInput
from data.replay import capacity, period
from data.replay.capacity import Wishes
from data.replay.lives import life
from data.replay.queues import Agenda, Queue, Work, opens_at
from dispatch.calendars.working import Calendar
from dispatch.deadlines import Limit
from dispatch.importing.past_mapping import TypeRule
from dispatch.importing.past_reports import PastReport

ZONE = ZoneInfo("America/New_York")
CALENDAR = Calendar(ZONE)
MONDAY = datetime(2015, 7, 6, 12, tzinfo=UTC)  # 08:00 there
LAMP = TypeRule("lamp", "C0137", "dark", Limit("work_day", 1), False)
BURST = TypeRule("burst", "M0501", "burst", Limit("urgent_hour", 4), False)
JULY = period.of_month("2015-07", ZONE)


def past(number: int, opened: datetime, hours: float | None, rule: TypeRule = LAMP) -> PastReport:
    closed = opened + timedelta(hours=hours) if hours is not None else None
    return PastReport(
        str(number), rule, "hotline", "PWD", "dark", opened, None, closed, "", "", -71.1, 42.35, "exact", "", {}
    )


def test_a_month_is_the_citys_own() -> None:
    assert (JULY.since, JULY.until) == (datetime(2015, 7, 1, 4, tzinfo=UTC), datetime(2015, 8, 1, 4, tzinfo=UTC))
    reports = [past(1, JULY.until, 1), past(2, MONDAY, 1), past(3, JULY.since, 1)]
    assert [report.ref for report in JULY.of(reports)] == ["3", "2"]


@pytest.mark.parametrize("text", ["2015", "July", "2015-13"])
def test_what_is_no_month_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        period.of_month(text, ZONE)
    with pytest.raises(InvalidInput):
        period.between("2015-07-02", "2015-07-01", ZONE)


def test_work_takes_what_a_quarter_stayed_below_and_crews_do_what_was_really_closed() -> None:
    """Forty requests, the soonest quarter within two hours: twenty closed ones fill 40 of a week's 40 hours, so one crew is enough."""
    week = period.between("2015-07-06", "2015-07-13", ZONE)
    reports = [past(number, MONDAY, 2.0 if number < 12 else 100.0) for number in range(20)]
    reports += [past(number, MONDAY, None) for number in range(20, 40)]
    learnt = capacity.learn(reports, week, lambda _: "PWD", CALENDAR)
    assert learnt.hours == {"lamp": 2.0}
    assert learnt.crews == {"PWD": 1}
    doubled = [each._replace(ref=f"{each.ref}b") for each in reports]
    assert capacity.learn([*reports, *doubled], week, lambda _: "PWD", CALENDAR).crews == {"PWD": 2}
    told = capacity.learn(reports, week, lambda _: "PWD", CALENDAR, Wishes({"PWD": 7}, {"lamp": 1.5}, {"inspector": 3}))
    assert (told.crews["PWD"], told.hours["lamp"], told.people["inspector"]) == (7, 1.5, 3)


def test_who_is_due_first_is_worked_on_first_and_overload_waits() -> None:
    queue: Queue[str, str] = Queue(["crew"], CALENDAR)
    queue.put(MONDAY + timedelta(days=3), "later", Work(2, at_once=False))
    queue.put(MONDAY + timedelta(days=1), "sooner", Work(3, at_once=False))
    (begun,) = queue.begin(MONDAY)
    assert (begun.job, begun.done_at) == ("sooner", MONDAY + timedelta(hours=3))
    assert list(queue.begin(MONDAY)) == []
    queue.release(begun.worker)
    (begun,) = queue.begin(begun.done_at)
    assert (begun.job, begun.done_at) == ("later", MONDAY + timedelta(hours=7)), "two hours of noon are not worked"


def test_crews_rest_at_night_unless_it_burns() -> None:
    night = MONDAY - timedelta(hours=4)
    queue: Queue[str, str] = Queue(["crew"], CALENDAR)
    queue.put(MONDAY, "lamp", Work(1, at_once=False))
    assert list(queue.begin(night)) == []
    assert queue.wakes_at(night) == opens_at(night, CALENDAR) == MONDAY
    queue.put(MONDAY + timedelta(days=9), "burst", Work(1))
    assert [(each.job, each.done_at) for each in queue.begin(night)] == [("burst", night + timedelta(hours=1))]


def test_what_happens_at_one_moment_happens_in_the_order_in_which_it_was_entered() -> None:
    agenda: Agenda[str] = Agenda()
    for hours, name in ((2, "last"), (1, "first"), (1, "second")):
        agenda.enter(MONDAY + timedelta(hours=hours), name)
    assert [agenda.take()[1] for _ in range(3)] == ["first", "second", "last"]
    assert agenda.next_at() is None


def test_a_request_has_chances_of_its_own() -> None:
    """They hang on seed and reference alone: another request more or less changes nothing of this one."""
    one, same, other = (life(past(7, MONDAY, 1), seed, 2.0) for seed in (1, 1, 2))
    steps = ["accept", "verify", "feed_back"]
    assert [one.hours_for(step) for step in steps] == [same.hours_for(step) for step in steps]
    assert one.hours_for("feed_back") != other.hours_for("feed_back")
    lives = [life(past(number, MONDAY, 1), 1, 2.0) for number in range(2000)]
    assert 30 < sum(not each.found for each in lives) < 95
    assert 65 < sum(not each.mended for each in lives) < 140
    assert life(past(1, MONDAY, 1, BURST), 1, 1).urgent
    assert not life(past(1, MONDAY, 1), 1, 1).urgent
