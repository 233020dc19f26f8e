"""Limits against a count of every second: midnights, holidays, make-up days, seasons, clock changes; whole chains of clocks (D5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.errors import ConfigurationError, InvalidInput
from dispatch import clocks
from dispatch.calendars import editions
from dispatch.calendars.holidays import country_of, published
from dispatch.calendars.working import Calendar, Season, Shifts
from dispatch.clocks import Next, Run
from dispatch.deadlines import Limit, due_at, used
from tests.support.second_by_second import Seconds

SUMMER: Shifts = ((time(8, 30), time(12)), (time(15), time(18, 30)))
WINTER: Shifts = ((time(8), time(12)), (time(13, 30), time(17)))
ROUND_THE_CLOCK: Shifts = ((time(6), time(14)), (time(14), time(22)), (time(22), time(6)))
NIGHT: Shifts = ((time(21), time(2, 30)),)
SMALL_HOURS: Shifts = ((time(0), time(1, 30)), (time(2, 15), time(4)))


@dataclass(frozen=True)
class Case:
    """A stretch of days with a change of season, a clock change where the zone has one, holidays and make-up days."""

    zone: str
    first: date
    before: Shifts
    after: Shifts
    change: date
    holidays: tuple[date, ...]
    make_up: tuple[date, ...]


DAYS = 40
CASES = {
    "Shanghai, summer to winter hours over National Day": Case(
        "Asia/Shanghai", date(2026, 9, 20), SUMMER, WINTER, date(2026, 10, 1),
        tuple(date(2026, 10, day) for day in range(1, 8)), (date(2026, 9, 20), date(2026, 10, 10)),
    ),
    "Shanghai, night shift": Case("Asia/Shanghai", date(2026, 9, 20), NIGHT, SMALL_HOURS, date(2026, 10, 9), (), ()),
    "New York in March": Case(
        "America/New_York", date(2026, 2, 20), ROUND_THE_CLOCK, SMALL_HOURS, date(2026, 3, 6), (date(2026, 3, 2),), (date(2026, 3, 8),),
    ),
    "New York in November": Case(
        "America/New_York", date(2026, 10, 18), SMALL_HOURS, NIGHT, date(2026, 11, 5), (date(2026, 11, 11),), (date(2026, 11, 1),),
    ),
    "Kathmandu": Case("Asia/Kathmandu", date(2026, 4, 1), WINTER, SUMMER, date(2026, 4, 13), (date(2026, 4, 14),), (date(2026, 4, 19),)),
}  # fmt: skip


@lru_cache
def both(name: str) -> tuple[Calendar, Seconds]:
    """The calendar that the system computes with, and the seconds counted one by one."""
    case = CASES[name]
    special = dict.fromkeys(case.holidays, False) | dict.fromkeys(case.make_up, True)
    seasons = (
        Season(date(2020, 1, 1), case.before),
        Season(case.change.replace(year=2021), case.after, yearly=True),
        Season(case.first.replace(year=2021), case.before, yearly=True),
    )
    calendar = Calendar(ZoneInfo(case.zone), special=special, seasons=seasons)
    days = [case.first + timedelta(days=n) for n in range(-1, DAYS)]
    hours = {day: list(case.after if day >= case.change else case.before) for day in days}
    worked = {day for day in days if special.get(day, day.isoweekday() <= 5)}
    return calendar, Seconds(calendar.zone, case.first, DAYS, hours, worked)


moments = st.integers(0, 12 * 86_400)
names = st.sampled_from(sorted(CASES))


@settings(max_examples=400, deadline=None)
@given(name=names, second=moments, seconds=st.integers(1, 40 * 3600))
def test_work_hours_end_at_the_very_second(name: str, second: int, seconds: int) -> None:
    calendar, counted = both(name)
    start = counted.begin + timedelta(days=2, seconds=second)
    end = due_at(start, Limit("work_hour", seconds / 3600), calendar)
    assert end.microsecond == 0
    assert counted.worked(start, end, "work_hour") * 3600 == pytest.approx(seconds, abs=1e-6)
    assert counted.worked(start, end - timedelta(seconds=1), "work_hour") * 3600 < seconds - 0.5


@settings(max_examples=400, deadline=None)
@given(name=names, second=moments, tenths=st.integers(1, 70))
def test_work_days_end_at_the_very_second(name: str, second: int, tenths: int) -> None:
    """A tenth of a day is a tenth of that day's hours, whatever the season."""
    calendar, counted = both(name)
    start = counted.begin + timedelta(days=2, seconds=second)
    end = due_at(start, Limit("work_day", tenths / 10), calendar)
    earlier, later = end.replace(microsecond=0), end.replace(microsecond=0) + timedelta(seconds=1)
    assert counted.worked(start, earlier, "work_day") <= tenths / 10 + 1e-9
    assert counted.worked(start, later, "work_day") >= tenths / 10 - 1e-9
    assert counted.worked(start, earlier - timedelta(seconds=1), "work_day") < tenths / 10 - 1e-9


