"""Coverage and gaps of aid for planners: figures with small ones hidden, and the same as a map in one file (W16)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.encoders import jsonable_encoder
from fastapi.responses import HTMLResponse, JSONResponse
from sqlalchemy import text

from api.auth import Call, permit
from dashboards import coverage_map, coverage_sheet
from welfare import access

router = APIRouter()

Code = Annotated[str, Query(max_length=40)]

IN_A_FRAME = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:;"
    " frame-ancestors 'self'; sandbox allow-scripts"
)
"""The file carries its own script. It runs in a sandbox without our origin: it can ask for nothing, nor act for anybody."""


@router.get("/api/coverage")
def figures(call: Annotated[Call, permit("coverage.see")], programme: Code = "mla") -> JSONResponse:
    """Households that qualify, receive, do not receive, by community, sub-district and in all."""
    access.enter(call.db, call.caller)
    day = call.now.astimezone(call.settings.time_zone).date()
    body = coverage_sheet.figures(call.db, programme, day, call.locale)
    rows = call.db.execute(
        text("select code, name, name_en, statutory from welfare.programme where active order by statutory desc, code")
    )
    body["programmes"] = [
        {"code": row.code, "name": (call.locale == "en" and row.name_en) or row.name, "statutory": row.statutory}
        for row in rows
    ]
    return JSONResponse(jsonable_encoder(body))


@router.get("/coverage/map.html")
def coverage_file(
    call: Annotated[Call, permit("coverage.see")],
    programme: Code = "mla",
    measure: Code = "gap",
    download: bool = False,
) -> HTMLResponse:
    """The map of one figure by community: one file that opens anywhere without network."""
    access.enter(call.db, call.caller)
    day = call.now.astimezone(call.settings.time_zone).date()
    page = coverage_map.draw(coverage_sheet.sheet(call.db, programme, measure, day, call.locale))
    headers = {"Content-Security-Policy": IN_A_FRAME, "X-Frame-Options": "SAMEORIGIN"}
    if download:
        headers["Content-Disposition"] = f'attachment; filename="coverage-{programme}-{measure}-{day.isoformat()}.html"'
    return HTMLResponse(page, headers=headers)
