"""Refused rights are written down (C1): who tried what, when, and why it was refused. In a transaction of their own."""

from __future__ import annotations

import json
import logging

import structlog
from fastapi import Request
from fastapi.encoders import jsonable_encoder
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from api.problems import trace_of
from config.errors import NotPermitted, ServiceUnavailable
from gis.db import transaction

log = structlog.get_logger(logging.__name__)

SAID = "said"
"""Among the facts of a refusal: what was said, so that it can be said in any reader's language."""

_KEEP = text("""
    insert into gis.refusal (account_id, kind, method, path, reason, facts, trace_id)
    values (:account, :kind, :method, :path, :reason, cast(:facts as jsonb), :trace)
""")


def keep(request: Request, error: NotPermitted, account_id: int) -> None:
    """Write one down. Where even that fails the refusal stands all the same, and the log has it."""
    values = {
        "account": account_id,
        "kind": type(error).__name__,
        "method": request.method,
        "path": request.url.path,
        "reason": error.said()[0],
        "facts": json.dumps(jsonable_encoder(error.facts) | {SAID: error.kept()}, ensure_ascii=False),
        "trace": trace_of(request),
    }
    log.warning("refused", **values)
    try:
        with transaction(request.app.state.engine) as db:
            db.execute(_KEEP, values)
    except (SQLAlchemyError, ServiceUnavailable) as failed:
        log.error("refusal_not_kept", error=str(failed))