@settings(max_examples=300, deadline=None)
@given(name=names, second=moments, length=st.integers(0, 15 * 86_400), kind=st.sampled_from(["work_hour", "work_day"]))
def test_what_is_used_up_is_what_was_worked(name: str, second: int, length: int, kind: str) -> None:
    calendar, counted = both(name)
    start = counted.begin + timedelta(days=2, seconds=second)
    end = start + timedelta(seconds=length)
    assert float(used(start, end, kind, calendar)) == pytest.approx(counted.worked(start, end, kind), abs=1e-9)


gaps = st.lists(
    st.tuples(st.sampled_from(["pause", "extend"]), st.integers(0, 2 * 86_400), st.integers(0, 86_400)), max_size=6
)


@settings(max_examples=300, deadline=None)
@given(name=names, second=moments, seconds=st.integers(3600, 20 * 3600), chain=gaps)
def test_a_chain_of_pauses_and_extensions_ends_at_the_very_second(
    name: str, second: int, seconds: int, chain: list[tuple[str, int, int]]
) -> None:
    """What stands in the rows together is the limit and its extensions, each second once, and none of a pause."""
    calendar, counted = both(name)
    limit = Limit("work_hour", seconds / 3600)
    at = counted.begin + timedelta(days=2, seconds=second)
    running, allowed, spent = clocks.start("handling", limit, at, calendar), float(seconds), 0.0
    for what, after, pause in chain:
        stop = at + timedelta(seconds=after)
        if stop >= running.clock.due_at:
            break
        spent += counted.worked(at, stop, "work_hour") * 3600
        at = stop
        if what == "pause":
            at += timedelta(seconds=pause)
            running = clocks.resume(run_of(running, stop), at, calendar, calendar)
        else:
            running = clocks.extend(run_of(running, None), limit, 0.5, at, calendar, calendar)
            allowed += seconds / 2
        if at >= counted.begin + timedelta(days=30):
            return
    end = running.clock.due_at
    if end >= counted.begin + timedelta(days=DAYS):
        return
    whole = end.replace(microsecond=0)
    total = spent + counted.worked(at, whole, "work_hour") * 3600 + end.microsecond / 1e6
    assert total == pytest.approx(allowed, abs=1e-4)


def run_of(begun: Next, stopped_at: datetime | None) -> Run:
    return Run(1, begun.stage, begun.limit, begun.clock.started_at, stopped_at)


def test_a_changed_calendar_does_not_touch_what_a_run_has_used() -> None:
    """Friday became a holiday while the clock was paused: its four hours of Friday stay used."""
    zone = ZoneInfo("Asia/Shanghai")
    then = Calendar(zone)
    now = Calendar(zone, special={date(2026, 11, 20): False})
    start = datetime(2026, 11, 20, 8, tzinfo=zone)
    paused = Run(1, "handling", Limit("work_hour", 10), start, datetime(2026, 11, 20, 12, tzinfo=zone))
    resumed = clocks.resume(paused, datetime(2026, 11, 23, 8, tzinfo=zone), then, now)
    assert resumed.limit.amount == 6
    assert resumed.clock.due_at == datetime(2026, 11, 23, 16, tzinfo=zone)


