"""Bus lines with metres: a stretch with the stops in it, and every position of a place on a line, as JSON, CSV or GeoJSON."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query

from api.auth import Call, permit
from api.sheets import features, spot, table
from api.values import Id
from gis.lines import questions

router = APIRouter(prefix="/api/lines/{asset_id}")

Metres = Annotated[float, Query(ge=0, le=10_000_000, allow_inf_nan=False)]
Format = Literal["json", "csv", "geojson"]


@router.get("/along")
def a_stretch_of_a_line(
    asset_id: Id,
    call: Annotated[Call, permit("asset.see")],
    from_m: Metres = 0.0,
    to_m: Metres | None = None,
    format: Format = "json",
) -> Any:
    """A line from so many metres to so many, or the whole of it, with the stops in it in order."""
    found = questions.along(call.db, asset_id, call.locale, from_m, to_m)
    stops = found["stops"]
    if format == "csv":
        return table(f"line-{asset_id}", stops)
    if format == "geojson":
        facts = {name: found[name] for name in ("asset_id", "name", "from_m", "to_m", "length_m")}
        return features(f"line-{asset_id}", [(found["shape"], facts), *((spot(stop), stop) for stop in stops)])
    return found


@router.get("/where")
def where_on_a_line(
    asset_id: Id,
    call: Annotated[Call, permit("asset.see")],
    lon: Annotated[float, Query(ge=-180, le=180, allow_inf_nan=False)],
    lat: Annotated[float, Query(ge=-90, le=90, allow_inf_nan=False)],
    after_m: Metres = 0.0,
    within_m: Annotated[float, Query(gt=0, le=500, allow_inf_nan=False)] = 50.0,
    format: Format = "json",
) -> Any:
    """Every position of a place on a line: metres from the start and beside it, between which stops, out or back."""
    found = questions.where(call.db, asset_id, call.locale, (lon, lat), after_m, within_m)
    rows = [_flat(each, call.locale) for each in found["positions"]]
    if format == "csv":
        return table(f"where-{asset_id}", rows)
    return features(f"where-{asset_id}", ((spot(row), row) for row in rows)) if format == "geojson" else found


def _flat(position: dict[str, Any], locale: str) -> dict[str, Any]:
    stops = {name: (position[name] or {}).get("name", "") for name in ("before", "after")}
    return position | stops | {"said": position["said"][locale]}
