"""Questions to the map: addresses and back, what is here, nearest, within, along, around, and statistics as JSON or CSV."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any, Literal

import shapely
from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from shapely.geometry.base import BaseGeometry

from api.auth import Call, permit
from api.sheets import features, spot, table
from api.values import Id
from config.errors import InvalidInput
from gis.geocoding.describe import describe
from gis.geocoding.geocode import geocode
from gis.questions import questions

router = APIRouter(prefix="/api/gis")

Lon = Annotated[float, Query(ge=-180, le=180, allow_inf_nan=False)]
Lat = Annotated[float, Query(ge=-90, le=90, allow_inf_nan=False)]
Reach = Annotated[float, Query(gt=0, le=5_000, allow_inf_nan=False)]
Words = Annotated[str, Query(max_length=200)]
Kind = Annotated[str, Query(max_length=40)]


class Place(BaseModel):
    """What is asked about: a drawn polygon, a circle, the surroundings of an asset, or an area; exactly one of them."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)
    shape: dict[str, Any] | None = None
    lon: float | None = Field(default=None, ge=-180, le=180)
    lat: float | None = Field(default=None, ge=-90, le=90)
    asset_id: Id | None = None
    radius_m: float | None = Field(default=None, gt=0, le=20_000)
    area: str | None = Field(default=None, max_length=40)
    kind: str = Field(default="", max_length=40)
    by: Literal["kind", "class", "status"] = "kind"
    format: Literal["json", "csv"] = "json"

    def ground(self, call: Call) -> BaseGeometry:
        """The polygon that is meant. Raises InvalidInput where it is none of them or more than one."""
        point = self.lon is not None and self.lat is not None
        if [self.shape is not None, point, self.asset_id is not None, self.area is not None].count(True) != 1:
            raise InvalidInput(
                "State one place.", "Give a shape, a point with a radius, an asset with a radius, or an area."
            )
        if self.shape is not None:
            return questions.drawn(self.shape)
        if self.area is not None:
            return questions.area(call.db, self.area)
        if self.radius_m is None:
            raise InvalidInput("The radius is missing.", "Give radius_m, in metres.", field="radius_m")
        if self.asset_id is not None:
            return questions.around(call.db, self.asset_id, self.radius_m)
        return questions.circle(call.db, self.lon or 0.0, self.lat or 0.0, self.radius_m)


@router.get("/geocode")
def points_of_an_address(call: Annotated[Call, permit("asset.see")], q: Words) -> list[dict[str, Any]]:
    """Points that an address may mean: road and number, crossing, near or so far from something."""
    return geocode(call.db, q, call.locale)


@router.get("/describe")
def words_for_a_point(call: Annotated[Call, permit("map.see")], lon: Lon, lat: Lat) -> dict[str, Any]:
    """Where a point is, in words: grid, road and number, metres from a crossing or a named place."""
    return asdict(describe(call.db, lon, lat, call.locale))


@router.get("/identify")
def what_is_here(
    call: Annotated[Call, permit("asset.see")], lon: Lon, lat: Lat, reach_m: Reach = 15.0
) -> dict[str, Any]:
    """Grid, areas and the things at a point."""
    return questions.identify(call.db, lon, lat, call.locale, reach_m)


@router.get("/nearest")
def what_is_nearest(
    call: Annotated[Call, permit("asset.see")],
    lon: Lon,
    lat: Lat,
    kind: Kind = "",
    class_code: Annotated[str, Query(max_length=20)] = "",
    reach_m: Reach = 1_000.0,
    k: Annotated[int, Query(ge=1, le=200)] = 10,
) -> list[dict[str, Any]]:
    """The nearest things of a kind or class, with their distance."""
    return questions.nearest(call.db, lon, lat, call.locale, kind=kind, class_code=class_code, reach_m=reach_m, most=k)


@router.get("/along")
def what_is_along(
    call: Annotated[Call, permit("asset.see")],
    start: Annotated[str, Query(alias="from", max_length=200)],
    end: Annotated[str, Query(alias="to", max_length=200)],
    kind: Kind = "",
    reach_m: Annotated[float, Query(gt=0, le=200, allow_inf_nan=False)] = 30.0,
    format: Literal["json", "csv", "geojson"] = "json",
) -> Any:
    """The things along a road between two house numbers or crossings."""
    found = questions.along(call.db, start, end, call.locale, kind, reach_m)
    if format == "csv":
        return table("along", found["things"])
    if format == "geojson":
        stretch = {name: found[name] for name in ("road", "from", "to", "length_m")}
        return features("along", [(found["shape"], stretch), *((spot(thing), thing) for thing in found["things"])])
    return found


@router.post("/within")
def what_is_within(call: Annotated[Call, permit("asset.see")], place: Place) -> Any:
    """The things that a place holds, at most 2,000."""
    rows = questions.within(call.db, place.ground(call), call.locale, place.kind)
    return table("within", rows) if place.format == "csv" else {"things": rows, "more": len(rows) == questions.MOST}


@router.post("/statistics")
def how_many(call: Annotated[Call, permit("asset.see")], place: Place) -> Any:
    """Number, metres and square metres of what a place holds, and the ground that was counted."""
    ground = place.ground(call)
    rows = questions.statistics(call.db, ground, place.by, place.kind)
    if place.format == "csv":
        return table("statistics", rows)
    return {"by": place.by, "rows": rows, "shape": shapely.geometry.mapping(ground)}


@router.get("/areas/{level}/statistics")
def how_many_in_each_area(
    level: str,
    call: Annotated[Call, permit("asset.see")],
    kind: Kind = "",
    format: Literal["json", "csv"] = "json",
) -> Any:
    """Number and metres of things in every area of a level."""
    rows = questions.by_area(call.db, level, call.locale, kind)
    return table(f"by-{level}", rows) if format == "csv" else {"level": level, "rows": rows}
