"""Conditions of a move beyond its state: each one a predicate over the case with the sentence that refuses it. Pure.

Where a guard fails the move is not offered, and asked for all the same it is refused with the reason and the next step.
Windows and counts are the city's (config/stages.toml, `local, to confirm` in the reference).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from config.errors import IllegalMove
from config.i18n import _
from dispatch.workflow.transitions import Transition

Made = Mapping[int | None, Mapping[str, int]]
"""How often each account (None: the system) made each move on a case."""


class CaseFacts(Protocol):
    """What guards look at: columns of the case, and what stands around it."""

    @property
    def source(self) -> str: ...
    @property
    def priority(self) -> str: ...
    @property
    def emergency_claimed(self) -> bool: ...
    @property
    def condition_id(self) -> int | None: ...
    @property
    def unit_id(self) -> int | None: ...
    @property
    def handler_id(self) -> int | None: ...
    @property
    def stage_due_at(self) -> datetime | None: ...
    @property
    def closed_at(self) -> datetime | None: ...
    @property
    def open_requests(self) -> Collection[str]: ...
    @property
    def assist_sent(self) -> Collection[int]: ...
    @property
    def assist_accepted(self) -> Collection[int]: ...
    @property
    def shown_before(self) -> bool: ...
    @property
    def has_evidence(self) -> bool: ...
    @property
    def centre_id(self) -> int | None: ...
    @property
    def origin_centre_id(self) -> int | None: ...
    @property
    def late_units(self) -> Collection[int]: ...


@dataclass(frozen=True)
class Policy:
    """What the city has decided about moves (config/stages.toml)."""

    seen_on_site: frozenset[str] = frozenset({"inspector"})
    most_extensions: int = 2
    appeal_window: timedelta = timedelta(days=5)
    reopening_window: timedelta = timedelta(days=30)
    longest_suspension: timedelta = timedelta(days=365)


@dataclass(frozen=True)
class Asked:
    """A move asked for: the case, who asks (None: the system itself), when, and the moves made so far by account."""

    case: CaseFacts
    account_id: int | None
    unit_id: int | None
    now: datetime
    made: Made
    policy: Policy

    def times(self, move: str) -> int:
        """How often the move was made on this case, by anybody."""
        return sum(moves.get(move, 0) for moves in self.made.values())

    def reviews_passed(self) -> bool:
        """Both reviews of a camera's evidence."""
        return all(self.times(move) > 0 for move in REVIEWS)

    def reviewed_by_self(self) -> bool:
        """Whether who asks has made one of the reviews already."""
        own = self.made.get(self.account_id, {})
        return any(own.get(move, 0) for move in REVIEWS)

    def within(self, window: timedelta) -> bool:
        """Whether the case ended no longer ago than `window`."""
        return self.case.closed_at is not None and self.now - self.case.closed_at <= window


@dataclass(frozen=True)
class Guard:
    """One condition, and what to say where it does not hold."""

    holds: Callable[[Asked], bool]
    refusal: str
    next_step: str


REVIEWS = ("review_law", "review_technique")
"""Moves that a camera's evidence needs before it counts."""

