"""Whether somebody may make a step: post, own unit or task, and duties kept apart (C1). Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Protocol

from config.errors import NotPermitted, SeparationOfDuties
from dispatch.workflow import DISPATCH_DUTY, SUPERVISION_DUTY, Transition
from gis.actors import Actor

DUTIES_APART = "Whoever dispatches a case neither verifies nor closes it."


class CaseInHand(Protocol):
    """What rights look at: the case's unit, and for whom its open tasks are (None: any inspector)."""

    @property
    def unit_id(self) -> int | None: ...

    @property
    def task_inspectors(self) -> Collection[int | None]: ...


def require(case: CaseInHand, step: Transition, actor: Actor, duties: Mapping[int, set[str]]) -> None:
    """Raise NotPermitted or SeparationOfDuties unless `actor` may make this step."""
    found = refusal(case, step, actor, duties)
    if found is not None:
        raise found


def refusal(case: CaseInHand, step: Transition, actor: Actor, duties: Mapping[int, set[str]]) -> NotPermitted | None:
    """Why `actor` may not make this step, or None. `duties`: moves made on this case so far, by account id."""
    if not actor.may(step.permission):
        return NotPermitted("None of your posts allows '{permission}'.", permission=step.permission)
    if step.own == "unit" and actor.unit_id != case.unit_id:
        return NotPermitted("This case is with another unit.", "Ask the dispatcher if it should be yours.")
    if step.own == "task" and not any(inspector in (None, actor.account_id) for inspector in case.task_inspectors):
        return NotPermitted(
            "This task was given to another inspector.", "Ask the intake operator if it should be yours."
        )
    if duties.get(actor.account_id, set()) & opposite_duty(step.move):
        return SeparationOfDuties(DUTIES_APART)
    return None


def opposite_duty(move: str) -> frozenset[str]:
    """Moves that exclude `move` on the same case by the same account."""
    if move in DISPATCH_DUTY:
        return SUPERVISION_DUTY
    return DISPATCH_DUTY if move in SUPERVISION_DUTY else frozenset()
