"""A city of its own for a replay: refused where anybody works, else turned to the period and given what past requests need."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text

from config.errors import InvalidInput
from config.settings import Settings
from data.replay import capacity, staff
from data.replay.capacity import Capacity, Wishes
from data.replay.period import Period
from data.replay.staff import Staff
from dispatch import policy
from dispatch.calendars import editions
from dispatch.importing import past_organisation, past_reports
from dispatch.importing.past_mapping import PastMapping
from dispatch.importing.past_organisation import Known
from dispatch.importing.past_reports import PastReport, PastReports
from gis import clock
from gis.importing import runs

KIND = "replay"
"""Kind of the run that keeps the requests which were refused; it cannot be undone."""


@dataclass(frozen=True)
class City:
    """What a replay needs: the requests of the period in their order, who works on them, and the run that keeps what is refused."""

    settings: Settings
    mapping: PastMapping
    period: Period
    reports: Sequence[PastReport]
    past: PastReports
    known: Known
    capacity: Capacity
    staff: Staff
    unit_of: Callable[[PastReport], str]
    run_id: int


def must_be_its_own(db: Connection, source_system: str) -> None:
    """Raise InvalidInput for a city in which people work, or which has cases of these requests already.

    The virtual clock is the whole instance's: deadlines of a working city would be turned to another year.
    """
    own = db.execute(text("select count(*) from dispatch.cases where not imported")).scalar_one()
    here = text("select count(*) from dispatch.report where source_system = :system")
    past = db.execute(here, {"system": source_system}).scalar_one()
    if own or past:
        raise InvalidInput(
            "This city has {own} cases of its own and {past} past requests of {system}; a replay turns the clock of the whole city.",
            "Give the replay a city of its own: --instance with a new name, which it starts by itself, or none, which means 'replay'"
            " ('./citycommand --instance NAME reset --yes' empties one that was used).",
            own=own,
            past=past,
            system=source_system,
        )


def prepare(
    db: Connection,
    settings: Settings,
    mapping: PastMapping,
    raw_mapping: dict[str, Any],
    paths: Sequence[Path],
    past: PastReports,
    period: Period,
    wishes: Wishes,
) -> City:
    """Turn the clock to the beginning of the period, and make units, classes, conditions and people.

    Raises InvalidInput where it is no city of its own, nothing was opened in the period, or the files name an unknown class.
    """
    must_be_its_own(db, mapping.source_system)
    reports = period.of(past.reports)
    if not reports:
        raise InvalidInput("No request of these files was opened in this period.", "Choose another month.")
    clock.set_virtual(db, period.since, rate=0)
    editions.refresh(db, settings, period.since.astimezone(settings.time_zone).date())
    run_id = runs.start(db, KIND, paths, raw_mapping)
    runs.keep_rejects(db, run_id, past.rejects)
    known = past_organisation.prepare(db, mapping, run_id)
    calendar = policy.calendar(db, settings.time_zone)
    unit_of = _unit_of(db, mapping)
    learnt = capacity.learn(past.reports, period, unit_of, calendar, wishes)
    people = staff.hire(db, learnt, calendar)
    return City(settings, mapping, period, reports, past, known, learnt, people, unit_of, run_id)


def finish(db: Connection, made: City, handed_in: int, refused: Counter[str]) -> None:
    """Let the run of the replay say what came of it."""
    counts = {"rows": made.past.rows, "requests": len(made.reports), "handed_in": handed_in}
    unusable = Counter(reject.reason for reject in made.past.rejects)
    runs.finish(db, runs.Outcome(made.run_id, counts, refused + unusable))


def _unit_of(db: Connection, mapping: PastMapping) -> Callable[[PastReport], str]:
    """The unit of the department that had a request there; where none is named, the desk that has what nobody else has."""
    desk = db.execute(text("select code from gis.unit where fallback")).scalar() or ""

    def unit_of(report: PastReport) -> str:
        rule = mapping.departments.get(report.department)
        return rule.code if rule else desk

    return unit_of


def read(paths: Sequence[Path], mapping: PastMapping, now: Any) -> PastReports:
    """The requests of files, or of all CSV files of a folder. Raises what dispatch.importing.past_reports.read raises."""
    return past_reports.read(files_of(paths), mapping, now)


def files_of(paths: Sequence[Path]) -> list[Path]:
    """Files as they are named, and all CSV files of a folder by name."""
    return [file for path in paths for file in (sorted(path.glob("*.csv")) if path.is_dir() else [path])]
