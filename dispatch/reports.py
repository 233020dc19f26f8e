"""The door for everything that somebody says happened: hotline, inspector, citizen, camera, alarm, other systems (D2, D3).

`receive` places a report, looks for the same thing reported before, finds the responsible unit with its reason, starts
the first clock and opens the case. Its decisions are in dispatch/deadlines.py and dispatch/routing; here they meet the database.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, text

from config.errors import InvalidInput, NotFound
from config.settings import Settings
from dispatch import deadlines, exhibits, placing, policy, reach, routing
from dispatch.deadlines import Clock, Limit
from dispatch.evidence import StoredFile
from dispatch.policy import Condition
from dispatch.repeats import voices
from dispatch.workflow import STAGE_OF
from gis import coordinates, events, locate
from gis.actors import Actor
from gis.db import named_sql, prepared_sql, run_prepared
from gis.geocoding import describe
from gis.locate import Place

SOURCES = ("inspector", "hotline", "citizen", "camera", "sensor", "other")
TITLE_LENGTH = 60
FUTURE_TOLERANCE = timedelta(minutes=5)


@dataclass(frozen=True)
class Position:
    """A point as it was sent: longitude and latitude in degrees of `system` (wgs84, gcj02, bd09, cgcs2000)."""

    lon: float
    lat: float
    system: str = "wgs84"
    accuracy_m: float | None = None

    def wgs84(self) -> tuple[float, float]:
        """The same point in WGS 84."""
        return coordinates.to_wgs84(self.lon, self.lat, self.system)


@dataclass(frozen=True)
class NewReport:
    """What the door takes. `occurred_at` carries a zone; `source_ref` makes repeated sending harmless.

    `raw`: facts behind a description that a machine made, so that it can be said again in another language.
    `title`: of a case opened by it; without one the description begins there.
    `known_at`: from when the centre could act on it, where that is later than `occurred_at`: its clocks run from then. An alarm
    that first had to last two minutes takes them from nobody.
    `emergency_claimed`: its sender says that it is an emergency; intake decides on that, and until then it is urgent.
    """

    source: str
    description: str
    occurred_at: datetime
    position: Position | None = None
    class_code: str | None = None
    condition_id: int | None = None
    address: str = ""
    reporter: Mapping[str, str] = field(default_factory=dict)
    priority: str = "normal"
    source_system: str = "citycommand"
    source_ref: str | None = None
    case_id: int | None = None
    asset_id: int | None = None
    title: str = ""
    raw: Mapping[str, Any] | None = None
    known_at: datetime | None = None
    emergency_claimed: bool = False


@dataclass(frozen=True)
class Received:
    """What became of a report."""

    report_id: int
    case_id: int
    number: str
    trace_id: str
    place: Place
    decision: routing.Decision | None
    duplicates: list[dict[str, Any]]


def receive(
    db: Connection,
    settings: Settings,
    new: NewReport,
    *,
    now: datetime,
    actor: Actor | None = None,
    photos: Sequence[StoredFile] = (),
    trace_id: str | None = None,
) -> Received:
    """Take a report and open its case, or add it to the case it names.

    Raises InvalidInput for a report that cannot be used, NotFound for an unknown class, condition or case.
    """
    trace_id = trace_id or events.new_trace()
    _check(new, settings, now)
    new = replace(new, occurred_at=min(new.occurred_at, now))  # a clock that runs ahead must not hold up the first move
    today = now.astimezone(settings.time_zone).date()
    condition = policy.condition(db, today, new.condition_id, new.class_code)
    if new.case_id is not None:
        return _add_to_case(db, new, now, actor, photos, trace_id)
    point = new.position.wgs84() if new.position else None
    class_code = condition.class_code if condition else None
    place = placing.place(db, point, class_code, new.asset_id)
    duplicates = find_duplicates(db, settings, point, new.occurred_at, class_code)
    about = placing.About(new.source, new.priority, condition, new.asset_id)
    decision = placing.route(db, settings.time_zone, now, point, place, about)
    row = run_prepared(
        db,
        prepared_sql("dispatch", "receive"),
        _described(new, point, duplicates)
        | _placed(new, point, place)
        | _addressed(db, new, point)
        | _decided(decision, condition)
        | _timed(db, settings, new, condition)
        | {
            "centre_id": reach.centre_of(actor),
            "number_prefix": now.astimezone(settings.time_zone).strftime("%Y%m%d"),
            "account_id": actor.account_id if actor else None,
            "post": actor.posts[0] if actor and actor.posts else None,
            "now": now,
            "trace_id": trace_id,
        },
    ).one()
    exhibits.add(db, row.case_id, "report", photos, actor, point, None, new.occurred_at, now, trace_id)
    events.append(db, "report.received", f"case:{row.case_id}", {"case_id": row.case_id}, trace_id, new.occurred_at)
    routing_alarm(db, row.case_id, class_code, decision, trace_id, new.occurred_at)
    events.notify_live(db, "case", {"id": row.case_id})
    return Received(row.report_id, row.case_id, row.number, trace_id, place, decision, duplicates)


def routing_alarm(
    db: Connection,
    case_id: int,
    class_code: str | None,
    decision: routing.Decision | None,
    trace_id: str,
    occurred_at: datetime,
) -> None:
    """Where no rule fits, the dispatchers are told: the fallback desk has the case. Without a class intake has its turn first."""
    if decision is not None and decision.reason == "fallback" and class_code is not None:
        payload = {"case_id": case_id, "class_code": class_code, "unit_id": decision.unit_id}
        events.append(db, "case.unrouted", f"case:{case_id}", payload, trace_id, occurred_at)


def find_duplicates(
    db: Connection,
    settings: Settings,
    point: tuple[float, float] | None,
    occurred_at: datetime,
    class_code: str | None,
) -> list[dict[str, Any]]:
    """Open cases within the radius and window of the settings, of the same class, nearest first, at most five."""
    if point is None:
        return []
    rows = run_prepared(
        db,
        prepared_sql("dispatch", "duplicates"),
        {
            "lon": point[0],
            "lat": point[1],
            "radius_m": settings.duplicate_radius_m,
            "window_s": settings.duplicate_window_hours * 3600,
            "occurred_at": occurred_at,
            "class_code": class_code,
        },
    )
    return [{**row._mapping, "distance_m": round(row.distance_m, 1)} for row in rows]


def known(db: Connection, source_system: str, source_ref: str) -> bool:
    """Whether this report of another system has come before."""
    return bool(
        db.execute(
            text("select exists (select from dispatch.report where source_system = :system and source_ref = :ref)"),
            {"system": source_system, "ref": source_ref},
        ).scalar_one()
    )


def _check(new: NewReport, settings: Settings, now: datetime) -> None:
    if new.source not in SOURCES:
        raise InvalidInput(
            "There is no source '{source}'.", "Sources are: {sources}.", source=new.source, sources=", ".join(SOURCES)
        )
    if not new.description.strip() and not new.class_code and not new.condition_id:
        raise InvalidInput("A report needs a description or a class.", field="description")
    if new.occurred_at.tzinfo is None:
        raise InvalidInput(
            "The time of the report has no zone.", "Send it as 2026-11-23T09:30:00+08:00.", field="occurred_at"
        )
    if new.occurred_at < now - timedelta(days=settings.oldest_report_days):
        raise InvalidInput(
            "The report is about something longer ago than {days} days.",
            "Check the date.",
            days=settings.oldest_report_days,
            field="occurred_at",
        )
    if new.occurred_at > now + FUTURE_TOLERANCE:
        raise InvalidInput("The report lies in the future.", "Check the clock of the device.", field="occurred_at")


def _described(new: NewReport, point: tuple[float, float] | None, duplicates: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "source": new.source,
        "source_system": new.source_system,
        "source_ref": new.source_ref,
        "priority": new.priority,
        "emergency_claimed": new.emergency_claimed,
        "urgency": "emergency" if new.emergency_claimed else new.priority,
        "description": new.description,
        "reporter": json.dumps(dict(new.reporter), ensure_ascii=False),
        "raw_position": json.dumps(asdict(new.position)) if new.position else None,
        "raw": None if new.raw is None else json.dumps(dict(new.raw), ensure_ascii=False),
        "duplicates": json.dumps([d["case_id"] for d in duplicates]),
        "occurred_at": new.occurred_at,
        "lon": point[0] if point else None,
        "lat": point[1] if point else None,
    }


def _placed(new: NewReport, point: tuple[float, float] | None, place: Place) -> dict[str, Any]:
    return {
        "location_quality": placing.quality(point, place),
        "grid_id": place.grid_id,
        "grid_code": place.grid_code,
        "area_code": place.area_code,
        "inspector_id": place.inspector_id,
        "asset_id": place.asset.id if place.asset else new.asset_id,
    } | {"title": _title(new)}


def _addressed(db: Connection, new: NewReport, point: tuple[float, float] | None) -> dict[str, str]:
    """The address as somebody said it, else the place in words; in English, too, where what it names has English names."""
    ours, english = describe.addresses(db, *point) if point else ("", "")
    return {"address": new.address or ours, "address_en": english}


def _title(new: NewReport) -> str:
    words = " ".join((new.title or new.description).split())
    return words if len(words) <= TITLE_LENGTH else words[: TITLE_LENGTH - 1] + "…"


def _decided(decision: routing.Decision, condition: Condition | None) -> dict[str, Any]:
    return {
        "class_code": condition.class_code if condition else None,
        "condition_id": condition.id if condition else None,
        "unit_id": decision.unit_id,
        "rule_id": decision.rule_id,
        "reason": decision.reason,
        "facts": json.dumps(decision.facts, ensure_ascii=False),
        "considered": json.dumps(decision.considered, ensure_ascii=False),
        "set_id": decision.set_id,
    }


def _timed(db: Connection, settings: Settings, new: NewReport, condition: Condition | None) -> dict[str, Any]:
    stage = STAGE_OF["reported"]
    limit = policy.stage_limits()[stage]
    calendar = policy.calendar(db, settings.time_zone, limit, *([condition.limit] if condition else []))
    start = new.known_at or new.occurred_at
    clock = deadlines.clock(start, limit, calendar)
    expected = deadlines.due_at(start, condition.limit, calendar) if condition else None
    return _clock_values(stage, limit, clock) | {"due_at": expected}


def _clock_values(stage: str, limit: Limit, clock: Clock) -> dict[str, Any]:
    return {
        "stage": stage,
        "limit_kind": limit.kind,
        "limit_amount": limit.amount,
        "stage_started_at": clock.started_at,
        "stage_warn_at": clock.warn_at,
        "stage_due_at": clock.due_at,
        "provisional": clock.provisional,
        "calendar_edition_id": clock.edition,
    }


def _add_to_case(
    db: Connection,
    new: NewReport,
    now: datetime,
    actor: Actor | None,
    photos: Sequence[StoredFile],
    trace_id: str,
) -> Received:
    """A further voice on a known case: its report is kept with it, and its photos are evidence of the case.

    One for a case that was merged goes to the case in which that one goes on.
    """
    assert new.case_id is not None
    case = db.execute(
        text("select id, number, closed_at from dispatch.cases where id = :id for share"),
        {"id": voices.followed(db, new.case_id)},
    ).first()
    if case is None:
        raise NotFound("There is no case {case}.", case=new.case_id)
    if case.closed_at is not None:
        raise InvalidInput("Case {number} has ended.", "Send it as a new report.", number=case.number, field="case_id")
    point = new.position.wgs84() if new.position else None
    report_id = db.execute(
        named_sql("dispatch", "add_report"),
        _described(new, point, [])
        | {
            "case_id": case.id,
            "class_code": new.class_code,
            "condition_id": new.condition_id,
            "address": new.address,
            "account_id": actor.account_id if actor else None,
            "now": now,
            "trace_id": trace_id,
        },
    ).scalar_one()
    _claim(db, case.id, new)
    exhibits.add(db, case.id, "report", photos, actor, point, None, new.occurred_at, now, trace_id)
    events.append(db, "report.added", f"case:{case.id}", {"case_id": case.id}, trace_id, new.occurred_at)
    events.notify_live(db, "case", {"id": case.id})
    return Received(report_id, case.id, case.number, trace_id, locate.NOWHERE, None, [])


def _claim(db: Connection, case_id: int, new: NewReport) -> None:
    """A further voice that says how urgent it is, while intake still has the case: it may raise that, never lower it."""
    if new.priority == "normal":
        return
    db.execute(
        text(
            "update dispatch.cases set emergency_claimed = emergency_claimed or (:claimed and priority <> 'emergency'),"
            " priority = case when priority = 'normal' then 'urgent' else priority end"
            " where id = :id and state in ('reported', 'accepted', 'verifying', 'not_found', 'verified')"
        ),
        {"id": case_id, "claimed": new.emergency_claimed or new.priority == "emergency"},
    )
