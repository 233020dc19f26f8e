"""Api keys of other programs that report over Open311: made and ended by an administrator."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from api.auth import Call, permit
from dispatch.open311 import keys
from dispatch.public.limits import intake

router = APIRouter()


class NewKey(BaseModel):
    """Who gets it, as whose voice its reports count, and how many a minute it may send."""

    name: str = Field(min_length=1, max_length=80)
    contact: str = Field(default="", max_length=200)
    source: Literal["citizen", "other"] = "citizen"
    per_minute: int = Field(default=intake()["open311"]["per_minute"], ge=1, le=10_000)


@router.post("/api/reporting-keys", status_code=201)
def make(wanted: NewKey, call: Annotated[Call, permit("account.manage")]) -> dict[str, Any]:
    """A new key; it is shown this once."""
    account = call.caller.account_id
    made = keys.make(call.db, account, wanted.name, wanted.contact, wanted.source, wanted.per_minute)
    return {"api_key": made}


@router.get("/api/reporting-keys")
def listed(call: Annotated[Call, permit("account.manage")]) -> list[dict[str, Any]]:
    """The keys that can be used, with how many reports came by them."""
    return keys.listed(call.db)


@router.delete("/api/reporting-keys/{key_id}", status_code=204)
def revoke(key_id: int, call: Annotated[Call, permit("account.manage")]) -> None:
    """End a key at once."""
    keys.revoke(call.db, key_id)
