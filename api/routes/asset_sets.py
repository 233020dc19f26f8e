"""Many assets changed at once, through HTTP: chosen, previewed, changed as one set, taken back."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from api.auth import Call, permit
from api.values import Id
from gis.register import bulk

router = APIRouter(prefix="/api/asset-sets")


class Selection(BaseModel):
    """Standing assets of one kind: in a GeoJSON area (WGS 84 degrees), or with these codes, references or names."""

    model_config = ConfigDict(extra="forbid")

    kind: str
    shape: dict[str, Any] | None = None
    listed: Annotated[list[str], Field(max_length=bulk.MOST)] = []


class Many(BaseModel):
    """What is to be different in all of `chosen`: id → the version that was looked at. `changes` as for one asset."""

    model_config = ConfigDict(extra="forbid")

    chosen: Annotated[dict[int, int], Field(max_length=bulk.MOST)]
    changes: dict[str, Any]
    why: str = ""


class Reason(BaseModel):
    """Why a set is taken back."""

    model_config = ConfigDict(extra="forbid")

    why: str = ""


@router.get("")
def recent(call: Annotated[Call, permit("asset.edit")]) -> list[dict[str, Any]]:
    """The last ten change sets, the newest first."""
    return bulk.recent(call.db, call.locale)


@router.post("/choose")
def choose(wanted: Selection, call: Annotated[Call, permit("asset.edit")]) -> list[dict[str, Any]]:
    """Which assets a selection means: id, version, name; at most 2000."""
    return bulk.choose(call.db, wanted.kind, wanted.shape, wanted.listed, call.locale)


@router.post("/preview")
def preview(wanted: Many, call: Annotated[Call, permit("asset.edit")]) -> dict[str, Any]:
    """How many would be changed, have it already, or have been changed by somebody else; nothing is kept."""
    return asdict(bulk.preview(call.db, call.caller, wanted.chosen, wanted.changes))


@router.post("", status_code=201)
def apply(wanted: Many, call: Annotated[Call, permit("asset.edit")]) -> dict[str, Any]:
    """Change them as one set; who was changed by somebody else meanwhile is left and named."""
    return asdict(bulk.apply(call.db, call.caller, wanted.chosen, wanted.changes, wanted.why))


@router.post("/{set_id}/undo", status_code=201)
def undo(set_id: Id, reason: Reason, call: Annotated[Call, permit("asset.edit")]) -> dict[str, Any]:
    """Take a set back as a whole; what somebody has changed since stays."""
    return asdict(bulk.undo(call.db, call.caller, set_id, reason.why))
