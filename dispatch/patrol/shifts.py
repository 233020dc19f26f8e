"""Shifts: planned by whoever leads the inspectors, begun and ended by the inspectors on their phones (考勤)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, text
from sqlalchemy.exc import IntegrityError

from config.errors import InvalidInput, NotFound
from config.i18n import _
from config.permissions import POSTS
from gis import accounts
from gis.actors import Actor

EARLY = timedelta(minutes=30)
"""So long before its beginning a shift can be begun, and so long after it a late one still counts as on time."""
LATE = timedelta(minutes=10)
EXCLUSION_VIOLATION = "23P01"


@dataclass(frozen=True)
class NewShift:
    """A shift of one inspector. Instants carry a zone."""

    account_id: int
    starts_at: datetime
    ends_at: datetime
    note: str = ""


_PLAN = text("""
    insert into dispatch.shift (account_id, starts_at, ends_at, note, planned_by)
    select a.id, :starts, :ends, :note, :by from gis.account a
    where a.id = :account and a.active and exists (
        select from gis.post_assignment p where p.account_id = a.id and p.post = 'inspector')
    returning id
""")

_TAKE_AWAY = text("delete from dispatch.shift where id = :id and checked_in_at is null returning id")

_BEGIN = text("""
    update dispatch.shift s set checked_in_at = :now, check_in_geom = st_setsrid(st_makepoint(:lon, :lat), 4326)
    where s.id = (select id from dispatch.shift
                  where account_id = :me and checked_in_at is null and starts_at - :early <= :now and ends_at > :now
                  order by starts_at limit 1 for update)
    returning s.id
""")

_END = text("""
    update dispatch.shift set checked_out_at = :now, check_out_geom = st_setsrid(st_makepoint(:lon, :lat), 4326)
    where account_id = :me and checked_in_at is not null and checked_out_at is null returning id
""")

_LIST = text("""
    select s.id, s.account_id, case when :en and a.name_en <> '' then a.name_en else a.name end as inspector, s.starts_at, s.ends_at,
           s.checked_in_at, s.checked_out_at, s.note,
           (select count(*) from dispatch.track_point t where t.shift_id = s.id) as points,
           array(select g.code from gis.responsibility_grid g where g.inspector_id = s.account_id order by g.code) as grids
    from dispatch.shift s join gis.account a on a.id = s.account_id
    where s.starts_at < :until and s.ends_at > :since and (cast(:account as bigint) is null or s.account_id = :account)
    order by s.starts_at, inspector
""")


def plan(db: Connection, actor: Actor, new: Sequence[NewShift]) -> list[int]:
    """Enter shifts; returns their ids. Raises InvalidInput for one that overlaps another, and for somebody who is no inspector."""
    return [_plan_one(db, actor, shift) for shift in new]


def take_away(db: Connection, shift_id: int) -> None:
    """Remove a shift that nobody has begun. Raises NotFound."""
    if db.execute(_TAKE_AWAY, {"id": shift_id}).first() is None:
        raise NotFound("There is no such shift that has not begun.", "A shift that was begun stays in the attendance.")


def begin(db: Connection, actor: Actor, point: tuple[float, float], now: datetime) -> int:
    """Check in at the shift that is due now; returns its id. Raises InvalidInput where none is."""
    return _check(
        db,
        _BEGIN,
        actor,
        point,
        now,
        _("You have no shift now that has not begun."),
        _("Ask whoever plans the shifts."),
    )


def end(db: Connection, actor: Actor, point: tuple[float, float], now: datetime) -> int:
    """Check out; returns the shift's id. Raises InvalidInput for somebody who is not on shift."""
    return _check(db, _END, actor, point, now, _("You are not on shift."), _("Begin your shift first."))


def on_duty(db: Connection, account_id: int) -> int | None:
    """The shift that somebody is on, or None."""
    found = text(
        "select id from dispatch.shift where account_id = :me and checked_in_at is not null and checked_out_at is null"
    )
    return db.execute(found, {"me": account_id}).scalar()


def between(
    db: Connection, since: datetime, until: datetime, now: datetime, locale: str, account_id: int | None = None
) -> list[dict[str, Any]]:
    """Shifts that meet [since, until) with their attendance: planned, on_duty, done, late, missed."""
    values = {"since": since, "until": until, "account": account_id, "en": locale == "en"}
    return [{**row._mapping, "attendance": attendance(row, now)} for row in db.execute(_LIST, values)]


def people(db: Connection, locale: str) -> dict[str, list[dict[str, Any]]]:
    """{"inspectors": [{id, name}], "areas": [{code, name, name_en}], "posts": [{post, name}]}: who can be given shifts, what can be
    surveyed, and whom a bulletin can be for.
    """
    areas = db.execute(text("select code, name, name_en from gis.area order by code"))
    return {
        "inspectors": accounts.holding(db, "inspector", locale),
        "areas": [dict(row._mapping) for row in areas],
        "posts": [{"post": post, "name": names[locale == "en"]} for post, names in POSTS.items()],
    }


def attendance(shift: Row[Any], now: datetime) -> str:
    """How a shift stands at `now`. Late: begun more than ten minutes after its beginning. Missed: over, and never begun."""
    if shift.checked_in_at is None:
        return "missed" if now >= shift.ends_at else "absent" if now > shift.starts_at + LATE else "planned"
    if shift.checked_in_at > shift.starts_at + LATE:
        return "late"
    return "done" if shift.checked_out_at is not None else "on_duty"


def _plan_one(db: Connection, actor: Actor, new: NewShift) -> int:
    if new.starts_at.tzinfo is None or new.ends_at.tzinfo is None:
        raise InvalidInput("The times of a shift have no zone.", field="starts_at")
    if not timedelta() < new.ends_at - new.starts_at <= timedelta(hours=24):
        raise InvalidInput("A shift ends after it begins, within 24 hours.", field="ends_at")
    values = {
        "account": new.account_id,
        "starts": new.starts_at,
        "ends": new.ends_at,
        "note": new.note,
        "by": actor.account_id,
    }
    try:
        with db.begin_nested():
            planned = db.execute(_PLAN, values).scalar()
    except IntegrityError as error:
        if getattr(error.orig, "pgcode", None) != EXCLUSION_VIOLATION:
            raise
        raise InvalidInput(
            "This inspector has another shift at that time.", "Take the other one away first.", field="starts_at"
        ) from error
    if planned is None:
        raise InvalidInput("This is no active inspector.", "Choose one of /api/inspectors.", field="account_id")
    return int(planned)


def _check(
    db: Connection,
    statement: Any,
    actor: Actor,
    point: tuple[float, float],
    now: datetime,
    message: str,
    next_step: str,
) -> int:
    values = {"me": actor.account_id, "now": now, "lon": point[0], "lat": point[1], "early": EARLY}
    done = db.execute(statement, values).scalar()
    if done is None:
        raise InvalidInput(message, next_step)
    return int(done)
