"""Responsibility grids for whoever plans the inspectors' ground: seen on a map, regrouped, assigned."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from api.auth import Call, permit
from gis.gridding import handing

router = APIRouter(prefix="/api/walks")


class Ground(BaseModel):
    """Unit grids by code, and the group that gets them; without one a new group is made."""

    model_config = ConfigDict(extra="forbid")

    grids: Annotated[list[str], Field(min_length=1, max_length=500)]
    walk: Annotated[str, Field(max_length=40)] | None = None


class Walker(BaseModel):
    """Who walks a group; null: nobody."""

    model_config = ConfigDict(extra="forbid")

    inspector_id: int | None


@router.get("")
def overview(
    call: Annotated[Call, permit("grid.assign")],
    area: Annotated[str, Query(max_length=40, description="code of an area; all unless told")] = "",
) -> dict[str, Any]:
    """Unit grids of an area with their responsibility grid, these with their inspectors, and all inspectors."""
    return handing.overview(call.db, area, call.locale)


@router.get("/areas")
def areas(call: Annotated[Call, permit("grid.assign")]) -> list[dict[str, Any]]:
    """Sub-districts that have unit grids: code and both names."""
    return handing.areas(call.db)


@router.post("/ground")
def hand_over(ground: Ground, call: Annotated[Call, permit("grid.assign")]) -> dict[str, Any]:
    """Give unit grids to a responsibility grid of their community, or to a new one; `pieces`: of how many its ground consists."""
    return handing.hand_over(call.db, call.caller, ground.grids, ground.walk)


@router.post("/{walk}/inspector", status_code=204)
def assign(
    walk: Annotated[str, Path(max_length=40)], who: Walker, call: Annotated[Call, permit("grid.assign")]
) -> Response:
    """Assign the inspector who walks a responsibility grid."""
    handing.assign(call.db, call.caller, walk, who.inspector_id)
    return Response(status_code=204)
