"""What was reported and mended, for everybody: a map, a page for each case, an Atom feed for each area (S5)."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse
from sqlalchemy import text

from api.auth import PUBLIC, Call, permit
from api.citizen_pages import PREFIXES, CitizenRoute, frame, tongue
from api.routes.map import packed
from config.errors import InvalidInput, NotFound
from config.i18n import _, gettext
from dashboards import citizens
from dashboards.city import city
from dispatch.public import feed, records, services
from dispatch.public.records import Record, Wanted

router = APIRouter(route_class=CitizenRoute, include_in_schema=False)

Public = Annotated[Call, permit(PUBLIC)]
Days = Annotated[int, Query(ge=1, le=366)]
State = Literal["open", "ended", "all"]

ON_THE_MAP = 5_000
IN_THE_LIST = 30
IN_THE_FEED = 50
LATEST_MOVES = 5_000
"""So many moves back a feed looks."""

KEPT_S = 120
"""How long readers may keep a feed or the map's points."""


def map_page(request: Request, call: Public) -> HTMLResponse:
    """The map, with the newest cases beneath it and the areas that have a feed."""
    seen = frame(request, call)
    found = _newest(call, Wanted(since=call.now - timedelta(days=90)), seen.locale, IN_THE_LIST)
    rows = call.db.execute(
        text("select code, name, name_en, level from gis.area where level <> 'community' order by code")
    )
    areas = [(row.code, (seen.locale == "en" and row.name_en) or row.name, row.level) for row in rows]
    offered = [(each.code, each.said("name", seen.locale)) for each in services.in_force(call.db, _today(call))]
    shown = [citizens.record(each, seen.locale, call.settings.time_zone) for each in found]
    return HTMLResponse(citizens.draw_map(seen, shown, areas, offered))


def case_page(request: Request, call: Public, number: str) -> HTMLResponse:
    """One case as the public sees it: what, where, since when, and which stage it reached when."""
    seen = frame(request, call)
    found = records.find(call.db, Wanted(numbers=(number,)), _today(call), seen.locale, limit=1)
    if not found:
        raise NotFound("There is no case {number} that the public may see.", number=number[:40])
    zone = call.settings.time_zone
    notes = records.history(call.db, [found[0].case_id]).get(found[0].case_id, [])
    shown = citizens.record(found[0], seen.locale, zone)
    return HTMLResponse(citizens.draw_case(seen, shown, citizens.timeline(notes, seen.locale, zone)))


def area_feed(request: Request, call: Public, area: str = "") -> Response:
    """What changed last in an area, or in the whole city; readers ask again and get 304 while nothing has."""
    locale = tongue(request)
    where = city(call.db, call.settings, call.now, locale)
    name = _area_name(call, area, locale) if area else where.name
    base = str(request.base_url).rstrip("/")
    channel = feed.Channel(
        title=gettext(locale)(_("Reported and mended: {area}")).format(area=name or "City Command"),
        address=f"{base}{request.url.path}",
        page=f"{base}/{locale}/report/map",
        host=request.url.hostname or "localhost",
        locale=locale,
        zone=call.settings.time_zone,
        now=call.now,
    )
    body = feed.write(channel, _changed_last(call, area, locale))
    headers = {"ETag": f'"{hashlib.sha256(body).hexdigest()[:16]}"', "Cache-Control": f"public, max-age={KEPT_S}"}
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=feed.MEDIA_TYPE, headers=headers)


for _prefix in PREFIXES:
    router.add_api_route(f"{_prefix}/report/map", map_page, methods=["GET"], response_class=HTMLResponse)
    router.add_api_route(f"{_prefix}/report/cases/{{number}}", case_page, methods=["GET"], response_class=HTMLResponse)
    router.add_api_route(f"{_prefix}/report/feed.atom", area_feed, methods=["GET"], response_model=None)
    router.add_api_route(f"{_prefix}/report/feed/{{area}}.atom", area_feed, methods=["GET"], response_model=None)


@router.get("/report/cases.json")
def points(
    request: Request,
    call: Public,
    bbox: Annotated[str, Query(max_length=120)] = "",
    days: Days = 90,
    state: State = "all",
    service: Annotated[str, Query(max_length=40)] = "",
) -> Response:
    """Cases of a window as GeoJSON, the newest first; `more` where there are more than fit. `bbox` is west,south,east,north."""
    locale, zone = tongue(request), call.settings.time_zone
    wanted = Wanted(
        since=call.now - timedelta(days=days),
        open=None if state == "all" else state == "open",
        bbox=_window(bbox),
        services=(service,) if service else None,
    )
    found = _newest(call, wanted, locale, ON_THE_MAP)
    features = [_feature(citizens.record(each, locale, zone)) for each in found if each.lon is not None]
    return packed(request, {"type": "FeatureCollection", "features": features, "more": len(found) == ON_THE_MAP})


def _changed_last(call: Call, area: str, locale: str) -> list[Record]:
    """The cases that changed last: among the city's latest moves; of an area with too few of them among its own cases of 90 days."""

    def find(wanted: Wanted) -> list[Record]:
        return records.find(call.db, wanted, _today(call), locale, limit=IN_THE_FEED, by="updated_at")

    found = find(Wanted(area=area or None, lately=LATEST_MOVES))
    if len(found) == IN_THE_FEED or not area:
        return found
    return find(Wanted(area=area, since=call.now - timedelta(days=90)))


def _feature(shown: dict[str, Any]) -> dict[str, Any]:
    point = {"type": "Point", "coordinates": [shown.pop("lon"), shown.pop("lat")]}
    return {"type": "Feature", "geometry": point, "properties": shown}


def _window(bbox: str) -> tuple[float, float, float, float] | None:
    if not bbox:
        return None
    try:
        west, south, east, north = (float(each) for each in bbox.split(","))
    except ValueError as error:
        raise InvalidInput("bbox is west,south,east,north in degrees of WGS 84.", field="bbox") from error
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        raise InvalidInput("bbox is west,south,east,north in degrees of WGS 84.", field="bbox")
    return west, south, east, north


def _newest(call: Call, wanted: Wanted, locale: str, limit: int) -> list[Record]:
    return records.find(call.db, wanted, _today(call), locale, limit=limit)


def _area_name(call: Call, code: str, locale: str) -> str:
    row = call.db.execute(text("select name, name_en from gis.area where code = :code"), {"code": code}).first()
    if row is None:
        raise NotFound("There is no area {code}.", code=code[:40])
    return str((locale == "en" and row.name_en) or row.name)


def _today(call: Call) -> Any:
    return call.now.astimezone(call.settings.time_zone).date()
