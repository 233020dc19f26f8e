"""Assisting units (协办) beside the lead (主办): each has an order of its own on the same case (D7)."""

from __future__ import annotations

from sqlalchemy import text

from config.errors import InvalidInput
from dispatch.steps import Step

_SEND = text("""
    insert into dispatch.assist (case_id, unit_id, task, sent_at) values (:case, :unit, :task, :at)
    on conflict (case_id, unit_id) where ended_at is null do nothing returning id
""")

_ENDING = {"finish_assist": "done", "return_assist": "returned", "revoke_assist": "revoked"}
_LEAVES_UNIT = frozenset({"filed", "disputed", "closed", "transferred"})
"""States in which nobody works on the case any more: what is still under way for it is taken back."""


def keep(step: Step) -> None:
    """Write what the move does to the orders of assisting units. Raises InvalidInput for a unit that leads or assists already."""
    move, wanted, actor = step.transition.move, step.wanted, step.actor
    new = (wanted.assist_unit_id,) if move == "add_assist" else wanted.assist_unit_ids
    for unit_id in new:
        _send(step, unit_id)
    if move == "accept_assist":
        _change(step, actor.unit_id if actor else None, "accepted", "sent")
    elif move in _ENDING:
        unit_id = wanted.assist_unit_id if move == "revoke_assist" else actor.unit_id if actor else None
        _change(step, unit_id, _ENDING[move], "sent", "accepted")
    if step.transition.target in _LEAVES_UNIT and step.transition.source != step.transition.target:
        _change(step, None, "revoked", "sent", "accepted")


def _send(step: Step, unit_id: int | None) -> None:
    lead = step.wanted.unit_id or step.case.unit_id
    values = {"case": step.case.id, "unit": unit_id, "task": step.wanted.note, "at": step.occurred_at}
    if unit_id == lead or step.db.execute(_SEND, values).first() is None:
        raise InvalidInput("This unit is at work on the case already.", "Choose another unit.", field="assist_unit_id")


def _change(step: Step, unit_id: int | None, state: str, *sources: str) -> None:
    """Bring the open order of a unit (None: of all) into `state`. Raises InvalidInput where a named unit has none."""
    found = step.db.execute(
        text("""
            update dispatch.assist set state = :state, note = :note,
                   accepted_at = case when :state = 'accepted' then :at else accepted_at end,
                   ended_at = case when :state = 'accepted' then null else :at end
            where case_id = :case and state = any(:sources) and (cast(:unit as bigint) is null or unit_id = :unit)
            returning id
        """),
        {
            "case": step.case.id,
            "unit": unit_id,
            "state": state,
            "sources": list(sources),
            "note": step.wanted.note,
            "at": step.occurred_at,
        },
    ).all()
    if unit_id is not None and not found:
        raise InvalidInput("This unit does not assist here.", "Reload the case.", field="assist_unit_id")
