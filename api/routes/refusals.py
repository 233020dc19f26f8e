"""Who tried what they may not do (C1): for administrators and supervisors."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse

from api.auth import Call, permit
from api.refusals import SAID
from api.values import Id, zoned
from config.errors import CityCommandError
from config.i18n import gettext
from gis import refusals

router = APIRouter()

PAGE = 100


@router.get("/api/refusals")
def listed(
    call: Annotated[Call, permit("refusal.see")],
    who: Annotated[str | None, Query(max_length=80, description="user name, or name")] = None,
    kind: Literal["NotPermitted", "SeparationOfDuties"] | None = None,
    path: Annotated[str | None, Query(max_length=200, description="words of the address")] = None,
    since: Annotated[datetime | None, Query(alias="from", description="without a zone it is the city's time")] = None,
    until: Annotated[datetime | None, Query(alias="to")] = None,
    before: Annotated[Id | None, Query()] = None,
) -> JSONResponse:
    """Refusals, the newest first, said in the reader's language; `next` pages on."""
    zone = call.settings.time_zone
    wanted = refusals.Wanted(who or None, kind, path or None, zoned(since, zone), zoned(until, zone), before)
    rows = refusals.listed(call.db, wanted, call.locale, PAGE)
    items = [_said(row, call.locale) for row in rows]
    return JSONResponse(jsonable_encoder({"items": items, "next": items[-1]["id"] if len(items) == PAGE else None}))


def _said(row: dict[str, Any], locale: str) -> dict[str, Any]:
    """The row with its reason in the reader's language; those kept before this was possible stay English."""
    kept = row["facts"].pop(SAID, None)
    return row | ({"reason": CityCommandError.from_kept(kept).said(gettext(locale))[0]} if kept else {})
