"""Webhooks: one JSON message a request, signed and replay-safe. The contract with a receiver's example: docs/guide/notices.md."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from urllib.parse import urlsplit

import requests

from config.errors import InvalidInput, NotDelivered

CONNECT_S, READ_S = 5, 10
LARGEST_BYTES = 65_536


def shown(address: str) -> str:
    """Scheme and host; a path may be a secret. Raises InvalidInput for what is no web address."""
    try:
        parts = urlsplit(address)
        fits = parts.scheme in ("http", "https") and parts.hostname and not parts.username and (parts.port or 1) > 0
    except ValueError:
        fits = False
    if not fits:
        raise InvalidInput(
            "'{url}' is no web address.", "It begins with https://.", url=address[:8] + "…", field="address"
        )
    return f"{parts.scheme}://{parts.netloc}"


def headers(secrets: Sequence[str], message_id: str, timestamp: int, content: bytes) -> dict[str, str]:
    """Headers by which a receiver knows that a message is ours and whole, how old it is, and which one. Pure.

    One signature for each valid secret: a receiver takes the message where one of them is right, so secrets can be changed.
    """
    signed = f"{timestamp}.{message_id}.".encode() + content
    marks = [hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest() for secret in secrets]
    return {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "City-Command",
        "X-CityCommand-Message": message_id,
        "X-CityCommand-Timestamp": str(timestamp),
        "X-CityCommand-Signature": ",".join(f"sha256={mark}" for mark in marks),
    }


def send(address: str, content: bytes, signed: dict[str, str]) -> None:
    """Send one message. Redirects count as refusals, the answer's body is not read. Raises NotDelivered without the address."""
    if len(content) > LARGEST_BYTES:
        raise NotDelivered("The message is larger than {most} bytes.", most=LARGEST_BYTES)
    try:
        with requests.post(
            address, data=content, headers=signed, timeout=(CONNECT_S, READ_S), allow_redirects=False, stream=True
        ) as answer:
            status = answer.status_code
    except requests.RequestException as error:
        raise NotDelivered("The other side cannot be reached: {error}.", error=type(error).__name__) from None
    if not 200 <= status < 300:
        raise NotDelivered("The other side answered {status}.", status=status)
