"""Messages of a topic, one record or feature each: what waits at the broker since last time. Acknowledged once it is applied."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from typing import Any

from config.errors import ServiceUnavailable
from ingest.connectors.reader import Brought, Request, need
from ingest.inbox import Delivery, Inbox

SESSION_S = 30 * 24 * 3600
"""The broker keeps messages for us this long while we are away."""

IN_FLIGHT = 60_000
CONNECT_S, QUIET_S = 10.0, 2.0


def read(request: Request) -> Brought:
    """Settings: `topic`; `key`, the field that tells things apart (of several messages about one the last counts); `quiet_s`, after how
    many seconds without a message the reading ends. The secret's `url` is the broker.

    A message that is no JSON object becomes a record that the importer refuses and keeps. Raises ServiceUnavailable where the broker
    does not answer.
    """
    quiet = float(request.settings.get("quiet_s", QUIET_S))
    topic, url = need(request.settings, "topic"), need(request.secrets, "url")
    inbox = Inbox(url, f"citycommand-connector-{request.code}", [topic], IN_FLIGHT, SESSION_S)
    inbox.open()
    try:
        deliveries = _waiting(inbox, quiet)
    except BaseException:
        inbox.close()
        raise
    if not deliveries:
        return Brought([], close=inbox.close)
    records = _last_of_each([_record(delivery) for delivery in deliveries], str(request.settings.get("key", "")))
    features = any(record.get("geometry") for record in records)
    path = request.folder / f"{request.code}.{'geojson' if features else 'json'}"
    body: Any = {"type": "FeatureCollection", "features": records} if features else records
    path.write_text(json.dumps(body, ensure_ascii=False), encoding="utf-8")
    return Brought([path], datetime.now(UTC), lambda: inbox.acknowledge(deliveries), inbox.close)


def _waiting(inbox: Inbox, quiet: float) -> list[Delivery]:
    """All that waits, until nothing more has come for `quiet` seconds."""
    deliveries: list[Delivery] = []
    latest = time.monotonic() + CONNECT_S
    while not deliveries and not inbox.connected and time.monotonic() < latest:
        deliveries = inbox.take(IN_FLIGHT, 0.1, 0.1)
    while len(deliveries) < IN_FLIGHT and (more := inbox.take(IN_FLIGHT - len(deliveries), 0.1, quiet)):
        deliveries += more
    if not inbox.connected and not deliveries:
        raise ServiceUnavailable("The other system's broker does not answer.", "Ask its owner; check the secret's url.")
    return deliveries


def _record(delivery: Delivery) -> dict[str, Any]:
    payload = delivery.message.payload
    try:
        record = json.loads(payload)
    except ValueError:
        record = None
    if isinstance(record, dict):
        return record
    said = {"topic": delivery.message.topic, "unreadable": payload[:2000].decode(errors="replace")}
    return {"type": "Feature", "geometry": None, "properties": said}


def _last_of_each(records: list[dict[str, Any]], key: str) -> list[dict[str, Any]]:
    if not key:
        return records
    last: dict[str, dict[str, Any]] = {}
    for number, record in enumerate(records):
        name = record.get(key, (record.get("properties") or {}).get(key))
        last[str(name) if name is not None else f" {number}"] = record
    return list(last.values())
