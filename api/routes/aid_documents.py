"""Sheets of an application that are printed: the public notice and the written decision (W2)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import HTMLResponse

from api.auth import Call, permit
from config.errors import NotFound
from dashboards import aid_documents, pages
from dashboards.aid_documents import Document
from dashboards.city import city
from welfare import access, households, listing

router = APIRouter(prefix="/aid/applications")

Id = Annotated[int, Path(ge=1, lt=1 << 62)]


@router.get("/{application_id}/notice")
def notice(application_id: Id, call: Annotated[Call, permit("aid.list")]) -> HTMLResponse:
    """The notice as it hangs at the community; NotFound before one was posted."""
    access.enter(call.db, call.caller)
    found = listing.application(call.db, call.caller, application_id, now=call.now)
    if found["notice_until"] is None:
        raise NotFound("No notice has been posted for this application.", "Post it first.")
    members = households.read(call.db, found["household_id"], _day(call, found["applied_at"])).members
    return _sheet(call, aid_documents.notice(found, len(members), call.locale, call.settings.time_zone))


@router.get("/{application_id}/decision")
def decision(application_id: Id, call: Annotated[Call, permit("household.open")]) -> HTMLResponse:
    """The letter to the applicant; it bears the name, so that it was opened is written down."""
    access.enter(call.db, call.caller)
    found = listing.application(call.db, call.caller, application_id, now=call.now)
    if found["decided_at"] is None or found["state"] == "withdrawn":
        raise NotFound("This application has not been decided.", "Decide it first.")
    record = households.open_record(
        call.db,
        call.caller,
        found["household_id"],
        ("application", "decision letter"),
        call.trace_id,
        _day(call, found["applied_at"]),
    )
    name = next((member.name for member in record.members if member.relation == "head"), record.members[0].name)
    return _sheet(call, aid_documents.decision(found, name, call.locale, call.settings.time_zone))


def _day(call: Call, moment: datetime) -> date:
    """The day of the city on which something was: from midnight to eight in the morning another one than in UTC."""
    return moment.astimezone(call.settings.time_zone).date()


def _sheet(call: Call, document: Document) -> HTMLResponse:
    where = city(call.db, call.settings, call.now, call.locale)
    return HTMLResponse(pages.draw_document(call.locale, where, document), headers={"Cache-Control": "no-store"})
