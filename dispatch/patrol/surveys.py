"""Special surveys (专项普查): all inspectors of an area look for certain things, and every unit grid is ticked off."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from config.errors import InvalidInput, NotFound
from gis.actors import Actor


@dataclass(frozen=True)
class NewSurvey:
    """What to look for, where and until when. Classes may be left open: anything."""

    title: str
    area_code: str
    starts_at: datetime
    ends_at: datetime
    instructions: str = ""
    class_codes: tuple[str, ...] = ()
    title_en: str = ""


_MAKE = text("""
    insert into dispatch.survey (title, title_en, instructions, class_codes, area_code, starts_at, ends_at, made_by)
    select :title, :title_en, :instructions, :classes, a.code, :starts, :ends, :by from gis.area a where a.code = :area
    returning id
""")

_LIST = text("""
    select s.id, case when :en and s.title_en <> '' then s.title_en else s.title end as title, s.instructions, s.class_codes,
           s.area_code, case when :en and a.name_en <> '' then a.name_en else a.name end as area, s.starts_at, s.ends_at, s.closed_at,
           ground.grids, coalesce(done.visited, 0) as visited, coalesce(done.found, 0) as found
    from dispatch.survey s join gis.area a on a.code = s.area_code
    cross join lateral (
        select count(*) as grids from gis.unit_grid g join gis.area c on c.id = g.area_id where c.code like s.area_code || '%'
    ) ground
    left join lateral (
        select count(*) as visited, sum(v.found) as found from dispatch.survey_visit v where v.survey_id = s.id
    ) done on true
    where not :running or (s.closed_at is null and s.ends_at > :now)
    order by s.starts_at desc, s.id desc limit 200
""")

_VISIT = text("""
    insert into dispatch.survey_visit (survey_id, unit_grid_id, account_id, found, note, occurred_at)
    select s.id, g.id, :me, :found, :note, :now
    from dispatch.survey s, gis.unit_grid g join gis.area c on c.id = g.area_id
    where s.id = :survey and s.closed_at is null and s.ends_at > :now and s.starts_at <= :now
      and g.code = :grid and c.code like s.area_code || '%'
    on conflict (survey_id, unit_grid_id) do update
        set found = excluded.found, note = excluded.note, account_id = excluded.account_id, occurred_at = excluded.occurred_at
    returning unit_grid_id
""")

_LEFT = text("""
    select g.code, st_asgeojson(g.geom, 6)::jsonb as geometry, v.found, v.occurred_at
    from dispatch.survey s
    join gis.area c on c.code like s.area_code || '%'
    join gis.unit_grid g on g.area_id = c.id
    left join dispatch.survey_visit v on v.survey_id = s.id and v.unit_grid_id = g.id
    where s.id = :survey order by g.code
""")


def make(db: Connection, actor: Actor, new: NewSurvey) -> int:
    """Begin a survey; returns its id. Raises InvalidInput."""
    if not new.title.strip():
        raise InvalidInput("A survey has a title.", field="title")
    if new.ends_at <= new.starts_at:
        raise InvalidInput("A survey ends after it begins.", field="ends_at")
    values = {
        "title": new.title.strip(),
        "title_en": new.title_en.strip(),
        "instructions": new.instructions,
        "classes": list(new.class_codes),
        "area": new.area_code,
        "starts": new.starts_at,
        "ends": new.ends_at,
        "by": actor.account_id,
    }
    made = db.execute(_MAKE, values).scalar()
    if made is None:
        raise InvalidInput(
            "There is no area '{area}'.", "Choose an area of the city.", area=new.area_code, field="area_code"
        )
    return int(made)


def surveys(db: Connection, now: datetime, locale: str, *, running: bool) -> list[dict[str, Any]]:
    """Surveys, the newest first, with how many of their unit grids were gone through and how much was found."""
    values = {"now": now, "running": running, "en": locale == "en"}
    return [dict(row._mapping) for row in db.execute(_LIST, values)]


def visit(db: Connection, actor: Actor, survey_id: int, grid: str, found: int, note: str, now: datetime) -> None:
    """Tick off a unit grid; a second time corrects the first. Raises NotFound for a survey that is over or a grid that is not in it."""
    values = {
        "survey": survey_id,
        "grid": grid,
        "me": actor.account_id,
        "found": found,
        "note": note,
        "now": now,
    }
    if db.execute(_VISIT, values).first() is None:
        raise NotFound(
            "This survey is over, or the unit grid is not in it.", "Reload the list of surveys.", field="grid"
        )


def ground(db: Connection, survey_id: int) -> dict[str, Any]:
    """The survey's unit grids as GeoJSON; `found` is null where nobody has been."""
    features = [
        {
            "type": "Feature",
            "geometry": row.geometry,
            "properties": {"code": row.code, "found": row.found, "occurred_at": row.occurred_at},
        }
        for row in db.execute(_LEFT, {"survey": survey_id})
    ]
    return {"type": "FeatureCollection", "features": features}


def close(db: Connection, survey_id: int, now: datetime) -> None:
    """End a survey before its time. Raises NotFound."""
    ended = text("update dispatch.survey set closed_at = :now where id = :id and closed_at is null returning id")
    if db.execute(ended, {"id": survey_id, "now": now}).first() is None:
        raise NotFound("There is no such survey that is still open.")
