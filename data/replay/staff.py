"""The people of a replay: accounts that nobody can sign in with, one post each, so that duties stay apart as in any city (C1)."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from sqlalchemy import Connection, text

from config.permissions import POSTS
from data.replay.capacity import STEPS_OF, Capacity
from data.replay.lives import Turn
from data.replay.queues import Queue
from dispatch.calendars.working import Calendar
from gis import actors, organisation
from gis.actors import Actor

Jobs = Queue[Actor, Turn]
"""People of one kind, and the cases that wait for them."""


@dataclass
class Staff:
    """Queues of the centre's posts, of each inspector, and of each unit's desk and crews."""

    posts: dict[str, Jobs]
    inspectors: dict[int, Jobs]
    desks: dict[int, Jobs]
    crews: dict[int, Jobs]

    def inspector_for_next(self) -> int:
        """Account of the inspector with the least to do."""
        return min(self.inspectors, key=lambda account: (len(self.inspectors[account]), account))


def hire(db: Connection, capacity: Capacity, calendar: Calendar) -> Staff:
    """Make the accounts, and give everybody an empty queue."""
    centre = {post: _people(db, post, capacity.people.get(post, 1)) for post in STEPS_OF}
    desks: dict[int, Jobs] = {}
    crews: dict[int, Jobs] = {}
    for unit in db.execute(text("select id, code from gis.unit where active order by code")).all():
        number = capacity.crews.get(unit.code, 1)
        desks[unit.id] = Queue(_people(db, "unit_desk", 1, unit.code, unit.id), calendar)
        crews[unit.id] = Queue(_people(db, "handler", number, unit.code, unit.id), calendar)
    return Staff(
        {post: Queue(people, calendar) for post, people in centre.items() if post != "inspector"},
        {each.account_id: Queue([each], calendar) for each in centre["inspector"]},
        desks,
        crews,
    )


def _people(db: Connection, post: str, number: int, unit: str = "", unit_id: int | None = None) -> list[Actor]:
    found = []
    for place in range(1, number + 1):
        username = "-".join(filter(None, ("replay", post.replace("_", "-"), unit.lower(), str(place))))
        names = [" ".join(filter(None, (unit, name, str(place)))) for name in POSTS[post]]
        account = organisation.add_account(db, username, *names, password=secrets.token_urlsafe(24), unit_id=unit_id)
        organisation.give_post(db, account, post)
        found.append(actors.actor(db, username))
    return found
