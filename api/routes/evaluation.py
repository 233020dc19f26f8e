"""Figures of the evaluation."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse

from api.auth import Call, permit
from api.values import zoned
from config.errors import InvalidInput
from dispatch import evaluation, listing
from dispatch.calendars import coverage, reading

router = APIRouter()

LONGEST_PERIOD = timedelta(days=800)


@router.get("/api/evaluation")
def figures(
    call: Annotated[Call, permit("evaluation.see")],
    since: Annotated[datetime | None, Query(alias="from")] = None,
    until: Annotated[datetime | None, Query(alias="to")] = None,
    by: str = "unit",
) -> JSONResponse:
    """Counts and rates of cases reported in [from, to); the last 30 days unless told."""
    start, end = _period(call, since, until)
    rows = evaluation.table(call.db, by, start, end, call.locale)
    days = evaluation.daily(call.db, start, end, str(call.settings.time_zone))
    until_day = reading.known_until(call.db)
    ends = coverage.runs_out(until_day, call.now.astimezone(call.settings.time_zone).date())
    body = {"from": start, "to": end, "by": by, "rows": rows, "daily": days}
    return JSONResponse(jsonable_encoder(body | {"calendar": {"runs_out": ends, "until": until_day}}))


@router.get("/api/evaluation/cases")
def cases_behind(
    call: Annotated[Call, permit("evaluation.see")],
    figure: str,
    key: str | None = None,
    since: Annotated[datetime | None, Query(alias="from")] = None,
    until: Annotated[datetime | None, Query(alias="to")] = None,
    by: str = "unit",
) -> JSONResponse:
    """The cases that one number counts; without `key` those of the row that has no unit, community or class."""
    start, end = _period(call, since, until)
    ids = tuple(evaluation.case_ids(call.db, by, key, figure, start, end))
    items = listing.cases(call.db, call.caller, listing.Filter(ids=ids), now=call.now, limit=len(ids))
    return JSONResponse(jsonable_encoder({"items": items}))


def _period(call: Call, since: datetime | None, until: datetime | None) -> tuple[datetime, datetime]:
    """Start and end, the last 30 days unless told. Raises InvalidInput."""
    zone = call.settings.time_zone
    end = zoned(until, zone) or call.now
    start = zoned(since, zone) or end - timedelta(days=30)
    if not timedelta() < end - start <= LONGEST_PERIOD:
        raise InvalidInput("The period must end after it starts and be no longer than 800 days.", field="to")
    return start, end
