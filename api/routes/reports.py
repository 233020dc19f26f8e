"""The door for reports: JSON, or multipart with photos; duplicates before sending; classes and units to choose from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Query
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from sqlalchemy import Connection, text

from api.auth import Call, permit
from api.forms import Body, read_body, store_evidence
from api.idempotency import must_reach, once
from api.routes import classify
from api.values import Id
from config.errors import InvalidInput
from dashboards.pinyin import typed
from dispatch import listing, reports
from dispatch.calls import taking
from dispatch.detail import limit_text
from dispatch.evidence import StoredFile
from dispatch.listing import Filter
from dispatch.repeats import finding
from dispatch.workflow import STATES
from gis import likely_place, readings
from gis.catalogue import seeing
from gis.db import named_sql
from gis.locate import Place

router = APIRouter()


NEEDED_FOR_SOURCE = {"hotline": "call.take", "inspector": "task.do"}
"""Evaluation counts by source, so nobody reports under another post's name."""


class PositionIn(BaseModel):
    """A point and the coordinate system its sender's provider uses; the system is stated, never guessed."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)
    lon: float = Field(
        ge=-1e9, le=1e9, description="degrees; what is no degree is refused with the reading that it probably has"
    )
    lat: float = Field(ge=-1e9, le=1e9)
    system: Literal["wgs84", "gcj02", "bd09", "cgcs2000"] = "wgs84"
    accuracy_m: float | None = Field(default=None, ge=0)

    def position(self) -> reports.Position:
        """The same as the dispatch room knows it."""
        return reports.Position(self.lon, self.lat, self.system, self.accuracy_m)


class ReporterIn(BaseModel):
    """Who called, as far as they said."""

    name: str = Field(default="", max_length=80)
    phone: str = Field(default="", max_length=40)


class ReportIn(BaseModel):
    """What somebody says happened."""

    model_config = ConfigDict(extra="forbid")
    source: Literal["inspector", "hotline", "citizen", "other"]
    description: str = Field(default="", max_length=4000)
    occurred_at: AwareDatetime
    position: PositionIn | None = None
    class_code: str | None = Field(default=None, max_length=20)
    condition_id: Id | None = None
    address: str = Field(default="", max_length=300)
    reporter: ReporterIn = ReporterIn()
    case_id: Id | None = None
    suggestions: list[classify.SuggestionIn] = Field(
        default=[], max_length=5, description="what GET /api/classify had said, as it was shown"
    )
    urgency: Literal["normal", "urgent", "emergency"] = Field(
        default="normal",
        description="emergency: intake declares it itself, of others it is told until intake has decided",
    )
    call_id: Id | None = Field(default=None, description="the caller's own call at the hotline that brings this report")

    def new_report(self, declares: bool) -> reports.NewReport:
        """The same as the dispatch room knows it. `declares`: its sender may declare an emergency."""
        claimed = self.urgency == "emergency" and not declares
        return reports.NewReport(
            source=self.source,
            description=self.description,
            occurred_at=self.occurred_at,
            position=self.position.position() if self.position else None,
            class_code=self.class_code or None,
            condition_id=self.condition_id,
            address=self.address,
            reporter=self.reporter.model_dump(exclude_defaults=True),
            case_id=self.case_id,
            priority="urgent" if claimed else self.urgency,
            emergency_claimed=claimed,
        )


@router.post("/api/reports", status_code=201)
def post_report(
    call: Annotated[Call, permit("report.make")],
    body: Annotated[Body, read_body("report")],
    idempotency_key: Annotated[str | None, Header(max_length=200)] = None,
) -> JSONResponse:
    """Take a report. Its photos are durable, its case placed, routed and timed, before this answers."""
    report = ReportIn.model_validate(body.content)
    if report.source in NEEDED_FOR_SOURCE:
        call.caller.must(NEEDED_FOR_SOURCE[report.source])
    if report.case_id is not None:
        must_reach(call, report.case_id, idempotency_key)
    photos = store_evidence(body.files, call.settings)
    content = [report.model_dump(mode="json"), [photo.sha256.hex() for photo in photos]]
    status, answer = once(call, idempotency_key, content, lambda: (201, _receive(call, report, photos)))
    return JSONResponse(answer, status)


def _receive(call: Call, report: ReportIn, photos: Sequence[StoredFile]) -> dict[str, Any]:
    if report.position is not None:
        _must_be_on_earth(call, report.position)
    new, alone = classify.decided(call, report.new_report(declares=call.caller.may("case.accept")))
    if report.call_id is not None:
        taking.own(call.db, call.caller, report.call_id)
    received = reports.receive(
        call.db,
        call.settings,
        new,
        now=call.now,
        actor=call.caller,
        photos=photos,
        trace_id=call.trace_id,
    )
    classify.keep(call, received.report_id, new, report.suggestions, alone)
    if report.call_id is not None:
        taking.add_report(call.db, report.call_id, received.report_id, received.case_id)
    case = listing.case(call.db, call.caller, received.case_id, now=call.now)
    answer: dict[str, Any] = jsonable_encoder(
        {
            "report_id": received.report_id,
            "trace_id": received.trace_id,
            "case": case,
            "duplicates": _shown(call, received.duplicates),
            "placed": _placed(call.db, received.place),
            "reading": _reading(call, report.position, received.place),
            "classified": alone[0].told() if alone else None,
            "routing": {"unit": case["unit"], "reason": received.decision.reason} if received.decision else None,
        }
    )
    return answer


def _must_be_on_earth(call: Call, position: PositionIn) -> None:
    """Refuse what is no position, saying what it probably is."""
    if abs(position.lon) <= 180 and abs(position.lat) <= 90:
        return
    found = likely_place.of(call.db, position.lon, position.lat, position.system)
    raise InvalidInput(
        "The position is not on Earth: longitude goes from -180 to 180, latitude from -90 to 90.",
        found[0].advice() if found else "Check the order (longitude first) and the unit (degrees), and send it again.",
        field="position.lon" if abs(position.lon) > 180 else "position.lat",
    )


def _reading(call: Call, position: PositionIn | None, place: Place) -> dict[str, object] | None:
    """For a place outside the city the reading that it probably has: told, never acted upon."""
    if position is None or place.areas:
        return None
    return readings.told(likely_place.of(call.db, position.lon, position.lat, position.system))


@router.get("/api/readings")
def likely_readings(
    call: Annotated[Call, permit("report.make")],
    x: Annotated[float, Query(ge=-1e9, le=1e9)],
    y: Annotated[float, Query(ge=-1e9, le=1e9)],
    system: Literal["wgs84", "gcj02", "bd09", "cgcs2000"] = "wgs84",
) -> list[dict[str, object]]:
    """What a pair of numbers may mean that does not lie in the city as stated, the likeliest first."""
    return [told for each in likely_place.of(call.db, x, y, system) if (told := readings.told([each]))]


def _placed(db: Connection, place: Place) -> dict[str, Any]:
    """The place for whoever reports. What they may not see is not told; that it was found still leads to the unit that mends it."""
    thing = place.asset if place.asset and seeing.sees(db, place.asset.id) else None
    names = {area.level: area.name for area in place.areas}
    return {
        "grid": place.grid_code,
        **{level: names.get(level) for level in ("community", "subdistrict", "district", "city")},
        "asset": {"id": thing.id, "code": thing.code, "name": thing.name} if thing else None,
        "road": place.road,
    }


@router.get("/api/duplicates")
def duplicates(
    call: Annotated[Call, permit("report.make")],
    lon: Annotated[float, Query(ge=-180, le=180)],
    lat: Annotated[float, Query(ge=-90, le=90)],
    class_code: Annotated[str | None, Query(max_length=20)] = None,
    words: Annotated[str, Query(alias="text", max_length=4000)] = "",
) -> JSONResponse:
    """Open cases that may be the same, to be seen before a report is sent: by place (WGS 84), time, class and words, the likeliest first.

    `score` from 0 to 1, its `parts`, and whether it is `likely`; what a case says is told only to whom it is open.
    """
    asked = finding.Asked((lon, lat), call.now, class_code or None, words=words)
    return JSONResponse(jsonable_encoder(finding.repeats(call.db, call.caller, asked, now=call.now)))


def _shown(call: Call, duplicates: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Duplicates as the caller may see them: what a citizen wrote is for those who may open the case."""
    ids = tuple(entry["case_id"] for entry in duplicates)
    reach = (
        {case["id"]: case["title"] for case in listing.cases(call.db, call.caller, Filter(ids=ids), now=call.now)}
        if ids
        else {}
    )
    return [
        {
            **entry,
            "title": reach.get(entry["case_id"], ""),
            "state_name": listing.name_of(STATES, entry["state"], call.locale),
            "may_open": entry["case_id"] in reach,
        }
        for entry in duplicates
    ]


