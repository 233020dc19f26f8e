"""Limits against an independent count of seconds, over nights, holidays, make-up days and daylight saving (D5)."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.errors import InvalidInput
from dispatch.calendars.working import Calendar
from dispatch.deadlines import Limit, clock, due_at, timing

SHANGHAI = ZoneInfo("Asia/Shanghai")
BOSTON = ZoneInfo("America/New_York")

NATIONAL_DAY = {date(2026, 10, day): False for day in range(1, 8)} | {date(2026, 10, 10): True}
CITY = Calendar(SHANGHAI, special=NATIONAL_DAY)


def at(text: str, zone: ZoneInfo = SHANGHAI) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("start", "limit", "due"),
    [
        ("2026-11-20T17:00", Limit("work_hour", 2), "2026-11-23T09:00"),  # Friday evening to Monday morning
        ("2026-11-20T11:30", Limit("work_hour", 1), "2026-11-20T14:30"),  # over the lunch break
        ("2026-11-20T12:30", Limit("work_hour", 4), "2026-11-20T18:00"),  # begun in the lunch break
        ("2026-11-20T12:30", Limit("work_day", 1), "2026-11-23T12:00"),
        ("2026-09-30T16:00", Limit("work_day", 1), "2026-10-08T16:00"),  # over the whole National Day week
        ("2026-10-09T17:00", Limit("work_hour", 2), "2026-10-10T09:00"),  # Saturday is a make-up workday
        ("2026-11-20T17:00", Limit("urgent_hour", 2), "2026-11-20T19:00"),
        ("2026-11-20T17:00", Limit("urgent_workday", 1), "2026-11-21T17:00"),
        ("2026-09-30T17:00", Limit("natural_day", 3), "2026-10-03T17:00"),
    ],
)
def test_limits_of_every_kind(start: str, limit: Limit, due: str) -> None:
    assert due_at(at(start), limit, CITY) == at(due)


def test_an_hour_that_the_clocks_skip_is_not_counted_twice_nor_lost() -> None:
    """Boston sets its clocks forward on 2026-03-08 at 02:00, back on 2026-11-01 at 02:00."""
    calendar = Calendar(BOSTON)
    before = at("2026-03-07T12:00", BOSTON)
    assert due_at(before, Limit("natural_day", 1), calendar) == at("2026-03-08T13:00", BOSTON)
    assert due_at(at("2026-10-31T12:00", BOSTON), Limit("urgent_hour", 24), calendar) == at("2026-11-01T11:00", BOSTON)
    night = Calendar(BOSTON, shifts=((time(0), time(8)),), special={date(2026, 3, 8): True})
    assert due_at(at("2026-03-08T00:00", BOSTON), Limit("work_hour", 7), night) == at("2026-03-08T08:00", BOSTON)


def seconds_worked(start: datetime, end: datetime, calendar: Calendar) -> int:
    """Working seconds in [start, end), counted minute by minute: slow, and sharing no code with the module."""
    worked = 0
    moment = start
    while moment < end:
        local = moment.astimezone(calendar.zone)
        day = local.date()
        works = calendar.special.get(day, local.isoweekday() <= 5)
        if works and any(opens <= local.time() < closes for opens, closes in calendar.shifts):
            worked += 60
        moment += timedelta(minutes=1)
    return worked


@settings(max_examples=60, deadline=None)
@given(
    minutes=st.integers(0, 60 * 24 * 20),
    quarters=st.integers(1, 100),
    zone=st.sampled_from([SHANGHAI, BOSTON]),
)
def test_work_limits_agree_with_counting_minutes(minutes: int, quarters: int, zone: ZoneInfo) -> None:
    calendar = Calendar(zone, special=NATIONAL_DAY)
    start = datetime(2026, 9, 25, tzinfo=UTC) + timedelta(minutes=minutes)
    end = due_at(start, Limit("work_hour", quarters / 4), calendar)
    assert seconds_worked(start, end, calendar) == quarters * 900
    assert seconds_worked(start, end - timedelta(minutes=1), calendar) < quarters * 900


def test_a_clock_warns_at_four_fifths() -> None:
    running = clock(at("2026-11-20T08:00"), Limit("urgent_hour", 5), CITY)
    assert running.warn_at == at("2026-11-20T12:00")
    assert timing(at("2026-11-20T11:59"), running.warn_at, running.due_at) == "ok"
    assert timing(at("2026-11-20T12:00"), running.warn_at, running.due_at) == "warn"
    assert timing(at("2026-11-20T13:00"), running.warn_at, running.due_at) == "overdue"
    assert timing(at("2026-11-20T13:00"), None, None) == "stopped"


def test_an_unknown_kind_and_a_calendar_without_work_are_refused() -> None:
    with pytest.raises(InvalidInput, match="no kind of limit 'fortnight'"):
        due_at(at("2026-11-20T08:00"), Limit("fortnight", 1), CITY)
    with pytest.raises(InvalidInput, match="ten years"):
        due_at(at("2026-11-20T08:00"), Limit("work_hour", 1), Calendar(SHANGHAI, shifts=()))
