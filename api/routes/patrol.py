"""Inspectors' work: shifts and attendance, tracks, coverage, special surveys, bulletins."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from api.auth import Call, permit
from api.routes.reports import PositionIn
from api.values import Id, zoned
from dispatch.patrol import bulletins, coverage, shifts, surveys, tracks
from dispatch.patrol.shifts import NewShift
from dispatch.patrol.surveys import NewSurvey
from dispatch.patrol.tracks import Fix

router = APIRouter(prefix="/api/patrol")

SHOWN = timedelta(days=1)
"""What is shown where nobody says since when: the last day, and of shifts the next one, too."""

Moment = Annotated[datetime | None, Query(description="without a zone it is the city's time")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ShiftIn(_Strict):
    """One shift of one inspector. Times without a zone are the city's."""

    account_id: Id
    starts_at: datetime
    ends_at: datetime
    note: str = Field(default="", max_length=200)


class ShiftsIn(_Strict):
    """Shifts that are planned together: all or none."""

    shifts: list[ShiftIn] = Field(min_length=1, max_length=500)


class CheckIn(_Strict):
    """Where one stands."""

    position: PositionIn


class FixIn(_Strict):
    """Where a phone was, and when."""

    position: PositionIn
    occurred_at: AwareDatetime


class FixesIn(_Strict):
    """Positions of a phone since it last had reception."""

    fixes: list[FixIn] = Field(min_length=1, max_length=2000)


class SurveyIn(_Strict):
    """What to look for, where and until when. Times without a zone are the city's."""

    title: str = Field(max_length=100)
    title_en: str = Field(default="", max_length=100)
    area_code: str = Field(max_length=40)
    starts_at: datetime
    ends_at: datetime
    instructions: str = Field(default="", max_length=4000)
    class_codes: tuple[str, ...] = Field(default=(), max_length=200)


class VisitIn(_Strict):
    """That a unit grid was gone through."""

    grid: str = Field(max_length=40)
    found: int = Field(ge=0, le=10_000)
    note: str = Field(default="", max_length=500)


class BulletinIn(_Strict):
    """Words to everybody, or to some posts."""

    title: str = Field(max_length=100)
    text: str = Field(max_length=8000)
    posts: list[str] = Field(default=[], max_length=50)


def _json(content: object, status: int = 200) -> JSONResponse:
    return JSONResponse(jsonable_encoder(content), status)


def _span(
    call: Call, since: datetime | None, until: datetime | None, ahead: timedelta = timedelta()
) -> tuple[datetime, datetime]:
    zone = call.settings.time_zone
    return zoned(since, zone) or call.now - SHOWN, zoned(until, zone) or call.now + ahead


def _placed_in_time(call: Call, body: BaseModel) -> dict[str, Any]:
    """The fields of a form, its beginning and end in the city's time where they name no zone."""
    values = body.model_dump()
    return values | {name: zoned(values[name], call.settings.time_zone) for name in ("starts_at", "ends_at")}


@router.get("/shifts")
def all_shifts(call: Annotated[Call, permit("shift.see")], since: Moment = None, until: Moment = None) -> JSONResponse:
    """Shifts of all inspectors with their attendance."""
    span = _span(call, since, until, SHOWN)
    return _json(shifts.between(call.db, *span, call.now, call.locale))


@router.get("/people")
def people(call: Annotated[Call, permit("shift.see")]) -> JSONResponse:
    """Inspectors who can be given shifts, and areas that can be surveyed."""
    return _json(shifts.people(call.db, call.locale))


@router.post("/shifts", status_code=201)
def plan_shifts(body: ShiftsIn, call: Annotated[Call, permit("shift.plan")]) -> JSONResponse:
    """Plan shifts; an inspector has one at a time."""
    new = [NewShift(**_placed_in_time(call, shift)) for shift in body.shifts]
    return _json({"ids": shifts.plan(call.db, call.caller, new)}, 201)


@router.delete("/shifts/{shift_id}", status_code=204)
def take_shift_away(shift_id: Id, call: Annotated[Call, permit("shift.plan")]) -> Response:
    """Remove a shift that nobody has begun."""
    shifts.take_away(call.db, shift_id)
    return Response(status_code=204)


@router.get("/my-shifts")
def my_shifts(call: Annotated[Call, permit("task.do")]) -> JSONResponse:
    """The caller's shifts of yesterday, today and tomorrow; `on_duty` is the one that is going on."""
    span = call.now - SHOWN, call.now + SHOWN
    mine = shifts.between(call.db, *span, call.now, call.locale, call.caller.account_id)
    return _json({"shifts": mine, "on_duty": shifts.on_duty(call.db, call.caller.account_id)})


