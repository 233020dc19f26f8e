"""The documents of GeoReport v2 as XML and JSON, from the same values. Pure.

Lists are wrapped as the specification names them: <services><service>…, and plain arrays in JSON. Times are ISO 8601 with their zone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

Format = Literal["xml", "json"]

MEDIA_TYPES: dict[str, str] = {"xml": "text/xml; charset=utf-8", "json": "application/json; charset=utf-8"}

ITEMS = {
    "services": "service",
    "attributes": "attribute",
    "values": "value",
    "service_requests": "request",
    "errors": "error",
    "endpoints": "endpoint",
    "formats": "format",
    "notes": "note",
    "media_urls": "media_url",
    "service_request_updates": "request_update",
}
"""The element of each entry of a list."""

_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write(form: Format, root: str, content: Any, zone: ZoneInfo) -> bytes:
    """A document. `root` is the name of the XML's outermost element."""
    plain = _plain(content, zone)
    if form == "json":
        return json.dumps(plain, ensure_ascii=False).encode()
    element = _element(root, plain)
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(element, encoding="unicode").encode()


def legible(text: str) -> str:
    """`text` without the characters that XML does not know."""
    return _NOT_IN_XML.sub("", text)


def _plain(value: Any, zone: ZoneInfo) -> Any:
    """The same with times as text and without characters that XML does not know."""
    if isinstance(value, Mapping):
        return {name: _plain(each, zone) for name, each in value.items()}
    if isinstance(value, datetime):
        return value.astimezone(zone).isoformat(timespec="seconds")
    if isinstance(value, str):
        return legible(value)
    if isinstance(value, Sequence):
        return [_plain(each, zone) for each in value]
    return value


def _element(name: str, value: Any) -> ET.Element:
    element = ET.Element(name)
    if isinstance(value, dict):
        element.extend(_element(key, each) for key, each in value.items())
    elif isinstance(value, list):
        element.extend(_element(ITEMS[name], each) for each in value)
    elif isinstance(value, bool):
        element.text = "true" if value else "false"
    elif value is not None:
        element.text = str(value)
    return element