@router.get("/api/standards")
def standards(call: Annotated[Call, permit("report.make")]) -> dict[str, Any]:
    """Classes with their filing conditions in force today, by code; `ordinary` is what a report without a condition gets."""
    rows = call.db.execute(
        named_sql("dispatch", "standards"), {"day": call.now.astimezone(call.settings.time_zone).date()}
    )
    classes: dict[str, dict[str, Any]] = {}
    for row in rows:
        entry = classes.setdefault(
            row.code,
            {
                "code": row.code,
                "kind": row.kind,
                "major_name": (call.locale == "en" and row.major_name_en) or row.major_name,
                "name": row.name,
                "name_en": row.name_en,
                **typed(row.name),
                "conditions": [],
            },
        )
        if row.id is not None:
            entry["conditions"].append(
                {
                    "id": row.id,
                    "text": row.text,
                    "text_en": row.text_en,
                    "limit_kind": row.limit_kind,
                    "ordinary": row.ordinary,
                    "limit_text": limit_text(row.limit_kind, row.limit_amount, call.locale),
                }
            )
    return {"classes": list(classes.values())}


@router.get("/api/units")
def units(call: Annotated[Call, permit("report.make")]) -> list[dict[str, Any]]:
    """Units that can be given a case."""
    rows = call.db.execute(text("select id, code, name, name_en from gis.unit where active order by code"))
    return [dict(row._mapping) for row in rows]
