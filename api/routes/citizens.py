"""The citizens' page without a login: report, look up by code, join an open case (S5, D2)."""

from __future__ import annotations

import secrets
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Query, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile

from api.auth import PUBLIC, Call, permit
from api.citizen_pages import PREFIXES, CitizenRoute, admit, for_scripts, frame
from api.forms import store_photos
from api.middleware import LONGEST_BODY
from api.problems import STATUS
from api.routes.accounts import same_origin
from config.errors import CityCommandError, InvalidInput, KeyReused, NotFound
from config.i18n import _, gettext
from config.settings import MEGABYTE
from dashboards import citizens
from dashboards.citizens import Frame
from dispatch import policy
from dispatch.open311 import requests
from dispatch.public import limits, page, records, services, submissions
from dispatch.public.records import Record, Wanted
from dispatch.public.services import Service
from dispatch.public.submissions import Taken

router = APIRouter(route_class=CitizenRoute, include_in_schema=False)

Public = Annotated[Call, permit(PUBLIC)]

HONEYPOT = "website"
"""A field that nobody sees; what fills it in is no person."""


async def _form(request: Request) -> FormData:
    """The form. One with photos of a sender who has used up its reports is refused before it is read: it may be 120 MB."""
    if int(request.headers.get("content-length", "0")) > LONGEST_BODY:
        await run_in_threadpool(_admit, request, count=False)
    return await request.form(max_files=request.app.state.settings.photos_per_report, max_fields=300)


def report_page(request: Request, call: Public, join: Annotated[str, Query(max_length=40)] = "") -> HTMLResponse:
    """The form, with the services of today; `join` names an open case that the report will be added to."""
    seen = frame(request, call)
    joined = _open_case(call, join, seen.locale) if join else None
    return HTMLResponse(_drawn(seen, call, joined))


def take_report(request: Request, call: Public, sent: Annotated[FormData, Depends(_form)]) -> Response:
    """Take a report and tell its code, this once; the same form sent again gets the same answer."""
    same_origin(request)
    seen = frame(request, call)
    fields = {name: [str(value) for value in sent.getlist(name) if isinstance(value, str)] for name in sent}
    joined = None
    try:
        _must_be_a_person(fields)
        _admit(request)
        number = requests.first(fields, "join")
        joined = _open_case(call, number, seen.locale) if number else None
        taken = _take(call, seen, fields, sent, joined)
    except CityCommandError as problem:
        if for_scripts(request):
            raise
        return _form_again(seen, call, joined, fields, problem)
    notice = _notice(call, seen, taken)
    if for_scripts(request):
        told = {"number": taken.number, "code": taken.code, "notice": notice, "joined": joined is not None}
        return JSONResponse(told, 201)
    return HTMLResponse(citizens.draw_thanks(seen, taken.number, taken.code, notice, joined=joined is not None), 201)


def status_page(request: Request, call: Public) -> HTMLResponse:
    """The field for the code."""
    return HTMLResponse(citizens.draw_status(frame(request, call), None))


def status(request: Request, call: Public, code: Annotated[str, Form(max_length=60)] = "") -> HTMLResponse:
    """Where a report stands: the public's stages and nothing else. The code travels in the body, so that no log has it."""
    same_origin(request)
    seen = frame(request, call)
    admit(request, "status", most=limits.intake()["page"]["status_address_hour"])
    found = submissions.by_code(call.db, code)
    if found is None:
        said = gettext(seen.locale)(
            _("There is no report with this code. Check each letter: there is no I, O, 0 or 1 in it.")
        )
        return HTMLResponse(citizens.draw_status(seen, None, said), 404)
    return HTMLResponse(citizens.draw_status(seen, _standing(call, seen, found.case_id)))


for _prefix in PREFIXES:
    router.add_api_route(f"{_prefix}/report", report_page, methods=["GET"], response_class=HTMLResponse)
    router.add_api_route(f"{_prefix}/report", take_report, methods=["POST"], response_model=None)
    router.add_api_route(f"{_prefix}/report/status", status_page, methods=["GET"], response_class=HTMLResponse)
    router.add_api_route(f"{_prefix}/report/status", status, methods=["POST"], response_class=HTMLResponse)


