"""Delivery of notices as the administrator keeps it: channels, defaults of posts, templates, dead letters."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import text

from api.auth import Call, permit
from api.routes.notices import Mode, kind_names, said
from api.values import Id
from config.permissions import POSTS
from dispatch.delivery import channels, choices, letters, templates, testing, urgency, wording
from dispatch.delivery.channels import NewChannel
from dispatch.delivery.kinds import CHANNEL_NAMES, MODE_NAMES, OWN, PLACES
from gis import keyring
from gis.db import transaction

router = APIRouter(prefix="/api/notice-settings")

Administrator = Annotated[Call, permit("settings.change")]
NO_STORE = {"Cache-Control": "no-store"}


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ChannelIn(_Strict):
    """A channel; `address` is an Apprise URL, of a webhook a web address. Sealed on arrival, never told again."""

    kind: Literal["mail", "sms", "wecom", "dingtalk", "feishu", "webhook"]
    name: str = Field(min_length=1, max_length=80)
    address: str = Field(min_length=1, max_length=2000)
    locale: Literal["zh", "en"] = "zh"
    unit_id: Id | None = None
    post: str | None = Field(default=None, max_length=40)
    kinds: list[str] = Field(default_factory=list, max_length=50)
    per_minute: int | None = Field(default=None, ge=1, le=6000)


class AddressIn(_Strict):
    """Another address of a channel."""

    address: str = Field(min_length=1, max_length=2000)


class TestIn(_Strict):
    """Where a test message goes: of mail and SMS somebody's address."""

    to: str = Field(default="", max_length=254)


class DefaultIn(_Strict):
    """What holders of a post get: mode by kind and channel, null for nothing."""

    post: str = Field(max_length=40)
    modes: dict[str, dict[str, Mode | None]] = Field(max_length=100)


class TemplateIn(_Strict):
    """The city's own sentence for a kind in one language; empty: the system's."""

    kind: str = Field(max_length=40)
    locale: Literal["zh", "en"]
    words: str = Field(max_length=2000)


class UrgencyIn(_Strict):
    """Whether notices of a kind break quiet hours and digests."""

    kind: str = Field(max_length=40)
    urgent: bool


class LettersIn(_Strict):
    """Dead letters to be tried again; none named: all."""

    ids: list[Id] = Field(default_factory=list, max_length=500)


@router.get("")
def everything(call: Administrator) -> JSONResponse:
    """Channels and how they stand, defaults, templates, dead letters, and what all of it is called."""
    english = call.locale == "en"
    units = call.db.execute(text("select id, name, name_en from gis.unit order by id"))
    found: dict[str, Any] = {
        "channels": [
            {**row, "last_error": letters.said(row["last_error"], call.locale)} for row in channels.listed(call.db)
        ],
        "defaults": choices.defaults(call.db),
        "templates": templates.listed(call.db),
        "letters": letters.dead(call.db, call.locale),
        "units": {row.id: (english and row.name_en) or row.name for row in units},
        "posts": {post: names[english] for post, names in POSTS.items()},
        "kinds": kind_names(call.locale),
        "channel_names": said(CHANNEL_NAMES, call.locale),
        "mode_names": said(MODE_NAMES, call.locale),
        "places": said(PLACES, call.locale),
        "own": list(OWN),
    }
    return JSONResponse(jsonable_encoder(found), headers=NO_STORE)


@router.post("/channels", status_code=201)
def add(body: ChannelIn, call: Administrator) -> JSONResponse:
    """Set a channel up. Of a webhook the signing secret is shown this once."""
    new = NewChannel(**body.model_dump(exclude={"kinds"}), kinds=tuple(body.kinds))
    keys = keyring.ring(call.db, call.settings)
    channel_id, secret = channels.add(call.db, keys, call.caller.account_id, new)
    return JSONResponse({"id": channel_id, "signing_secret": secret}, 201, headers=NO_STORE)


@router.put("/channels/{channel_id}/address", status_code=204)
def change_address(channel_id: Id, body: AddressIn, call: Administrator) -> None:
    """Give a channel another address; it is tried again at once."""
    channels.change_address(call.db, keyring.ring(call.db, call.settings), channel_id, body.address)


@router.post("/channels/{channel_id}/secret", status_code=201)
def rotate(channel_id: Id, call: Administrator) -> JSONResponse:
    """A new signing secret, shown this once; the one before stays valid until the next."""
    made = channels.rotate(call.db, keyring.ring(call.db, call.settings), channel_id)
    return JSONResponse({"signing_secret": made}, 201, headers=NO_STORE)


@router.post("/channels/{channel_id}/test", status_code=204)
def test(channel_id: Id, body: TestIn, request: Request, call: Administrator) -> None:
    """Send a test message now. NotDelivered says why it did not arrive."""
    with transaction(request.app.state.engine) as db:  # a transaction of its own, ended before anything is sent
        channel = channels.opened(db, keyring.ring(db, call.settings), channel_id)
    testing.send(channel, body.to, call.settings.instance)


@router.delete("/channels/{channel_id}", status_code=204)
def end(channel_id: Id, call: Administrator) -> None:
    """End a channel; what waits for it is dropped."""
    channels.end(call.db, channel_id)


@router.put("/defaults", status_code=204)
def set_default(body: DefaultIn, call: Administrator) -> None:
    """Say what holders of a post get unless they choose otherwise."""
    choices.set_default(call.db, body.post, body.modes)


@router.put("/templates", status_code=204)
def save_template(body: TemplateIn, call: Administrator) -> None:
    """Say a kind of notice in the city's own words."""
    templates.save(call.db, call.caller.account_id, body.kind, body.locale, body.words)


@router.post("/templates/preview", dependencies=[permit("settings.change")])
def preview(body: TemplateIn) -> dict[str, str]:
    """What the words would say of an invented case."""
    urgency.known(body.kind)
    words = body.words.strip() or wording.default(body.kind, body.locale)
    return {"text": wording.filled(words, wording.sample(body.locale))}


@router.put("/urgency", status_code=204)
def declare(body: UrgencyIn, call: Administrator) -> None:
    """Say whether a kind is urgent."""
    urgency.declare(call.db, body.kind, body.urgent)


@router.post("/letters/replay")
def replay(body: LettersIn, call: Administrator) -> dict[str, int]:
    """Try dead letters again."""
    return {"replayed": letters.replay(call.db, body.ids)}
