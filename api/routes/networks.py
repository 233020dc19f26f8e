"""Networks: traces, isolation of bursts, ways along streets, and the work list of what does not fit together."""

from __future__ import annotations

import csv
import io
import json
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import text

from api.auth import Call, permit
from api.values import Id
from config import i18n
from config.errors import InvalidInput
from gis.exporting.cells import harmless
from gis.networks import findings, store, tracing
from gis.networks.kinds import NETWORKS, kind_of

router = APIRouter()

Format = Literal["json", "geojson", "csv"]
Degrees = Annotated[float, Query(ge=-180, le=180)]
LIST_SHOWN = 300
"""Lines listed in an answer for a screen; the CSV has all of them."""

COLUMNS = ("asset_id", "ref", "kind", "name", "code", "length_m", "diameter_mm", "material", "year")


@router.get("/api/networks")
def networks(call: Annotated[Call, permit("network.trace")]) -> list[dict[str, Any]]:
    """The networks with their version, counts and when they were built."""
    rows = call.db.execute(text("select name, version, counts, built_at from gis.network order by name"))
    translate = i18n.gettext(call.locale)
    return [dict(row._mapping) | {"label": translate(NETWORKS[row.name].label)} for row in rows]


@router.get("/api/networks/water/isolate")
def isolate(
    call: Annotated[Call, permit("network.trace")],
    asset_id: Annotated[Id | None, Query()] = None,
    lon: Degrees | None = None,
    lat: Degrees | None = None,
    stuck: Annotated[list[Id], Query(max_length=50)] = [],  # noqa: B006 (FastAPI copies it)
    format: Format = "json",
) -> Response:
    """Which valves to close for a burst of a main, or of the one nearest to a place, and who is without water then."""
    main = _line(call, "water", asset_id, lon, lat)
    return _answer(call, tracing.burst(call.db, main, stuck), format, f"isolation-{main}")


@router.get("/api/networks/{name}/trace")
def trace(
    name: str,
    call: Annotated[Call, permit("network.trace")],
    direction: tracing.Direction = "up",
    asset_id: Annotated[Id | None, Query()] = None,
    lon: Degrees | None = None,
    lat: Degrees | None = None,
    format: Format = "json",
) -> Response:
    """Upstream, downstream, or everything connected with a line."""
    line = _line(call, name, asset_id, lon, lat)
    return _answer(call, tracing.trace(call.db, name, line, direction), format, f"{direction}-{line}")


@router.get("/api/networks/{name}/path")
def path(
    name: str,
    call: Annotated[Call, permit("network.trace")],
    from_lon: Degrees,
    from_lat: Degrees,
    to_lon: Degrees,
    to_lat: Degrees,
    format: Format = "json",
) -> Response:
    """The shortest way along a network between two places."""
    kind_of(name)
    found = tracing.path(call.db, name, (from_lon, from_lat), (to_lon, to_lat))
    return _answer(call, found, format, f"path-{name}")


@router.get("/api/findings")
def work_list(
    call: Annotated[Call, permit("network.trace")],
    network: str | None = None,
    check: str | None = None,
    state: findings.State | None = None,
    area: Annotated[str | None, Query(max_length=40)] = None,
    assignee: Id | None = None,
    limit: Annotated[int, Query(ge=1, le=5000)] = 500,
) -> JSONResponse:
    """What does not fit together in the networks, open findings first, and how many there are of each sort."""
    for name in NETWORKS:
        store.current(call.db, name, wait_s=0)  # what has changed is checked first, or by the keeper meanwhile
    with i18n.use(call.locale):
        items = findings.listed(call.db, network, check, state, limit, area, assignee)
    renewing = [name for name in NETWORKS if store.standing(call.db, name)["renewing"]]
    choices = {"people": findings.people(call.db), "areas": findings.areas(call.db)}
    found = {"items": items, "counts": findings.counts(call.db), "renewing": renewing, **choices}
    return JSONResponse(jsonable_encoder(found))


class Decision(BaseModel):
    """What a steward decides about a finding."""

    model_config = ConfigDict(extra="forbid")
    state: findings.State
    note: str = Field("", max_length=findings.NOTE_CHARACTERS)


@router.post("/api/findings/{finding_id}", status_code=204)
def decide(finding_id: Id, decision: Decision, call: Annotated[Call, permit("finding.decide")]) -> Response:
    """Tick a finding off, ignore it with a reason, or open it again."""
    findings.decide(call.db, finding_id, decision.state, decision.note, call.caller.account_id)
    return Response(status_code=204)


class Assignment(BaseModel):
    """Who is to look after a finding; null: nobody."""

    model_config = ConfigDict(extra="forbid")
    account_id: Id | None


@router.post("/api/findings/{finding_id}/assignee", status_code=204)
def assign(finding_id: Id, to: Assignment, call: Annotated[Call, permit("finding.decide")]) -> Response:
    """Give a finding to somebody who looks after it."""
    findings.assign(call.db, finding_id, to.account_id)
    return Response(status_code=204)


def _line(call: Call, name: str, asset_id: int | None, lon: float | None, lat: float | None) -> int:
    kind_of(name)
    if asset_id is not None:
        return asset_id
    if lon is None or lat is None:
        raise InvalidInput("A trace begins at an asset or at a place.", "Send asset_id, or lon and lat.")
    return tracing.line_near(call.db, name, lon, lat)


def _answer(call: Call, found: dict[str, Any], format: Format, file_name: str) -> Response:
    shapes = [
        {"type": "Feature", "geometry": json.loads(shape["geojson"]), "properties": {"part": shape["part"]}}
        for shape in found["shapes"]
        if shape["geojson"]
    ]
    valves = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [valve["lon"], valve["lat"]]},
            "properties": {"part": "valve", **{k: v for k, v in valve.items() if k not in ("lon", "lat")}},
        }
        for valve in found.get("valves", ())
    ]
    collection = {"type": "FeatureCollection", "features": shapes + valves}
    saved = {"Content-Disposition": f'attachment; filename="{file_name}.{format}"'}
    if format == "geojson":
        return JSONResponse(jsonable_encoder(collection), headers=saved, media_type="application/geo+json")
    if format == "csv":
        return Response(_csv(found), headers=saved, media_type="text/csv; charset=utf-8")
    left = {name: value for name, value in found.items() if name != "shapes"}
    shown = {"list": found["list"][:LIST_SHOWN], "listed": len(found["list"]), "shapes": collection}
    shown |= store.standing(call.db, found["network"])
    return JSONResponse(jsonable_encoder(left | shown))


def _csv(found: dict[str, Any]) -> bytes:
    """Valves first, where there are any, then the lines; with a byte-order mark, so that spreadsheets read Chinese."""
    file = io.StringIO()
    rows = csv.writer(file)
    rows.writerow(("do", "number", *COLUMNS))
    for valve in found.get("valves", ()):
        rows.writerow((valve["do"], valve.get("number", ""), *(harmless(valve.get(name)) for name in COLUMNS)))
    for line in found["list"]:
        rows.writerow(("", "", *(harmless(line.get(name)) for name in COLUMNS)))
    return b"\xef\xbb\xbf" + file.getvalue().encode()
