"""What the public may see of a case: withheld with a reason, or shown; which photos."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from api.auth import Call, permit
from api.values import Id
from dispatch import listing
from dispatch.public import publication, records

router = APIRouter()

Decider = Annotated[Call, permit("publication.decide")]


class Withheld(BaseModel):
    """Why nobody outside shall see it."""

    model_config = ConfigDict(extra="forbid")
    reason: str = Field(min_length=1, max_length=400)


class Photos(BaseModel):
    """Exactly which photos anybody may see."""

    model_config = ConfigDict(extra="forbid")
    photos: list[Id] = Field(max_length=50)


@router.get("/api/cases/{case_id}/publication")
def what_the_public_sees(case_id: Id, call: Decider) -> dict[str, Any]:
    """Whether the public sees a case, what it sees, and why not."""
    case = listing.case(call.db, call.caller, case_id, now=call.now)
    day = call.now.astimezone(call.settings.time_zone).date()
    shown = records.find(call.db, records.Wanted(numbers=(case["number"],)), day, call.locale, limit=1)
    seen = {"words": shown[0].words, "address": shown[0].address, "stage": shown[0].stage} if shown else None
    return {
        "public": seen,
        "withheld": publication.reason_of(call.db, case_id),
        "photos": publication.released(call.db, case_id),
    }


@router.put("/api/cases/{case_id}/publication")
def withhold(case_id: Id, wanted: Withheld, call: Decider) -> dict[str, Any]:
    """Show a case to nobody outside."""
    listing.case(call.db, call.caller, case_id, now=call.now)
    publication.withhold(call.db, case_id, wanted.reason, call.caller, call.trace_id)
    return what_the_public_sees(case_id, call)


@router.delete("/api/cases/{case_id}/publication")
def show(case_id: Id, call: Decider) -> dict[str, Any]:
    """Let the public see it again."""
    listing.case(call.db, call.caller, case_id, now=call.now)
    publication.show(call.db, case_id, call.caller, call.trace_id)
    return what_the_public_sees(case_id, call)


@router.put("/api/cases/{case_id}/publication/photos")
def release(case_id: Id, wanted: Photos, call: Decider) -> dict[str, Any]:
    """Let the public see these photos of a case and no others, as small copies."""
    listing.case(call.db, call.caller, case_id, now=call.now)
    publication.release(call.db, case_id, wanted.photos, call.caller, call.trace_id)
    return what_the_public_sees(case_id, call)
