"""Whether somebody may make a step: post, what is their own, and duties kept apart (C1). Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Protocol

from config.errors import NotPermitted, SeparationOfDuties
from config.i18n import _
from dispatch import reach
from dispatch.workflow import DISPATCH_DUTY, SUPERVISION_DUTY, Transition
from dispatch.workflow.guards import Made
from gis.actors import Actor

DUTIES_APART = "Whoever dispatches a case neither verifies nor closes it."


class CaseInHand(reach.HeldCase, Protocol):
    """What rights look at: its centres, whose the case is, who helps, and for whom its open tasks are (None: any inspector)."""

    @property
    def unit_id(self) -> int | None: ...
    @property
    def handler_id(self) -> int | None: ...
    @property
    def reporter_id(self) -> int | None: ...
    @property
    def task_inspectors(self) -> Collection[int | None]: ...
    @property
    def assist_sent(self) -> Collection[int]: ...
    @property
    def assist_accepted(self) -> Collection[int]: ...


_OWN: dict[str, tuple[Callable[[CaseInHand, Actor], bool], str, str]] = {
    "unit": (
        lambda case, actor: actor.unit_id == case.unit_id,
        _("This case is with another unit."),
        _("Ask the dispatcher if it should be yours."),
    ),
    "assist": (
        lambda case, actor: actor.unit_id in case.assist_sent or actor.unit_id in case.assist_accepted,
        _("Your unit is not asked to assist here."),
        _("Ask the dispatcher if it should be."),
    ),
    "handler": (
        lambda case, actor: actor.account_id == case.handler_id,
        _("This case was given to another handler."),
        _("Ask your desk if it should be yours."),
    ),
    "reporter": (
        lambda case, actor: actor.account_id == case.reporter_id,
        _("Somebody else reported this."),
        _("Ask the intake operator."),
    ),
    "task": (
        lambda case, actor: any(inspector in (None, actor.account_id) for inspector in case.task_inspectors),
        _("This task was given to another inspector."),
        _("Ask the intake operator if it should be yours."),
    ),
}
"""What `own` of a transition means, and what is said to somebody else."""


def require(case: CaseInHand, step: Transition, actor: Actor, made: Made) -> None:
    """Raise NotPermitted or SeparationOfDuties unless `actor` may make this step."""
    found = refusal(case, step, actor, made)
    if found is not None:
        raise found


def refusal(case: CaseInHand, step: Transition, actor: Actor, made: Made) -> NotPermitted | None:
    """Why `actor` may not make this step, or None. `made`: how often each account made each move on this case."""
    if not actor.may(step.permission):
        return NotPermitted("None of your posts allows '{permission}'.", permission=step.permission)
    elsewhere = reach.refusal(case, step, actor)
    if elsewhere is not None:
        return elsewhere
    if step.own is not None:
        is_own, message, next_step = _OWN[step.own]
        if not is_own(case, actor):
            return NotPermitted(message, next_step)
    if made.get(actor.account_id, {}).keys() & opposite_duty(step.move):
        return SeparationOfDuties(DUTIES_APART)
    return None


def opposite_duty(move: str) -> frozenset[str]:
    """Moves that exclude `move` on the same case by the same account."""
    if move in DISPATCH_DUTY:
        return SUPERVISION_DUTY
    return DISPATCH_DUTY if move in SUPERVISION_DUTY else frozenset()
