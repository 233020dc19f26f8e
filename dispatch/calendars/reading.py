"""The calendar of an edition out of the database; kept in memory, since an edition never changes (D5)."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from datetime import date, time
from functools import lru_cache
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, text

from dispatch.calendars.working import Calendar, Season, Shifts
from gis.db import run_prepared

_NEWEST = "select id, recorded_at from dispatch.calendar_edition order by id desc limit 1"
_CHOSEN = text("select id, recorded_at from dispatch.calendar_edition where id = :edition")

DAYS = """
    select distinct on (day) day, working, name, name_en, layer
    from (select distinct on (layer, day) layer, day, working, name, name_en from dispatch.calendar_day
          where edition_id <= :edition order by layer, day, edition_id desc) latest
    where working is not null order by day, layer = 'published'
"""
"""Days that differ from Monday to Friday in an edition: the city's own first."""

YEARS = """
    select distinct year from (select distinct on (layer, year) year, known from dispatch.calendar_year
                               where edition_id <= :edition order by layer, year, edition_id desc) latest
    where known order by year
"""

HOURS = """
    select id, name, name_en, begins, yearly, ends, shifts from dispatch.working_hours
    where edition_id <= :edition and (ended_edition_id is null or ended_edition_id > :edition) order by id
"""


def calendar(db: Connection, zone: ZoneInfo, edition: int | None = None) -> Calendar:
    """The calendar as an edition says; unless told, as the newest does."""
    row = run_prepared(db, _NEWEST, {}).first() if edition is None else db.execute(_CHOSEN, {"edition": edition}).one()
    if row is None:
        return Calendar(zone, shifts_by_default())
    key = (str(db.engine.url), row.id, row.recorded_at, zone.key)
    if key not in _KEPT:
        if len(_KEPT) >= MOST_KEPT:
            _KEPT.pop(next(iter(_KEPT)))
        _KEPT[key] = _read(db, zone, row.id)
    return _KEPT[key]


_KEPT: dict[tuple[object, ...], Calendar] = {}
MOST_KEPT = 50


def _read(db: Connection, zone: ZoneInfo, edition: int) -> Calendar:
    values = {"edition": edition}
    special = {row.day: row.working for row in db.execute(text(DAYS), values)}
    known = frozenset(db.execute(text(YEARS), values).scalars())
    seasons = tuple(season(row) for row in db.execute(text(HOURS), values))
    return Calendar(zone, shifts_by_default(), special, seasons, known, edition)


def season(row: Any) -> Season:
    """A row of dispatch.working_hours as a value."""
    return Season(row.begins, shifts(row.shifts), row.yearly, row.ends)


def shifts(written: Iterable[Sequence[str]]) -> Shifts:
    """Shifts as they are written in data: [["08:00", "12:00"], …]."""
    return tuple((time.fromisoformat(opens), time.fromisoformat(closes)) for opens, closes in written)


@lru_cache
def shifts_by_default() -> Shifts:
    """Hours that hold until the city has entered its own: config/stages.toml."""
    stages = tomllib.loads(files("config").joinpath("stages.toml").read_text(encoding="utf-8"))
    return shifts(stages["working_hours"]["shifts"])


def known_until(db: Connection) -> date | None:
    """The last day of the last year whose holidays are known; None where none is."""
    edition = run_prepared(db, _NEWEST, {}).first()
    years = db.execute(text(YEARS), {"edition": edition.id}).scalars().all() if edition else ()
    return date(max(years), 12, 31) if years else None
