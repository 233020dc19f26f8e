"""`import calendar`: holidays and make-up workdays from a CSV file, all or nothing (D5).

Columns `day` (2027-01-01), `working` (yes or no) and, if wanted, `name`, `name_en`. Only days that differ from Monday to Friday
need a row; a day that is there already is replaced. The years of a file count as complete.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

from sqlalchemy import Connection, text

from config.errors import InvalidInput, UnmappedForm, UnreadableFile
from dispatch.calendars import editions, reading
from dispatch.calendars.editions import Day
from gis.importing import runs
from gis.importing.runs import Outcome

WORKING = {"yes": True, "no": False, "true": True, "false": False, "1": True, "0": False, "是": True, "否": False}


def import_calendar(db: Connection, path: Path) -> Outcome:
    """Put the days of a file into force. Raises what `read` raises; then nothing has been changed."""
    rows = read(path)
    run_id = runs.start(db, "calendar", [path], {})
    edition = editions.begin(db, path.name)
    standing = _standing(db, edition)
    editions.set_days(db, edition, rows)
    days = [row.day for row in rows]
    years = sorted({day.year for day in days})
    editions.set_years(db, edition, dict.fromkeys(years, True))
    replaced = len(standing.intersection(days))
    counts = {"days": len(rows), "new": len(rows) - replaced, "replaced": replaced, "years": years}
    note = "Clocks that run already keep the deadline they were given."
    return runs.finish(db, Outcome(run_id, counts, Counter(), [note]))


def _standing(db: Connection, edition: int) -> set[date]:
    """Days of the city's own table in an edition."""
    rows = db.execute(text(reading.DAYS), {"edition": edition})
    return {row.day for row in rows if row.layer == "city"}


def read(path: Path) -> list[Day]:
    """The days of a file. Raises UnreadableFile, UnmappedForm without the columns, InvalidInput naming the row."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableFile(
            "The file {file} cannot be read: {problem}.", "Save it as CSV in UTF-8.", file=path.name, problem=str(error)
        ) from error
    table = csv.DictReader(lines)
    for name in ("day", "working"):
        if name not in (table.fieldnames or ()):
            raise UnmappedForm(
                "The table {file} has no column {missing}.",
                "Its first line must be: day,working,name",
                file=path.name,
                missing=name,
            )
    rows = list(_rows(table))
    if not rows:
        raise InvalidInput("The table {file} has no rows.", "Give one row for each special day.", file=path.name)
    return rows


def _rows(table: csv.DictReader[str]) -> Iterator[Day]:
    seen: set[date] = set()
    for number, row in enumerate(table, 2):
        day, working = _day(row), WORKING.get((row["working"] or "").strip().lower())
        if day is None or working is None or day in seen:
            raise InvalidInput(
                "Row {number} is no day of a calendar: day '{day}', working '{working}'.",
                "Write days as 2027-01-01, each once, and working as yes or no.",
                number=number,
                day=row["day"],
                working=row["working"],
            )
        seen.add(day)
        yield Day(day, working, (row.get("name") or "").strip(), (row.get("name_en") or "").strip())


def _day(row: Mapping[str, str | None]) -> date | None:
    try:
        day = date.fromisoformat((row["day"] or "").strip())
    except ValueError:
        return None
    return day if editions.YEARS[0] <= day.year <= editions.YEARS[1] else None
