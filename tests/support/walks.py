"""A case on its way through the workflow, moved by the small town's people, for tests of the dispatch room."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import Connection

from config.settings import Settings
from dispatch import cases, reports
from dispatch.evidence import StoredFile
from dispatch.reports import NewReport, Position, Received
from dispatch.steps import Move
from dispatch.workflow import TRANSITIONS
from gis import actors, clock
from tests.support import smalltown
from tests.support.smalltown import Town

ON_SITE = frozenset(t.move for t in TRANSITIONS if t.takes_photos)


class Walk:
    """A case on its way, moved by people with names."""

    def __init__(self, db: Connection, settings: Settings, photo: StoredFile, town: Town) -> None:
        self.db, self.settings, self.photo, self.town = db, settings, photo, town
        self.now = clock.now(db)

    def report(self, **changes: Any) -> Received:
        lon, lat = self.town.lamp
        values: dict[str, Any] = {
            "source": "inspector",
            "description": "路灯不亮",
            "occurred_at": self.now,
            "position": Position(lon + 0.00005, lat),
            "class_code": smalltown.LAMP_CLASS,
        } | changes
        photos = values.pop("photos", ())
        who = actors.actor(self.db, values.pop("who", "inspector"))
        self.received = reports.receive(
            self.db, self.settings, NewReport(**values), now=self.now, actor=who, photos=photos
        )
        return self.received

    def move(self, who: str, move: str, **fields: Any) -> cases.Moved:
        self.now += timedelta(minutes=1)
        on_site = move in ON_SITE
        if on_site:
            fields.setdefault("position", Position(*self.town.lamp))
        return cases.move(
            self.db,
            self.settings,
            self.received.case_id,
            Move(move, **fields),
            actor=actors.actor(self.db, who),
            now=self.now,
            photos=[self.photo] if on_site else [],
        )

    def to_filed(self) -> None:
        for who, move in (
            ("intake", "accept"),
            ("intake", "send_verification"),
            ("inspector", "verify"),
            ("leader", "file"),
        ):
            self.move(who, move)

    def to_handling(self) -> None:
        self.to_filed()
        self.move("dispatcher", "dispatch")
        self.move("lighting", "accept_order")

    def to_closed(self) -> None:
        self.to_handling()
        self.finish()

    def finish(self) -> None:
        """From being handled to a verified close."""
        self.move("lighting", "feed_back")
        self.move("intake", "send_check")
        self.move("inspector2", "check")
        self.move("leader", "close")