GUARDS: dict[str, Guard] = {
    "classified": Guard(
        lambda asked: asked.case.condition_id is not None,
        _("The case has no filing condition, so no time limit."),
        _("Choose class and condition first."),
    ),
    "shown_before": Guard(
        lambda asked: asked.case.shown_before,
        _("What is handled on the spot needs a photo from before."),
        _("Report it with a photo first."),
    ),
    "emergency": Guard(
        lambda asked: asked.case.priority == "emergency",
        _("Only an emergency goes to a unit at once."),
        _("File it first, or report it as an emergency."),
    ),
    "emergency_claimed": Guard(
        lambda asked: asked.case.emergency_claimed,
        _("Nobody has reported this as an emergency, or it has been decided."),
        _("Go on with the case."),
    ),
    "seen_on_site": Guard(
        lambda asked: asked.case.source in asked.policy.seen_on_site,
        _("Nobody has seen this on site yet."),
        _("Send an inspector to verify it."),
    ),
    "from_camera": Guard(
        lambda asked: asked.case.source == "camera",
        _("Only evidence of cameras is reviewed."),
        _("Go on without a review."),
    ),
    "reviewed": Guard(
        lambda asked: asked.case.source != "camera" or asked.reviews_passed(),
        _("Evidence of a camera counts only after its legal and its technical review."),
        _("Ask the reviewers of evidence."),
    ),
    "other_review_by_another": Guard(
        lambda asked: not asked.reviewed_by_self(),
        _("You have made one review of this case; the other one is somebody else's."),
        _("Ask another reviewer of evidence."),
    ),
    "has_evidence": Guard(
        lambda asked: asked.case.has_evidence,
        _("A case without evidence cannot go to law enforcement."),
        _("Have an inspector take photos first."),
    ),
    "held_below": Guard(
        lambda asked: asked.case.centre_id is not None,
        _("The city has this case already."),
        _("Dispatch it, or send it to a district."),
    ),
    "sent_away": Guard(
        lambda asked: asked.case.centre_id != asked.case.origin_centre_id,
        _("Your centre has this case already."),
        _("Take the unit's order back where that is meant."),
    ),
    "assigned": Guard(
        lambda asked: asked.case.handler_id is not None,
        _("Nobody is assigned."),
        _("Assign a handler first."),
    ),
    "assistance_done": Guard(
        lambda asked: not asked.case.assist_sent and not asked.case.assist_accepted,
        _("An assisting unit is still at work."),
        _("Wait for it, or ask the dispatcher to take its order back."),
    ),
    "assistance_under_way": Guard(
        lambda asked: bool(asked.case.assist_sent or asked.case.assist_accepted),
        _("No unit assists here."),
        _("Nothing needs to be done."),
    ),
    "assistance_sent": Guard(
        lambda asked: asked.unit_id in asked.case.assist_sent,
        _("Your unit has accepted this assistance already."),
        _("Report it done when it is."),
    ),
    "assistance_accepted": Guard(
        lambda asked: asked.unit_id in asked.case.assist_accepted,
        _("Your unit has not accepted this assistance yet."),
        _("Accept it first."),
    ),
    "in_time": Guard(
        lambda asked: asked.case.stage_due_at is not None and asked.now < asked.case.stage_due_at,
        _("The case is overdue; its clock can no longer be stopped or lengthened."),
        _("Finish it; whoever was not at fault appeals after closing."),
    ),
    "extensions_left": Guard(
        lambda asked: asked.times("grant_extension") < asked.policy.most_extensions,
        _("This case was extended as often as it may be."),
        _("Finish it in time, or ask for suspension."),
    ),
    "was_late": Guard(
        lambda asked: asked.case.unit_id in asked.case.late_units,
        _("Your unit was in time; there is nothing to appeal against."),
        _("Nothing needs to be done."),
    ),
    "not_appealed": Guard(
        lambda asked: asked.times("appeal") == 0,
        _("An appeal is possible once."),
        _("Ask the assessor about the first one."),
    ),
    "appeal_window": Guard(
        lambda asked: asked.within(asked.policy.appeal_window),
        _("The time for an appeal has passed."),
        _("Ask the assessor."),
    ),
    "reopening_window": Guard(
        lambda asked: asked.within(asked.policy.reopening_window),
        _("The case ended too long ago to be reopened."),
        _("Report it again."),
    ),
}


def refusal(step: Transition, asked: Asked) -> IllegalMove | None:
    """Why the case as it stands does not allow this step, or None."""
    if step.asks and step.asks in asked.case.open_requests:
        return IllegalMove("The same was asked for already.", "Wait for the answer.", request=step.asks)
    if step.answers and step.answers not in asked.case.open_requests:
        return IllegalMove("Nobody asks for this.", "Reload the case; it may have been answered.", request=step.answers)
    for name in step.guards:
        guard = GUARDS[name]
        if not guard.holds(asked):
            return IllegalMove(guard.refusal, guard.next_step, move=step.move)
    return None
