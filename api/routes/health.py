"""What machines ask: is it well, and how much is it doing."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST

from api.auth import PUBLIC, Call, permit
from api.metrics import exposition
from config.errors import NotPermitted

router = APIRouter()


@router.get("/healthz")
def healthz(call: Annotated[Call, permit(PUBLIC)]) -> dict[str, Any]:
    """Answers when the database does."""
    return {"status": "ok", "now": call.now, "instance": call.settings.instance}


@router.get("/metrics")
def metrics(request: Request, call: Annotated[Call, permit(PUBLIC)]) -> Response:
    """Counters for Prometheus, for this machine only: figures of a city are nobody else's business."""
    if request.client is None or request.client.host not in ("127.0.0.1", "::1", "testclient"):
        raise NotPermitted(
            "Metrics are for this machine only.", "Ask from the server itself, through a local collector."
        )
    return Response(exposition(call.db), media_type=CONTENT_TYPE_LATEST)