def test_a_clock_resumed_with_nothing_left_can_be_paused_again() -> None:
    calendar = Calendar(ZoneInfo("Asia/Shanghai"))
    start = datetime(2026, 11, 20, 8, tzinfo=calendar.zone)
    over = Run(1, "handling", Limit("work_hour", 0), start, start + timedelta(hours=2))
    assert clocks.resume(over, start + timedelta(hours=5), calendar, calendar).limit.amount == 0


@pytest.mark.parametrize(
    ("kind", "amount", "provisional"),
    [("work_day", 3, False), ("work_day", 10, True), ("natural_day", 30, False), ("work_hour", 100, True)],
)
def test_a_work_limit_beyond_the_announced_holidays_is_provisional(kind: str, amount: float, provisional: bool) -> None:
    calendar = Calendar(ZoneInfo("Asia/Shanghai"), known=frozenset({2025, 2026}), edition=7)
    start = datetime(2026, 12, 24, 9, tzinfo=calendar.zone)
    begun = clocks.start("handling", Limit(kind, amount), start, calendar).clock
    assert begun.provisional is provisional
    assert begun.edition == 7


def test_seasons_follow_each_other_each_year_until_they_end() -> None:
    summer = Season(date(2026, 5, 1), SUMMER, yearly=True)
    winter = Season(date(2026, 10, 1), WINTER, yearly=True, ends=date(2028, 1, 1))
    calendar = Calendar(ZoneInfo("Asia/Shanghai"), seasons=(summer, winter))
    assert calendar.shifts_on(date(2026, 4, 30)) == calendar.shifts, "nothing was entered for then"
    assert calendar.shifts_on(date(2026, 5, 1)) == SUMMER
    assert calendar.shifts_on(date(2027, 2, 1)) == WINTER
    assert calendar.shifts_on(date(2027, 7, 1)) == SUMMER
    assert calendar.shifts_on(date(2028, 2, 1)) == SUMMER, "the winter hours have ended"


def test_what_was_published_of_china_reaches_to_the_announced_year_and_no_further() -> None:
    known = published(country_of("", "Asia/Shanghai"), date(2026, 11, 24))
    assert {2023, 2024, 2025, 2026} <= known.years
    assert 2028 not in known.years, "nobody has announced it"
    assert known.days[date(2026, 2, 17)] == (False, "春节", "Spring Festival")
    assert known.days[date(2026, 10, 10)].working, "a make-up Saturday"
    assert date(2026, 2, 21) not in known.days, "a Saturday like any other"


def test_other_countries_have_their_holidays_and_nobody_has_none() -> None:
    boston = published("US-MA", date(2026, 11, 24))
    assert not boston.days[date(2026, 4, 20)].working, "Patriots' Day is Massachusetts' own"
    riyadh = published("SA", date(2026, 11, 24))
    assert riyadh.days[date(2026, 11, 22)].working, "Sunday is worked there"
    assert not riyadh.days[date(2026, 11, 20)].working, "Friday is not"
    assert published(country_of("", "America/New_York"), date(2026, 1, 1)).days == {}
    with pytest.raises(ConfigurationError, match="not known"):
        published("XX", date(2026, 1, 1))


@pytest.mark.parametrize(
    "shifts",
    [
        [],
        [("08:00", "8")],
        [("08:00", "12:00"), ("11:00", "15:00")],
        [("14:00", "18:00"), ("08:00", "12:00")],
        [("08:00", "12:00"), ("20:00", "09:00")],
        [("22:00", "06:00"), ("08:00", "12:00")],
    ],
)
def test_shifts_that_overlap_are_refused(shifts: list[tuple[str, str]]) -> None:
    with pytest.raises(InvalidInput):
        editions.check_shifts(shifts)


def test_a_night_shift_and_three_shifts_are_taken() -> None:
    assert editions.check_shifts([("22:00", "06:00")]) == ((time(22), time(6)),)
    assert len(editions.check_shifts([("06:00", "14:00"), ("14:00", "22:00"), ("22:00", "06:00")])) == 3


def test_a_wall_clock_time_that_is_skipped_is_the_moment_of_the_change() -> None:
    calendar = Calendar(ZoneInfo("America/New_York"))
    assert calendar.instant(date(2026, 3, 8), time(2, 30)) == datetime(2026, 3, 8, 7, tzinfo=UTC)
    assert calendar.instant(date(2026, 11, 1), time(1, 30)) == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
