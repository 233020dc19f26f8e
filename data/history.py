"""Two weeks in the life of the centre: invented cases pushed through the real door, each move at its own past moment.

Most are long closed; the last ones stand in every state of the workflow, some of them late, so that map, lists and
evaluation have something to show. Nothing is written past the door: what the workflow refuses cannot happen here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

import numpy as np
from sqlalchemy import Connection, Row, text

from config.settings import Settings
from data import scenes
from data.generator.frame import random
from data.lives import (
    COMMON,
    DAYS,
    NOTES,
    ON_SITE,
    OPEN_SHARE,
    PATHS,
    SOURCE_SHARES,
    SOURCES,
    STANDING,
    duration,
    idle,
    with_time,
)
from dispatch import cases, evidence, reports
from dispatch.evidence import StoredFile
from dispatch.reports import NewReport, Position
from dispatch.steps import Move
from gis import actors
from gis.actors import Actor


@dataclass(frozen=True)
class Story:
    """One case to be: what, where, from whom, which moves after how many minutes, and when it began."""

    condition: Row[Any]
    lon: float
    lat: float
    source: str
    moves: tuple[str, ...]
    minutes: tuple[float, ...]
    began: datetime
    variant: int


def play(
    db: Connection, settings: Settings, now: datetime, seed: int, count: int, say: Callable[[str], None]
) -> dict[str, int]:
    """Let `count` cases happen before `now`, in the order in which they began. Returns how many ended in which state."""
    rng = random(seed, "history")
    stage = _Stage(db, settings, now, rng)
    stories = sorted(_stories(db, settings, now, rng, count), key=lambda story: story.began)
    states: Counter[str] = Counter()
    for number, story in enumerate(stories, 1):
        states[stage.perform(story)] += 1
        if number % 50 == 0:
            say(f"  {number} of {count} cases")
    _leave_old_notices(db, now)
    return dict(states)


def _stories(db: Connection, settings: Settings, now: datetime, rng: np.random.Generator, count: int) -> list[Story]:
    conditions = list(db.execute(_CONDITIONS))
    spots: dict[str, list[tuple[float, float]]] = {}
    for row in db.execute(_SPOTS):
        spots.setdefault(row.class_code, []).append((row.lon, row.lat))
    usable = [condition for condition in conditions if _spots_of(condition.class_code, spots)]
    weights = np.array([COMMON.get(condition.class_code, 1) for condition in usable], float)
    still_open = min(count, max(2 * len(STANDING), round(count * OPEN_SHARE)))
    found = []
    for number in range(count):
        condition = usable[int(rng.choice(len(usable), p=weights / weights.sum()))]
        if number < still_open:
            moves, done = STANDING[number % len(STANDING)]
            condition = with_time(condition, moves, usable)
            late = (number + number // len(STANDING)) % 3 == 0
            minutes = tuple(duration(move, condition, rng) for move in moves[:done])
            moves, began = (
                moves[:done],
                now - timedelta(minutes=sum(minutes) + idle(moves[:done], condition, late, rng)),
            )
        else:
            moves = list(PATHS)[int(rng.choice(len(PATHS), p=list(PATHS.values())))]
            condition = with_time(condition, moves, usable)
            minutes = tuple(duration(move, condition, rng) for move in moves)
            began = _some_time(settings, now, rng)
        places = _spots_of(condition.class_code, spots)
        lon, lat = places[int(rng.integers(len(places)))]
        seen = moves[:1] == ("quick_handle",) or moves[1:2] == ("file",)
        source = "inspector" if seen else str(rng.choice(SOURCES, p=SOURCE_SHARES))
        found.append(Story(condition, lon, lat, source, moves, minutes, began, int(rng.integers(3))))
    return found


def _spots_of(class_code: str, spots: dict[str, list[tuple[float, float]]]) -> list[tuple[float, float]]:
    return spots.get(class_code if class_code.startswith("C") else "road", [])


def _some_time(settings: Settings, now: datetime, rng: np.random.Generator) -> datetime:
    """A moment of the last two weeks but not of the last day, mostly by day."""
    local = (now - timedelta(days=float(rng.uniform(1, DAYS)))).astimezone(settings.time_zone)
    hour = float(np.clip(rng.normal(13.5, 4.2), 0.2, 23.8))
    moment = local.replace(hour=int(hour), minute=int(hour % 1 * 60), second=int(rng.integers(60)))
    return min(moment.astimezone(now.tzinfo), now - timedelta(hours=20))


class _Stage:
    """The people of the city acting out stories, one transaction for all."""

    def __init__(self, db: Connection, settings: Settings, now: datetime, rng: np.random.Generator) -> None:
        self.db, self.settings, self.now, self.rng = db, settings, now, rng
        self.people = {row.username: actors.actor(db, row.username) for row in db.execute(_USERNAMES)}
        self.by_id = {person.account_id: person for person in self.people.values()}
        self.desks = {p.unit_id: p for p in self.people.values() if "unit_desk" in p.posts}
        self.fallback = self.people["unit_fallback"].unit_id
        self.photos: dict[tuple[str, bool, int], StoredFile] = {}

    def perform(self, story: Story) -> str:
        """Report and moves up to now; returns the state in which the case stands."""
        moment = story.began
        case_id = self._report(story)
        for move, minutes in zip(story.moves, story.minutes, strict=True):
            moment += timedelta(minutes=minutes)
            if moment >= self.now:
                break
            self._move(story, case_id, move, moment)
        return str(self._case(case_id).state)

    def _report(self, story: Story) -> int:
        condition = story.condition
        position = self._near(story, 4.0)
        new = NewReport(
            source=story.source,
            description=f"{condition.class_name}：{condition.text}。",
            occurred_at=story.began,
            position=position,
            class_code=condition.class_code,
            condition_id=condition.id,
            reporter={"name": "市民来电"} if story.source in ("hotline", "citizen") else {},
        )
        by = {"inspector": f"inspector{('', '2', '3')[story.variant]}", "hotline": "intake"}.get(story.source)
        photos = [self._photo(story, False)] if story.source in ("inspector", "citizen") else []
        actor = self.people[by] if by else None
        received = reports.receive(self.db, self.settings, new, now=story.began, actor=actor, photos=photos)
        return received.case_id

    def _move(self, story: Story, case_id: int, move: str, moment: datetime) -> None:
        case = self._case(case_id)
        again = move == "dispatch" and case.returned
        drifted = move in ON_SITE and self.rng.random() < 0.03
        wanted = Move(
            move,
            note=NOTES.get(move) or ("定位漂移，位置以照片为准" if drifted else ""),
            unit_id=self.fallback if again and case.unit_id != self.fallback else None,
            inspector_id=case.inspector_id if move in ("send_verification", "send_check") else None,
            position=self._near(story, 150.0 if drifted else 9.0) if move in ON_SITE else None,
            share=0.5 if move == "ask_extension" else None,
            until=self.now + timedelta(days=20) if move == "ask_suspension" else None,
            occurred_at=moment,
        )
        photos = [self._photo(story, ON_SITE[move])] if move in ON_SITE else []
        cases.move(self.db, self.settings, case_id, wanted, actor=self._actor(case, move), now=moment, photos=photos)

    def _actor(self, case: Row[Any], move: str) -> Actor:
        if move in ("accept_order", "return_order", "feed_back", "ask_extension", "ask_suspension", "dispute"):
            return self.desks[case.unit_id]
        if move in ("verify", "deny", "check", "fail_check"):
            return self.by_id.get(case.inspector_id, self.people["inspector"])
        if move == "press":
            return self.people["leader"]
        if move == "quick_handle":
            return self.by_id[case.reporter_id]
        if move in ("dispatch", "rework", "grant_extension", "grant_suspension"):
            return self.people["dispatcher"]
        intake = move in ("accept", "send_verification", "send_check") or (
            move == "refuse" and case.state == "accepted"
        )
        return self.people["intake" if intake else "leader_shift"]

    def _case(self, case_id: int) -> Row[Any]:
        return self.db.execute(_CASE, {"id": case_id}).one()

    def _near(self, story: Story, metres: float) -> Position:
        east, north = self.rng.normal(0, metres, 2) / 111_000
        return Position(round(story.lon + east / np.cos(np.radians(story.lat)), 7), round(story.lat + north, 7))

    def _photo(self, story: Story, mended: bool) -> StoredFile:
        key = (story.condition.class_code, mended, story.variant)
        if key not in self.photos:
            content = BytesIO(scenes.photo(*key))
            name = f"{key[0]}-{'after' if mended else 'before'}.jpg"
            directory, limit = self.settings.evidence_directory, self.settings.photo_limit_bytes
            self.photos[key] = evidence.keep(directory, content, name, limit)
        return self.photos[key]


def _leave_old_notices(db: Connection, now: datetime) -> None:
    """Nobody is told today what happened last week."""
    db.execute(
        text("""
            update gis.delivery d set done_at = clock_timestamp() from gis.event e
            where e.id = d.event_id and d.consumer = 'notices' and e.occurred_at < :since
        """),
        {"since": now - timedelta(hours=2)},
    )


_CONDITIONS = text("""
    select f.id, f.class_code, c.name as class_name, f.text, f.limit_kind, f.limit_amount
    from dispatch.filing_condition f join dispatch.case_class c on c.code = f.class_code order by f.class_code, f.ordinal
""")
_SPOTS = text("""
    with spot as (
        select class_code, p from gis.asset, st_pointonsurface(geom) p where class_code is not null
        union all
        select 'road', p from gis.asset, unnest(array[0.15, 0.4, 0.6, 0.85]) f, st_lineinterpolatepoint(geom, f) p where kind = 'road'
    )
    select class_code, st_x(p) as lon, st_y(p) as lat from spot
    where exists (select from gis.area a where a.level = 'city' and st_covers(a.geom, st_expand(p, 0.0004)))
    order by 1, 2, 3
""")
"""Places of cases. A phone's position lies some metres beside them, so those at the city's edge are left out."""
_USERNAMES = text("select username from gis.account where active order by username")
_CASE = text("""
    select id, state, unit_id, inspector_id,
           (select e.account_id from dispatch.case_event e where e.case_id = c.id and e.seq = 1) as reporter_id,
           exists (select from dispatch.case_event e where e.case_id = c.id and e.move = 'return_order') as returned
    from dispatch.cases c where id = :id
""")
