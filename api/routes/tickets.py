"""The exchange with 12345 (docs/guide/exchange-12345.md): tickets in, messages out, partners, refused tickets, replies."""

from __future__ import annotations

import csv
import io
import json
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from api import tickets
from api.auth import PUBLIC, Call, permit
from api.tokens import token_of
from api.values import Id
from config.errors import CityCommandError
from config.i18n import gettext
from dispatch.exchange import contract, outgoing, partners, receiving
from dispatch.exchange.partners import Partner
from gis import keyring
from gis.exporting.cells import harmless

router = APIRouter()


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class PartnerIn(_Strict):
    """Another hotline. With `push_url` messages are sent there, without one it asks for them."""

    code: str = Field(min_length=1, max_length=40, pattern=r"^[\w\-]+$")
    name: str = Field(min_length=1, max_length=80)
    push_url: str = Field(default="", max_length=500)


class AcknowledgedIn(_Strict):
    """Messages that have arrived."""

    ids: list[Id] = Field(min_length=1, max_length=1000)


class ReplyIn(_Strict):
    """What the citizen is to be told."""

    text: str = Field(max_length=4000)


async def _body(request: Request) -> tuple[bytes, bool]:
    return await request.body(), request.headers.get("content-type", "").lower().startswith("text/csv")


Sent = Annotated[tuple[bytes, bool], Depends(_body)]


def _partner(call: Call, request: Request) -> Partner:
    """Whose key came with the request. Raises NotSignedIn."""
    return partners.find(call.db, token_of(request.headers.get("authorization", "")) or "")


def _json(content: object, status: int = 200) -> JSONResponse:
    return JSONResponse(jsonable_encoder(content), status)


def _said(call: Call, problem: CityCommandError) -> dict[str, str]:
    detail, next_step = problem.said(gettext(call.locale))
    return {"detail": detail, "next_step": next_step}


@router.post("/api/exchange/12345/tickets")
def take(request: Request, sent: Sent, call: Annotated[Call, permit(PUBLIC)]) -> JSONResponse:
    """Take tickets, JSON or CSV: each is accepted, known already, or refused with its reason, whatever becomes of the others."""
    partner = _partner(call, request)
    content, as_csv = sent
    given = tickets.of_csv(content) if as_csv else tickets.of_json(content)
    keys = keyring.ring(call.db, call.settings)
    results = [
        {**one, "problem": _said(call, one["problem"])} if "problem" in one else one
        for one in tickets.take(call.db, call.settings, keys, partner, given, call.trace_id)
    ]
    return _json({"version": contract.VERSION, "results": results})


@router.get("/api/exchange/12345/messages")
def messages(
    request: Request,
    call: Annotated[Call, permit(PUBLIC)],
    after: Annotated[int, Query(ge=0, le=2**63 - 1)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> Response:
    """Messages beyond `after`, in order; as CSV where that is asked for (Accept: text/csv)."""
    partner = _partner(call, request)
    found = outgoing.messages(call.db, partner.id, after, limit)
    if "text/csv" in request.headers.get("accept", ""):
        return Response(_csv(found), media_type="text/csv; charset=utf-8")
    return _json({"version": contract.VERSION, "messages": found})


@router.post("/api/exchange/12345/acknowledgements")
def acknowledge(body: AcknowledgedIn, request: Request, call: Annotated[Call, permit(PUBLIC)]) -> dict[str, int]:
    """Say that messages have arrived."""
    partner = _partner(call, request)
    return {"acknowledged": outgoing.acknowledge(call.db, partner.id, body.ids, call.now)}


@router.get("/api/exchange/partners")
def listed(call: Annotated[Call, permit("exchange.see")]) -> JSONResponse:
    """Partners and how their exchange stands."""
    return _json(partners.listed(call.db, call.now))


@router.post("/api/exchange/partners", status_code=201)
def make(body: PartnerIn, call: Annotated[Call, permit("account.manage")]) -> JSONResponse:
    """A new partner; its key and signing secret are shown this once."""
    keys = keyring.ring(call.db, call.settings)
    made = partners.make(call.db, keys, call.caller.account_id, body.code, body.name, body.push_url)
    return JSONResponse(vars(made), 201, headers={"Cache-Control": "no-store"})


@router.delete("/api/exchange/partners/{partner_id}", status_code=204)
def end(partner_id: Id, call: Annotated[Call, permit("account.manage")]) -> Response:
    """End a partner's access at once."""
    partners.end(call.db, partner_id)
    return Response(status_code=204)


@router.get("/api/exchange/refusals")
def refusals(call: Annotated[Call, permit("call.oversee")]) -> JSONResponse:
    """Tickets that could not be used, with the reason."""
    rows = receiving.refused(call.db)
    return _json([row | {"problem": _said(call, CityCommandError.from_kept(row["problem"]))} for row in rows])


@router.post("/api/exchange/refusals/{refusal_id}/replay")
def replay(refusal_id: Id, call: Annotated[Call, permit("call.oversee")]) -> JSONResponse:
    """Take a refused ticket again, now that its reason is mended."""
    keys = keyring.ring(call.db, call.settings)
    partner, payload = receiving.payload_of(call.db, keys, refusal_id)
    taken = tickets.take_one(call.db, call.settings, keys, partner, json.loads(payload), payload, call.trace_id)
    receiving.settle(call.db, refusal_id, taken.ticket_id, call.now)
    return _json({"ticket_id": taken.ticket_id, "case": taken.case_number})


@router.post("/api/tickets/{ticket_id}/replies", status_code=201)
def reply(ticket_id: Id, body: ReplyIn, call: Annotated[Call, permit("call.see")]) -> dict[str, int]:
    """Tell the other hotline what the citizen is to be told."""
    made = outgoing.reply(call.db, call.settings, call.caller, ticket_id, body.text, call.now, call.trace_id)
    return {"id": made}


def _csv(found: list[dict[str, Any]]) -> str:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, contract.COLUMNS, restval="")
    writer.writeheader()
    writer.writerows({name: harmless(value) for name, value in row.items()} for row in found)
    return text.getvalue()
