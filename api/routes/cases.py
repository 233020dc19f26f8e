"""Cases: lists, one case, moves, tasks, orders, evidence."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.encoders import jsonable_encoder
from fastapi.responses import FileResponse, JSONResponse, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from sqlalchemy import text

from api.auth import Call, permit
from api.forms import Body, read_body, store_evidence
from api.idempotency import must_reach, once
from api.routes.reports import PositionIn
from api.values import Id, zoned
from config.errors import InvalidInput, NotFound
from dispatch import cases, listing, steps
from dispatch.detail import detail
from dispatch.evidence import path_of
from dispatch.listing import Filter
from dispatch.repeats import finding, voices
from dispatch.workflow import STATES
from gis import accounts

router = APIRouter()

LONGEST_LIST = 1000


def case_filter(
    request: Request,
    state: str | None = None,
    unit_id: Annotated[Id | None, Query()] = None,
    q: Annotated[str | None, Query(max_length=100)] = None,
    bbox: str | None = None,
    overdue: bool = False,
    open: bool = False,
    class_code: str | None = None,
    source: str | None = None,
    area: str | None = None,
    since: Annotated[datetime | None, Query(alias="from")] = None,
    until: Annotated[datetime | None, Query(alias="to")] = None,
    before: Annotated[Id | None, Query()] = None,
    due_within: Annotated[
        float | None, Query(gt=0, le=10_000, description="hours: clocks that run out in them")
    ] = None,
    order: Annotated[Literal["newest", "urgent"], Query(description="urgent: open cases, first due first")] = "newest",
) -> Filter:
    """The filter that a list's address spells out. Raises InvalidInput for an unknown state or a malformed box."""
    if state is not None and state not in STATES:
        raise InvalidInput(
            "There is no state '{state}'.", "States are: {states}.", state=state, states=", ".join(STATES)
        )
    zone = request.app.state.settings.time_zone
    return Filter(
        state=state,
        unit_id=unit_id,
        q=q.strip() if q and q.strip() else None,
        bbox=parse_box(bbox) if bbox else None,
        overdue=overdue,
        open=open,
        class_code=class_code,
        source=source,
        area=area,
        since=zoned(since, zone),
        until=zoned(until, zone),
        before=before,
        due_within_s=due_within * 3600 if due_within else None,
        most_urgent_first=order == "urgent",
    )


def parse_box(text: str) -> tuple[float, float, float, float]:
    """West, south, east, north in degrees. Raises InvalidInput."""
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError as error:
        raise InvalidInput("A box is west,south,east,north in degrees.", field="bbox") from error
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise InvalidInput("The box lies outside the world or is turned around.", field="bbox")
    return west, south, east, north


WantedCases = Annotated[Filter, Depends(case_filter)]


@router.get("/api/cases")
def list_cases(
    call: Annotated[Call, permit("case.see")],
    wanted: WantedCases,
    limit: Annotated[int, Query(ge=1, le=LONGEST_LIST)] = 100,
) -> JSONResponse:
    """The newest cases that fit, or the most urgent ones, and that the caller may see; `next` pages on."""
    items = listing.cases(call.db, call.caller, wanted, now=call.now, limit=limit)
    total = listing.count(call.db, call.caller, wanted)
    more = items[-1]["id"] if len(items) == limit else None
    return JSONResponse(jsonable_encoder({"items": items, "total": total, "next": more}))


@router.get("/api/cases.geojson")
def cases_on_the_map(
    call: Annotated[Call, permit("case.see")],
    wanted: WantedCases,
    limit: Annotated[int, Query(ge=1, le=20_000)] = 5000,
) -> JSONResponse:
    """The same cases as points for the map."""
    found = listing.cases(call.db, call.caller, wanted, now=call.now, limit=limit)
    features = [
        {
            "type": "Feature",
            "id": case["id"],
            "geometry": {"type": "Point", "coordinates": [case["lon"], case["lat"]]},
            "properties": {
                name: case[name]
                for name in ("id", "number", "state", "timing", "class_name", "title", "priority", "emergency_claimed")
            },
        }
        for case in found
        if case["lon"] is not None
    ]
    return JSONResponse({"type": "FeatureCollection", "features": features})


