"""What the citizens' routes share: the language of an address, readable refusals, senders counted by address, the city on the page."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.responses import HTMLResponse
from fastapi.routing import APIRoute
from sqlalchemy import text

from api.auth import Call
from api.problems import STATUS, trace_of
from config import i18n
from config.errors import CityCommandError
from dashboards import citizens
from dashboards.citizens import Frame
from dashboards.city import city
from dispatch.public import limits
from gis.db import transaction

PREFIXES = {"": "", "/en": "en", "/zh": "zh"}
"""Each page stands under all of them; without one the browser's language is spoken."""


class CitizenRoute(APIRoute):
    """A route for people without an account: refusals are pages with the hotline's number, for scripts problem+json."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's handler with that behaviour around it."""
        handle = super().get_route_handler()

        async def handle_for_citizens(request: Request) -> Response:
            try:
                return await handle(request)
            except CityCommandError as problem:
                request.state.locale = tongue(request)
                if for_scripts(request):
                    raise
                message, next_step = problem.said(i18n.gettext(request.state.locale))
                html = citizens.draw_problem(request.state.locale, message, next_step, trace_of(request))
                return HTMLResponse(html, STATUS.get(type(problem), 422))

        return handle_for_citizens


def for_scripts(request: Request) -> bool:
    """Whether the answer is for a script of the page and not for a person."""
    return "application/json" in request.headers.get("accept", "") or request.url.path.endswith(".json")


def tongue(request: Request) -> str:
    """The language of the address; where it names none, what was chosen before or what the browser prefers."""
    first = request.url.path.split("/", 2)[1]
    if first in i18n.LOCALES:
        return first
    return i18n.choose(request.cookies.get("cc_locale"), request.headers.get("accept-language", ""))


def frame(request: Request, call: Call) -> Frame:
    """What every page of the citizens says: city, language, hotline, where the map's permission number stands."""
    locale = tongue(request)
    request.state.locale = locale
    facts = {
        row.name: row.value
        for row in call.db.execute(text("select name, value from gis.setting where name = 'map_approval'"))
    }
    contact = limits.intake()["contact"]
    return Frame(
        locale=locale,
        path=request.url.path.removeprefix(f"/{locale}"),
        city=city(call.db, call.settings, call.now, locale),
        hotline=limits.hotline(call.db),
        emergency=contact["emergency"],
        map_approval=str(facts.get("map_approval", "")),
    )


def admit(request: Request, door: str, *, most: int, total: int | None = None, count: bool = True) -> None:
    """Count one use of a public door by the sender's address, or only ask whether there would be room. Raises TooManyAttempts."""
    host = request.client.host if request.client else "unknown"
    settings = request.app.state.settings
    with transaction(request.app.state.engine) as db:
        sender = limits.sender_of(settings.secret, network_of(host))
        use = limits.enter if count else limits.check
        use(db, door, sender, window_s=3600, most=most, total=total)


def network_of(host: str) -> str:
    """What counts as one sender: an IPv4 address, or the /64 that one household has of IPv6."""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv6Address):
        mapped = address.ipv4_mapped
        return str(mapped or ipaddress.IPv6Network((int(address) >> 64 << 64, 64)))
    return str(address)
