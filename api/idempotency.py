"""One effect for a request that is sent again: the first answer is kept under the sender's Idempotency-Key."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

from fastapi.encoders import jsonable_encoder
from sqlalchemy import text

from api.auth import Call
from config.errors import KeyReused, NotFound
from dispatch import listing

Answer = tuple[int, Any]

_CLAIM = text("""
    insert into api.idempotency (account_id, key, fingerprint, status, answer) values (:account, :key, :fingerprint, 0, 'null')
    on conflict do nothing returning key
""")
_EARLIER = text("select fingerprint, status, answer from api.idempotency where account_id = :account and key = :key")
_KEEP = text(
    "update api.idempotency set status = :status, answer = cast(:answer as jsonb) where account_id = :account and key = :key"
)


def must_reach(call: Call, case_id: int, key: str | None) -> None:
    """Raise NotFound for a case out of the caller's reach, unless the request repeats one that has its answer.

    A move may take its case out of reach; when its answer is lost on the way, the repetition still gets it.
    """
    try:
        listing.case(call.db, call.caller, case_id, now=call.now)
    except NotFound:
        if not key or call.db.execute(_EARLIER, _whose(call, key)).first() is None:
            raise


def once(call: Call, key: str | None, content: object, work: Callable[[], Answer]) -> Answer:
    """Do `work` unless the same account has sent `key` before; then give the earlier answer again.

    A second request that arrives while the first is at work waits for it. Raises KeyReused when the key came with
    other content.
    """
    if not key:
        return work()
    fingerprint = hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).digest()
    whose = _whose(call, key)
    if call.db.execute(_CLAIM, {**whose, "fingerprint": fingerprint}).first() is None:
        earlier = call.db.execute(_EARLIER, whose).one()
        if bytes(earlier.fingerprint) != fingerprint:
            raise KeyReused("This Idempotency-Key was used for another request.")
        return earlier.status, earlier.answer
    status, answer = work()
    answer = jsonable_encoder(answer)
    call.db.execute(_KEEP, {**whose, "status": status, "answer": json.dumps(answer, ensure_ascii=False)})
    return status, answer


def _whose(call: Call, key: str) -> dict[str, object]:
    return {"account": call.actor.account_id if call.actor else 0, "key": key[:200]}
