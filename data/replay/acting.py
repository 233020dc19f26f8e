"""What people of a replay do, through the same use cases as the doors: one transaction a step, with the same rights and guards (D1)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO

import numpy as np
from sqlalchemy import Connection, text

from data import scenes
from data.lives import NOTES, ON_SITE
from data.replay.city import City
from data.replay.lives import Life
from dispatch import cases, evidence, policy, reports
from dispatch.evidence import StoredFile
from dispatch.reports import NewReport, Position
from dispatch.steps import Move
from gis.actors import Actor

METRES_BESIDE = 8.0
METRES_A_DEGREE = 111_000


@dataclass
class Acting:
    """Hands in requests and makes moves for the people of a city."""

    city: City
    _photos: dict[tuple[str, bool, int], StoredFile] = field(default_factory=dict)

    def hand_in(self, db: Connection, life: Life, now: datetime) -> str:
        """Hand in a request; returns the state of its case. Raises what dispatch.reports.receive raises."""
        report, mapping = life.report, self.city.mapping
        seen = report.source in policy.of_moves().seen_on_site
        new = NewReport(
            source=report.source,
            description=report.description,
            occurred_at=now,
            position=self._place(life),
            class_code=report.rule.class_code,
            condition_id=self.city.known.conditions[report.rule.name],
            address=report.address,
            source_system=mapping.source_system,
            source_ref=report.ref,
        )
        photos = [self._photo(life, mended=False)] if seen else []
        received = reports.receive(db, self.city.settings, new, now=now, actor=self._by(report.source), photos=photos)
        life.case_id = received.case_id
        return "reported"

    def step(self, db: Connection, life: Life, actor: Actor, move: str, now: datetime) -> str:
        """Make a move, and with accepting send an inspector where nobody has seen it; returns the new state."""
        state = self._move(db, life, actor, move, now)
        if move == "accept" and life.report.source not in policy.of_moves().seen_on_site:
            state = self._move(db, life, actor, "send_verification", now)
        if move == "dispatch":
            self._take_over(db, life)
        return state

    def _move(self, db: Connection, life: Life, actor: Actor, move: str, now: datetime) -> str:
        if move in ("send_verification", "send_check"):
            life.inspector_id = self.city.staff.inspector_for_next()
        sends = move in ("send_verification", "send_check")
        wanted = Move(
            move,
            note=NOTES.get(move, ""),
            unit_id=self._theirs(db, life) if move == "dispatch" else None,
            inspector_id=life.inspector_id if sends else None,
            position=self._beside(life) if move in ON_SITE else None,
        )
        photos = [self._photo(life, mended=ON_SITE[move])] if move in ON_SITE else []
        moved = cases.move(db, self.city.settings, life.case_id, wanted, actor=actor, now=now, photos=photos)
        life.reworked = life.reworked or move == "rework"
        return moved.state

    def _by(self, source: str) -> Actor | None:
        """Who hands it in here: a caller's request the desk, an inspector's an inspector, a citizen's nobody with an account."""
        people = self.city.staff
        if source == "inspector":
            return people.inspectors[people.inspector_for_next()].workers[0]
        return people.posts["intake_operator"].workers[0] if source == "hotline" else None

    def _theirs(self, db: Connection, life: Life) -> int | None:
        """Where no rule of ours knew whose it is: the unit that had it in reality, as a dispatcher who knows the city would say."""
        row = db.execute(_STANDS, {"id": life.case_id}).one()
        theirs = self.city.known.units.get(life.report.department)
        return theirs if row.reason == "fallback" and theirs not in (None, row.unit_id) else None

    def _take_over(self, db: Connection, life: Life) -> None:
        row = db.execute(_STANDS, {"id": life.case_id}).one()
        life.unit_id, life.due_at = row.unit_id, row.due_at

    def _place(self, life: Life) -> Position | None:
        report = life.report
        if report.quality != "exact" or report.lon is None or report.lat is None:
            return None
        return Position(report.lon, report.lat, self.city.mapping.system)

    def _beside(self, life: Life) -> Position:
        """Some metres beside the case, as a phone says; for a case without a place, in the middle of the city's others."""
        found = self._place(life) or self._middle()
        east, north = life.rng.normal(0, METRES_BESIDE, 2) / METRES_A_DEGREE
        lon = found.lon + east / max(float(np.cos(np.radians(found.lat))), 0.01)
        return Position(round(lon, 7), round(found.lat + north, 7), found.system)

    def _middle(self) -> Position:
        placed = [(one.lon, one.lat) for one in self.city.reports if one.quality == "exact" and one.lon and one.lat]
        lon, lat = (float(number) for number in np.mean(placed or [(0.0, 0.0)], axis=0))
        return Position(lon, lat, self.city.mapping.system)

    def _photo(self, life: Life, *, mended: bool) -> StoredFile:
        key = (life.report.rule.class_code, mended, life.variant)
        if key not in self._photos:
            settings = self.city.settings
            name = f"{key[0]}-{'after' if mended else 'before'}.jpg"
            content = BytesIO(scenes.photo(*key))
            self._photos[key] = evidence.keep(settings.evidence_directory, content, name, settings.photo_limit_bytes)
        return self._photos[key]


_STANDS = text("""
    select c.unit_id, c.due_at,
           (select d.reason from dispatch.routing_decision d where d.case_id = c.id order by d.id desc limit 1) as reason
    from dispatch.cases c where c.id = :id
""")
