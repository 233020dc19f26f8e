"""Consumer `ticket_push`: sends a message to a partner that wants it sent, signed; what fails comes again, then is a dead letter."""

from __future__ import annotations

import hashlib
import hmac
import json
import time

import requests
from sqlalchemy import Connection, text

from config.errors import NotDelivered
from config.settings import Settings
from dispatch.exchange import contract, outgoing, partners
from gis import clock, events, keyring

TIMEOUT_S = 5.0


def act(db: Connection, settings: Settings, event: events.Event) -> None:
    """Send one message unless it has been acknowledged meanwhile. Raises NotDelivered."""
    row = db.execute(
        text(
            "select m.id, m.ticket_number, m.kind, m.body, m.occurred_at, m.partner_id, p.push_url from dispatch.ticket_message m"
            " join dispatch.partner p on p.id = m.partner_id and p.ended_at is null and p.push_url <> ''"
            " where m.id = :id and m.acknowledged_at is null"
        ),
        {"id": event.payload["message_id"]},
    ).first()
    if row is None:
        return
    secret = partners.signing_secret(db, keyring.ring(db, settings), row.partner_id)
    content = json.dumps(contract.message(dict(row._mapping)), ensure_ascii=False).encode()
    _send(row.push_url, content, headers(secret, content, int(time.time()), row.id))
    outgoing.acknowledge(db, row.partner_id, [row.id], clock.now(db))


def headers(secret: str, content: bytes, timestamp: int, message_id: int) -> dict[str, str]:
    """Headers by which the other side knows that a message is ours, whole, new (the timestamp), and which one it is. Pure."""
    mark = hmac.new(secret.encode(), f"{timestamp}.".encode() + content, hashlib.sha256).hexdigest()
    return {
        "Content-Type": "application/json; charset=utf-8",
        "X-CityCommand-Message": str(message_id),
        "X-CityCommand-Timestamp": str(timestamp),
        "X-CityCommand-Signature": f"sha256={mark}",
    }


def _send(address: str, content: bytes, signed: dict[str, str]) -> None:
    try:
        answer = requests.post(address, data=content, headers=signed, timeout=TIMEOUT_S, allow_redirects=False)
    except requests.RequestException as error:
        raise NotDelivered("The other side cannot be reached: {error}.", error=type(error).__name__) from error
    if not 200 <= answer.status_code < 300:
        raise NotDelivered("The other side answered {status}.", status=answer.status_code)
