"""What a move changes: columns of the case, the clock that starts, the unit that a new class calls for (D4, D5).

Reads what the decision needs; writes nothing. Limits, routing and the calendar are decided in their own pure files.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from config.errors import InvalidInput
from dispatch import deadlines, levels, placing, policy, timing
from dispatch.clocks import Next
from dispatch.policy import Condition
from dispatch.routing import Decision
from dispatch.steps import Step
from dispatch.workflow import BEFORE_DISPATCH, FINAL
from gis.locate import Place

SAME_PLACE_DEG = 0.00001
"""About a metre: nearer than this a corrected place is none."""


@dataclass(frozen=True)
class Outcome:
    """Columns of dispatch.cases to set; the clock that begins, if one does; the rules' new decision, if any."""

    columns: dict[str, Any]
    clock: Next | None = None
    decision: Decision | None = None


def of(step: Step) -> Outcome:
    """Decide everything that follows from `step`. Raises InvalidInput for people, units or classes that do not fit."""
    _check_people(step)
    _check_merging(step)
    condition = _condition(step)
    columns = _named(step) | _marked(step) | levels.columns(step) | _reclassified(step, condition)
    decision = _relocated(step, columns) if step.wanted.place else _rerouted(step, condition, columns)
    columns |= _ending(step)
    clock = timing.clock_that_begins(step, columns)
    return Outcome(columns | timing.columns(step, clock), clock, decision)


def _named(step: Step) -> dict[str, Any]:
    """Unit, handler and inspector as the move names them. Another unit takes nothing over from the handler before."""
    wanted, case, move = step.wanted, step.case, step.transition.move
    columns: dict[str, Any] = {
        name: getattr(wanted, name)
        for name in ("unit_id", "handler_id", "inspector_id")
        if getattr(wanted, name) is not None and getattr(wanted, name) != getattr(case, name)
    }
    if move == "redispatch" and "unit_id" not in columns:
        raise InvalidInput("The case is with this unit already.", "Choose another unit.", field="unit_id")
    if "unit_id" in columns or move in GIVES_UP_HANDLER:
        columns["handler_id"] = None
    return columns


GIVES_UP_HANDLER = frozenset(
    {"return_order", "grant_return", "revoke", "dispute", "unassign", "hand_back", "reopen", "recall"}
)


def _marked(step: Step) -> dict[str, Any]:
    """What stays written on the case: how often it came back, that a leader presses, where it was merged into."""
    case, wanted = step.case, step.wanted
    marks: dict[str, dict[str, Any]] = {
        "rework": {"rework_count": case.rework_count + 1},
        "press": {"pressed": True},
        "declare_emergency": {"priority": "emergency", "emergency_claimed": False},
        "decline_emergency": {"emergency_claimed": False},
        "file": {"emergency_claimed": False} if case.emergency_claimed else {},
        "fall_back": {"fallback": True},
        "allow_appeal": {"exempt": True},
        "reopen": {"reopened_count": case.reopened_count + 1, "closed_at": None},
        "merge": {"merged_into_id": wanted.into_case_id},
        "split": {"merged_into_id": None, "closed_at": None},
        "resume": {"resume_at": None},
    }
    if case.state == "suspended" and step.transition.target != "suspended":
        return {"resume_at": None} | marks.get(step.transition.move, {})
    return marks.get(step.transition.move, {})


def _condition(step: Step) -> Condition | None:
    """The condition that the move brings; None where it keeps the one there is (a class named again changes nothing)."""
    wanted, case = step.wanted, step.case
    same_class = wanted.class_code in (None, case.class_code)
    if same_class and wanted.condition_id in (None, case.condition_id):
        if step.transition.move == "correct":
            raise InvalidInput("Nothing would change.", "Choose another class or condition.", field="class_code")
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
    return {
        "class_code": condition.class_code,
        "condition_id": condition.id,
        "due_at": deadlines.due_at(step.case.occurred_at, condition.limit, step.calendar(condition.limit)),
    }


def _rerouted(step: Step, condition: Condition | None, columns: dict[str, Any]) -> Decision | None:
    """Another class may stand at another component and belong to another unit: place and route again, before dispatch."""
    if condition is None or "unit_id" in columns or step.case.state not in BEFORE_DISPATCH:
        return None
    point = (step.case.lon, step.case.lat) if step.case.lon is not None else None
    place = placing.place(step.db, point, condition.class_code)
    named = (
        step.case.asset_id if step.case.source == "sensor" else None
    )  # what was found beside another class is not it
    columns["asset_id"] = place.asset.id if place.asset else named
    return _routed(step, condition, point, place, columns["asset_id"], columns)


def _relocated(step: Step, columns: dict[str, Any]) -> Decision:
    """The case lies elsewhere: grid, areas, address, component, and whose it is there. What was said before stays in the history.

    Raises InvalidInput for a place that is the old one.
    """
    case, position = step.case, step.wanted.place
    assert position is not None
    point = position.wgs84()
    if case.lon is not None and math.dist(point, (case.lon, case.lat)) < SAME_PLACE_DEG:
        raise InvalidInput("The case lies there already.", "Choose another place on the map.", field="place")
    place = placing.place(step.db, point, case.class_code)
    columns |= placing.columns(step.db, point, place)
    return _routed(step, policy.standing(step.db, case.condition_id), point, place, columns["asset_id"], columns)


def _routed(
    step: Step,
    condition: Condition | None,
    point: tuple[float, float] | None,
    place: Place,
    asset_id: int | None,
    columns: dict[str, Any],
) -> Decision:
    about = placing.About(step.case.source, step.case.priority, condition, asset_id)
    decision = placing.route(step.db, step.settings.time_zone, step.occurred_at, point, place, about)
    if decision.unit_id != step.case.unit_id:
        columns["unit_id"] = decision.unit_id
    return decision


def _ending(step: Step) -> dict[str, Any]:
    ends = step.transition.target in FINAL and step.case.closed_at is None
    return {"closed_at": step.occurred_at} if ends else {}


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
    for name in ("unit_id", "assist_unit_id", "assist_unit_ids"):
        given = getattr(wanted, name)
        for unit_id in given if isinstance(given, tuple) else (given,) if given is not None else ():
            if not db.execute(active, {"id": unit_id}).scalar():
                raise InvalidInput("There is no such unit.", "Choose one of /api/units.", field=name)


def _check_merging(step: Step) -> None:
    """A case goes into another one that is still followed; else it would be followed by nobody."""
    into = step.wanted.into_case_id
    if into is None:
        return
    another = text("select exists (select from dispatch.cases where id = :into and id <> :id and closed_at is null)")
    if not step.db.execute(another, {"into": into, "id": step.case.id}).scalar():
        raise InvalidInput(
            "A case is merged into another one that is still open.", "Choose an open case.", field="into_case_id"
        )
