"""The standard doors: OGC API Features (parts 1 to 3) and OGC API Tiles, for QGIS, GDAL and whoever else speaks them.

Without a token or session the public collections are served; with the permission asset.see the city's own as well.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, time
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse
from sqlalchemy import text

from api import ogc_documents as documents
from api.auth import PUBLIC, Call
from api.tile_service.protocol import CACHE_CONTROL
from api.tile_service.renderer import etag_of
from api.tokens import door_permit
from config.errors import InvalidInput, NotFound
from gis import tiles
from gis.features import items, sorting
from gis.features.collections import BOOLEAN, TEXT, TIME, Collection, Reader, collection, shown
from gis.features.systems import CRS84, system
from gis.tiles.address import Box

router = APIRouter(prefix="/ogc")
Door = Annotated[Call, door_permit(PUBLIC)]
HERE = "/collections/{id}"

KNOWN = {"f", "limit", "bbox", "bbox-crs", "crs", "datetime", "filter", "filter-lang", "filter-crs", "cursor", "sortby"}
"""Parameters of items; any other is refused, as the standard wants, unless it is a property to be equal to."""


@router.get("/")
def landing(request: Request, call: Door, f: str = "") -> Response:
    """Where a client begins."""
    name = call.db.execute(text("select value from gis.setting where name = 'city_name'")).scalar()
    title = name if isinstance(name, str) else "City Command"
    return _answer(request, f, title, documents.landing(_base(request), title))


@router.get("/conformance")
def conformance(request: Request, _call: Door, f: str = "") -> Response:
    """Which parts of the standards this follows."""
    return _answer(request, f, "Conformance", {"conformsTo": documents.CONFORMANCE})


@router.get("/api")
def definition(request: Request, call: Door) -> Response:
    """The definition of this interface."""
    found = documents.definition(_base(request), _seen(call))
    return Response(msgspec.json.encode(found), media_type=documents.OPENAPI)


@router.get("/collections")
def collections(request: Request, call: Door, f: str = "") -> Response:
    """The collections that the caller may see."""
    base = _base(request)
    listed = [documents.collection(base, one, items.extent(call.db, one)) for one in _seen(call)]
    content = {"links": [documents.link(f"{base}/collections", "self")], "collections": listed}
    return _answer(request, f, "Collections", content)


@router.get(HERE)
def one_collection(id: str, request: Request, call: Door, f: str = "") -> Response:
    """One collection."""
    of = _collection(call, id)
    return _answer(request, f, of.title, documents.collection(_base(request), of, items.extent(call.db, of)))


@router.get(HERE + "/queryables")
def queryables(id: str, request: Request, call: Door) -> Response:
    """What a filter may name."""
    found = documents.queryables(_base(request), _collection(call, id))
    return Response(msgspec.json.encode(found), media_type="application/schema+json")


@router.get(HERE + "/sortables")
def sortables(id: str, request: Request, call: Door) -> Response:
    """What features may be sorted by."""
    found = documents.sortables(_base(request), _collection(call, id))
    return Response(msgspec.json.encode(found), media_type="application/schema+json")


@router.get(HERE + "/items")
def features(
    id: str,
    request: Request,
    call: Door,
    limit: Annotated[int, Query(ge=1)] = items.USUAL,
    bbox: str = "",
    bbox_crs: Annotated[str, Query(alias="bbox-crs")] = CRS84,
    crs: str = CRS84,
    datetime: str = "",
    filter: str = "",
    filter_lang: Annotated[str, Query(alias="filter-lang")] = "cql2-text",
    filter_crs: Annotated[str, Query(alias="filter-crs")] = CRS84,
    sortby: Annotated[str, Query(max_length=400)] = "",
    cursor: Annotated[str, Query(max_length=2000)] = "",
    f: str = "",
) -> Response:
    """Features, page by page; `next` leads on."""
    of = _collection(call, id)
    if filter_lang != "cql2-text":
        raise InvalidInput("Filters are written as cql2-text here.")
    if system(filter_crs).north_first:
        raise InvalidInput("Geometries of filters are written x before y: name a system that is.")
    wanted = items.Wanted(
        limit=min(limit, items.MOST),
        after=cursor,
        sort=sorting.keys(sortby, of.queryables),
        bbox=_box(bbox, bbox_crs),
        bbox_crs=system(bbox_crs),
        crs=system(crs),
        filter=_filter(request, of, filter),
        filter_crs=system(filter_crs),
        moments=_moments(datetime),
    )
    found, after = items.page(call.db, wanted, of)
    links = [documents.link(str(request.url), "self", documents.GEOJSON)]
    if after is not None:
        links.append(documents.link(str(request.url.include_query_params(cursor=after)), "next", documents.GEOJSON))
    content = {
        "type": "FeatureCollection",
        "features": found,
        "links": links,
        "numberReturned": len(found),
        "timeStamp": _now(),
        **({"numberMatched": items.matched(call.db, wanted, of)} if not cursor else {}),
    }
    return _answer(request, f, of.title, content, documents.GEOJSON, **{"Content-Crs": f"<{crs}>"})


@router.get(HERE + "/items/{feature}")
def feature(id: str, feature: int, request: Request, call: Door, crs: str = CRS84, f: str = "") -> Response:
    """One feature."""
    of = _collection(call, id)
    found = items.one(call.db, of, feature, system(crs))
    base = f"{_base(request)}/collections/{of.id}"
    found["links"] = [
        documents.link(f"{base}/items/{feature}", "self", documents.GEOJSON),
        documents.link(base, "collection"),
    ]
    return _answer(request, f, of.title, found, documents.GEOJSON, **{"Content-Crs": f"<{crs}>"})


@router.get("/tileMatrixSets")
def tile_matrix_sets(request: Request, _call: Door, f: str = "") -> Response:
    """The one pyramid of tiles there is."""
    entry = {
        "id": documents.QUAD,
        "uri": documents.QUAD_URI,
        "links": [documents.link(f"{_base(request)}/tileMatrixSets/{documents.QUAD}", "self")],
    }
    return _answer(request, f, "Tile matrix sets", {"tileMatrixSets": [entry]})


@router.get("/tileMatrixSets/{name}")
def tile_matrix_set(name: str, request: Request, _call: Door, f: str = "") -> Response:
    """Its scales."""
    _quad(name)
    return _answer(request, f, name, documents.tile_matrix_set())


@router.get(HERE + "/tiles")
def tile_sets(id: str, request: Request, call: Door, f: str = "") -> Response:
    """The tile sets of a collection."""
    of = _collection(call, id)
    content = {"tilesets": [documents.tile_set(_base(request), of, items.extent(call.db, of))]}
    return _answer(request, f, of.title, content)


@router.get(HERE + "/tiles/{name}")
def tile_set(id: str, name: str, request: Request, call: Door, f: str = "") -> Response:
    """One tile set."""
    of = _collection(call, id)
    _quad(name)
    return _answer(request, f, of.title, documents.tile_set(_base(request), of, items.extent(call.db, of)))


@router.get(HERE + "/tiles/{name}/tilejson")
def tile_json(id: str, name: str, request: Request, call: Door) -> Response:
    """The same as TileJSON."""
    of = _collection(call, id)
    _quad(name)
    return _answer(request, "json", of.title, documents.tile_json(_base(request), of, items.extent(call.db, of)))


@router.get(HERE + "/tiles/{name}/{matrix}/{row}/{column}")
def tile(id: str, name: str, matrix: int, row: int, column: int, request: Request, call: Door) -> Response:
    """One vector tile: matrix is the zoom, row counts from the north, column from the west."""
    of = _collection(call, id)
    _quad(name)
    content = tiles.tile(call.db, of.layer, matrix, column, row, seen=True)
    headers = {"ETag": etag_of(content), "Cache-Control": CACHE_CONTROL}
    if headers["ETag"] in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=documents.MVT, headers=headers)


def _seen(call: Call) -> list[Collection]:
    return list(shown(_reader(call)).values())


def _reader(call: Call) -> Reader:
    everything = call.actor is not None and call.actor.may("asset.see")
    return Reader(everything, owners=everything or call.settings.public_owners)


def _collection(call: Call, id: str) -> Collection:
    return collection(id, _reader(call))


def _quad(name: str) -> None:
    if name != documents.QUAD:
        raise NotFound("There is no tile matrix set {name}.", "There is {known}.", name=name[:80], known=documents.QUAD)


def _base(request: Request) -> str:
    return str(request.base_url).rstrip("/") + "/ogc"


def _answer(
    request: Request,
    f: str,
    title: str,
    content: Mapping[str, Any],
    media_type: str = "application/json",
    **headers: str,
) -> Response:
    """JSON, or HTML for who asks for it by `f` or by a browser's Accept."""
    if f not in ("", "json", "html"):
        raise InvalidInput("The format '{f}' is not served here: json or html.", f=f[:40])
    if f == "html" or (not f and request.headers.get("accept", "").startswith("text/html")):
        return HTMLResponse(documents.html(title, msgspec.json.decode(msgspec.json.encode(content))))
    return Response(msgspec.json.encode(content), media_type=media_type, headers=headers)


