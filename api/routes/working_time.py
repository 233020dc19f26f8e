"""Working time for whoever keeps it: a year at a glance, single days, seasons of hours, the ladder of escalation, and who changed what."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Response
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from api.auth import Call, permit
from api.values import Id
from config.errors import InvalidInput
from config.permissions import POSTS
from dispatch.calendars import editions, overview
from dispatch.calendars.editions import Day, Hours
from dispatch.escalation import rungs
from dispatch.escalation.rungs import NewRung
from dispatch.workflow import STAGES

router = APIRouter(prefix="/api/working-time")

SOURCE = "page"
"""What an edition says that was made here."""

Keeper = Annotated[Call, permit("time.keep")]
Year = Annotated[int, Field(ge=editions.YEARS[0], le=editions.YEARS[1])]
Name = Annotated[str, Field(max_length=100)]


class DayIn(BaseModel):
    """Whether a day is worked; null: as published, else as the weekday."""

    model_config = ConfigDict(extra="forbid")

    working: bool | None
    name: Name = ""
    name_en: Name = ""
    note: Annotated[str, Field(max_length=400)] = ""


class YearIn(BaseModel):
    """Whether the city's table of a year is complete."""

    model_config = ConfigDict(extra="forbid")

    known: bool


class HoursIn(BaseModel):
    """Working hours from a day on; `yearly`: each year."""

    model_config = ConfigDict(extra="forbid")

    begins: date
    shifts: Annotated[list[tuple[str, str]], Field(max_length=12)]
    yearly: bool = False
    ends: date | None = None
    name: Name = ""
    name_en: Name = ""


class EndIn(BaseModel):
    """The first day without them."""

    model_config = ConfigDict(extra="forbid")

    ends: date


class RungIn(BaseModel):
    """A rung of the ladder."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=100)]
    name_en: Name = ""
    basis: Literal["share", "after"]
    amount: Annotated[float, Field(gt=0, le=10_000)]
    limit_kind: Literal["urgent_hour", "work_hour"] | None = None
    stage: str | None = None
    class_prefix: Annotated[str, Field(max_length=20)] = ""
    whom: Literal["turn", "unit", "post"]
    post: str | None = None
    level: Literal["city", "district", "unit"] | None = None
    valid_to: date | None = None


@router.get("")
def a_year(call: Keeper, year: Annotated[Year | None, Query()] = None) -> JSONResponse:
    """A year: special days, months, hours, whether its holidays are known; and the latest changes of the calendar."""
    zone = call.settings.time_zone
    today = call.now.astimezone(zone).date()
    body = overview.year(call.db, zone, year or today.year, call.locale)
    return JSONResponse(jsonable_encoder(body | {"today": today, "changes": overview.changes(call.db, call.locale)}))


@router.put("/days/{day}", status_code=204)
def set_day(day: Annotated[date, Path()], said: DayIn, call: Keeper) -> Response:
    """Say of one day whether it is worked, or take it out of the city's table. Clocks that run keep their deadlines."""
    if not editions.YEARS[0] <= day.year <= editions.YEARS[1]:
        raise InvalidInput("The day lies outside the years of the calendar.", field="day")
    edition = editions.begin(call.db, SOURCE, call.caller.account_id, said.note)
    editions.set_days(call.db, edition, [Day(day, said.working, said.name.strip(), said.name_en.strip())])
    return Response(status_code=204)


@router.put("/years/{year}", status_code=204)
def set_year(year: Annotated[Year, Path()], said: YearIn, call: Keeper) -> Response:
    """Say that the city's table of a year is complete, or is not: until then deadlines that reach into it are provisional."""
    edition = editions.begin(call.db, SOURCE, call.caller.account_id)
    editions.set_years(call.db, edition, {year: said.known})
    return Response(status_code=204)


@router.post("/hours", status_code=201)
def add_hours(hours: HoursIn, call: Keeper) -> dict[str, int]:
    """Add the working hours of a season."""
    edition = editions.begin(call.db, SOURCE, call.caller.account_id)
    return {"id": editions.add_hours(call.db, edition, Hours(**hours.model_dump()))}


@router.post("/hours/{hours_id}/end", status_code=204)
def end_hours(hours_id: Id, end: EndIn, call: Keeper) -> Response:
    """End working hours on a day; on the day they begin, or before, they go altogether."""
    edition = editions.begin(call.db, SOURCE, call.caller.account_id)
    editions.end_hours(call.db, edition, hours_id, end.ends)
    return Response(status_code=204)


@router.get("/ladder")
def ladder(call: Keeper) -> JSONResponse:
    """The rungs of the ladder, those in force first, and the words for stages and posts."""
    english = call.locale == "en"
    body = {
        "rungs": rungs.all_rungs(call.db, call.locale),
        "stages": {code: names[english] for code, names in STAGES.items()},
        "posts": {code: names[english] for code, names in POSTS.items()},
        "today": call.now.astimezone(call.settings.time_zone).date(),
    }
    return JSONResponse(jsonable_encoder(body))


@router.post("/ladder", status_code=201)
def add_rung(rung: RungIn, call: Keeper) -> dict[str, int]:
    """Add a rung; it holds from today on, also for clocks that run."""
    zone = call.settings.time_zone
    today = call.now.astimezone(zone).date()
    new = NewRung(**rung.model_dump(), valid_from=today)
    return {"id": rungs.add(call.db, zone, new, call.caller.account_id, call.now)}


@router.post("/ladder/{rung_id}/end", status_code=204)
def end_rung(rung_id: Id, call: Keeper) -> Response:
    """End a rung today; what it had planned lapses."""
    rungs.end(call.db, rung_id, call.caller.account_id, call.now.astimezone(call.settings.time_zone).date())
    return Response(status_code=204)
