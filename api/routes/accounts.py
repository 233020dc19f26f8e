"""Signing in and out, language, and who I am."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse
from sqlalchemy import text

from api.auth import COOKIE, PUBLIC, Call, permit, sign_in, sign_out
from config.errors import InvalidInput, NotPermitted
from config.i18n import LOCALES

router = APIRouter()


@router.post("/login")
def login(
    request: Request,
    username: Annotated[str, Form()],
    password: Annotated[str, Form()],
    call: Annotated[Call, permit(PUBLIC)],
    next: Annotated[str, Form()] = "/",
) -> RedirectResponse:
    """Open a session and go to `next` (a path of this server)."""
    same_origin(request)
    address = request.client.host if request.client else "unknown"
    name = username.replace("\0", "").strip()[:200]
    token = sign_in(request.app.state.engine, call.settings, name, password, address)
    answer = RedirectResponse(_of_this_server(next), 303)
    answer.set_cookie(
        COOKIE,
        token,
        max_age=call.settings.session_hours * 3600,
        httponly=True,
        samesite="lax",
        secure=call.settings.secure_cookies,
    )
    return answer


@router.post("/logout")
def logout(request: Request, call: Annotated[Call, permit(PUBLIC)]) -> RedirectResponse:
    """End the session."""
    same_origin(request)
    sign_out(call.db, request.cookies.get(COOKIE))
    answer = RedirectResponse("/login", 303)
    answer.delete_cookie(COOKIE)
    return answer


@router.post("/language")
def language(
    request: Request, locale: Annotated[str, Form()], call: Annotated[Call, permit(PUBLIC)]
) -> RedirectResponse:
    """Speak Chinese or English from now on; remembered for the account and in a cookie."""
    same_origin(request)
    if locale not in LOCALES:
        raise InvalidInput("There is no language '{locale}' here.", locale=locale)
    if call.actor:
        call.db.execute(
            text("update gis.account set locale = :locale where id = :id"),
            {"locale": locale, "id": call.actor.account_id},
        )
    back = request.headers.get("referer", "/")
    answer = RedirectResponse(_of_this_server("/" + back.split("/", 3)[3] if back.count("/") >= 3 else "/"), 303)
    answer.set_cookie("cc_locale", locale, max_age=31_536_000, samesite="lax", secure=call.settings.secure_cookies)
    return answer


@router.get("/api/me")
def me(call: Annotated[Call, permit("map.see")]) -> dict[str, Any]:
    """The signed-in account, its posts and what they allow."""
    actor = call.caller
    unit = call.db.execute(
        text(
            "select id, case when :en and name_en <> '' then name_en else name end as name from gis.unit where id = :id"
        ),
        {"id": actor.unit_id, "en": call.locale == "en"},
    ).first()
    name = (call.locale == "en" and actor.name_en) or actor.name
    return {
        "account": {"id": actor.account_id, "username": actor.username, "name": name, "locale": actor.locale},
        "posts": list(actor.posts),
        "permissions": sorted(actor.permissions),
        "unit": dict(unit._mapping) if unit else None,
        "csrf": call.csrf,
        "now": call.now,
        "time_zone": str(call.settings.time_zone),
    }


def _of_this_server(target: str) -> str:
    """`target` where it is a path of this server; the start page where browsers would read another server's name in it."""
    return target if target.startswith("/") and not target.startswith(("//", "/\\")) else "/"


def same_origin(request: Request) -> None:
    """Raise NotPermitted for a form that another site sent: these routes have no session to hold a token."""
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    if site in ("cross-site", "same-site") or (origin and origin.split("//")[-1] != request.headers.get("host")):
        raise NotPermitted("The form does not come from a page of this system.", "Load the page again and repeat it.")
