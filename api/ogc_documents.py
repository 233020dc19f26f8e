"""The documents of the standard doors: landing page, conformance, collections, tile sets. Pure: facts in, JSON or HTML out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

from gis.features import sorting
from gis.features.collections import BOOLEAN, GEOMETRY, NUMBER_TYPE, TIME, Collection, Property
from gis.features.items import MOST, USUAL
from gis.features.systems import CRS84, SYSTEMS
from gis.tiles.address import HALF_M, LAST_ZOOM, Box
from gis.tiles.layers import LAYERS

MVT = "application/vnd.mapbox-vector-tile"
GEOJSON = "application/geo+json"
OPENAPI = "application/vnd.oai.openapi+json;version=3.0"
QUAD = "WebMercatorQuad"
QUAD_URI = f"http://www.opengis.net/def/tilematrixset/OGC/1.0/{QUAD}"
MERCATOR = "http://www.opengis.net/def/crs/EPSG/0/3857"

_SPEC = "http://www.opengis.net/spec"
CONFORMANCE = [
    *(f"{_SPEC}/ogcapi-common-1/1.0/conf/{name}" for name in ("core", "landing-page", "json", "html", "oas30")),
    *(f"{_SPEC}/ogcapi-features-1/1.0/conf/{name}" for name in ("core", "geojson", "html", "oas30")),
    f"{_SPEC}/ogcapi-features-2/1.0/conf/crs",
    *(f"{_SPEC}/ogcapi-features-3/1.0/conf/{name}" for name in ("filter", "features-filter", "queryables",
                                                             "queryables-query-parameters")),
    *(
        f"{_SPEC}/cql2/1.0/conf/{name}"
        for name in ("cql2-text", "basic-cql2", "advanced-comparison-operators", "case-insensitive-comparison",
                     "basic-spatial-functions", "spatial-functions", "property-property")
    ),
    *(f"{_SPEC}/ogcapi-tiles-1/1.0/conf/{name}" for name in ("core", "tileset", "tilesets-list", "geodata-tilesets", "mvt", "tilejson")),
]  # fmt: skip


def link(href: str, rel: str, type: str = "application/json", title: str = "", **more: Any) -> dict[str, Any]:
    """One link."""
    return {"href": href, "rel": rel, "type": type, **({"title": title} if title else {}), **more}


def landing(base: str, name: str) -> dict[str, Any]:
    """Where everything begins."""
    return {
        "title": name,
        "description": "Features and vector tiles of the city's own base.",
        "links": [
            link(f"{base}/", "self", title="This document"),
            link(f"{base}/?f=html", "alternate", "text/html"),
            link(f"{base}/api", "service-desc", OPENAPI, "Definition of this interface"),
            link(f"{base}/?f=html", "service-doc", "text/html"),
            link(f"{base}/conformance", "conformance"),
            link(f"{base}/collections", "data"),
            link(f"{base}/tileMatrixSets", "http://www.opengis.net/def/rel/ogc/1.0/tiling-schemes"),
        ],
    }


def collection(base: str, of: Collection, extent: Box | None) -> dict[str, Any]:
    """What one collection is, and where its features and tiles are."""
    here = f"{base}/collections/{of.id}"
    found: dict[str, Any] = {
        "id": of.id,
        "title": of.title,
        "itemType": "feature",
        "crs": list(SYSTEMS),
        "storageCrs": CRS84,
        "links": [
            link(here, "self"),
            link(f"{here}/items", "items", GEOJSON, of.title),
            link(f"{here}/items?f=html", "items", "text/html"),
            link(f"{here}/queryables", "http://www.opengis.net/def/rel/ogc/1.0/queryables", "application/schema+json"),
            link(f"{here}/sortables", "http://www.opengis.net/def/rel/ogc/1.0/sortables", "application/schema+json"),
            link(f"{here}/tiles", "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector"),
        ],
    }
    if extent is not None:
        found["extent"] = {"spatial": {"bbox": [list(extent)], "crs": CRS84}}
    return found


def queryables(base: str, of: Collection) -> dict[str, Any]:
    """What a filter may name, as a JSON schema."""
    return _names(f"{base}/collections/{of.id}/queryables", of, of.queryables)


def sortables(base: str, of: Collection) -> dict[str, Any]:
    """What features may be sorted by, as a JSON schema."""
    return _names(f"{base}/collections/{of.id}/sortables", of, sorting.sortables(of.queryables))


def _names(here: str, of: Collection, known: Mapping[str, Property]) -> dict[str, Any]:
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": here,
        "type": "object",
        "title": of.title,
        "properties": {name: _schema(each.type) for name, each in known.items()},
        "additionalProperties": False,
    }


def _schema(kind: str) -> dict[str, str]:
    if kind == GEOMETRY:
        return {"format": "geometry-any", "x-ogc-role": "primary-geometry"}
    if kind == TIME:
        return {"type": "string", "format": "date-time"}
    return {"type": kind} if kind in (NUMBER_TYPE, BOOLEAN) else {"type": "string"}


def tile_matrix_set() -> dict[str, Any]:
    """The usual pyramid of the web, as OGC writes it down."""
    return {
        "id": QUAD,
        "title": "Google Maps Compatible for the World",
        "uri": QUAD_URI,
        "crs": MERCATOR,
        "tileMatrices": [
            {
                "id": str(z),
                "scaleDenominator": 559_082_264.028717 / 2**z,
                "cellSize": 2 * HALF_M / 256 / 2**z,
                "pointOfOrigin": [-HALF_M, HALF_M],
                "tileWidth": 256,
                "tileHeight": 256,
                "matrixWidth": 2**z,
                "matrixHeight": 2**z,
            }
            for z in range(LAST_ZOOM + 1)
        ],
    }


def tile_set(base: str, of: Collection, extent: Box | None) -> dict[str, Any]:
    """The vector tiles of a collection."""
    here = f"{base}/collections/{of.id}/tiles/{QUAD}"
    found: dict[str, Any] = {
        "title": of.title,
        "dataType": "vector",
        "crs": MERCATOR,
        "tileMatrixSetURI": QUAD_URI,
        "links": [
            link(here, "self"),
            link(f"{base}/tileMatrixSets/{QUAD}", "http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme"),
            link(f"{here}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}", "item", MVT, templated=True),
            link(f"{here}/tilejson", "describedby"),
        ],
        "layers": [{"id": of.layer, "dataType": "vector"}],
    }
    if extent is not None:
        found["boundingBox"] = {"lowerLeft": extent[:2], "upperRight": extent[2:], "crs": CRS84}
    return found


def tile_json(base: str, of: Collection, extent: Box | None) -> dict[str, Any]:
    """The same for MapLibre and its kin."""
    first = LAYERS[of.layer].first_zoom
    return {
        "tilejson": "3.0.0",
        "name": of.title,
        "tiles": [f"{base}/collections/{of.id}/tiles/{QUAD}/{{z}}/{{y}}/{{x}}"],
        "minzoom": first,
        "maxzoom": LAST_ZOOM,
        **({"bounds": list(extent)} if extent else {}),
        "vector_layers": [{"id": of.layer, "fields": {}, "minzoom": first, "maxzoom": LAST_ZOOM}],
    }


def definition(base: str, collections: Iterable[Collection]) -> dict[str, Any]:
    """OpenAPI 3.0 of the feature part: what generic clients read limits and parameters from."""
    answer = {"200": {"description": "as the standard says"}}
    parameters: list[dict[str, Any]] = [
        {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL}},
        *({"name": name, "in": "query", "schema": {"type": "string"}}
          for name in ("bbox", "bbox-crs", "crs", "datetime", "filter", "filter-lang", "filter-crs", "sortby", "cursor")),
    ]  # fmt: skip
    feature = {"name": "featureId", "in": "path", "required": True, "schema": {"type": "integer"}}
    paths: dict[str, Any] = {f"/{path}": {"get": {"responses": answer}} for path in ("", "conformance", "collections")}
    for one in collections:
        paths[f"/collections/{one.id}"] = {"get": {"responses": answer}}
        paths[f"/collections/{one.id}/queryables"] = {"get": {"responses": answer}}
        paths[f"/collections/{one.id}/items/{{featureId}}"] = {"get": {"parameters": [feature], "responses": answer}}
        paths[f"/collections/{one.id}/items"] = {"get": {"parameters": parameters, "responses": answer}}
    return {
        "openapi": "3.0.3",
        "info": {"title": "City Command", "version": "1.0.0"},
        "servers": [{"url": base}],
        "paths": paths,
    }


def html(title: str, content: Mapping[str, Any]) -> str:
    """Any of these documents for a person: what it says as a list, its links to follow."""
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<h1>{escape(title)}</h1>{_shown(content)}</html>"
    )


def _shown(value: Any) -> str:
    if isinstance(value, Mapping):
        if isinstance(value.get("href"), str) and "{" not in value["href"]:
            words = value.get("title") or f"{value.get('rel', '').rsplit('/', 1)[-1]} ({value.get('type', '')})"
            return f'<a href="{escape(value["href"])}">{escape(words)}</a>'
        rows = "".join(f"<dt>{escape(str(name))}</dt><dd>{_shown(inner)}</dd>" for name, inner in value.items())
        return f"<dl>{rows}</dl>"
    if isinstance(value, list | tuple):
        return "<ul>" + "".join(f"<li>{_shown(inner)}</li>" for inner in value[:200]) + "</ul>"
    return escape(bytes(value).decode() if isinstance(value, memoryview) else str(value))