@router.get("/api/counters")
def counters(call: Annotated[Call, permit("case.see")]) -> dict[str, int]:
    """Open, due soon, overdue, reported in the last 24 hours."""
    return listing.counters(call.db, call.caller)


@router.get("/api/cases/{case_id}")
def one_case(case_id: Id, call: Annotated[Call, permit("case.see")]) -> JSONResponse:
    """One case with its history and the moves that the caller may make."""
    return JSONResponse(
        jsonable_encoder(detail(call.db, call.caller, case_id, now=call.now, zone=call.settings.time_zone))
    )


@router.get("/api/cases/{case_id}/duplicates")
def duplicates_of_case(case_id: Id, call: Annotated[Call, permit("case.merge")]) -> JSONResponse:
    """Open cases that may be the same as this one, by place, time, class, component, words and photos, the likeliest first."""
    listing.case(call.db, call.caller, case_id, now=call.now)
    found = finding.repeats(call.db, call.caller, finding.of_case(call.db, case_id), now=call.now)
    return JSONResponse(jsonable_encoder(found))


class MoveIn(BaseModel):
    """One move with what it needs; which fields those are, the case itself says under `moves`."""

    model_config = ConfigDict(extra="forbid")
    move: str = Field(max_length=40)
    version: Id | None = None
    note: str = Field(default="", max_length=4000)
    unit_id: Id | None = None
    handler_id: Id | None = None
    inspector_id: Id | None = None
    class_code: str | None = None
    condition_id: Id | None = None
    position: PositionIn | None = None
    occurred_at: AwareDatetime | None = None
    assist_unit_id: Id | None = None
    assist_unit_ids: tuple[Id, ...] = Field(default=(), max_length=20)
    share: float | None = Field(default=None, gt=0, le=1)
    until: datetime | None = Field(default=None, description="without a zone it is the city's time")
    into_case_id: Id | None = None
    centre_id: Id | None = None
    place: PositionIn | None = None

    def wanted(self, zone: tzinfo) -> steps.Move:
        """The same as the dispatch room knows it."""
        values = self.model_dump(exclude={"position", "place"}) | {"until": zoned(self.until, zone)}
        position, place = (point.position() if point else None for point in (self.position, self.place))
        return steps.Move(**values, position=position, place=place)


@router.post("/api/cases/{case_id}/moves")
def move_case(
    case_id: Id,
    call: Annotated[Call, permit("case.see")],
    body: Annotated[Body, read_body("move")],
    idempotency_key: Annotated[str | None, Header(max_length=200)] = None,
) -> JSONResponse:
    """Move a case. The workflow says who may; the answer is the case as it stands then."""
    wanted = MoveIn.model_validate(body.content)
    must_reach(call, case_id, idempotency_key)
    photos = store_evidence(body.files, call.settings)

    def work() -> tuple[int, Any]:
        cases.move(
            call.db,
            call.settings,
            case_id,
            wanted.wanted(call.settings.time_zone),
            actor=call.caller,
            now=call.now,
            photos=photos,
            trace_id=call.trace_id,
        )
        return 200, jsonable_encoder(_after(call, case_id))

    content = [case_id, wanted.model_dump(mode="json"), [photo.sha256.hex() for photo in photos]]
    status, answer = once(call, idempotency_key, content, work)
    return JSONResponse(answer, status)


def _after(call: Call, case_id: int) -> dict[str, Any]:
    """The case after a move: one that has left the caller's reach is told by its number and state alone."""
    try:
        return detail(call.db, call.caller, case_id, now=call.now, zone=call.settings.time_zone)
    except NotFound:
        row = call.db.execute(
            text("select id, number, state from dispatch.cases where id = :id"), {"id": case_id}
        ).one()
        name = listing.name_of(STATES, row.state, call.locale)
        return {**row._mapping, "state_name": name, "moves": [], "out_of_reach": True}


