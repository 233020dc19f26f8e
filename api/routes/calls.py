"""The hotline: calls with their callers, what became of them, who looked a caller up (C4, S6)."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Query
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from api.auth import Call, permit
from api.idempotency import once
from api.values import Id
from dispatch.calls import callers, records, taking
from dispatch.calls.callers import Caller
from gis import keyring
from gis.vault import KeyRing

router = APIRouter()

Kind = Literal["consultation", "complaint", "request", "suggestion", "praise"]
Key = Annotated[str | None, Header(alias="Idempotency-Key", max_length=200)]
LONGEST_CALL = timedelta(hours=4)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class CallerIn(_Strict):
    """Who calls, as far as they say."""

    name: str = Field(default="", max_length=80)
    number: str = Field(default="", max_length=40)
    confidential: bool = False

    def caller(self) -> Caller:
        """With the number in the form by which it is found again."""
        return callers.caller(self.name, self.number)


class CallIn(CallerIn):
    """A call that begins."""

    begun_at: AwareDatetime | None = None


class EndIn(_Strict):
    """What a call was."""

    kind: Kind
    words: str = Field(default="", max_length=4000)


class LookUpIn(_Strict):
    """Whose calls, and what for."""

    number: str = Field(max_length=40)
    purpose: str = Field(max_length=200)


class PurposeIn(_Strict):
    """What a caller is opened for."""

    purpose: str = Field(max_length=200)


class HandoverIn(_Strict):
    """To whom a caller was handed over, and what was said."""

    service: Literal["110", "119", "120", "122", "other"]
    words: str = Field(max_length=1000)


class AnswerIn(_Strict):
    """From which edition of an article a caller was answered."""

    edition_id: Id


def _keys(call: Call) -> KeyRing:
    return keyring.ring(call.db, call.settings)


def _json(content: object, status: int = 200) -> JSONResponse:
    return JSONResponse(jsonable_encoder(content), status)


@router.post("/api/calls", status_code=201)
def begin(body: CallIn, call: Annotated[Call, permit("call.take")], key: Key = None) -> JSONResponse:
    """Begin a call. Sent again with the same key it is the same call; neither answer nor key hold the number."""
    keys = _keys(call)
    who = body.caller()
    begun_at = min(max(body.begun_at or call.now, call.now - LONGEST_CALL), call.now)
    content = [keys.newest.index(f"{who.name}\n{who.number}").hex(), body.confidential]

    def work() -> tuple[int, Any]:
        made = taking.begin(call.db, call.caller, keys, who, body.confidential, begun_at, call.trace_id)
        return 201, {"id": made}

    status, answer = once(call, key, content, work)
    return JSONResponse(answer, status)


@router.get("/api/calls")
def listed(
    call: Annotated[Call, permit("call.see")], since: Annotated[AwareDatetime | None, Query()] = None
) -> JSONResponse:
    """One's own calls of the last twelve hours, or since then; for the shift leader everybody's. Callers are masked."""
    return _json(records.calls(call.db, call.caller, _keys(call), since or call.now - timedelta(hours=12), call.now))


@router.get("/api/calls/{call_id}")
def one(call_id: Id, call: Annotated[Call, permit("call.see")]) -> JSONResponse:
    """One call with what became of it."""
    return _json(records.one(call.db, call.caller, _keys(call), call_id, call.now))


@router.put("/api/calls/{call_id}/caller")
def correct(call_id: Id, body: CallerIn, call: Annotated[Call, permit("call.see")]) -> JSONResponse:
    """Another name or number, or confidential, while the call goes on."""
    taking.correct(call.db, call.caller, _keys(call), call_id, body.caller(), body.confidential)
    return _json(records.one(call.db, call.caller, _keys(call), call_id, call.now))


@router.post("/api/calls/{call_id}/caller")
def reveal(call_id: Id, body: PurposeIn, call: Annotated[Call, permit("call.see")]) -> JSONResponse:
    """Name and number of a caller, for a purpose that is written down."""
    who = records.reveal(call.db, call.caller, _keys(call), call_id, body.purpose, call.trace_id)
    return JSONResponse(vars(who), headers={"Cache-Control": "no-store"})


@router.post("/api/calls/{call_id}/end")
def end(call_id: Id, body: EndIn, call: Annotated[Call, permit("call.see")]) -> JSONResponse:
    """End a call; ended again it stays as it was."""
    taking.end(call.db, call.caller, call_id, body.kind, body.words, call.now)
    return _json(records.one(call.db, call.caller, _keys(call), call_id, call.now))


@router.post("/api/calls/{call_id}/handovers", status_code=201)
def hand_over(
    call_id: Id, body: HandoverIn, call: Annotated[Call, permit("call.take")], key: Key = None
) -> JSONResponse:
    """Record that the caller was handed over to 110, 119, 120, 122 or others."""
    status, answer = once(
        call,
        key,
        [call_id, body.model_dump()],
        lambda: (201, {"id": taking.hand_over(call.db, call.caller, call_id, body.service, body.words)}),
    )
    return JSONResponse(answer, status)


@router.post("/api/calls/{call_id}/answers", status_code=201)
def answer(call_id: Id, body: AnswerIn, call: Annotated[Call, permit("call.take")], key: Key = None) -> JSONResponse:
    """Record that the caller was answered from the knowledge base: no case is made."""
    status, said = once(
        call,
        key,
        [call_id, body.edition_id],
        lambda: (201, {"id": taking.answer(call.db, call.caller, call_id, body.edition_id)}),
    )
    return JSONResponse(said, status)


@router.post("/api/callers/history")
def history(body: LookUpIn, call: Annotated[Call, permit("call.take")]) -> JSONResponse:
    """What a number called about before, and whether it calls often. The look-up is written down."""
    found = records.history(call.db, call.caller, _keys(call), body.number, body.purpose, call.now, call.trace_id)
    return _json(found)


@router.get("/api/caller-readings")
def readings(
    call: Annotated[Call, permit("call.oversee")], since: Annotated[AwareDatetime | None, Query()] = None
) -> JSONResponse:
    """Who looked up or opened which caller in the last 30 days, or since then, and for what."""
    return _json(records.readings(call.db, since or call.now - timedelta(days=30), call.locale))
