"""Figures of the evaluation, the cases behind them, where they lie, and the formulas that they are made with."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from api.auth import Call, permit
from api.values import Id, zoned
from config.errors import InvalidInput
from dashboards import month
from dashboards.month import Format
from dispatch import listing
from dispatch.calendars import coverage, reading
from dispatch.evaluation import choices, count_names, counting, figures, formulas, grids

router = APIRouter()

LONGEST_PERIOD = timedelta(days=800)

Code = Annotated[str, Query(max_length=40)]


class Wanted:
    """The period and the filters of a question, as they stand in its address."""

    def __init__(
        self,
        since: Annotated[datetime | None, Query(alias="from")] = None,
        until: Annotated[datetime | None, Query(alias="to")] = None,
        area: Annotated[Code | None, Query(description="code of an area of any level")] = None,
        unit_id: Annotated[Id | None, Query()] = None,
        class_code: Annotated[Code | None, Query(description="a class, or how its code begins")] = None,
        source: Code | None = None,
        centre_id: Annotated[Id | None, Query()] = None,
        known: Annotated[
            datetime | None, Query(description="as it was known then; without it, as it is known now")
        ] = None,
    ) -> None:
        self.since, self.until, self.known = since, until, known
        self.filters: dict[str, Any] = {
            "area": area or None,
            "unit_id": unit_id,
            "class_code": class_code or None,
            "source": source or None,
            "centre_id": centre_id,
        }

    def query(self, call: Call) -> counting.Query:
        """The question, with the last 30 days unless told. Raises InvalidInput for an impossible period."""
        zone = call.settings.time_zone
        known = zoned(self.known, zone)
        end = zoned(self.until, zone) or known or call.now
        start = zoned(self.since, zone) or end - timedelta(days=30)
        if not timedelta() < end - start <= LONGEST_PERIOD:
            raise InvalidInput("The period must end after it starts and be no longer than 800 days.", field="to")
        if known is not None and known > call.now:
            raise InvalidInput("Nothing is known yet of a time to come.", "Choose a past day.", field="known")
        return counting.Query(start, end, str(zone), known=known, **self.filters)


Question = Annotated[Wanted, Depends(Wanted)]


@router.get("/api/evaluation")
def evaluation(
    call: Annotated[Call, permit("evaluation.see")],
    wanted: Question,
    by: str = "unit",
    compare: Annotated[str | None, Query(description="previous: the period before; year: a year earlier")] = None,
) -> JSONResponse:
    """Counts, rates and scores of the cases reported in [from, to), with the formulas used; the last 30 days unless told."""
    query = wanted.query(call)
    waiting = counting.ready(call.db)
    used = figures.formulas_of(call.db, query)
    unknown = counting.unknown(call.db, query)
    found = figures.tables(call.db, by, query, call.locale, compare or None)
    body = {
        "from": query.since,
        "to": query.until,
        "by": by,
        "known": query.known,
        "rows": found.rows,
        "total": [] if found.total is None else [found.total],
        "daily": counting.daily(call.db, query),
        "names": count_names.names(call.locale),
        "indicators": figures.described(used, unknown, call.locale),
        "score": figures.described_score(used, by, unknown, call.locale),
        "waiting": waiting,
        "calendar": _calendar(call),
    }
    return JSONResponse(jsonable_encoder(body))


@router.get("/api/evaluation/cases")
def cases_behind(
    call: Annotated[Call, permit("evaluation.see")],
    wanted: Question,
    figure: str = "reported",
    key: str | None = None,
    by: str = "unit",
    closed: Annotated[bool, Query(description="those closed in the period, whenever they were reported")] = False,
) -> JSONResponse:
    """The cases that one number counts; without `key` those of the row that has no unit, community or class."""
    query = wanted.query(call)
    counting.ready(call.db)
    found = counting.closed_ids(call.db, query) if closed else counting.case_ids(call.db, by, key, figure, query)
    ids = tuple(found)
    items = listing.cases(call.db, call.caller, listing.Filter(ids=ids), now=call.now, limit=len(ids))
    return JSONResponse(jsonable_encoder({"items": items}))


@router.get("/api/evaluation/grids")
def heat(call: Annotated[Call, permit("evaluation.see")], wanted: Question, figure: str = "reported") -> JSONResponse:
    """Unit grids with cases of one figure as GeoJSON (EPSG:4326): `cases`, and `code`; the five thousand with the most."""
    query = wanted.query(call)
    counting.ready(call.db)
    return JSONResponse(grids.collection(call.db, figure, query))


@router.get("/api/evaluation/report")
def report_of_month(
    call: Annotated[Call, permit("evaluation.see")],
    wanted: Annotated[str, Query(alias="month", max_length=7, description="YYYY-MM")],
    kind: Annotated[Format, Query(alias="format")] = "pdf",
) -> Response:
    """The monthly report in the reader's language: PDF signed by the instance, or Excel; of what the reader sees."""
    content = month.make(call.db, call.settings, wanted, call.locale, kind, call.now)
    name = f"evaluation-{wanted}-{call.locale}.{kind}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(content, media_type=month.MEDIA_TYPES[kind], headers=headers)


@router.get("/api/evaluation/choices")
def what_to_choose(call: Annotated[Call, permit("evaluation.see")]) -> dict[str, Any]:
    """What figures can be told apart by and narrowed to: dimensions, areas, units, classes, sources, centres."""
    return choices.of(call.db, call.locale)


@router.get("/api/evaluation/formulas")
def in_force(
    call: Annotated[Call, permit("evaluation.see")],
    day: Annotated[date | None, Query(description="today unless told")] = None,
) -> JSONResponse:
    """The formulas in force on a day, the counts that they may use, and all changes of each."""
    on = day or call.now.astimezone(call.settings.time_zone).date()
    return JSONResponse(jsonable_encoder(figures.editable(call.db, formulas.in_force(call.db, on))))


class Change(BaseModel):
    """A new version of an indicator or score. `definition` as in config/indicators.toml."""

    model_config = ConfigDict(extra="forbid")

    kind: str
    code: Annotated[str, Field(max_length=60)]
    definition: dict[str, Any]
    valid_from: date
    reason: Annotated[str, Field(max_length=1000)]
    active: bool = True


@router.post("/api/evaluation/formulas", status_code=201)
def change(wanted: Change, call: Annotated[Call, permit("formula.change")]) -> dict[str, int]:
    """Enter a new version, in force from a day on; what was computed with the old one stays as it was."""
    entered = formulas.change(
        call.db,
        call.caller,
        wanted.kind,
        wanted.code,
        wanted.definition,
        wanted.valid_from,
        wanted.reason,
        active=wanted.active,
    )
    return {"id": entered}


def _calendar(call: Call) -> dict[str, Any]:
    until = reading.known_until(call.db)
    ends = coverage.runs_out(until, call.now.astimezone(call.settings.time_zone).date())
    return {"runs_out": ends, "until": until}
