"""What people call the fields of requests and forms, for messages that name one. The names themselves are the interface's."""

from __future__ import annotations

from collections.abc import Callable

from config.i18n import _

FIELDS = {
    "applicant_id": _("applicant"),
    "area_code": _("area"),
    "asset_id": _("asset"),
    "assist_unit_id": _("assisting unit"),
    "assist_unit_ids": _("assisting units"),
    "authorised": _("consent to the checks"),
    "bbox": _("part of the map"),
    "before": _("page"),
    "by": _("grouping"),
    "case_id": _("case"),
    "centre_id": _("centre"),
    "class_code": _("class"),
    "changes": _("changes"),
    "contractor_id": _("contractor"),
    "condition_id": _("filing condition"),
    "days": _("days"),
    "description": _("description"),
    "facts": _("facts"),
    "from": _("beginning of the period"),
    "handler_id": _("handler"),
    "id_number": _("ID number"),
    "inspector_id": _("inspector"),
    "into_case_id": _("case that stays"),
    "lat": _("latitude"),
    "limit": _("number of rows"),
    "lon": _("longitude"),
    "move": _("step"),
    "name": _("name or title"),
    "note": _("note"),
    "occurred_at": _("time"),
    "people": _("members"),
    "person_id": _("person"),
    "photos": _("photos"),
    "position": _("position"),
    "priority": _("urgency"),
    "programme": _("programme"),
    "purpose": _("purpose"),
    "quantity": _("quantity"),
    "q": _("search words"),
    "reason": _("reason in words"),
    "report": _("report"),
    "share": _("share of the original limit"),
    "source": _("source"),
    "system": _("coordinate system"),
    "to": _("end of the period"),
    "unit_price": _("price"),
    "unit_id": _("unit"),
    "until": _("end"),
    "username": _("user name"),
    "version": _("version seen"),
    "visitors": _("visitors"),
    "why": _("reason in words"),
}
"""Field of the HTTP interface → English name; a field without one is called as it is."""

OF_PEOPLE = {"name": _("name")}
"""The same where people are registered (the aid account): Chinese has another word for the name of a person."""


def label(field: str, translate: Callable[[str], str], of_people: bool = False) -> str:
    """A field for its reader. "position.lon" is the longitude of the position: parts are joined from outside to inside."""
    parts = [part for part in field.split(".") if not part.isdigit()] or [field]
    names = FIELDS | OF_PEOPLE if of_people else FIELDS
    return " › ".join(translate(names[part]) if part in names else part for part in parts)