def _box(written: str, crs: str) -> Box | None:
    if not written:
        return None
    try:
        numbers = [float(part) for part in written.split(",")]
    except ValueError as error:
        raise InvalidInput("The box {bbox} cannot be read.", bbox=written[:80]) from error
    if len(numbers) == 6:
        numbers = [*numbers[:2], *numbers[3:5]]
    if len(numbers) != 4 or not all(abs(number) < 1e9 for number in numbers):
        raise InvalidInput("The box {bbox} cannot be read.", bbox=written[:80])
    return Box(numbers[1], numbers[0], numbers[3], numbers[2]) if system(crs).north_first else Box(*numbers)


def _moments(written: str) -> tuple[datetime | None, datetime | None] | None:
    """From and to of an instant or interval; .. and nothing mean open."""
    if not written:
        return None
    first, slash, last = written.partition("/")
    if not slash:
        return _moment(first, time.min), _moment(first, time.max)
    return _moment(first, time.min), _moment(last, time.max)


def _moment(written: str, of_day: time) -> datetime | None:
    if written in ("", ".."):
        return None
    try:
        if len(written) == 10:
            return datetime.combine(datetime.fromisoformat(written).date(), of_day, UTC)
        return datetime.fromisoformat(written.replace("Z", "+00:00"))
    except ValueError as error:
        raise InvalidInput("The time {value} cannot be read.", value=written[:40]) from error


def _filter(request: Request, of: Collection, written: str) -> str:
    """The filter, with properties that were given as parameters of their own. Raises InvalidInput for unknown parameters."""
    equal = []
    for name, value in request.query_params.items():
        if name in KNOWN:
            continue
        if name not in of.properties:
            raise InvalidInput("There is no parameter '{name}'.", name=name[:80])
        equal.append(f"{name} = {_literal(value, of.properties[name].type)}")
    return " AND ".join([*([f"({written})"] if written else []), *equal])


def _literal(value: str, type: str) -> str:
    """A parameter's value as the filter language writes it; what does not fit the type is refused there."""
    quoted = "'" + value.replace("'", "''") + "'"
    if type == TIME:
        return f"TIMESTAMP({quoted})"
    plain = value.lower() in ("true", "false") if type == BOOLEAN else re.fullmatch(r"-?\d{1,15}(\.\d{1,15})?", value)
    return value if type != TEXT and plain else quoted


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
