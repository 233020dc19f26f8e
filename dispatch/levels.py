"""A case on its way between the city and its second-level centres, each stay with its times (C2)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text

from config.errors import InvalidInput
from dispatch.steps import Step

_PARENT = text("select parent_id from gis.centre where id = :id")
_CENTRE = text("select exists (select from gis.centre where id = :id and level <> 'city')")

_LEAVE = text("update dispatch.case_level set left_at = :at where case_id = :case and left_at is null returning id")
_STAY = text(
    "insert into dispatch.case_level (case_id, centre_id, entered_at, left_at) values (:case, :centre, :since, :until)"
)


def columns(step: Step) -> dict[str, Any]:
    """The centre that has the case after the move. Raises InvalidInput for one that is none, or has it already."""
    move, case = step.transition.move, step.case
    if move == "send_down":
        return {"centre_id": _below(step)}
    if move == "send_up":
        return {"centre_id": step.db.execute(_PARENT, {"id": case.centre_id}).scalar()}
    if move == "recall":
        return {"centre_id": case.origin_centre_id}
    return {}


def keep(step: Step, columns: dict[str, Any]) -> None:
    """Write the end of one stay and the beginning of the next. The first stay is written when it ends."""
    if "centre_id" not in columns:
        return
    values = {"case": step.case.id, "at": step.occurred_at}
    if step.db.execute(_LEAVE, values).first() is None:
        first = {"centre": step.case.centre_id, "since": step.case.occurred_at, "until": step.occurred_at}
        step.db.execute(_STAY, values | first)
    step.db.execute(_STAY, values | {"centre": columns["centre_id"], "since": step.occurred_at, "until": None})


def _below(step: Step) -> int:
    wanted = step.wanted.centre_id
    if wanted == step.case.centre_id or not step.db.execute(_CENTRE, {"id": wanted}).scalar():
        raise InvalidInput(
            "A case goes down to another centre of a district or of a unit.",
            "Choose one of /api/centres.",
            field="centre_id",
        )
    assert wanted is not None
    return wanted
