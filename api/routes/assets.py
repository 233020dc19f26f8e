"""The asset register through HTTP: kinds, one asset with its versions, the city as of a date, changes by data stewards."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import FileResponse
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import text

from api.auth import Call, permit
from api.forms import Body, read_body, store_photos
from api.values import Id, zoned
from config.errors import InvalidInput, NotFound
from config.i18n import gettext
from config.kinds import kinds
from dashboards.pinyin import typed
from dispatch import evidence
from gis.register import editing, fields, lines, proposing, reading, versions, visits

router = APIRouter(prefix="/api")

MOST_FEATURES = 5000
"""Assets that one question about the past may bring; the answer says when there are more."""


class Change(BaseModel):
    """What is to be different, and why. `changes`: fields by name, "attributes" by name (null takes one away), "geometry" (GeoJSON)."""

    model_config = ConfigDict(extra="forbid")

    changes: dict[str, Any]
    why: str


class NewAsset(Change):
    """A new asset: its kind, and where it stands as GeoJSON in WGS 84 degrees."""

    kind: str
    geometry: dict[str, Any]


class Cut(BaseModel):
    """Where a line is cut (WGS 84 degrees), and why."""

    model_config = ConfigDict(extra="forbid")

    lon: float = Field(ge=-180, le=180)
    lat: float = Field(ge=-85, le=85)
    why: str


class Joint(BaseModel):
    """Which line is put to this one, at which version it was looked at, and why."""

    model_config = ConfigDict(extra="forbid")

    other: int | None = None
    other_version: int = 0
    why: str


class Inspection(BaseModel):
    """What somebody found at an asset on a day."""

    model_config = ConfigDict(extra="forbid")

    inspected_on: date
    result: str
    note: str = ""
    next_on: date | None = None


@router.get("/kinds")
def all_kinds(call: Annotated[Call, permit("asset.see")]) -> dict[str, Any]:
    """Every kind of asset with the JSON Schema of its attributes; fields, conditions and results of inspections by name."""
    translate = gettext(call.locale)
    found = [
        {
            "code": kind.code,
            "title": kind.title(call.locale),
            **typed(kind.name),
            "subsystem": kind.subsystem,
            "geometry": kind.geometry,
            "class_code": kind.class_code or None,
            "schema": kind.schema(),
        }
        for kind in kinds().kinds.values()
    ]
    return {
        "kinds": found,
        "subsystems": {
            each.code: each.name if call.locale == "zh" else each.name_en for each in kinds().subsystems.values()
        },
        "fields": {name: translate(title) for name, title in fields.FIELDS.items()},
        "statuses": {name: translate(title) for name, title in fields.STATUSES.items()},
        "results": {name: translate(title) for name, title in visits.RESULTS.items()},
    }


@router.get("/assets")
def identify(
    call: Annotated[Call, permit("asset.see")],
    lon: Annotated[float, Query(ge=-180, le=180)],
    lat: Annotated[float, Query(ge=-85, le=85)],
    within_m: Annotated[float, Query(gt=0, le=500)] = 10,
) -> list[dict[str, Any]]:
    """What stands within so many metres of a point (WGS 84 degrees): small things first, the nearest first, at most 12."""
    return reading.identify(call.db, lon, lat, within_m, call.locale)


@router.get("/assets.geojson")
def city_as_of(
    call: Annotated[Call, permit("asset.see")],
    bbox: Annotated[str, Query(max_length=120)],
    at: datetime | None = None,
    kind: Annotated[list[str] | None, Query(max_length=60)] = None,
) -> dict[str, Any]:
    """Assets inside west,south,east,north (degrees) as the register knew them at a moment: as they were, where they were."""
    moment = zoned(at, call.settings.time_zone) or call.now
    chosen = kind or [each.code for each in kinds().kinds.values() if each.subsystem != "ground"]
    features = reading.city_as_of(call.db, _box(bbox), chosen, moment, MOST_FEATURES + 1)
    complete = len(features) <= MOST_FEATURES
    return {"type": "FeatureCollection", "as_of": moment, "complete": complete, "features": features[:MOST_FEATURES]}


@router.get("/assets/anchors")
def anchors(call: Annotated[Call, permit("asset.edit")], bbox: Annotated[str, Query(max_length=120)]) -> dict[str, Any]:
    """What a drawing may hold on to inside west,south,east,north (degrees): points and lines of the register, at most 3000."""
    return {"type": "FeatureCollection", "features": proposing.anchors(call.db, _box(bbox))}


@router.get("/assets/proposal")
def proposal(
    call: Annotated[Call, permit("asset.edit")],
    class_code: Annotated[str, Query(max_length=10)],
    lon: Annotated[float, Query(ge=-180, le=180)],
    lat: Annotated[float, Query(ge=-85, le=85)],
) -> dict[str, Any]:
    """The next free component code of a class at a place, by the layout in force; null where none can be made."""
    return {"code": proposing.component_code(call.db, class_code, lon, lat)}


@router.get("/assets/{asset_id}")
def one_asset(
    asset_id: Id,
    response: Response,
    call: Annotated[Call, permit("asset.see")],
    at: datetime | None = None,
    joined: Annotated[int, Query(ge=1, le=2000)] = reading.MOST_NEIGHBOURS,
) -> dict[str, Any]:
    """Everything about one asset, now or at a moment; its ETag is the version that a change must name.

    `joined`: how many of those who name it (a cabinet's lamps) are listed for each relation.
    """
    moment = zoned(at, call.settings.time_zone) or call.now
    found = reading.read(call.db, asset_id, moment, call.locale, joined)
    response.headers["ETag"] = f'"{found["version"]}"'
    return found | {"open_cases": _open_cases(call, asset_id), "as_of": moment}


@router.get("/assets/{asset_id}/versions")
def versions_of(asset_id: Id, call: Annotated[Call, permit("asset.see")]) -> list[dict[str, Any]]:
    """Who changed what when and why, the newest first."""
    return versions.of(call.db, asset_id, call.locale)


@router.post("/assets", status_code=201)
def create(new: NewAsset, call: Annotated[Call, permit("asset.edit")]) -> dict[str, Any]:
    """Enter an asset that the register does not know yet."""
    asset_id = editing.create(call.db, call.caller, new.kind, new.geometry, new.changes, new.why)
    return {"id": asset_id, "version": 1}


@router.patch("/assets/{asset_id}")
def change(
    asset_id: Id, wanted: Change, request: Request, response: Response, call: Annotated[Call, permit("asset.edit")]
) -> dict[str, Any]:
    """Change what is named. The header If-Match names the version that was looked at; 409 tells who changed what since."""
    version = editing.change(call.db, call.caller, asset_id, _seen(request), wanted.changes, wanted.why)
    response.headers["ETag"] = f'"{version}"'
    return {"id": asset_id, "version": version}


@router.post("/assets/{asset_id}/split", status_code=201)
def split(asset_id: Id, cut: Cut, request: Request, call: Annotated[Call, permit("asset.edit")]) -> dict[str, Any]:
    """Cut a line in two; the first part stays the asset, `id` is the second. If-Match as for a change."""
    made = lines.split(call.db, call.caller, asset_id, _seen(request), (cut.lon, cut.lat), cut.why)
    return {"id": made, "version": 1}


@router.get("/assets/{asset_id}/touching")
def touching(asset_id: Id, call: Annotated[Call, permit("asset.edit")]) -> list[dict[str, Any]]:
    """Lines of the same kind that end where this one does, and in which attributes they differ."""
    return lines.touching(call.db, asset_id, call.locale)


@router.post("/assets/{asset_id}/join")
def join(asset_id: Id, joint: Joint, request: Request, call: Annotated[Call, permit("asset.edit")]) -> dict[str, Any]:
    """Put a touching line to this one, which keeps its attributes; the other is retired. If-Match as for a change."""
    other = joint.other or 0
    version = lines.join(call.db, call.caller, asset_id, _seen(request), other, joint.other_version, joint.why)
    return {"id": asset_id, "version": version}


@router.post("/assets/{asset_id}/inspections", status_code=201)
def inspect(asset_id: Id, found: Inspection, call: Annotated[Call, permit("asset.edit")]) -> dict[str, Any]:
    """Enter an inspection and when the next is due."""
    today = call.now.astimezone(call.settings.time_zone).date()
    day, result, note = found.inspected_on, found.result, found.note
    made = visits.inspect(call.db, call.caller, asset_id, day, result, note, today=today, next_on=found.next_on)
    return {"id": made}


@router.post("/assets/{asset_id}/photos", status_code=201)
def add_photos(
    asset_id: Id, call: Annotated[Call, permit("asset.edit")], body: Annotated[Body, read_body("body")]
) -> dict[str, Any]:
    """Add photos; the originals lie with the evidence, each once under its hash."""
    if not body.files:
        raise InvalidInput("There is no photo.", "Choose at least one.")
    note = str(body.content.get("note", ""))
    made = [
        visits.add_photo(call.db, call.caller, asset_id, one.sha256, one.file_name, one.media_type, one.size, note)
        for one in store_photos(body.files, call.settings)
    ]
    return {"ids": made}


@router.get("/assets/{asset_id}/photos/{photo_id}")
def photo(asset_id: Id, photo_id: Id, call: Annotated[Call, permit("asset.see")]) -> FileResponse:
    """One photo as it came."""
    row = call.db.execute(
        text(
            "select sha256, media_type, file_name from gis.asset_photo"
            " where id = :id and asset_id = :asset and asset_id in (select id from gis.seen_asset)"
        ),
        {"id": photo_id, "asset": asset_id},
    ).first()
    if row is None:
        raise NotFound("There is no photo {photo}.", photo=photo_id)
    path = evidence.path_of(call.settings.evidence_directory, bytes(row.sha256))
    return FileResponse(
        path, media_type=row.media_type, headers={"Cache-Control": "private, max-age=31536000, immutable"}
    )


def _seen(request: Request) -> int:
    """The version in If-Match. Raises InvalidInput where there is none: a change without it could overwrite another's."""
    found = re.fullmatch(r'(?:W/)?"(\d{1,9})"', request.headers.get("if-match", "").strip())
    if found is None:
        raise InvalidInput(
            "A change must name the version that was looked at.", "Send the asset's ETag in the header If-Match."
        )
    return int(found[1])


def _box(words: str) -> tuple[float, float, float, float]:
    try:
        west, south, east, north = (float(word) for word in words.split(","))
    except ValueError as error:
        raise InvalidInput("The box must be west,south,east,north in degrees.") from error
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        raise InvalidInput("The box must be west,south,east,north in degrees.")
    return west, south, east, north


def _open_cases(call: Call, asset_id: int) -> int:
    """How many cases are open about an asset; the register itself knows nothing of cases."""
    statement = text("select count(*) from dispatch.seen_case where asset_id = :id and closed_at is null")
    return int(call.db.execute(statement, {"id": asset_id}).scalar_one())
