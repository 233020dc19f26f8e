"""The stream of server-sent events that keeps screens up to date without reload."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from sse_starlette import EventSourceResponse

from api.auth import Call, permit

router = APIRouter()


@router.get("/api/live")
async def live(request: Request, call: Annotated[Call, permit("map.see")]) -> EventSourceResponse:
    """Events: case, device, alarm, watched, clock; resync means: load everything again."""
    return EventSourceResponse(request.app.state.hub.stream(call.caller, call.session_hash), ping=15, send_timeout=30)
