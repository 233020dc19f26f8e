"""A user's own access tokens for GIS programs."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from api import tokens
from api.auth import Call, permit

router = APIRouter()


class NewToken(BaseModel):
    """What it is for, and how long it lives."""

    name: str = Field(min_length=1, max_length=80)
    days: int = Field(default=90, ge=1, le=tokens.LONGEST_DAYS)


@router.post("/api/tokens", status_code=201)
def make(wanted: NewToken, call: Annotated[Call, permit("map.see")]) -> dict[str, Any]:
    """A new token; it is shown this once."""
    return {"token": tokens.make(call.db, call.caller.account_id, wanted.name, wanted.days)}


@router.get("/api/tokens")
def listed(call: Annotated[Call, permit("map.see")]) -> list[dict[str, Any]]:
    """The caller's tokens that can still be used."""
    return tokens.listed(call.db, call.caller.account_id)


@router.delete("/api/tokens/{token_id}", status_code=204)
def revoke(token_id: int, call: Annotated[Call, permit("map.see")]) -> None:
    """End a token at once."""
    tokens.revoke(call.db, call.caller.account_id, token_id)
