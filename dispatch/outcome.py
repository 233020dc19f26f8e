"""What a move changes: columns of the case, the clock that starts, the unit that a new class calls for (D4, D5).

Reads what the decision needs; writes nothing. Limits, routing and the calendar are decided in their own pure files.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from config.errors import InvalidInput
from dispatch import deadlines, placing, policy
from dispatch.deadlines import Limit
from dispatch.policy import Condition
from dispatch.routing import Decision
from dispatch.steps import Step
from dispatch.workflow import FINAL, STAGE_OF

BEFORE_DISPATCH = ("reported", "accepted", "verifying", "verified", "not_found", "filed")
"""States in which a new class asks the routing rules again."""


@dataclass(frozen=True)
class Outcome:
    """Columns of dispatch.cases to set; the limit of the clock that starts, if one does; the rules' new decision, if any."""

    columns: dict[str, Any]
    limit: Limit | None = None
    decision: Decision | None = None


def of(step: Step) -> Outcome:
    """Decide everything that follows from `step`. Raises InvalidInput for people, units or classes that do not fit."""
    _check_people(step)
    condition = _condition(step)
    columns = _named(step) | _reclassified(step, condition)
    decision = _rerouted(step, condition, columns)
    columns |= _ending(step)
    limit = _limit_that_starts(step, columns)
    return Outcome(columns | _stage_columns(step, limit), limit, decision)


def _named(step: Step) -> dict[str, Any]:
    """Unit, handler and inspector as the move names them. Another unit takes nothing over from the handler before."""
    wanted, case = step.wanted, step.case
    columns: dict[str, Any] = {
        name: getattr(wanted, name)
        for name in ("unit_id", "handler_id", "inspector_id")
        if getattr(wanted, name) is not None and getattr(wanted, name) != getattr(case, name)
    }
    if step.transition.move == "redispatch" and "unit_id" not in columns:
        raise InvalidInput("The case is with this unit already.", "Choose another unit.", field="unit_id")
    if "unit_id" in columns or step.transition.move == "return_order":
        columns["handler_id"] = None
    if step.transition.move == "rework":
        columns["rework_count"] = case.rework_count + 1
    return columns


def _condition(step: Step) -> Condition | None:
    """The condition that the move brings; None where it keeps the one there is (a class named again changes nothing)."""
    wanted, case = step.wanted, step.case
    same_class = wanted.class_code in (None, case.class_code)
    if same_class and wanted.condition_id in (None, case.condition_id):
        if step.transition.move == "file" and case.condition_id is None:
            raise InvalidInput(
                "A case is filed under a filing condition.", "Choose class and condition.", field="condition_id"
            )
        return None
    day = step.occurred_at.astimezone(step.settings.time_zone).date()
    return policy.condition(step.db, day, wanted.condition_id, wanted.class_code)


def _reclassified(step: Step, condition: Condition | None) -> dict[str, Any]:
    if condition is None:
        return {}
    calendar = policy.calendar(step.db, step.settings.time_zone, condition.limit)
    return {
        "class_code": condition.class_code,
        "condition_id": condition.id,
        "due_at": deadlines.due_at(step.case.occurred_at, condition.limit, calendar),
    }


def _rerouted(step: Step, condition: Condition | None, columns: dict[str, Any]) -> Decision | None:
    """Another class may stand at another component and belong to another unit: place and route again, before dispatch."""
    if condition is None or "unit_id" in columns or step.case.state not in BEFORE_DISPATCH:
        return None
    point = (step.case.lon, step.case.lat) if step.case.lon is not None else None
    place = placing.place(step.db, point, condition.class_code)
    day = step.occurred_at.astimezone(step.settings.time_zone).date()
    decision = placing.route(step.db, day, step.case.source, place, condition, step.case.asset_id)
    columns["asset_id"] = place.asset.id if place.asset else step.case.asset_id
    if decision.unit_id != step.case.unit_id:
        columns["unit_id"] = decision.unit_id
    return decision


def _ending(step: Step) -> dict[str, Any]:
    return {"closed_at": step.occurred_at} if step.transition.target in FINAL else {}


def _limit_that_starts(step: Step, columns: Mapping[str, Any]) -> Limit | None:
    """The limit of a new stage, or of the next unit after a redispatch; None while the running clock goes on."""
    stage = STAGE_OF.get(step.transition.target)
    if stage is None or (stage == step.case.stage and step.transition.move != "redispatch"):
        return None
    if stage != "handling":
        return policy.stage_limits()[stage]
    limit = policy.limit_of(step.db, columns.get("condition_id", step.case.condition_id))
    if limit is None:
        raise InvalidInput("The case has no filing condition, so no time limit.", "Choose class and condition first.")
    return limit


def _stage_columns(step: Step, limit: Limit | None) -> dict[str, Any]:
    if step.transition.target in FINAL:
        return {"stage": None, "stage_started_at": None, "stage_warn_at": None, "stage_due_at": None}
    if limit is None:
        return {}
    stage = STAGE_OF[step.transition.target]
    clock = deadlines.clock(step.occurred_at, limit, policy.calendar(step.db, step.settings.time_zone, limit))
    stage_columns = {
        "stage": stage,
        "stage_started_at": clock.started_at,
        "stage_warn_at": clock.warn_at,
        "stage_due_at": clock.due_at,
    }
    return stage_columns | ({"due_at": clock.due_at} if stage == "handling" else {})


_PERSON = text("""
    select exists (select from gis.account a join gis.post_assignment p on p.account_id = a.id
                   where a.id = :id and a.active and p.post = :post
                     and (cast(:unit as bigint) is null or a.unit_id = :unit))
""")


def _check_people(step: Step) -> None:
    """An unknown inspector, handler or unit would leave the case where nobody can move it."""
    wanted, db = step.wanted, step.db
    if (
        wanted.inspector_id is not None
        and not db.execute(_PERSON, {"id": wanted.inspector_id, "post": "inspector", "unit": None}).scalar()
    ):
        raise InvalidInput("This is no active inspector.", "Choose one of /api/inspectors.", field="inspector_id")
    if (
        wanted.handler_id is not None
        and not db.execute(_PERSON, {"id": wanted.handler_id, "post": "handler", "unit": step.case.unit_id}).scalar()
    ):
        raise InvalidInput("This is no handler of the case's unit.", "Choose one of /api/handlers.", field="handler_id")
    active = text("select exists (select from gis.unit where id = :id and active)")
    if wanted.unit_id is not None and not db.execute(active, {"id": wanted.unit_id}).scalar():
        raise InvalidInput("There is no such unit.", "Choose one of /api/units.", field="unit_id")
