"""What went wrong as a page, for people who opened an address in a browser; programs get problem+json (api/problems.py)."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import HTMLResponse

from config import i18n
from dashboards import pages
from dashboards.pages import City

PROGRAMS = ("/api/", "/ogc", "/open311/", "/tiles/", "/seen-tiles/", "/static/", "/evidence/", "/health", "/metrics")
"""Addresses that programs and scripts ask; their answers are never pages."""


def wanted(request: Request) -> bool:
    """Whether a person opened this address."""
    path = request.url.path
    return (
        request.method in ("GET", "HEAD")
        and not path.startswith(PROGRAMS)
        and "text/html" in request.headers.get("accept", "")
    )


def page(
    request: Request, status: int, message: str, next_step: str, trace_id: str, with_sign_out: bool
) -> HTMLResponse:
    """Both sentences, already in the reader's language, with a way on."""
    locale = getattr(request.state, "locale", i18n.DEFAULT_LOCALE)
    nowhere = City("", str(request.app.state.settings.time_zone), "", "", ())
    return HTMLResponse(pages.draw_problem(locale, nowhere, message, next_step, trace_id, with_sign_out), status)
