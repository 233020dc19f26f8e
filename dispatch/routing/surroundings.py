"""Facts that do not stand on the report: hour and working day in the city's zone, weather, load and duty of units.

Only what some rule in force asks for is read.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, text

from dispatch import duty, policy
from dispatch.calendars.working import Calendar
from dispatch.routing.book import Book
from dispatch.routing.facts import Facts
from dispatch.routing.store import InForce

_TIMES = frozenset({"dates", "weekdays", "hours", "day"})


def around(
    db: Connection, zone: ZoneInfo, rules: InForce, facts: Facts, point: tuple[float, float] | None, moment: datetime
) -> Facts:
    """The same facts with what surrounds them at `moment`, and with the zones and sections that hold the WGS 84 point."""
    book = rules.book
    found = replace(facts, ground=book.at(point), weather=rules.weather)
    if _TIMES & book.asks:
        found = at_time(found, moment, zone, policy.calendar(db, zone) if "day" in book.asks else None)
    if "load_below" in book.asks:
        units = {*book.load_units, facts.asset_unit_id, facts.condition_unit_id} - {None}
        found = replace(found, load=loads(db, [unit for unit in units if unit is not None]))
    if "on_shift" in book.asks:
        units = {*book.shift_units, facts.asset_unit_id, facts.condition_unit_id} - {None}
        found = replace(found, on_shift=duty.on_duty(db, [unit for unit in units if unit is not None], moment, zone))
    return found


def at_time(facts: Facts, moment: datetime, zone: ZoneInfo, calendar: Calendar | None) -> Facts:
    """Day, hour and weekday of a moment in the city's zone; whether it is a working day where a calendar is given."""
    local = moment.astimezone(zone)
    workday = calendar.works(local.date()) if calendar else None
    day, hour = local.date().isoformat(), local.strftime("%H:%M")
    return replace(facts, day=day, time=hour, weekday=local.isoweekday(), workday=workday)


def loads(db: Connection, units: Iterable[int]) -> dict[int, int]:
    """Open cases of each unit; 0 for those that have none."""
    wanted = list(units)
    rows = db.execute(
        text(
            "select unit_id, count(*) as n from dispatch.cases where unit_id = any(cast(:ids as bigint[]))"
            " and state in ('dispatched', 'handling', 'suspended', 'disputed', 'failed') group by unit_id"
        ),
        {"ids": wanted},
    )
    return dict.fromkeys(wanted, 0) | {row.unit_id: int(row.n) for row in rows}


def asks_nothing_of_now(book: Book) -> bool:
    """Whether the same report would be decided alike at any time."""
    return not (_TIMES | {"weather", "load_below", "on_shift"}) & book.asks
