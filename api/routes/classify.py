"""Classes suggested while a report is typed; what was shown and chosen, kept; and, where the city allows it, the class given alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import text

from api.auth import Call, permit
from api.values import Id
from dispatch.classifying import desk, history
from dispatch.classifying.model import Label
from dispatch.classifying.suggesting import Suggestion, sure
from dispatch.reports import NewReport

router = APIRouter()


class SuggestionIn(BaseModel):
    """A suggestion as it was shown beside a report."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)
    class_code: str = Field(max_length=20)
    condition_id: Id | None = None
    confidence: float = Field(ge=0, le=1)
    basis: Literal["history", "standards"]

    def suggestion(self) -> Suggestion:
        """The same as the dispatch room knows it."""
        return Suggestion(self.class_code, self.condition_id, self.confidence, self.basis)


@router.get("/api/classify")
def classify(
    call: Annotated[Call, permit("report.make")],
    words: Annotated[str, Query(alias="text", max_length=4000)],
    source: Annotated[str, Query(max_length=20)] = "",
) -> dict[str, Any]:
    """Classes and filing conditions that a text speaks of, the likeliest first, with confidence from 0 to 1.

    `basis`: history (learnt from this city's past cases) or standards (words that fit). `learnt`: when and from how many cases.
    """
    found = _suggestions(call, words, source)
    model = desk.model(call.settings)
    return {
        "suggestions": _described(call, found),
        "learnt": {"at": model.facts["trained_at"], "cases": model.facts["examples"]} if model else None,
        "decides_from": call.settings.classify_alone,
    }


def _suggestions(call: Call, words: str, source: str) -> list[Suggestion]:
    day = call.now.astimezone(call.settings.time_zone).date()
    return desk.suggestions(call.db, call.settings, words, source, day)


def _described(call: Call, found: Sequence[Suggestion]) -> list[dict[str, Any]]:
    """With the names of classes and conditions; a class that is no longer in force is left out."""
    rows = call.db.execute(
        text("""
            select c.code, c.name, c.name_en, f.id, f.text, f.text_en from dispatch.case_class c
            left join dispatch.filing_condition f on f.class_code = c.code and f.id = any(:ids)
                and f.valid_from <= :day and (f.valid_to is null or f.valid_to > :day)
            where c.code = any(:codes) and c.active
        """),
        {
            "codes": [each.class_code for each in found],
            "ids": [each.condition_id for each in found if each.condition_id is not None],
            "day": call.now.astimezone(call.settings.time_zone).date(),
        },
    )
    known = {row.code: row for row in rows}
    return [
        {
            **each.told(),
            "condition_id": row.id,
            "name": row.name,
            "name_en": row.name_en,
            "condition": {"text": row.text, "text_en": row.text_en} if row.id is not None else None,
        }
        for each in found
        if (row := known.get(each.class_code)) is not None
    ]


def decided(call: Call, new: NewReport) -> tuple[NewReport, list[Suggestion]]:
    """The report with the class that is sure enough, and the suggestions for it; unchanged where a person chose, or by default."""
    if call.settings.classify_alone is None or new.class_code or new.condition_id or new.case_id is not None:
        return new, []
    found = _suggestions(call, new.description, new.source)
    chosen = sure(found, call.settings.classify_alone)
    if chosen is None or not (described := _described(call, [chosen])):
        return new, []
    return replace(new, class_code=chosen.class_code, condition_id=described[0]["condition_id"]), found


def keep(call: Call, report_id: int, new: NewReport, shown: Sequence[SuggestionIn], alone: list[Suggestion]) -> None:
    """Note what was suggested for a report that was taken: what people chose instead is learnt from."""
    found = alone or [each.suggestion() for each in shown]
    if found:
        chosen = Label(new.class_code, new.condition_id) if new.class_code else None
        history.keep(call.db, report_id, found, chosen, alone=bool(alone))