@router.post("/check-in")
def check_in(body: CheckIn, call: Annotated[Call, permit("task.do")]) -> JSONResponse:
    """Begin the shift that is due."""
    return _json({"shift_id": shifts.begin(call.db, call.caller, body.position.position().wgs84(), call.now)})


@router.post("/check-out")
def check_out(body: CheckIn, call: Annotated[Call, permit("task.do")]) -> JSONResponse:
    """End the shift."""
    return _json({"shift_id": shifts.end(call.db, call.caller, body.position.position().wgs84(), call.now)})


@router.post("/track")
def send_track(body: FixesIn, call: Annotated[Call, permit("task.do")]) -> JSONResponse:
    """Keep positions of the caller's phone; only those within a shift."""
    fixes = [Fix(fix.position.position(), fix.occurred_at) for fix in body.fixes]
    return _json(tracks.take(call.db, call.caller, fixes, call.now))


@router.get("/tracks/{account_id}")
def read_track(
    account_id: Id,
    call: Annotated[Call, permit("track.see")],
    purpose: Annotated[str, Query(max_length=200)] = "",
    since: Moment = None,
    until: Moment = None,
) -> JSONResponse:
    """Somebody's track; who reads it for what is written down."""
    return _json(tracks.read(call.db, call.caller, account_id, *_span(call, since, until), purpose, call.trace_id))


@router.get("/coverage")
def covered(call: Annotated[Call, permit("shift.see")], since: Moment = None, until: Moment = None) -> JSONResponse:
    """Visits of unit grids, and the share of each responsibility grid that was walked."""
    return _json(coverage.of_period(call.db, *_span(call, since, until), call.locale))


@router.get("/surveys")
def list_surveys(call: Annotated[Call, permit("case.see")], running: bool = False) -> JSONResponse:
    """Special surveys with how far they are."""
    return _json(surveys.surveys(call.db, call.now, call.locale, running=running))


@router.post("/surveys", status_code=201)
def make_survey(body: SurveyIn, call: Annotated[Call, permit("shift.plan")]) -> JSONResponse:
    """Begin a special survey."""
    return _json({"id": surveys.make(call.db, call.caller, NewSurvey(**_placed_in_time(call, body)))}, 201)


@router.get("/surveys/{survey_id}/ground")
def survey_ground(survey_id: Id, call: Annotated[Call, permit("case.see")]) -> JSONResponse:
    """The survey's unit grids, and where somebody has been."""
    return _json(surveys.ground(call.db, survey_id))


@router.post("/surveys/{survey_id}/visits", status_code=204)
def visit_grid(survey_id: Id, body: VisitIn, call: Annotated[Call, permit("task.do")]) -> Response:
    """Tick off a unit grid."""
    surveys.visit(call.db, call.caller, survey_id, body.grid, body.found, body.note, call.now)
    return Response(status_code=204)


@router.post("/surveys/{survey_id}/close", status_code=204)
def close_survey(survey_id: Id, call: Annotated[Call, permit("shift.plan")]) -> Response:
    """End a survey before its time."""
    surveys.close(call.db, survey_id, call.now)
    return Response(status_code=204)


@router.get("/bulletins")
def my_bulletins(call: Annotated[Call, permit("report.make")]) -> JSONResponse:
    """Bulletins for the caller's posts."""
    return _json(bulletins.for_me(call.db, call.caller))


@router.post("/bulletins", status_code=201)
def publish_bulletin(body: BulletinIn, call: Annotated[Call, permit("bulletin.make")]) -> JSONResponse:
    """Send a bulletin."""
    return _json({"id": bulletins.publish(call.db, call.caller, body.title, body.text, body.posts)}, 201)


@router.post("/bulletins/{bulletin_id}/read", status_code=204)
def read_bulletin(bulletin_id: Id, call: Annotated[Call, permit("report.make")]) -> Response:
    """Note that the caller has read it."""
    bulletins.mark_read(call.db, call.caller, bulletin_id)
    return Response(status_code=204)


@router.delete("/bulletins/{bulletin_id}", status_code=204)
def withdraw_bulletin(bulletin_id: Id, call: Annotated[Call, permit("bulletin.make")]) -> Response:
    """Take one's own bulletin back."""
    bulletins.withdraw(call.db, call.caller, bulletin_id)
    return Response(status_code=204)
