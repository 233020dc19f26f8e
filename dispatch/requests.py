"""What a unit asks of the dispatcher: return, extension, suspension; and its appeal after the close (D5).

A request is a row that waits for its answer. When the case leaves the unit by another way, what still waits is answered by
nobody: it ends with the move that took the case away.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import text

from config.errors import InvalidInput
from dispatch import policy
from dispatch.steps import Step

_ASK = text("""
    insert into dispatch.request (case_id, kind, unit_id, account_id, reason, share, until, asked_at)
    values (:case, :kind, :unit, :account, :reason, :share, :until, :at)
""")

_ANSWER = text("""
    update dispatch.request set answered_at = :at, answered_by = :account, granted = :granted, answer = :answer
    where case_id = :case and answered_at is null and (cast(:kind as text) is null or kind = :kind)
""")

GRANTING = ("grant_", "allow_")


def keep(step: Step) -> None:
    """Write the request that the move makes; answer the one that it settles; end those that it leaves behind."""
    transition = step.transition
    if transition.asks:
        _ask(step)
    elif transition.answers:
        _answer(step, transition.answers, granted=transition.move.startswith(GRANTING))
    if transition.source != transition.target:
        _answer(step, None, granted=None)


def _ask(step: Step) -> None:
    wanted = step.wanted
    if wanted.share is not None and not 0 < wanted.share <= 1:
        raise InvalidInput(
            "An extension adds at most one more original limit.", "Give a share between 0 and 1.", field="share"
        )
    if wanted.until is not None:
        _check_until(step)
    values = {
        "case": step.case.id,
        "kind": step.transition.asks,
        "unit": step.case.unit_id,
        "account": step.account_id,
        "reason": wanted.note,
        "share": wanted.share,
        "until": wanted.until,
        "at": step.occurred_at,
    }
    step.db.execute(_ASK, values)


def _check_until(step: Step) -> None:
    until, longest = step.wanted.until, policy.of_moves().longest_suspension
    assert until is not None
    if until.tzinfo is None:
        raise InvalidInput("The end of the suspension has no zone.", field="until")
    if not timedelta() < until - step.now <= longest:
        raise InvalidInput(
            "A suspension ends in the future, within {days} days.",
            "Choose another day.",
            days=longest.days,
            field="until",
        )


def _answer(step: Step, kind: str | None, *, granted: bool | None) -> None:
    values = {
        "case": step.case.id,
        "kind": kind,
        "account": None if granted is None else step.account_id,
        "granted": granted,
        "answer": "" if granted is None else step.wanted.note,
        "at": step.occurred_at,
    }
    step.db.execute(_ANSWER, values)
