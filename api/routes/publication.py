"""What the public may see of a case: withheld with a reason, or shown again."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from api.auth import Call, permit
from api.values import Id
from dispatch import listing
from dispatch.public import records, withholding

router = APIRouter()


class Withheld(BaseModel):
    """Why nobody outside shall see it."""

    model_config = ConfigDict(extra="forbid")
    reason: str = Field(min_length=1, max_length=400)


@router.get("/api/cases/{case_id}/publication")
def publication(case_id: Id, call: Annotated[Call, permit("publication.decide")]) -> dict[str, Any]:
    """Whether the public sees a case, and what it sees."""
    case = listing.case(call.db, call.caller, case_id, now=call.now)
    day = call.now.astimezone(call.settings.time_zone).date()
    shown = records.find(call.db, records.Wanted(numbers=(case["number"],)), day, call.locale, limit=1)
    seen = {"words": shown[0].words, "address": shown[0].address, "stage": shown[0].stage} if shown else None
    return {"public": seen, "withheld": withholding.reason_of(call.db, case_id)}


@router.put("/api/cases/{case_id}/publication")
def withhold(case_id: Id, wanted: Withheld, call: Annotated[Call, permit("publication.decide")]) -> dict[str, Any]:
    """Show a case to nobody outside."""
    listing.case(call.db, call.caller, case_id, now=call.now)
    withholding.withhold(call.db, case_id, wanted.reason, call.caller, call.trace_id)
    return publication(case_id, call)


@router.delete("/api/cases/{case_id}/publication")
def show(case_id: Id, call: Annotated[Call, permit("publication.decide")]) -> dict[str, Any]:
    """Let the public see it again."""
    listing.case(call.db, call.caller, case_id, now=call.now)
    withholding.show(call.db, case_id, call.caller, call.trace_id)
    return publication(case_id, call)
