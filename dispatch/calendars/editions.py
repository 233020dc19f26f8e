"""Changing the working calendar: each change is an edition, written one after the other, with who made it (D5)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from itertools import pairwise

from sqlalchemy import Connection, text
from sqlalchemy.dialects.postgresql import insert

from config.errors import InvalidInput, NotFound
from config.settings import Settings
from dispatch.calendars import reading, tables
from dispatch.calendars.holidays import Said, country_of, published
from dispatch.calendars.working import Shifts

YEARS = (2000, 2100)
MOST_SHIFTS = 6
_LOCK = 0x43414C  # editions are numbered in the order in which they are committed: an edition is all that has a smaller number


@dataclass(frozen=True)
class Day:
    """What is said of one day; `working` None takes it out again."""

    day: date
    working: bool | None
    name: str = ""
    name_en: str = ""


@dataclass(frozen=True)
class Hours:
    """Working hours from `begins` on, `yearly` each year; `ends` is the first day without them."""

    begins: date
    shifts: Sequence[tuple[str, str]]
    yearly: bool = False
    ends: date | None = None
    name: str = ""
    name_en: str = ""


def begin(db: Connection, source: str, account_id: int | None = None, note: str = "") -> int:
    """A new edition; what is changed with its id belongs to it."""
    db.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    values = {"source": source, "account_id": account_id, "note": note}
    return int(
        db.execute(insert(tables.calendar_edition).values(values).returning(tables.calendar_edition.c.id)).scalar_one()
    )


def set_days(db: Connection, edition: int, days: Iterable[Day], layer: str = "city") -> None:
    """Say of days whether they are worked."""
    rows = [vars(day) | {"edition_id": edition, "layer": layer} for day in days]
    if rows:
        db.execute(insert(tables.calendar_day), rows)


def set_years(db: Connection, edition: int, years: Mapping[int, bool], layer: str = "city") -> None:
    """Say of years whether their table is complete."""
    rows = [{"edition_id": edition, "layer": layer, "year": year, "known": known} for year, known in years.items()]
    if rows:
        db.execute(insert(tables.calendar_year), rows)


def add_hours(db: Connection, edition: int, hours: Hours) -> int:
    """Working hours of a season; returns their id. Raises InvalidInput for shifts that are not in order."""
    check_shifts(hours.shifts)
    if hours.yearly and (hours.begins.month, hours.begins.day) == (2, 29):
        raise InvalidInput("There is no 29 February in every year.", "Choose another day.", field="begins")
    if hours.ends is not None and hours.ends <= hours.begins:
        raise InvalidInput("The hours end before they begin.", field="ends")
    values = vars(hours) | {"edition_id": edition, "shifts": [list(shift) for shift in hours.shifts]}
    added = insert(tables.working_hours).values(values).returning(tables.working_hours.c.id)
    return int(db.execute(added).scalar_one())


def end_hours(db: Connection, edition: int, hours_id: int, ends: date) -> None:
    """Let working hours hold no longer from `ends` on; on the day they began, or before, they go altogether. Raises NotFound."""
    row = db.execute(
        text(
            "update dispatch.working_hours set ended_edition_id = :edition where id = :id and ended_edition_id is null"
            " returning *"
        ),
        {"edition": edition, "id": hours_id},
    ).first()
    if row is None:
        raise NotFound("There are no such working hours.", "Load the page again.")
    if ends > row.begins:
        kept = Hours(row.begins, row.shifts, row.yearly, ends, row.name, row.name_en)
        add_hours(db, edition, kept)


def check_shifts(written: Sequence[tuple[str, str]]) -> Shifts:
    """Shifts as values. Raises InvalidInput where they are no times, overlap, or reach beyond the next day's beginning."""
    try:
        shifts = reading.shifts(written)
    except ValueError as error:
        raise InvalidInput("A shift is two times such as 08:00 and 12:00.", field="shifts") from error
    if not 0 < len(shifts) <= MOST_SHIFTS:
        raise InvalidInput("A working day has one to {most} shifts.", most=MOST_SHIFTS, field="shifts")
    if not all(_in_order(shifts)):
        raise InvalidInput(
            "The shifts overlap or are not in order.", "Enter them as the day goes; the last may end after midnight.",
            field="shifts",
        )  # fmt: skip
    return shifts


def _in_order(shifts: Shifts) -> Iterable[bool]:
    """Each shift after the one before; only the last may go over midnight, and then not into the first one."""
    for (_, closes), (opens, _) in pairwise(shifts):
        yield closes <= opens
    for opens, closes in shifts[:-1]:
        yield opens < closes
    last_opens, last_closes = shifts[-1]
    yield last_opens < last_closes or last_closes <= shifts[0][0]
    yield all(isinstance(each, time) and each.tzinfo is None for shift in shifts for each in shift)


def refresh(db: Connection, settings: Settings, today: date) -> bool:
    """Bring the published layer up to what the libraries know today; True where that made a new edition."""
    new = published(country_of(settings.holidays, settings.time_zone.key), today)
    db.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    standing, known = _published_now(db)
    first, last = date(today.year - 3, 1, 1), date(today.year + 2, 12, 31)
    changed = [
        Day(day, said.working, said.name, said.name_en) for day, said in new.days.items() if standing.get(day) != said
    ]
    changed += [Day(day, None) for day in standing if day not in new.days and first <= day <= last]
    years = dict.fromkeys(new.years - known, True)
    years |= {year: False for year in known - new.years if first.year <= year <= last.year}
    if not changed and not years:
        return False
    edition = begin(db, new.source)
    set_days(db, edition, changed, "published")
    set_years(db, edition, years, "published")
    return True


def _published_now(db: Connection) -> tuple[dict[date, Said], set[int]]:
    days = db.execute(
        text(
            "select distinct on (day) day, working, name, name_en from dispatch.calendar_day where layer = 'published'"
            " order by day, edition_id desc"
        )
    )
    years = db.execute(
        text(
            "select distinct on (year) year, known from dispatch.calendar_year where layer = 'published'"
            " order by year, edition_id desc"
        )
    )
    return (
        {row.day: Said(row.working, row.name, row.name_en) for row in days if row.working is not None},
        {row.year for row in years if row.known},
    )
