"""Atom (RFC 4287) of what was reported and mended in an area, with places as GeoRSS points. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

from dispatch.open311.documents import legible
from dispatch.public import stages
from dispatch.public.records import Record

ATOM, GEORSS = "http://www.w3.org/2005/Atom", "http://www.georss.org/georss"
MEDIA_TYPE = "application/atom+xml; charset=utf-8"


@dataclass(frozen=True)
class Channel:
    """What the feed is: title, its own address, the page it belongs to; `host` names whoever made the ids."""

    title: str
    address: str
    page: str
    host: str
    locale: str
    zone: ZoneInfo
    now: datetime


def write(channel: Channel, records: Sequence[Record]) -> bytes:
    """The feed, entries in the order given. An entry's id is lasting; it is updated with every public stage."""
    ET.register_namespace("", ATOM)
    ET.register_namespace("georss", GEORSS)
    root = ET.Element(f"{{{ATOM}}}feed")
    newest = max((each.updated_at for each in records), default=channel.now)
    _add(root, "id", channel.address)
    _add(root, "title", channel.title)
    _add(root, "updated", _time(newest, channel.zone))
    _add(root, "link", rel="self", type="application/atom+xml", href=channel.address)
    _add(root, "link", rel="alternate", type="text/html", href=channel.page)
    _add(_add(root, "author"), "name", channel.title)
    for record in records:
        _entry(root, channel, record)
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode").encode()


def _entry(root: ET.Element, channel: Channel, record: Record) -> None:
    entry = _add(root, "entry")
    stage = stages.name(record.stage, channel.locale)
    _add(entry, "id", f"tag:{channel.host},2026:case/{record.number}")
    _add(entry, "title", f"{record.service_name}: {stage}")
    _add(entry, "published", _time(record.occurred_at, channel.zone))
    _add(entry, "updated", _time(record.updated_at, channel.zone))
    _add(
        entry, "link", rel="alternate", type="text/html", href=f"{channel.page.rsplit('/', 1)[0]}/cases/{record.number}"
    )
    _add(entry, "category", term=record.service_code, label=record.service_name)
    _add(entry, "summary", " · ".join(part for part in (record.address or record.area, record.words) if part))
    if record.lon is not None and record.lat is not None:
        point = ET.SubElement(entry, f"{{{GEORSS}}}point")
        point.text = f"{record.lat} {record.lon}"


def _add(parent: ET.Element, name: str, text: str | None = None, **attributes: str) -> ET.Element:
    element = ET.SubElement(parent, f"{{{ATOM}}}{name}", {key: legible(value) for key, value in attributes.items()})
    element.text = legible(text) if text is not None else None
    return element


def _time(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).isoformat(timespec="seconds")
