"""A web interface that answers GET with GeoJSON or a JSON list of records, page by page (`rel=next`). Nothing is sent but the question."""

from __future__ import annotations

import json
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests

from config.errors import ServiceUnavailable, UnreadableFile
from ingest.connectors.reader import MOST_BYTES, Brought, Request, need

TIMEOUT_S = (10, 60)
MOST_PAGES = 10_000


def read(request: Request) -> Brought:
    """Settings: `url`, where {since} is the time of the newest data known; `records`, the member that holds the list, if not the whole.

    The secret may have `token` (sent as a bearer), or `user` and `password`. Raises ServiceUnavailable for no answer or an error
    of the other side, UnreadableFile for an answer that is no list of records.
    """
    address = str(need(request.settings, "url")).replace("{since}", request.since.isoformat() if request.since else "")
    found: list[Any] = []
    newest: datetime | None = None
    size = 0
    with requests.Session() as session:
        session.trust_env = False  # its own network, not that of a proxy somebody set for another purpose
        _authorise(session, request)
        for _page in range(MOST_PAGES):
            content, moment, following = _page_of(session, address)
            size += len(content)
            if size > MOST_BYTES:
                raise UnreadableFile(
                    "The other system sends more than {bytes} bytes.", "Narrow the address.", bytes=MOST_BYTES
                )
            newest = max(filter(None, (newest, moment)), default=None)
            body = _decoded(content)
            found += _records(body, str(request.settings.get("records", "")))
            following = following or _next_link(body)
            if not following:
                break
            following = urljoin(address, following)
            if urlsplit(following).netloc != urlsplit(address).netloc:
                raise UnreadableFile("The next page lies on another server.", "Name the address that all pages share.")
            address = following
    return Brought([_written(request, found)] if found else [], newest)


def _authorise(session: requests.Session, request: Request) -> None:
    if "token" in request.secrets:
        session.headers["Authorization"] = f"Bearer {request.secrets['token']}"
    elif "user" in request.secrets:
        session.auth = (request.secrets["user"], request.secrets.get("password", ""))


def _page_of(session: requests.Session, address: str) -> tuple[bytes, datetime | None, str]:
    try:
        with session.get(address, timeout=TIMEOUT_S, stream=True, allow_redirects=False) as answer:
            if answer.status_code != 200:
                raise ServiceUnavailable(
                    "The other system answers with status {status}.",
                    "Ask its owner; check address and secret.",
                    status=answer.status_code,
                )
            content = answer.raw.read(MOST_BYTES + 1, decode_content=True)
            said = answer.headers.get("Last-Modified")
            return content, parsedate_to_datetime(said) if said else None, answer.links.get("next", {}).get("url", "")
    except (requests.RequestException, ValueError, OSError) as error:
        raise ServiceUnavailable(
            "The other system does not answer: {problem}.",
            "Ask its owner; check the address.",
            problem=type(error).__name__,
        ) from None


def _decoded(content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError:
        raise UnreadableFile(
            "The other system does not answer in JSON.", "Check the address; a login page is not data."
        ) from None


def _records(body: Any, member: str) -> list[Any]:
    features = body.get("features") if isinstance(body, dict) and not member else None
    records = features if features is not None else body.get(member) if member and isinstance(body, dict) else body
    if not isinstance(records, list):
        raise UnreadableFile(
            "The answer holds no list of records.", 'Name the member that does: records = "…" under [settings].'
        )
    return records


def _next_link(body: Any) -> str:
    links = body.get("links", []) if isinstance(body, dict) else []
    return next(
        (str(link.get("href", "")) for link in links if isinstance(link, dict) and link.get("rel") == "next"), ""
    )


def _written(request: Request, records: list[Any]) -> Any:
    """GeoJSON where the records are features, else a JSON list as `import layer` reads it."""
    features = all(isinstance(record, dict) and record.get("type") == "Feature" for record in records)
    path = request.folder / f"{request.code}.{'geojson' if features else 'json'}"
    body: Any = {"type": "FeatureCollection", "features": records} if features else records
    path.write_text(json.dumps(body, ensure_ascii=False), encoding="utf-8")
    return path
