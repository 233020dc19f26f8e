"""Errors as answers: one map from the error tree to HTTP status, problem+json (RFC 9457), never internals."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import ValidationError
from sqlalchemy.exc import DataError, OperationalError
from starlette.exceptions import HTTPException

from api import malformed, open311_errors, problem_page
from config import errors, field_names
from config.i18n import _, gettext
from dispatch.listing import name_of
from dispatch.workflow import MOVES, STATES
from gis.events import new_trace
from gis.importing.steps import STATES as RUN_STATES
from welfare.procedure import MOVES as AID_MOVES
from welfare.procedure import STATES as AID_STATES

log = structlog.get_logger()

STATUS: dict[type[errors.CityCommandError], int] = {
    errors.InvalidInput: 422,
    errors.NotFound: 404,
    errors.NotSignedIn: 401,
    errors.NotPermitted: 403,
    errors.SeparationOfDuties: 403,
    errors.TooManyAttempts: 429,
    errors.StaleCase: 409,
    errors.StaleEdit: 409,
    errors.EvidenceTouched: 409,
    errors.StaleAsset: 409,
    errors.RetiredAsset: 409,
    errors.InvalidAsset: 422,
    errors.CodeTaken: 409,
    errors.IllegalMove: 422,
    errors.KeyReused: 422,
    errors.DuplicateAid: 409,
    errors.UnroutableCase: 500,
    errors.UnmappedForm: 422,
    errors.UnreadableFile: 422,
    errors.StalePreview: 409,
    errors.ImportInUse: 409,
    errors.IllegalStep: 409,
    errors.ConfigurationError: 500,
    errors.ServiceUnavailable: 503,
    errors.NotDelivered: 502,
}
"""Every class of the error tree has its status here; a test says so."""


SAID = {
    404: (
        _("There is nothing at this address."),
        _("Check the address for a slip; the reference page of the guide lists every address."),
    ),
    405: (
        _("This address is not asked in this way."),
        _("The reference page of the guide says which methods an address knows."),
    ),
}
"""What the web framework refuses by itself, and the next step."""

PAGE_NEXT = _("Check the address for a slip, or begin at the start page: it leads to everything that you may open.")


def install(app: FastAPI) -> None:
    """Answer every error of `app` as problem+json."""
    app.add_exception_handler(errors.CityCommandError, _known)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(ValidationError, _malformed)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(OperationalError, _unavailable)
    app.add_exception_handler(DataError, _out_of_range)
    app.add_exception_handler(Exception, _unexpected)


def trace_of(request: Request) -> str:
    """The trace id of this request, made by the middleware."""
    return getattr(request.state, "trace_id", None) or new_trace()


def _reader(request: Request) -> Callable[[str, object], object]:
    """How facts of an error read for this reader: fields, moves and states by name, instants in the city's time."""
    locale = getattr(request.state, "locale", "zh")
    zone = request.app.state.settings.time_zone if "app" in request.scope else UTC
    aid = request.url.path.startswith("/api/aid")
    moves, states = (AID_MOVES, AID_STATES) if aid else (MOVES, STATES)

    def shown(name: str, value: object) -> object:
        if name == "field" and isinstance(value, str):
            return field_names.label(value, gettext(locale), of_people=aid)
        if name == "move" and isinstance(value, str):
            return name_of(moves, value, locale)
        if name == "state" and isinstance(value, str):
            return name_of(states, value, locale)
        if name in ("run_state", "wanted_state") and isinstance(value, str):
            return RUN_STATES[value][locale == "en"]
        if name == "possible" and isinstance(value, list):
            return ("、" if locale == "zh" else ", ").join(name_of(moves, move, locale) for move in value)
        if isinstance(value, datetime):
            return value.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
        return value

    return shown


def _translate(request: Request) -> Callable[[str], str]:
    return gettext(getattr(request.state, "locale", "zh"))


def problem(request: Request, error: errors.CityCommandError) -> Response:
    """The answer to `error`."""
    kind = type(error)
    detail, next_step = error.said(_translate(request), _reader(request))
    return _problem(request, STATUS[kind], kind.__name__, detail, next_step, error.facts)


def _known(request: Request, error: Exception) -> Response:
    assert isinstance(error, errors.CityCommandError)
    return problem(request, error)


def _malformed(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError | ValidationError)
    return problem(request, malformed.unusable(error.errors(), _translate(request)))


def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    detail, next_step = SAID.get(error.status_code, (str(error.detail), _("Check the address.")))
    if error.status_code == 404 and problem_page.wanted(request):
        translate = _translate(request)
        return problem_page.page(request, 404, translate(detail), translate(PAGE_NEXT), trace_of(request), False)
    name = {404: "NotFound", 405: "MethodNotAllowed"}.get(error.status_code, "HttpError")
    return _problem(request, error.status_code, name, detail, next_step, {})


def _unavailable(request: Request, error: Exception) -> Response:
    log.error("database_unavailable", trace_id=trace_of(request), error=str(error))
    kind = errors.ServiceUnavailable
    return _problem(request, 503, kind.__name__, "The database does not answer.", kind.next_step, {})


def _out_of_range(request: Request, error: Exception) -> Response:
    log.warning("value_refused_by_the_database", trace_id=trace_of(request), error=str(error))
    kind = errors.InvalidInput
    return _problem(request, 422, kind.__name__, _("A value is too large or of the wrong kind."), kind.next_step, {})


def _unexpected(request: Request, error: Exception) -> Response:
    log.error("unexpected_error", trace_id=trace_of(request), path=request.url.path, exc_info=error)
    message = "Something unexpected happened here; nothing was changed."
    return _problem(request, 500, "Unexpected", message, errors.CityCommandError.next_step, {})


def _problem(request: Request, status: int, kind: str, detail: str, next_step: str, facts: dict[str, Any]) -> Response:
    trace_id = trace_of(request)
    translate = _translate(request)
    if status == 422 and request.url.path.startswith("/ogc"):
        status = 400  # the standard's number for a parameter that cannot be used
    if request.url.path.startswith(open311_errors.PREFIX):
        said = f"{translate(detail)} {translate(next_step)}"
        return open311_errors.answer(request, status, said, facts, translate)
    body = {
        "type": f"about:blank#{kind}",
        "title": kind,
        "status": status,
        "detail": translate(detail),
        "next_step": translate(next_step),
        "trace_id": trace_id,
        **({"facts": facts} if facts else {}),
    }
    return JSONResponse(
        jsonable_encoder(body), status, media_type="application/problem+json", headers={"X-Trace-Id": trace_id}
    )