@router.get("/api/tasks")
def tasks(call: Annotated[Call, permit("task.do")]) -> JSONResponse:
    """The caller's open verifications and checks, the next due first."""
    rows = call.db.execute(
        text(
            "select id, kind, case_id, created_at, due_at from dispatch.task"
            " where done_at is null and (inspector_id = :me or inspector_id is null) order by due_at limit 200"
        ),
        {"me": call.caller.account_id},
    ).all()
    found = listing.cases(call.db, call.caller, Filter(ids=tuple(row.case_id for row in rows)), now=call.now, limit=200)
    by_id = {case["id"]: case for case in found}
    answer = [{**row._mapping, "case": by_id[row.case_id]} for row in rows if row.case_id in by_id]
    return JSONResponse(jsonable_encoder(answer))


@router.get("/api/orders")
def orders(call: Annotated[Call, permit("order.list")], wanted: WantedCases) -> JSONResponse:
    """Open cases that the caller's unit leads or assists on, newest first; `role` says which."""
    unit_id = call.caller.unit_id or -1
    mine = replace(wanted, orders_of=unit_id, open=True, states=listing.ORDER_STATES)
    found = listing.cases(call.db, call.caller, mine, now=call.now, limit=LONGEST_LIST)
    roles = [{"role": "lead" if (case["unit"] or {}).get("id") == unit_id else "assist"} for case in found]
    return JSONResponse(jsonable_encoder([case | role for case, role in zip(found, roles, strict=True)]))


@router.get("/api/handlers")
def handlers(call: Annotated[Call, permit("order.assign")]) -> list[dict[str, Any]]:
    """People of the caller's unit who can be sent out."""
    return accounts.holding(call.db, "handler", call.locale, call.caller.unit_id or 0)


@router.get("/api/inspectors")
def inspectors(call: Annotated[Call, permit("task.send")]) -> list[dict[str, Any]]:
    """Inspectors who can be sent to verify and to check."""
    return accounts.holding(call.db, "inspector", call.locale)


@router.get("/api/centres")
def centres(call: Annotated[Call, permit("case.dispatch")]) -> list[dict[str, Any]]:
    """Second-level centres that a case can be sent to."""
    rows = call.db.execute(
        text(
            "select id, case when :en and name_en <> '' then name_en else name end as name, level from gis.centre"
            " where level <> 'city' order by code"
        ),
        {"en": call.locale == "en"},
    )
    return [dict(row._mapping) for row in rows]


@router.get("/evidence/{evidence_id}")
def original(evidence_id: Id, request: Request, call: Annotated[Call, permit("evidence.see")]) -> Response:
    """The original, byte for byte."""
    row = _evidence(call, evidence_id)
    return file_of(request, path_of(call.settings.evidence_directory, row.sha256), row.media_type)


@router.get("/evidence/{evidence_id}/thumbnail")
def thumbnail(evidence_id: Id, request: Request, call: Annotated[Call, permit("evidence.see")]) -> Response:
    """A small JPEG of it; until it has been made, NotFound."""
    row = _evidence(call, evidence_id)
    return file_of(request, path_of(call.settings.evidence_directory, row.sha256, ".thumbnail.jpg"), "image/jpeg")


def _evidence(call: Call, evidence_id: int) -> Any:
    row = call.db.execute(
        text("select case_id, sha256, media_type from dispatch.evidence where id = :id"), {"id": evidence_id}
    ).first()
    if row is None:
        raise NotFound("There is no evidence {id}.", id=evidence_id)
    _must_see_where_it_counts(call, row.case_id)
    return row


def _must_see_where_it_counts(call: Call, case_id: int) -> None:
    """Evidence counts for its own case and for the one that it was merged into: whoever sees either sees it."""
    try:
        listing.case(call.db, call.caller, case_id, now=call.now)
    except NotFound:
        goes_on_in = voices.followed(call.db, case_id)
        if goes_on_in == case_id:
            raise
        listing.case(call.db, call.caller, goes_on_in, now=call.now)


def file_of(request: Request, path: Path, media_type: str) -> Response:
    """The file. A browser that has it asks each time, so that nobody sees it from there after signing out: 304 costs little."""
    if not path.exists():
        raise NotFound("The picture is not there yet.", "Thumbnails are made within seconds; load again.")
    headers = {"ETag": f'"{path.name}"', "Cache-Control": "private, no-cache"}
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    return FileResponse(path, media_type=media_type, headers=headers)
