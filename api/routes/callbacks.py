"""Calling back after a close: the list, whom to call, what they said (C4, D6)."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Header
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from api.auth import Call, permit
from api.idempotency import once
from api.values import Id
from dispatch.calls import callbacks
from gis import keyring

router = APIRouter(prefix="/api/callbacks")


class AttemptIn(BaseModel):
    """What came of calling: solved and satisfied are two questions."""

    model_config = ConfigDict(extra="forbid")
    outcome: Literal["reached", "no_answer", "busy", "wrong_number", "refused"]
    solved: Literal["yes", "partly", "no"] | None = None
    satisfied: int | None = Field(default=None, ge=1, le=5, description="1 very dissatisfied … 5 very satisfied")
    words: str = Field(default="", max_length=1000)
    reopen: bool = False


@router.get("")
def waiting(call: Annotated[Call, permit("call.see")]) -> JSONResponse:
    """Who is to be called back, the longest waiting first."""
    keys = keyring.ring(call.db, call.settings)
    return JSONResponse(jsonable_encoder(callbacks.waiting(call.db, call.caller, keys, call.now)))


@router.post("/{callback_id}/caller")
def reveal(callback_id: Id, call: Annotated[Call, permit("call.see")]) -> JSONResponse:
    """Whom to call; that it was opened is written down."""
    keys = keyring.ring(call.db, call.settings)
    who = callbacks.reveal(call.db, call.caller, keys, callback_id, call.trace_id)
    return JSONResponse(vars(who), headers={"Cache-Control": "no-store"})


@router.post("/{callback_id}/attempts", status_code=201)
def attempt(
    callback_id: Id,
    body: AttemptIn,
    call: Annotated[Call, permit("call.see")],
    key: Annotated[str | None, Header(alias="Idempotency-Key", max_length=200)] = None,
) -> JSONResponse:
    """Enter what came of calling; "not solved" may reopen the case as the citizen's wish."""
    said = callbacks.Said(**body.model_dump())

    def work() -> tuple[int, dict[str, str]]:
        state = callbacks.record(call.db, call.settings, call.caller, callback_id, said, call.now, call.trace_id)
        return 201, {"state": state}

    status, answer = once(call, key, [callback_id, body.model_dump()], work)
    return JSONResponse(answer, status)
