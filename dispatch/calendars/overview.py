"""A year of the working calendar for people: its special days, hours, who changed what (D5)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, text

from dispatch.calendars import reading
from dispatch.calendars.working import Calendar

CHANGES_SHOWN = 60

_PUBLISHED = """
    select distinct on (day) day, working, name, name_en from dispatch.calendar_day
    where layer = 'published' order by day, edition_id desc
"""

_YEAR = text("""
    select distinct on (layer) layer, known from dispatch.calendar_year where year = :year order by layer, edition_id desc
""")

_CHANGES = text("""
    select e.id, e.source, e.note, e.recorded_at, case when :en and a.name_en <> '' then a.name_en else a.name end as by_name,
           (select count(*) from dispatch.calendar_day d where d.edition_id = e.id) as days,
           (select jsonb_agg(jsonb_build_object('day', day, 'working', working, 'name',
                       coalesce(nullif(case when :en then name_en end, ''), nullif(name, ''), name_en)) order by day)
            from (select * from dispatch.calendar_day d where d.edition_id = e.id order by day limit 3) first
           ) as first_days,
           (select jsonb_object_agg(year, known) from dispatch.calendar_year y where y.edition_id = e.id) as years,
           (select jsonb_agg(coalesce(nullif(case when :en then name_en end, ''), nullif(name, ''), begins::text) order by id)
            from dispatch.working_hours w where w.edition_id = e.id and not exists (
                select from dispatch.working_hours former where former.ended_edition_id = e.id)) as hours_added,
           (select jsonb_agg(coalesce(nullif(case when :en then name_en end, ''), nullif(name, ''), begins::text) order by id)
            from dispatch.working_hours w where w.ended_edition_id = e.id) as hours_ended
    from dispatch.calendar_edition e left join gis.account a on a.id = e.account_id
    where e.source <> 'before editions' or exists (select from dispatch.calendar_day d where d.edition_id = e.id)
    order by e.id desc limit :most
""")


def year(db: Connection, zone: ZoneInfo, wanted: int, locale: str) -> dict[str, Any]:
    """Every day of a year that differs from Monday to Friday, the hours of the year, and how many days and hours are worked."""
    calendar = reading.calendar(db, zone)
    values = {"edition": calendar.edition or 0}
    rows = db.execute(text(reading.DAYS), values).all()
    published = {row.day: row for row in db.execute(text(_PUBLISHED)) if row.working is not None}
    days = [_day(row, published.get(row.day), locale) for row in rows if row.day.year == wanted]
    hours = [dict(row._mapping) for row in db.execute(text(reading.HOURS), values)]
    by = {row.layer for row in db.execute(_YEAR, {"year": wanted}) if row.known}
    return {
        "year": wanted,
        "known": wanted in calendar.known,
        "known_by": "city" if "city" in by else "published" if by else None,
        "known_years": sorted(calendar.known),
        "days": days,
        "hours": hours,
        "by_default": [[opens.isoformat("minutes"), closes.isoformat("minutes")] for opens, closes in calendar.shifts],
        "months": [_month(calendar, wanted, month) for month in range(1, 13)],
    }


def changes(db: Connection, locale: str) -> list[dict[str, Any]]:
    """The latest changes, newest first: by whom, from where, of which days, years and hours."""
    rows = db.execute(_CHANGES, {"en": locale == "en", "most": CHANGES_SHOWN})
    return [dict(row._mapping) for row in rows]


def _day(row: Any, published: Any, locale: str) -> dict[str, Any]:
    own = row.layer == "city"
    return {
        "day": row.day,
        "working": row.working,
        "name": _name(row, locale),
        "own": own,
        "published": {"working": published.working, "name": _name(published, locale)} if published and own else None,
    }


def _name(row: Any, locale: str) -> str:
    return str((locale == "en" and row.name_en) or row.name or row.name_en)


def _month(calendar: Calendar, wanted: int, month: int) -> dict[str, Any]:
    """Working days and working hours of a month."""
    day, worked, minutes = date(wanted, month, 1), 0, 0.0
    while day.month == month:
        if calendar.works(day):
            worked += 1
            minutes += sum(_minutes(calendar, day, *shift) for shift in calendar.shifts_on(day))
        day += timedelta(days=1)
    return {"days": worked, "hours": round(minutes / 60, 1)}


def _minutes(calendar: Calendar, day: date, opens: Any, closes: Any) -> float:
    end = day if closes > opens else day + timedelta(days=1)
    return (calendar.instant(end, closes) - calendar.instant(day, opens)).total_seconds() / 60
