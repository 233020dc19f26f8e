"""Connected systems on the page: how each stands, its attempts; read now, pause, go on. Defined at the machine only (C6)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse

from api.auth import Call, permit
from config.errors import CityCommandError
from config.i18n import gettext
from ingest.connectors import register

router = APIRouter()

Code = Annotated[str, Path(max_length=60)]


@router.get("/api/connectors")
def connected(call: Annotated[Call, permit("catalogue.see")]) -> JSONResponse:
    """Every connected system: state, outage, delay, the last attempt; those in trouble first."""
    items = register.listed(call.db, call.now)
    for each in items:
        each["name"] = (call.locale == "en" and each["name_en"]) or each["name"]
        if each["last"]:
            each["last"]["problem"] = _said(each["last"]["problem"], call.locale)
    return JSONResponse(jsonable_encoder({"items": items, "may": {"keep": call.caller.may("catalogue.keep")}}))


@router.get("/api/connectors/{code}/attempts")
def attempts(code: Code, call: Annotated[Call, permit("catalogue.see")]) -> JSONResponse:
    """The newest attempts to read it, first the last one."""
    found = register.attempts(call.db, code)
    return JSONResponse(jsonable_encoder([each | {"problem": _said(each["problem"], call.locale)} for each in found]))


@router.post("/api/connectors/{code}/{act}")
def act(
    code: Code, act: Literal["read", "pause", "resume"], call: Annotated[Call, permit("catalogue.keep")]
) -> dict[str, str]:
    """Read it at the next look, stop reading it, or go on."""
    if act == "read":
        register.soon(call.db, code)
    else:
        register.pause(call.db, code, active=act == "resume")
    return {"done": act}


def _said(problem: dict[str, Any] | None, locale: str) -> str:
    return " ".join(CityCommandError.from_kept(problem).said(gettext(locale))) if problem else ""
