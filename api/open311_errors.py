"""Errors below /open311 as GeoReport v2 wants them: a list of {code, description}, in the format of the address."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fastapi import Request, Response

from config.errors import CityCommandError
from dispatch.open311 import documents

PREFIX = "/open311/"

ANYBODY = {"Access-Control-Allow-Origin": "*"}
"""What is public may be read by pages of other sites too."""

_CODES = {422: 400, 409: 400, 401: 403}
"""The specification knows 400, 403 and 404; what it does not know keeps its own number."""


def answer(
    request: Request, status: int, said: str, facts: Mapping[str, Any], translate: Callable[[str], str]
) -> Response:
    """The document for an error that was `said` already, or for the several `problems` in its facts."""
    form: documents.Format = "json" if request.url.path.endswith(".json") else "xml"
    code = _CODES.get(status, status)
    problems = [each for each in facts.get("problems", ()) if isinstance(each, CityCommandError)]
    texts = [" ".join(each.said(translate)) for each in problems] or [said]
    errors = [{"code": code, "description": text} for text in texts]
    body = documents.write(form, "errors", errors, request.app.state.settings.time_zone)
    return Response(body, code, media_type=documents.MEDIA_TYPES[form], headers=ANYBODY)
