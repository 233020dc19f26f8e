"""One case's life for tests: people of the small town act when they are told to, on a clock that stands in between."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta

from PIL import Image
from sqlalchemy import Connection

from config.settings import Settings
from dispatch import cases, evidence, reports
from dispatch.evidence import StoredFile
from dispatch.reports import NewReport, Position
from dispatch.steps import Move
from gis import actors, clock
from tests.support import smalltown
from tests.support.smalltown import Town

START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
"""When every case is reported: a Monday, 09:00 in the town."""

ON_SITE = ("verify", "deny", "feed_back", "check", "fail_check")
WHO = {
    "accept": "intake", "send_verification": "intake", "verify": "inspector", "refuse": "intake", "file": "leader", "void": "leader",
    "dispatch": "dispatcher", "redispatch": "dispatcher", "rework": "dispatcher", "send_check": "intake", "check": "inspector2",
    "fail_check": "inspector2", "close": "leader",
}  # fmt: skip


class Life:
    """A case whose people act when they are told to; the instance's clock goes with it and stands in between."""

    def __init__(self, db: Connection, settings: Settings, photo: StoredFile, town: Town) -> None:
        self.db, self.settings, self.photo, self.town = db, settings, photo, town

    def report(self, source: str = "inspector") -> Life:
        """A new case, reported at START by an inspector, or taken up by the desk from another source."""
        self._stand_at(START)
        lon, lat = self.town.lamp
        new = NewReport(source, "路灯不亮", START, Position(lon, lat), smalltown.LAMP_CLASS)
        who = actors.actor(self.db, "inspector" if source == "inspector" else "intake")
        self.case_id = reports.receive(self.db, self.settings, new, now=START, actor=who).case_id
        return self

    def wait(self, **span: float) -> Life:
        """Let time pass: `hours=`, `minutes=`."""
        self._stand_at(self.now + timedelta(**span))
        return self

    def do(self, *moves: str, by: str = "", unit: str | None = None) -> Life:
        """Make the moves, one a minute."""
        for move in moves:
            self.wait(minutes=1)
            self._move(by or WHO.get(move, "lighting"), move, unit)
        return self

    def _move(self, who: str, move: str, unit: str | None) -> None:
        on_site = move in ON_SITE
        wanted = Move(
            move,
            note="说明",
            unit_id=self.town.units[unit] if unit else None,
            position=Position(*self.town.lamp) if on_site else None,
            share=0.5 if move == "ask_extension" else None,
            until=self.now + timedelta(days=2) if move == "ask_suspension" else None,
        )
        cases.move(
            self.db, self.settings, self.case_id, wanted,
            actor=actors.actor(self.db, who), now=self.now, photos=[self.photo] if on_site else [],
        )  # fmt: skip

    def _stand_at(self, moment: datetime) -> None:
        self.now = moment
        clock.set_virtual(self.db, moment, rate=0)


def grey_photo(settings: Settings) -> StoredFile:
    """A photo that shows nothing, in the instance's evidence directory."""
    content = io.BytesIO()
    Image.new("RGB", (64, 48), "grey").save(content, "JPEG")
    content.seek(0)
    return evidence.keep(settings.evidence_directory, content, "photo.jpg", 1_000_000)
