"""What machines ask: is it well, and how much is it doing."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, Gauge, generate_latest
from sqlalchemy import text

from api.auth import PUBLIC, Call, permit
from config.errors import NotPermitted

router = APIRouter()

OPEN_DELIVERIES = Gauge("citycommand_open_deliveries", "Events that a consumer has still to act on.", ["consumer"])
DEAD_LETTERS = Gauge("citycommand_dead_letters", "Events given up after too many attempts.")


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
    rows = call.db.execute(
        text(
            "select consumer, count(*) filter (where attempts < 20) as open, count(*) filter (where attempts >= 20) as dead"
            " from gis.delivery where done_at is null group by consumer"
        )
    ).all()
    OPEN_DELIVERIES.clear()
    for row in rows:
        OPEN_DELIVERIES.labels(row.consumer).set(row.open)
    DEAD_LETTERS.set(sum(row.dead for row in rows))
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
