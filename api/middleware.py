"""What every answer gets: trace id, language, security headers, timing. Plain ASGI, because it lies on the hot path."""

from __future__ import annotations

import re
import time

from fastapi import FastAPI
from prometheus_client import Counter, Histogram
from python_multipart.multipart import parse_options_header
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request, cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import problem
from config.errors import InvalidInput
from config.i18n import choose
from config.settings import MEGABYTE, Settings
from gis.events import new_trace

REQUESTS = Counter("citycommand_requests_total", "Answers by route and status.", ["route", "status"])
SECONDS = Histogram("citycommand_request_seconds", "Time from request to answer.", ["route"])

_WITH_PHOTOS = re.compile(
    r"/api/reports|/api/cases/[0-9]+/moves|/api/assets/[0-9]+/(?:photos|inspections)"
    r"|/open311/v2/requests\.(?:xml|json)|/report|/en/report"
)

_WITH_FILMS = re.compile(r"/api/reports|/api/cases/[0-9]+/moves")

_FOR_IMPORT = "/api/imports/files"

LONGEST_BODY = 1 * MEGABYTE
"""Of any request but those with photos, and files for imports."""

_TRACE = re.compile(r"[0-9a-zA-Z_-]{8,64}")

POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; style-src 'self'; script-src 'self'; "
    "worker-src 'self' blob:; connect-src 'self'; object-src 'none'; frame-ancestors 'none'; base-uri 'self'; form-action 'self'"
)
"""Scripts and styles come from this server alone and never inline; MapLibre has its worker. Browser tests fail on a violation."""

HEADERS = {
    "Cache-Control": "no-store",  # unless a route knows better: what one user saw is not there for the next on this machine
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(self), camera=(self), microphone=(self)",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def install(app: FastAPI, settings: Settings) -> None:
    """Wrap `app`."""
    app.add_middleware(Envelope, settings=settings)


def secure_headers(settings: Settings) -> dict[str, str]:
    """What is said behind TLS only."""
    return {"Strict-Transport-Security": "max-age=31536000"} if settings.secure_cookies else {}


class Envelope:
    """Gives the request its trace id and language, and the answer its headers."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self.longest_with_photos = LONGEST_BODY + settings.photos_per_report * settings.photo_limit_bytes
        self.longest_with_films = self.longest_with_photos + settings.films_per_report * settings.film_limit_bytes
        self.longest_for_import = settings.import_limit_bytes
        self.extra = {**HEADERS, **secure_headers(settings)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI entry."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        given = headers.get("x-trace-id", "")
        state = scope.setdefault("state", {})
        state["trace_id"] = given if _TRACE.fullmatch(given) else new_trace()
        state["locale"] = choose(_cookie(headers, "cc_locale"), headers.get("accept-language", ""))
        refusal = self._refusal(scope, headers)
        if refusal is not None:
            await problem(Request(scope), refusal)(scope, receive, send)
            return
        started = time.perf_counter()

        async def send_dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer = MutableHeaders(scope=message)
                for name, value in self.extra.items():
                    answer.setdefault(name, value)
                answer["X-Trace-Id"] = state["trace_id"]
                _count(scope, message["status"], time.perf_counter() - started)
            await send(message)

        await self.app(scope, receive, send_dressed)

    def _refusal(self, scope: Scope, headers: Headers) -> InvalidInput | None:
        """Why this request is not even read: too long or of unknown length, NUL in its address, a form not in UTF-8."""
        if b"%00" in scope.get("query_string", b""):
            return InvalidInput("The address contains a character that cannot be used.")
        if scope["method"] in ("GET", "HEAD", "OPTIONS"):
            return None
        length = headers.get("content-length", "0" if "transfer-encoding" not in headers else "")
        if not length.isdigit():
            return InvalidInput("The request does not say how long it is.", "Send it with a Content-Length.")
        kind, options = parse_options_header(headers.get("content-type"))
        if options.get(b"charset", b"utf-8").lower() not in (b"utf-8", b"utf8"):
            # Python knows encodings that give half characters, or fail in ways that nobody expects of an encoding.
            return InvalidInput("The form is not written in UTF-8.", "Send it as UTF-8.")
        if scope["path"] == _FOR_IMPORT and kind == b"application/octet-stream":
            return too_large(self.longest_for_import) if int(length) > self.longest_for_import else None
        limit = self._longest(scope["path"]) if kind == b"multipart/form-data" else LONGEST_BODY
        if int(length) <= limit:
            return None
        if scope["path"] == _FOR_IMPORT:
            return InvalidInput(
                "A file for an import comes as application/octet-stream.",
                "Send it with this Content-Type, as the body alone.",
            )
        return InvalidInput(
            "The request is larger than {limit} MB.", "Send fewer or smaller photos.", limit=limit // MEGABYTE
        )

    def _longest(self, path: str) -> int:
        """Bytes of a form that is sent there, with what may come beside it."""
        if _WITH_FILMS.fullmatch(path):
            return self.longest_with_films
        return self.longest_with_photos if _WITH_PHOTOS.fullmatch(path) else LONGEST_BODY


def too_large(limit: int) -> InvalidInput:
    """What to say about a file for an import that is above the limit (bytes)."""
    return InvalidInput(
        "The file is larger than {limit} MB.", "Import it on the command line, or in parts.", limit=limit // MEGABYTE
    )


def _count(scope: Scope, status: int, seconds: float) -> None:
    route = getattr(scope.get("route"), "path", "none")
    REQUESTS.labels(route, status).inc()
    SECONDS.labels(route).observe(seconds)


def _cookie(headers: Headers, name: str) -> str | None:
    """A cookie's value. Other cookies of this host may have any name: those of its other ports come along too."""
    text = headers.get("cookie", "")
    return cookie_parser(text).get(name) if name in text else None
