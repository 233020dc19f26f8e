"""What the map shows: the city's own vector tiles, devices, search, and facts of the instance."""

from __future__ import annotations

import gzip
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Query, Request, Response
from sqlalchemy import text

from api.auth import Call, permit
from api.tile_service.door import ROUTE
from api.tile_service.protocol import CACHE_CONTROL, MEDIA_TYPE
from api.tile_service.renderer import etag_of
from dashboards import alarms
from dispatch import listing
from gis import search, tiles
from gis.geocoding.geocode import geocode, roads_apart, typed_points
from ingest import devices

router = APIRouter()

WORTH_PACKING = 20_000
"""Bytes; 37,000 devices are 13 MB, packed 2."""


@router.get(ROUTE)
def tile(layer: str, z: int, x: int, y: int, request: Request, call: Annotated[Call, permit("map.see")]) -> Response:
    """One vector tile. A browser that has it asks again each time and gets 304 while nothing has changed.

    api/tile_service answers most of these before they come here.
    """
    return _tile(request, tiles.tile(call.db, layer, z, x, y))


@router.get("/seen-tiles/{layer}/{z}/{x}/{y}")
def seen_tile(
    layer: str, z: int, x: int, y: int, request: Request, call: Annotated[Call, permit("map.see")]
) -> Response:
    """The same with restricted data sets that the caller may see: made for this request, never shared (decision 0067)."""
    return _tile(request, tiles.tile(call.db, layer, z, x, y, seen=True))


def _tile(request: Request, content: bytes) -> Response:
    tag = etag_of(content)
    headers = {"ETag": tag, "Cache-Control": CACHE_CONTROL}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=MEDIA_TYPE, headers=headers)


@router.get("/api/city")
def city(call: Annotated[Call, permit("map.see")]) -> dict[str, Any]:
    """Facts for drawing the map: extent [west, south, east, north], attributions, time zone."""
    rows = call.db.execute(
        text("select name, value from gis.setting where name in ('extent', 'attributions', 'city_name')")
    )
    facts = {row.name: row.value for row in rows}
    return {"extent": None, "attributions": [], **facts, "time_zone": str(call.settings.time_zone)}


@router.get("/api/devices.geojson")
def devices_on_the_map(request: Request, call: Annotated[Call, permit("map.see")]) -> Response:
    """Assets with a device: their latest values and whether they are well, in alarm or silent."""
    return packed(request, devices.device_features(call.db, call.now))


@router.get("/api/alarms")
def standing_alarms(request: Request, call: Annotated[Call, permit("map.see")]) -> Response:
    """The alarms that stand, newest first, how many there are, and what may become one."""
    return packed(request, alarms.standing(call.db, call.now))


def packed(request: Request, content: Any) -> Response:
    """JSON of many rows: written by the fast encoder, compressed where the browser understands it and it pays."""
    body = msgspec.json.encode(content)
    headers = {"Vary": "Accept-Encoding", "Cache-Control": "no-store"}
    if len(body) > WORTH_PACKING and "gzip" in request.headers.get("accept-encoding", ""):
        body, headers["Content-Encoding"] = gzip.compress(body, compresslevel=1), "gzip"
    return Response(body, media_type="application/json", headers=headers)


@router.get("/api/search")
def find(
    call: Annotated[Call, permit("asset.see")], q: Annotated[str, Query(max_length=100)], with_kinds: bool = False
) -> list[dict[str, Any]]:
    """Cases by number, then addresses, places, streets, assets by name or code, then cases by their words; what the caller may see.

    Two roads that do not meet are answered by where they come nearest. `with_kinds`: first the kinds of assets that are called so.
    """
    kinds = search.by_kind(call.db, q, call.locale) if with_kinds else []
    found = (
        [kind for kind in kinds if kind["how"] == "exact"]
        + typed_points(call.db, q, call.locale)
        + (geocode(call.db, q, call.locale) or roads_apart(call.db, q, call.locale))
        + search.search(call.db, q, call.locale)
        + [kind for kind in kinds if kind["how"] == "begun"]
    )
    wanted = listing.Filter(q=q.strip())
    cases = listing.cases(call.db, call.caller, wanted, now=call.now, limit=5) if q.strip() else []
    told = [
        {
            "kind": "case",
            "id": case["id"],
            "name": case["number"],
            "detail": case["title"],
            "lon": case["lon"],
            "lat": case["lat"],
        }
        for case in cases
    ]
    numbered = [case for case in told if q.strip().upper() in case["name"].upper()]
    return numbered + found + [case for case in told if case not in numbered]
