"""What GeoReport v2 says of services, requests and errors, from what dispatch/public knows. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dispatch.public import stages
from dispatch.public.changes import Change
from dispatch.public.records import Record
from dispatch.public.services import Attribute, Service
from dispatch.public.stages import Note

Entry = dict[str, Any]


def service(one: Service, locale: str) -> Entry:
    """An entry of the service list."""
    return {
        "service_code": one.code,
        "service_name": one.said("name", locale),
        "description": one.said("description", locale),
        "metadata": bool(one.attributes),
        "type": one.kind,
        "keywords": one.said("keywords", locale),
        "group": one.said("group_name", locale),
    }


def definition(one: Service, locale: str) -> Entry:
    """What is asked about a service."""
    attributes = [attribute(each, order, locale) for order, each in enumerate(one.attributes, start=1)]
    return {"service_code": one.code, "attributes": attributes}


def attribute(one: Attribute, order: int, locale: str) -> Entry:
    """One question. `order` counts from 1."""
    values = [{"key": each.key, "name": (locale == "en" and each.name_en) or each.name} for each in one.values]
    return {
        "variable": one.variable,
        "code": one.code,
        "datatype": one.datatype,
        "required": one.required,
        "datatype_description": "",
        "order": order,
        "description": one.label(locale),
        **({"values": values} if values else {}),
    }


def request(one: Record, locale: str, notes: Sequence[Note] | None = None, base: str = "") -> Entry:
    """A service request; with `notes` the extensions too. `base` is the address of this server, for photos."""
    photos = [f"{base}/report/photos/{each}.jpg" for each in one.photos]
    entry: Entry = {
        "service_request_id": one.number,
        "status": "open" if one.is_open else "closed",
        "status_notes": stages.name(one.stage, locale),
        "service_name": one.service_name,
        "service_code": one.service_code,
        "description": one.words,
        "agency_responsible": one.agency,
        "service_notice": "",
        "requested_datetime": one.occurred_at,
        "updated_datetime": one.updated_at,
        "expected_datetime": one.due_at,
        "address": one.address,
        "address_id": None,
        "zipcode": None,
        "lat": one.lat,
        "long": one.lon,
        "media_url": photos[0] if photos else None,
    }
    if notes is not None:
        entry["extended_attributes"] = {
            "stage": one.stage,
            "area": one.area,
            "area_code": one.area_code,
            "position_rounded": one.rounded,
            "reports": one.voices,
            "joined_with": one.joined_number or None,
            "media_urls": photos,
        }
        entry["notes"] = [note(each, locale) for each in notes]
    return entry


def note(one: Note, locale: str) -> Entry:
    """One change of the public stage."""
    status = "closed" if one.stage in stages.ENDED else "open"
    return {"datetime": one.at, "type": one.stage, "status": status, "summary": stages.name(one.stage, locale)}


def update(one: Change, locale: str) -> Entry:
    """One change as an update of its own; its id is lasting."""
    return {
        "update_id": f"{one.number}-{one.seq}",
        "service_request_id": one.number,
        "status": "closed" if one.stage in stages.ENDED else "open",
        "updated_datetime": one.at,
        "description": stages.name(one.stage, locale),
        "media_url": None,
    }
