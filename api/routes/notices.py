"""One's own notices: what is unread, what there was, and by which channel one wants to be told."""

from __future__ import annotations

from datetime import time
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from api.auth import Call, permit
from api.values import Id
from config.i18n import gettext
from dispatch.delivery import choices, inbox, urgency
from dispatch.delivery.choices import Choices
from dispatch.delivery.kinds import CHANNEL_NAMES, KINDS, MODE_NAMES, OWN
from dispatch.delivery.moments import Hours
from gis import keyring

router = APIRouter()

NO_STORE = {"Cache-Control": "no-store"}


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ReadIn(_Strict):
    """Notices that one has read."""

    ids: list[Id] = Field(min_length=1, max_length=500)


class AllReadIn(_Strict):
    """The newest notice that one has seen: all up to it are read."""

    through: Id


Mode = Literal["at_once", "hourly", "daily", "never"]


class ChoicesIn(_Strict):
    """What one wants: addresses (empty: none), quiet hours and the hour of the digest in the city's time, modes by kind and channel."""

    addresses: dict[str, Annotated[str, Field(max_length=254)]] = Field(default_factory=dict)
    quiet_from: time | None = None
    quiet_until: time | None = None
    daily_at: time = time(8)
    modes: dict[str, dict[str, Mode | None]] = Field(default_factory=dict, max_length=100)


@router.get("/api/notices")
def mine(
    call: Annotated[Call, permit("map.see")],
    unread: bool = False,
    kind: Annotated[str | None, Query(max_length=40)] = None,
    before: Annotated[int | None, Query(ge=1, le=2**63 - 1)] = None,
) -> JSONResponse:
    """Fifty notices, the newest first; `next` asks for older ones."""
    if kind:
        urgency.known(kind)
    zone = call.settings.time_zone
    found = inbox.page(call.db, call.caller, zone, only_unread=unread, kind=kind, before=before)
    return JSONResponse(jsonable_encoder(found | {"kinds": kind_names(call.locale)}), headers=NO_STORE)


@router.get("/api/notices/unread")
def unread(call: Annotated[Call, permit("map.see")]) -> JSONResponse:
    """How many notices are unread; beyond 99 nobody counts."""
    return JSONResponse({"unread": inbox.unread(call.db, call.caller), "most": inbox.MOST_COUNTED}, headers=NO_STORE)


@router.post("/api/notices/read", status_code=204)
def read(body: ReadIn, call: Annotated[Call, permit("map.see")]) -> None:
    """Note that these are read."""
    inbox.mark_read(call.db, call.caller, body.ids)


@router.post("/api/notices/read-all", status_code=204)
def read_all(body: AllReadIn, call: Annotated[Call, permit("map.see")]) -> None:
    """Note that everything up to the newest one seen is read."""
    inbox.mark_all_read(call.db, call.caller, body.through)


@router.get("/api/notices/choices")
def chosen(call: Annotated[Call, permit("map.see")]) -> JSONResponse:
    """One's own addresses, quiet hours and modes, with the default of one's posts beside each."""
    keys = keyring.ring(call.db, call.settings)
    found = choices.of(call.db, keys, call.caller.account_id)
    named = {"names": kind_names(call.locale), "mode_names": said(MODE_NAMES, call.locale)}
    channels = {kind: said(CHANNEL_NAMES, call.locale)[kind] for kind in OWN}
    return JSONResponse(jsonable_encoder(found | named | {"channel_names": channels}), headers=NO_STORE)


@router.put("/api/notices/choices", status_code=204)
def choose(body: ChoicesIn, call: Annotated[Call, permit("map.see")]) -> None:
    """State what one wants."""
    keys = keyring.ring(call.db, call.settings)
    hours = Hours(body.quiet_from, body.quiet_until, body.daily_at)
    choices.keep(call.db, keys, call.caller.account_id, Choices(body.addresses, hours, body.modes))


def kind_names(locale: str) -> dict[str, str]:
    """Kinds of notice in the reader's language, in their order."""
    return said({kind: known.name for kind, known in KINDS.items()}, locale)


def said(names: dict[str, str], locale: str) -> dict[str, Any]:
    """Names in the reader's language."""
    translate = gettext(locale)
    return {name: translate(words) for name, words in names.items()}
