"""Open311 GeoReport v2 under /open311/v2, for other programs: services, requests, tokens; XML and JSON (S5).

Reading is for anybody; reporting needs an api key. What is told is what dispatch/public/records.py lets anybody see.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Header, Request, Response
from sqlalchemy import Connection, text
from starlette.datastructures import FormData, UploadFile

from api.auth import PUBLIC, Call, permit
from api.forms import store_photos
from api.open311_errors import ANYBODY
from config.errors import InvalidInput, NotFound
from config.i18n import _, gettext
from dispatch.open311 import answers, documents, keys, queries, requests
from dispatch.open311.keys import Key
from dispatch.public import changes, limits, records, services, submissions
from dispatch.public.submissions import Taken
from dispatch.reports import Position
from gis.db import transaction
from gis.geocoding.geocode import geocode

router = APIRouter(prefix="/open311")

Format = Literal["xml", "json"]
Public = Annotated[Call, permit(PUBLIC)]

SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"
EXACT = ("door", "range", "between", "crossing", "place", "offset")
"""Precisions of an address that are good enough to send somebody there."""


async def _form(request: Request) -> FormData:
    return await request.form(max_files=request.app.state.settings.photos_per_report, max_fields=200)


Form = Annotated[FormData, Depends(_form)]


@router.get("/discovery.{form}")
@router.get("/v2/discovery.{form}")
def discovery(form: Format, request: Request, call: Public) -> Response:
    """Where the endpoint is, which formats it speaks, whom to ask for a key."""
    facts = limits.intake()
    said = gettext(call.locale)
    content = {
        "changeset": facts["open311"]["changeset"],
        "contact": said(_("Call {hotline}.")).format(hotline=limits.hotline(call.db)),
        "key_service": said(_("Ask the administrator of this city for an api key: call {hotline}.")).format(
            hotline=limits.hotline(call.db)
        ),
        "endpoints": [
            {
                "specification": SPECIFICATION,
                "url": f"{str(request.base_url).rstrip('/')}/open311/v2",
                "changeset": facts["open311"]["changeset"],
                "type": "test" if call.settings.demonstration else "production",
                "formats": ["text/xml", "application/json"],
            }
        ],
    }
    return _answer(call, form, "discovery", content)


@router.get("/v2/services.{form}")
def service_list(form: Format, call: Public, jurisdiction_id: str = "") -> Response:
    """What may be reported today."""
    _must_be_ours(call.db, jurisdiction_id)
    found = services.in_force(call.db, _today(call))
    return _answer(call, form, "services", [answers.service(each, call.locale) for each in found])


@router.get("/v2/services/{code}.{form}")
def service_definition(code: str, form: Format, call: Public, jurisdiction_id: str = "") -> Response:
    """What is asked about one service."""
    _must_be_ours(call.db, jurisdiction_id)
    found = services.get(call.db, _today(call), code)
    return _answer(call, form, "service_definition", answers.definition(found, call.locale))


@router.post("/v2/requests.{form}")
def post_request(
    form: Format,
    request: Request,
    call: Public,
    sent: Form,
    idempotency_key: Annotated[str | None, Header(max_length=200)] = None,
) -> Response:
    """Take a report. It becomes a case at once; a place that cannot be found loses nothing, the answer says so."""
    fields = {name: [str(value) for value in sent.getlist(name) if isinstance(value, str)] for name in sent}
    key = _admitted(request, requests.first(fields, "api_key") or request.query_params.get("api_key", ""))
    _must_be_ours(call.db, requests.first(fields, "jurisdiction_id") or request.query_params.get("jurisdiction_id", ""))
    code = requests.first(fields, "service_code")
    if not code:
        raise InvalidInput("service_code is missing.", "Choose one of the list of services.", field="service_code")
    service = services.get(call.db, _today(call), code)
    posted = requests.posted(fields, service)
    files = [each for name in ("media", "media[]") for each in sent.getlist(name) if isinstance(each, UploadFile)]
    photos = store_photos(files, call.settings)
    position = posted.position or _of_address(call, posted.address)
    repeat_s = float(limits.intake()["open311"]["repeat_s"])
    wanted = requests.submission(
        posted, service, key, repeat_key=idempotency_key or "", repeat_s=repeat_s, position=position
    )
    taken = submissions.take(call.db, call.settings, wanted, now=call.now, photos=photos, trace_id=call.trace_id)
    entry = {
        **_reference(service.kind, taken),
        "service_notice": _notice(call, taken),
        "account_id": posted.account_id or None,
    }
    return _answer(call, form, "service_requests", [entry], 201)


@router.get("/v2/tokens/{token}.{form}")
def request_of_token(token: str, form: Format, call: Public, jurisdiction_id: str = "") -> Response:
    """The id behind a token, once the centre has accepted the report; before that only the token."""
    _must_be_ours(call.db, jurisdiction_id)
    found = submissions.by_code(call.db, token)
    if found is None or found.door != "open311":
        raise NotFound("There is no token {token}.", token=token[:40])
    shown = _records(call, records.Wanted(numbers=(found.number,)), 1)
    number = shown[0].number if shown else None
    return _answer(call, form, "service_requests", [{"service_request_id": number, "token": token}])


@router.get("/v2/requests.{form}")
def request_list(form: Format, request: Request, call: Public, jurisdiction_id: str = "") -> Response:
    """Requests by id, service, time, status and window, the newest first: of the last 90 days, 1,000 at most."""
    _must_be_ours(call.db, jurisdiction_id)
    query = dict(request.query_params)
    limit, offset = queries.page(query)
    found = _records(call, queries.wanted(query, call.now), limit, offset)
    return _answer(call, form, "service_requests", _requests(call, request, found))


@router.get("/v2/requests/{number}.{form}")
def one_request(number: str, form: Format, request: Request, call: Public, jurisdiction_id: str = "") -> Response:
    """One request. Of what the public may not see nobody learns whether it exists."""
    _must_be_ours(call.db, jurisdiction_id)
    found = _records(call, records.Wanted(numbers=(number,)), 1)
    if not found:
        raise NotFound("There is no request {number} that the public may see.", number=number[:40])
    return _answer(call, form, "service_requests", _requests(call, request, found))


@router.get("/v2/servicerequestupdates.{form}")
def updates(form: Format, request: Request, call: Public, jurisdiction_id: str = "") -> Response:
    """What changed between two moments, 90 days at most, oldest first: one entry for each stage that a request reached."""
    _must_be_ours(call.db, jurisdiction_id)
    query = dict(request.query_params)
    since, until = queries.span(query, "start_date", "end_date", call.now)
    limit, offset = queries.page(query)
    found = changes.between(call.db, since, until, _today(call), limit=limit, offset=offset)
    return _answer(call, form, "service_request_updates", [answers.update(each, call.locale) for each in found])


def _records(call: Call, wanted: records.Wanted, limit: int, offset: int = 0) -> list[records.Record]:
    return records.find(call.db, wanted, _today(call), call.locale, limit=limit, offset=offset)


def _requests(call: Call, request: Request, found: list[records.Record]) -> list[dict[str, Any]]:
    base = str(request.base_url).rstrip("/")
    if request.query_params.get("extensions", "").lower() not in ("true", "1", "yes"):
        return [answers.request(each, call.locale, base=base) for each in found]
    notes = records.history(call.db, [each.case_id for each in found])
    return [answers.request(each, call.locale, notes.get(each.case_id, []), base) for each in found]


def _answer(call: Call, form: documents.Format, root: str, content: Any, status: int = 200) -> Response:
    body = documents.write(form, root, content, call.settings.time_zone)
    return Response(body, status, media_type=documents.MEDIA_TYPES[form], headers=ANYBODY)


def _today(call: Call) -> Any:
    return call.now.astimezone(call.settings.time_zone).date()


def _must_be_ours(db: Connection, jurisdiction_id: str) -> None:
    """One instance serves one city; a program that names another one talks to the wrong place."""
    if not jurisdiction_id:
        return
    ours = db.execute(
        text(
            "select exists (select from gis.setting where name = 'jurisdiction_id' and value = to_jsonb(cast(:id as text)))"
            " or exists (select from gis.area where parent_id is null and code = :id)"
        ),
        {"id": jurisdiction_id},
    ).scalar()
    if not ours:
        raise NotFound(
            "The jurisdiction_id {jurisdiction} is not served here.", "Leave it out.", jurisdiction=jurisdiction_id[:80]
        )


def _admitted(request: Request, secret: str) -> Key:
    """The key, after its use has been counted in a transaction of its own: a refused report counts too."""
    with transaction(request.app.state.engine) as db:
        key = keys.find(db, secret)
        limits.enter(db, "open311", f"key {key.id}".encode(), window_s=60, most=key.per_minute)
    return key


def _of_address(call: Call, address: str) -> Position | None:
    """The point that an address means, where it means one."""
    hits = [hit for hit in geocode(call.db, address, call.locale) if hit["precision"] in EXACT] if address else []
    return Position(hits[0]["lon"], hits[0]["lat"]) if len(hits) == 1 else None


def _reference(kind: str, taken: Taken) -> dict[str, str]:
    """How the sender finds it again: by its id, by a token while the centre has not accepted it, or not at all."""
    if kind == "realtime":
        return {"service_request_id": taken.number}
    return {"token": taken.code} if kind == "batch" else {}


def _notice(call: Call, taken: Taken) -> str:
    said = gettext(call.locale)
    if taken.location_quality == "unlocated":
        return said(_("Taken. The place could not be found on the map; the centre will look for it, and may ask you."))
    if taken.location_quality == "outside":
        return said(_("Taken. The place lies outside the city; the centre decides who is told."))
    if taken.due_at is None:
        return said(_("Taken. The centre decides who is responsible."))
    due = taken.due_at.astimezone(call.settings.time_zone).strftime("%Y-%m-%d %H:%M")
    return said(_("Taken. It should be mended by {due}.")).format(due=due)
