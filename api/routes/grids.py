"""Unit grids for the steward: how good they are, as figures and as one file with a map, and a code as of a moment."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from fastapi.responses import HTMLResponse
from sqlalchemy import text

from api.auth import Call, permit
from api.values import zoned
from config.errors import NotFound
from config.i18n import _
from dashboards import grid_report
from dashboards.grid_report import Sheet
from gis.gridding import editions, standing

router = APIRouter()

Area = Annotated[str, Query(max_length=40, description="code of an area; all unless told")]

IN_A_FRAME = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox"
"""The file carries its own style and no script."""


@router.get("/api/grids/report")
def report(call: Annotated[Call, permit("catalogue.see")], area: Area = "") -> dict[str, Any]:
    """Number, areas, shares, compactness, slivers of the unit grids that hold, and the latest editions."""
    rows = call.db.execute(
        text(
            "select id, area_code, method, grids, replaced, recorded_at from gis.grid_edition"
            " where :area = '' or area_code = :area order by id desc limit 20"
        ),
        {"area": area},
    ).mappings()
    return standing.report(standing.read(call.db, area)) | {"editions": [dict(row) for row in rows]}


@router.get("/grids/report.html")
def report_file(
    call: Annotated[Call, permit("catalogue.see")], area: Area = "", download: bool = False
) -> HTMLResponse:
    """The same with a map, as one file that opens anywhere without network."""
    found = standing.read(call.db, area)
    title = " ".join([_("Unit grids"), area, call.now.astimezone(call.settings.time_zone).date().isoformat()])
    page = grid_report.draw(Sheet(title, standing.report(found), found, call.locale))
    headers = {"Content-Security-Policy": IN_A_FRAME, "X-Frame-Options": "SAMEORIGIN"}
    if download:
        headers["Content-Disposition"] = f'attachment; filename="unit-grids-{area or "all"}.html"'
    return HTMLResponse(page, headers=headers)


@router.get("/api/grids/{code}")
def grid(
    call: Annotated[Call, permit("map.see")],
    code: Annotated[str, Path(max_length=40)],
    at: Annotated[datetime | None, Query(description="moment in ISO 8601; now unless told")] = None,
) -> dict[str, Any]:
    """The unit grid that has a code, or had it at a moment: a case keeps the code under which it was filed."""
    found = editions.at(call.db, code, zoned(at, call.settings.time_zone) or call.now)
    if found is None:
        raise NotFound("There was no unit grid '{code}' then.", "Look the code up on the map.", code=code)
    return found | {"geometry": json.loads(found["geometry"])}
