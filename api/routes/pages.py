"""The pages that people open in a browser, and what the pages themselves are made of."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse, RedirectResponse
from fastapi.routing import APIRoute
from fastapi.staticfiles import StaticFiles
from sqlalchemy import text
from starlette.types import Scope

from api import problem_page
from api.auth import PUBLIC, Call, permit
from api.problems import STATUS, trace_of
from config import i18n
from config.errors import CityCommandError, NotFound, NotPermitted, NotSignedIn
from config.permissions import POSTS
from dashboards import assets, pages
from dashboards.city import city
from dashboards.pages import Page, Viewer
from gis.tiles import layers_of_their_own

FOR_GOOD = {"Cache-Control": "public, max-age=31536000, immutable"}
"""For answers whose address changes with their content."""


class PageRoute(APIRoute):
    """A route read by people: whoever is not signed in is led to the login, any other refusal is a readable page."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's handler with that behaviour around it."""
        handle = super().get_route_handler()

        async def handle_for_people(request: Request) -> Response:
            try:
                return await handle(request)
            except NotSignedIn:
                return RedirectResponse(f"/login?next={quote(request.url.path)}", 303)
            except CityCommandError as problem:
                return _problem_page(request, problem)

        return handle_for_people


router = APIRouter(route_class=PageRoute, include_in_schema=False)


def _problem_page(request: Request, problem: CityCommandError) -> HTMLResponse:
    locale = getattr(request.state, "locale", i18n.DEFAULT_LOCALE)
    message, next_step = problem.said(i18n.gettext(locale))
    return problem_page.page(request, STATUS[type(problem)], message, next_step, trace_of(request), True)


def _viewer(call: Call) -> Viewer:
    actor = call.caller
    unit = call.db.execute(text("select name, name_en from gis.unit where id = :id"), {"id": actor.unit_id}).first()
    english = call.locale == "en"
    return Viewer(
        username=actor.username,
        name=(english and actor.name_en) or actor.name,
        locale=call.locale,
        posts=actor.posts,
        permissions=actor.permissions,
        unit_name=((english and unit.name_en) or unit.name) if unit else "",
        own_layers=layers_of_their_own(call.db),
    )


@router.get("/")
def home(call: Annotated[Call, permit("map.see")]) -> RedirectResponse:
    """To the page where this user's post begins its day."""
    viewer = _viewer(call)
    if not any(page.in_bar for page in pages.pages_for(viewer.permissions)):
        raise NotPermitted("None of your posts has a page yet.", "Use the command line, or ask for a post with a page.")
    return RedirectResponse(pages.home_of(viewer), 303)


@router.get("/login")
def login_page(call: Annotated[Call, permit(PUBLIC)], next: str = "/") -> HTMLResponse:
    """The door; in the demonstration with its accounts."""
    accounts = _demonstration_accounts(call) if call.settings.demonstration else []
    return HTMLResponse(
        pages.draw_login(call.locale, city(call.db, call.settings, call.now, call.locale), next, accounts),
        headers={"Cache-Control": "no-store"},
    )


def _demonstration_accounts(call: Call) -> list[dict[str, object]]:
    """Accounts of the demonstration city with their passwords, in the order of the posts; `first` of its post or not."""
    rows = call.db.execute(
        text("""
            select a.username, a.name, a.name_en, p.post,
                   row_number() over (partition by p.post order by a.id) as among
            from gis.account a join gis.post_assignment p on p.account_id = a.id
            where a.active order by array_position(cast(:posts as text[]), p.post), a.id
        """),
        {"posts": list(POSTS)},
    )
    return [
        {
            "username": row.username,
            "password": f"demo-{row.username}",
            "name": (call.locale == "en" and row.name_en) or row.name,
            "post": POSTS[row.post][call.locale == "en"],
            "first": row.among == 1,
        }
        for row in rows
    ]


def _screen(page: Page) -> Callable[..., HTMLResponse]:
    def screen(call: Call) -> HTMLResponse:
        where = city(call.db, call.settings, call.now, call.locale)
        return HTMLResponse(pages.draw(page, _viewer(call), where, call.csrf), headers={"Cache-Control": "no-store"})

    screen.__doc__ = f"The page {page.path}."
    # FastAPI reads annotations as text here, where `page` is out of sight: state the permission as a value.
    screen.__annotations__["call"] = Annotated[Call, permit(page.permission)]
    return screen


for _page in pages.PAGES:
    router.add_api_route(_page.path, _screen(_page), methods=["GET"], name=_page.path, response_class=HTMLResponse)


@router.get("/catalogue/{locale}.json", dependencies=[permit(PUBLIC)])
def catalogue(locale: str) -> JSONResponse:
    """The scripts' messages in one language."""
    if locale not in i18n.LOCALES:
        raise NotFound("There is no language '{locale}' here.", locale=locale)
    return JSONResponse(i18n.script_catalogue(locale), headers=FOR_GOOD)


@router.get("/icons.svg", dependencies=[permit(PUBLIC)])
def icons() -> Response:
    """All icons of the pages in one file."""
    return Response(assets.icon_sprite(), media_type="image/svg+xml", headers=FOR_GOOD)


@router.get("/service-worker.js", dependencies=[permit(PUBLIC)])
def service_worker() -> FileResponse:
    """The inspector's page without reception; it must lie at the root to reach the whole site."""
    return FileResponse(
        assets.STATIC / "service-worker.js", media_type="text/javascript", headers={"Cache-Control": "no-cache"}
    )


class _Static(StaticFiles):
    """Static files; browsers ask each time whether one has changed, so that a new release is never half loaded."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file, with the header that says so."""
        response = await super().get_response(path, scope)
        response.headers.setdefault("Cache-Control", "no-cache")
        return response


def mount_static(app: FastAPI) -> None:
    """Serve dashboards/static under /static."""
    app.mount("/static", _Static(directory=assets.STATIC), name="static")
