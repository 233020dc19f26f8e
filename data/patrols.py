"""The demonstration's inspectors at work: a week of shifts with attendance and tracks along their grids, a survey, bulletins."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import numpy as np
from sqlalchemy import Connection, text

from config.settings import Settings
from data.generator.frame import random
from data.generator.organisation import INSPECTORS
from dispatch.patrol import bulletins, shifts, surveys, tracks
from dispatch.patrol.shifts import NewShift
from dispatch.patrol.surveys import NewSurvey
from dispatch.patrol.tracks import Fix
from dispatch.reports import Position
from gis import actors
from gis.actors import Actor

DAYS = 5
"""So many days before today have shifts with tracks; today's go as far as the day does, tomorrow's are planned."""
BEGINS, ENDS = time(8), time(17)
FIX_EVERY = timedelta(minutes=5)

_WALK = text("""
    select st_x(p.geom) as lon, st_y(p.geom) as lat
    from gis.unit_grid g join gis.responsibility_grid w on w.id = g.responsibility_grid_id,
         lateral (select st_pointonsurface(g.geom) as geom) p
    where w.inspector_id = :inspector order by w.code, g.code
""")


def load(db: Connection, settings: Settings, seed: int, now: datetime) -> None:
    """Fill the page of inspectors at work, through the doors that it uses."""
    rng = random(seed, "patrols")
    planner = actors.actor(db, "assessor")
    today = now.astimezone(settings.time_zone).date()
    for offset in range(-DAYS, 2):
        day = today + timedelta(days=offset)
        begins, ends = (datetime.combine(day, at, settings.time_zone) for at in (BEGINS, ENDS))
        for username in INSPECTORS:
            who = actors.actor(db, username)
            shifts.plan(db, planner, [NewShift(who.account_id, begins, ends)])
            if now > begins + timedelta(hours=1) and (offset == 0 or rng.random() > 0.08):
                _walked(db, who, begins, ends, now, rng)
    _told(db, planner, now)


def _walked(
    db: Connection, who: Actor, begins: datetime, ends: datetime, now: datetime, rng: np.random.Generator
) -> None:
    """Come, walk one's unit grids in their order with a rest at noon, go where the day is over; one in six comes late."""
    grids = [(row.lon, row.lat) for row in db.execute(_WALK, {"inspector": who.account_id})]
    came = begins + timedelta(minutes=float(rng.uniform(12, 40) if rng.random() < 1 / 6 else rng.uniform(-20, 5)))
    went = min(ends, now)
    start = int(rng.integers(len(grids)))
    shifts.begin(db, who, grids[start], came)
    fixes = []
    at, place = came + FIX_EVERY, start
    while at < went:
        resting = 12 <= at.hour < 13
        place += 0 if resting else int(rng.integers(2))
        lon, lat = grids[place % len(grids)]
        shaken = rng.normal(0, 0.0001, 2)
        fixes.append(Fix(Position(lon + float(shaken[0]), lat + float(shaken[1]), accuracy_m=8.0), at))
        at += FIX_EVERY
    tracks.take(db, who, fixes, went)
    if went == ends:
        shifts.end(db, who, grids[place % len(grids)], went)


def _told(db: Connection, planner: Actor, now: datetime) -> None:
    """A survey under way, partly walked, and two bulletins."""
    area = db.execute(text("select code from gis.area where level = 'subdistrict' order by code limit 1")).scalar_one()
    covers = NewSurvey(
        "井盖专项普查",
        area,
        now - timedelta(days=2),
        now + timedelta(days=5),
        "逐格查看雨水、污水、电力、通信井盖：缺失、破损、松动、移位。",
        (),
        "Survey of manhole covers",
    )
    survey = surveys.make(db, planner, covers)
    inspector = actors.actor(db, INSPECTORS[0])
    grids = db.execute(
        text(
            "select g.code from gis.unit_grid g join gis.area a on a.id = g.area_id where a.code like :area || '%' order by g.code limit 12"
        ),
        {"area": area},
    ).scalars()
    for number, grid in enumerate(grids.all()):
        surveys.visit(db, inspector, survey, grid, (0, 0, 1, 0, 2)[number % 5], "", now - timedelta(hours=30 - number))
    bulletins.publish(
        db, planner, "井盖专项普查开始", "本周内完成本责任网格的井盖普查，发现缺失立即按突发事件上报。", ["inspector"]
    )
    bulletins.publish(db, planner, "雨雪天气巡查提示", "重点查看下凹桥区、雨水箅子和高空悬挂物，注意自身安全。", [])