def _admit(request: Request, *, count: bool = True) -> None:
    """Refuse what comes too often. Raises TooManyAttempts."""
    allowed = limits.intake()["page"]
    admit(request, "page", most=allowed["per_address_hour"], total=allowed["total_hour"], count=count)


def _must_be_a_person(fields: dict[str, list[str]]) -> None:
    if requests.first(fields, HONEYPOT):
        raise InvalidInput("A hidden field was filled in, as programs do.", "Load the page again, or call the hotline.")


def _take(call: Call, seen: Frame, fields: dict[str, list[str]], sent: FormData, joined: Record | None) -> Taken:
    code = requests.first(fields, "service_code")
    service = services.get(call.db, _today(call), code) if code and joined is None else None
    files = [each for each in sent.getlist("photos") if isinstance(each, UploadFile) and each.filename]
    wanted = page.submission(
        fields,
        service,
        joined=joined,
        photos=len(files),
        key=requests.first(fields, "key"),
        zone=call.settings.time_zone,
        translate=gettext(seen.locale),
    )
    photos = store_photos(files, call.settings)
    try:
        return submissions.take(call.db, call.settings, wanted, now=call.now, photos=photos, trace_id=call.trace_id)
    except KeyReused as error:
        raise InvalidInput("This form has been sent before.", "Load the page again for another report.") from error


def _open_case(call: Call, number: str, locale: str) -> Record:
    """An open case that the public sees. Raises NotFound."""
    found = records.find(call.db, Wanted(numbers=(number,), open=True), _today(call), locale, limit=1)
    if not found:
        raise NotFound(
            "Case {number} is not open to the public any more.", "Send it as a new report.", number=number[:40]
        )
    return found[0]


def _form_again(
    seen: Frame, call: Call, joined: Record | None, fields: dict[str, list[str]], problem: CityCommandError
) -> HTMLResponse:
    """The form with what was entered and what is wrong with it, for a browser without scripts."""
    translate = gettext(seen.locale)
    told = [" ".join(each.said(translate)) for each in requests.problems_of(problem)]
    entered = {name: values[0] for name, values in fields.items() if values}
    return HTMLResponse(_drawn(seen, call, joined, entered, told), STATUS[type(problem)])


def _drawn(
    seen: Frame, call: Call, joined: Record | None, entered: dict[str, str] | None = None, told: list[str] | None = None
) -> str:
    found: list[Service] = services.in_force(call.db, _today(call))
    zone = call.settings.time_zone
    return citizens.draw_report(
        seen,
        found,
        secrets.token_urlsafe(24),
        photo_limit=call.settings.photo_limit_bytes // MEGABYTE,
        photos_most=call.settings.photos_per_report,
        joined=citizens.record(joined, seen.locale, zone) if joined else None,
        entered=entered,
        problems=told or [],
    )


def _notice(call: Call, seen: Frame, taken: Taken) -> str:
    said = gettext(seen.locale)
    if taken.location_quality == "unlocated":
        return said(_("The place could not be found on the map; the centre will look for it."))
    if taken.location_quality == "outside":
        return said(_("The place lies outside the city; the centre decides who is told."))
    if taken.due_at is None:
        return said(_("The centre looks at it and finds who is responsible."))
    return said(_("It should be mended by {due}.")).format(due=citizens.said(taken.due_at, call.settings.time_zone))


def _standing(call: Call, seen: Frame, case_id: int) -> dict[str, Any]:
    """What the sender of a report is told: of a case that is not public too, but never more than its stages."""
    standing = records.standing(call.db, case_id, seen.locale)
    zone = call.settings.time_zone
    return {
        "number": standing.number,
        "own_number": standing.own_number,
        "reopening_days": policy.of_moves().reopening_window.days,
        "name": standing.name,
        "open": standing.is_open,
        "agency": standing.agency,
        "due": citizens.said(standing.due_at, zone) if standing.due_at and standing.is_open else "",
        "timeline": citizens.timeline(standing.notes, seen.locale, zone),
    }


def _today(call: Call) -> Any:
    return call.now.astimezone(call.settings.time_zone).date()
