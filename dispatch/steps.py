"""One move in the making: what somebody wants to do with a case, and all that its outcome is decided from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, text

from config.errors import InvalidInput
from config.settings import Settings
from dispatch import policy
from dispatch.calendars.working import Calendar
from dispatch.deadlines import Limit
from dispatch.evidence import StoredFile
from dispatch.reports import FUTURE_TOLERANCE, Position
from dispatch.workflow import Transition
from gis.actors import Actor


@dataclass(frozen=True)
class Move:
    """What somebody wants to do with a case. `version` is the one they saw; None moves whatever stands.

    `occurred_at` is for moves made on site and sent later, when there was reception again.
    """

    move: str
    version: int | None = None
    note: str = ""
    unit_id: int | None = None
    handler_id: int | None = None
    inspector_id: int | None = None
    class_code: str | None = None
    condition_id: int | None = None
    position: Position | None = None
    occurred_at: datetime | None = None
    assist_unit_id: int | None = None
    assist_unit_ids: tuple[int, ...] = ()
    share: float | None = None
    until: datetime | None = None
    into_case_id: int | None = None
    centre_id: int | None = None
    place: Position | None = None

    def fields(self, photos: Sequence[StoredFile]) -> dict[str, object]:
        """The values as the workflow checks them, by field name; a voice note shows nothing, so it is no photo."""
        about_the_move = {"move", "version", "occurred_at"}
        names = [field.name for field in fields(self) if field.name not in about_the_move]
        return {name: getattr(self, name) for name in names} | {
            "photos": [photo for photo in photos if not photo.media_type.startswith("audio/")]
        }


@dataclass(frozen=True)
class Step:
    """A move that the workflow allows, on one case as it stands, by one actor (None: the system itself), at one moment."""

    db: Connection
    settings: Settings
    case: Row[Any]
    transition: Transition
    wanted: Move
    actor: Actor | None
    occurred_at: datetime
    now: datetime
    trace_id: str
    point: tuple[float, float] | None
    distance_m: float | None

    @property
    def account_id(self) -> int | None:
        """Who makes the move; None where the system itself does."""
        return self.actor.account_id if self.actor else None

    @property
    def post(self) -> str | None:
        """The post in which the actor makes it."""
        return self.actor.post_for(self.transition.permission) if self.actor else None

    def calendar(self, *limits: Limit, edition: int | None = None) -> Calendar:
        """The city's calendar, as far as these limits need it: the newest, or the edition that a clock began with."""
        return policy.calendar(self.db, self.settings.time_zone, *limits, edition=edition)


def moment_of(case: Row[Any], transition: Transition, wanted: Move, now: datetime) -> datetime:
    """When the move happened: now, or for a stage on site when its phone says; one that runs a little ahead means now.

    Raises InvalidInput for a moment in the future, before the last step of the case, or where work at a desk would be
    dated back: clocks stop at this moment, and nobody stops one that has run out.
    """
    moment = wanted.occurred_at or now
    if moment.tzinfo is None:
        raise InvalidInput("The time of the move has no zone.", field="occurred_at")
    if now < moment <= now + FUTURE_TOLERANCE:
        moment = now
    on_site = any(field.kind == "position" for field in transition.fields)
    if moment < now and not on_site:
        raise InvalidInput("The move '{move}' happens when it is sent.", move=transition.move, field="occurred_at")
    if not case.last_moved_at <= moment <= now:
        raise InvalidInput(
            "The move lies before the last step of the case or in the future.",
            "Check the clock of the device.",
            field="occurred_at",
        )
    return moment


def distance_of(db: Connection, case_id: int, point: tuple[float, float] | None, note: str) -> float | None:
    """Metres between the case and where the actor stood; None where either is unknown (D9).

    Raises InvalidInput for somebody who is not on site and does not say why.
    """
    if point is None:
        return None
    statement = text(
        "select st_distance(geom::geography, st_setsrid(st_makepoint(:lon, :lat), 4326)::geography)"
        " from dispatch.cases where id = :id"
    )
    distance = db.execute(statement, {"id": case_id, "lon": point[0], "lat": point[1]}).scalar()
    if distance is None:
        return None
    if distance > policy.on_site_distance_m() and not note.strip():
        raise InvalidInput(
            "You are {distance} m from the case.",
            "Go there, or say in the note why you report from here.",
            distance=round(distance),
            field="note",
        )
    return round(float(distance), 1)
