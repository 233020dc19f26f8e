"""Evidence of a case handed out to law enforcement: the package as a file, and what was handed out before (D10)."""

from __future__ import annotations

import shutil
from typing import Annotated

from fastapi import APIRouter
from fastapi.encoders import jsonable_encoder
from fastapi.responses import FileResponse, JSONResponse
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from starlette.background import BackgroundTask

from api import evidence_packages
from api.auth import Call, permit
from api.values import Id
from dispatch import listing
from dispatch.packages import keeping

router = APIRouter()

HandsOut = Annotated[Call, permit("evidence.hand_out")]
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class HandingOutIn(BaseModel):
    """To whom the package goes, and why."""

    model_config = ConfigDict(extra="forbid")
    recipient: Annotated[Words, Field(max_length=200)]
    reason: Annotated[Words, Field(max_length=1000)]


@router.post("/api/cases/{case_id}/evidence-packages")
def hand_out(case_id: Id, body: HandingOutIn, call: HandsOut) -> FileResponse:
    """Make the package and send it. Each is written down: who, when, to whom, why, and what was in it."""
    handed = evidence_packages.Handed(body.recipient, body.reason)
    made = evidence_packages.make(
        call.db, call.settings, call.caller, case_id, handed, now=call.now, trace_id=call.trace_id
    )
    gone = BackgroundTask(shutil.rmtree, made.path.parent, ignore_errors=True)
    return FileResponse(made.path, media_type="application/zip", filename=made.path.name, background=gone)


@router.get("/api/cases/{case_id}/evidence-packages")
def handed_out(case_id: Id, call: HandsOut) -> JSONResponse:
    """What was handed out of a case, the newest first."""
    listing.case(call.db, call.caller, case_id, now=call.now)
    return JSONResponse(jsonable_encoder(keeping.of_case(call.db, case_id, call.locale)))
