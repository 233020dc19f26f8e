"""Handlers of a unit: proposed for a case with reasons, and what each of them can do (D4)."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import text

from api.auth import Call, permit
from api.values import Id
from dispatch import duty, handlers, listing

router = APIRouter()


class SkillsIn(BaseModel):
    """Beginnings of class codes that a handler can do; none: anything."""

    model_config = ConfigDict(extra="forbid")
    classes: Annotated[list[Annotated[str, Field(pattern=r"^[CM]\d{0,6}$")]], Field(max_length=100)]


class HoursIn(BaseModel):
    """One span of duty: weekdays on which it begins, 1 Monday to 7; times of the city."""

    model_config = ConfigDict(extra="forbid")
    weekdays: Annotated[list[Annotated[int, Field(ge=1, le=7)]], Field(min_length=1, max_length=7)]
    begins: Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
    ends: Annotated[str, Field(pattern=r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$")]


class DutyIn(BaseModel):
    """All spans of one's own unit; none: not known."""

    model_config = ConfigDict(extra="forbid")
    hours: Annotated[list[HoursIn], Field(max_length=14)]


@router.get("/api/cases/{case_id}/handlers")
def proposed(case_id: Id, call: Annotated[Call, permit("order.assign")]) -> list[dict[str, Any]]:
    """Handlers of the case's unit, the best first, with the reasons: way along the streets, skill, load."""
    listing.case(call.db, call.caller, case_id, now=call.now)
    row = call.db.execute(
        text(
            "select id, unit_id, class_code, st_x(geom) as lon, st_y(geom) as lat from dispatch.seen_case where id = :id"
        ),
        {"id": case_id},
    ).one()
    return handlers.proposed(call.db, dict(row._mapping), call.locale, call.now)


@router.get("/api/handlers/skills")
def skills(call: Annotated[Call, permit("order.assign")]) -> list[dict[str, Any]]:
    """Handlers of one's own unit with their skills."""
    return handlers.skills(call.db, call.caller)


@router.put("/api/handlers/{account_id}/skills", status_code=204)
def state_skills(account_id: Id, wanted: SkillsIn, call: Annotated[Call, permit("order.assign")]) -> Response:
    """State what a handler of one's own unit can do."""
    handlers.state_skills(call.db, call.caller, account_id, wanted.classes)
    return Response(status_code=204)


@router.get("/api/handlers/duty")
def duty_hours(call: Annotated[Call, permit("order.assign")]) -> list[dict[str, Any]]:
    """When one's own unit is on duty, as it has stated; routing rules may ask for it."""
    return duty.of_unit(call.db, call.caller.unit_id)


@router.put("/api/handlers/duty", status_code=204)
def state_duty(wanted: DutyIn, call: Annotated[Call, permit("order.assign")]) -> Response:
    """State when one's own unit is on duty: replaces what stood."""
    duty.state(call.db, call.caller, [duty.Hours(tuple(one.weekdays), one.begins, one.ends) for one in wanted.hours])
    return Response(status_code=204)
