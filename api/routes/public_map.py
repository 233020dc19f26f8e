"""What the public's pages ask of the map: tiles of the ground, a place in words, a search, open cases nearby (S5, S7)."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from api.auth import PUBLIC, Call, permit
from api.citizen_pages import CitizenRoute, tongue
from api.routes.cases import file_of
from api.tile_service.protocol import MEDIA_TYPE
from api.tile_service.renderer import etag_of
from api.values import Id
from config.errors import NotFound
from dashboards import citizens
from dispatch.classifying import desk
from dispatch.evidence import path_of
from dispatch.public import limits, nearby, publication, records, services
from dispatch.public.records import Wanted
from gis import locate, tiles
from gis.geocoding.describe import describe
from gis.geocoding.geocode import geocode
from gis.search import by_name

router = APIRouter(route_class=CitizenRoute, include_in_schema=False)

Public = Annotated[Call, permit(PUBLIC)]
Lon = Annotated[float, Query(ge=-180, le=180, allow_inf_nan=False)]
Lat = Annotated[float, Query(ge=-90, le=90, allow_inf_nan=False)]

KEPT_S = 600
"""How long a browser may keep a tile of the public's map."""

PLACES = ("road", "place", "area", "address")
"""Kinds of hits that a citizen means; components with their codes are not among them."""


@router.get("/report/tiles/{layer}/{z}/{x}/{y}")
def ground(layer: str, z: int, x: int, y: int, request: Request, call: Public) -> Response:
    """One tile of the ground. Pipes, components and unit grids have none here."""
    if layer not in citizens.LAYERS:
        raise NotFound("There is no such layer on the public map.")
    content = tiles.tile(call.db, layer, z, x, y)
    headers = {"ETag": etag_of(content), "Cache-Control": f"public, max-age={KEPT_S}"}
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=MEDIA_TYPE, headers=headers)


@router.get("/report/photos/{evidence_id}.jpg")
def photo(evidence_id: Id, request: Request, call: Public) -> Response:
    """The small copy of a photo that was let out, as long as its case is shown; it carries nothing that the camera wrote."""
    found = publication.case_of_photo(call.db, evidence_id)
    day = call.now.astimezone(call.settings.time_zone).date()
    if found is None or not records.find(call.db, Wanted(numbers=(found[0],)), day, "zh", limit=1):
        raise NotFound("There is no photo {id} that the public may see.", id=evidence_id)
    path = path_of(call.settings.evidence_directory, found[1], ".thumbnail.jpg")
    return file_of(request, path, "image/jpeg")


@router.get("/report/place.json")
def place(request: Request, call: Public, lon: Lon, lat: Lat) -> dict[str, Any]:
    """A point in words, and whether it lies in the city."""
    found = locate.place(call.db, lon, lat, None)
    return {"text": describe(call.db, lon, lat, tongue(request)).text, "inside": bool(found.areas)}


@router.get("/report/search.json")
def search(request: Request, call: Public, q: Annotated[str, Query(max_length=100)]) -> list[dict[str, Any]]:
    """Addresses, streets and places by name, six at most."""
    locale = tongue(request)
    hits = geocode(call.db, q, locale) + (by_name(call.db, q, locale, 12) if q.strip() else [])
    shown = [hit for hit in hits if hit["kind"] in PLACES]
    return [{name: hit[name] for name in ("name", "detail", "lon", "lat")} for hit in shown[:6]]


@router.get("/report/suggest.json")
def suggest(request: Request, call: Public, words: Annotated[str, Query(max_length=500)]) -> list[dict[str, str]]:
    """Services that a few words may mean, the likeliest first, three at most. The citizen decides."""
    locale = tongue(request)
    day = call.now.astimezone(call.settings.time_zone).date()
    offered = [each for each in services.in_force(call.db, day) if each.class_code]
    found = desk.suggestions(call.db, call.settings, words, "citizen", day)
    fitting = [each for guess in found for each in offered if each.class_code == guess.class_code]
    return [{"code": each.code, "name": each.said("name", locale)} for each in fitting]


@router.get("/report/near.json")
def near(
    request: Request, call: Public, lon: Lon, lat: Lat, service: Annotated[str, Query(max_length=40)] = ""
) -> list[dict[str, Any]]:
    """Open cases around a point that the public sees, those of the same service first: perhaps it is one of them."""
    locale, zone = tongue(request), call.settings.time_zone
    day = call.now.astimezone(zone).date()
    reach_m = float(limits.intake()["page"]["near_m"])
    found = nearby.around(call.db, (lon, lat), reach_m, day, locale, service=service)
    return [citizens.record(each, locale, zone) | {"distance_m": round(metres)} for each, metres in found]
