"""The named counts of the evaluation: what each counts, whose each is, and how a case keeps all of them in one number (D6).

A count is a condition over the facts of a case (facts.sql). Every case keeps the answers to all conditions as bits of one
number, its marks: a table of figures is then one pass that groups cases by key and marks, and the cases behind a figure are
those with its bit.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from config.i18n import _

COUNTS: dict[str, str] = {
    "reported": "true",
    "to_verify": "verified or verification_late",
    "verified_in_time": "verified and not verification_late",
    "filed": "filed",
    "filed_in_time": "filed and not filing_late",
    "filed_accurately": "filed and not voided",
    "voided": "voided",
    "to_dispatch": "dispatched or dispatch_overdue",
    "dispatched": "dispatched",
    "dispatched_in_time": "dispatched and not dispatch_late",
    "dispatched_accurately": "(dispatched or dispatch_overdue) and not misdispatched",
    "misdispatched": "misdispatched",
    "to_handle": "(handled or handling_late or handling_lapsed) and not exempt",
    "handled": "handled and not exempt",
    "handled_in_time": "handled and not handling_late and not exempt",
    "to_check": "checked or check_late",
    "checked_in_time": "checked and not check_late",
    "to_close": "(closed or overdue) and not exempt",
    "to_close_by_due_time": "(closed or overdue) and promised and not exempt",
    "closed": "closed and not exempt",
    "closed_in_time": "closed and within_due and not exempt",
    "to_conclude": "concluded or closing_late",
    "concluded_in_time": "concluded and not closing_late",
    "rework": "reworked and (closed or overdue) and not exempt",
    "to_accept": "accepted or acceptance_late",
    "accepted": "accepted",
    "accepted_in_time": "accepted and accepted_in_time",
    "verification_sent": "verification_sent",
    "verification_sent_in_time": "verification_sent and not acceptance_late",
    "to_send_check": "check_sent or check_sending_late",
    "check_sent": "check_sent",
    "check_sent_in_time": "check_sent and not check_sending_late",
    "valid": "(filed and not voided) or quick_handled",
    "refused": "state = 'refused'",
    "merged": "state = 'merged'",
    "quick_handled": "quick_handled",
    "extension_asked": "extension_asked",
    "extended": "extended",
    "suspension_asked": "suspension_asked",
    "suspended": "suspended",
    "returned": "returned",
    "disputed": "disputed",
    "fallback": "fallback",
    "assisted": "assisted",
    "urged": "urged",
    "pressed": "pressed",
    "instructed": "instructed",
    "emergency": "emergency",
    "ended": "closed",
    "late": "handling_late",
    "appealed": "appealed",
    "exempt": "exempt",
    "reopened": "reopened",
    "force_closed": "force_closed",
    "transferred": "state = 'transferred'",
    "open": "closed_at is null",
    "overdue": "overdue",
    "reported_here": "not imported",
    "missed": "missed_by_id is not null",
    "asked_back": "asked_back",
    "solved": "solved",
    "graded": "graded",
    "satisfied": "satisfied",
}
"""Count → condition. The order is kept in the database: a new count goes to the end.

`conclude` is the centre's own closing step and its clock; `close` is the case against its due time. An allowed appeal takes a case
out of the counts that rates are made of; `late`, `ended` and `exempt` keep the raw fact. Cases imported from another system's past were
not `reported_here`: no stage of theirs ran here. Called back are cases, not callers: of several each has to be content. With these
the bits of one number are used up.
"""

OF_CALLBACKS: dict[str, str] = dict.fromkeys(("asked_back", "solved", "graded", "satisfied"), _("call-backs"))
"""Counts that only call-backs can tell: where nobody has been asked yet, whatever needs one is "not yet measurable", never 0."""

OF_SHIFTS: dict[str, str] = {"missed": _("inspectors' shifts in this period")}
"""Counts that only shifts can tell: without one in the period they are unknown as well."""

ROLES: dict[str, dict[str, tuple[str, ...]]] = {
    "inspector": {
        "reporter_id": ("reported", "reported_here", "valid", "filed", "voided", "refused", "merged", "quick_handled"),
        "verifier_id": ("to_verify", "verified_in_time"),
        "checker_id": ("to_check", "checked_in_time"),
        "missed_by_id": ("missed",),
    },
    "intake_operator": {
        "accepter_id": ("to_accept", "accepted", "accepted_in_time", "refused", "merged"),
        "verification_sender_id": ("verification_sent", "verification_sent_in_time"),
        "check_sender_id": ("to_send_check", "check_sent", "check_sent_in_time"),
    },
    "shift_leader": {
        "filer_id": ("filed", "filed_in_time", "filed_accurately", "voided"),
        "closer_id": ("to_conclude", "concluded_in_time", "closed", "force_closed"),
    },
    "dispatcher": {
        "dispatcher_id": (
            "to_dispatch", "dispatched", "dispatched_in_time", "dispatched_accurately", "misdispatched", "extended", "suspended",
        ),
    },
    "handler": {
        "handled_by_id": (
            "to_handle", "handled", "handled_in_time", "late", "to_close", "closed", "to_close_by_due_time", "closed_in_time", "rework",
            "returned", "reopened",
        ),
    },
}  # fmt: skip
"""Post → which person of a case answers for which of its counts. One case counts for several people of a post, each for their part."""

OF_OTHER_UNITS = ("to_handle", "late")
"""What counts for a unit that let the limit pass before the case went elsewhere, beside the unit that has it now."""

BITS: dict[str, int] = {name: 1 << place for place, name in enumerate(COUNTS)}

ALL = sum(BITS.values())


def bits_of(names: Iterable[str]) -> int:
    """The bits of several counts together."""
    return sum(BITS[name] for name in set(names))


def counted(groups: Iterable[tuple[int, int]], unknown: Iterable[str] = ()) -> dict[str, int | None]:
    """Counts of one row from its groups of (marks, cases); what is `unknown` is None."""
    gathered = list(groups)
    totals = {name: sum(cases for marks, cases in gathered if marks & bit) for name, bit in BITS.items()}
    return totals | dict.fromkeys(unknown)


def marks_sql(replaced: Mapping[str, str] | None = None) -> str:
    """SQL that makes a case's marks out of its facts; `replaced` puts other facts in the place of some."""
    parts = []
    for name, condition in COUNTS.items():
        for old, new in (replaced or {}).items():
            condition = re.sub(rf"\b{old}\b", new, condition)
        parts.append(f"case when {condition} then {BITS[name]} else 0 end")
    return " | ".join(f"cast({part} as bigint)" for part in parts)


OWN_UNIT = {"handling_late": "unit_late"}
"""By unit, handling is late by the unit's own clocks."""
