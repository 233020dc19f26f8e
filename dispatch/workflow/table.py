"""The closed loop as one literal: which move leads from which state to which, who may make it, and what it needs (D1, C1).

Read it as the city's procedure. Nothing outside it happens to a case: the database holds a copy (dispatch.transition) and
refuses the rest; docs/reference.md shows it as a table and a picture.
"""

from __future__ import annotations

from dispatch.workflow.names import FINAL, STATES
from dispatch.workflow.transitions import (
    ASSISTING,
    CLASS,
    CONDITION,
    INSPECTOR,
    NOTE,
    OTHER_UNIT,
    PHOTOS,
    POSITION,
    REASON,
    UNIT,
    Field,
    Transition,
)

OPEN = tuple(state for state in STATES if state not in FINAL)
BEFORE_DISPATCH = ("reported", "accepted", "verifying", "not_found", "verified", "filed")
WITH_A_UNIT = ("dispatched", "handling")
AFTER_FILING = ("filed", *WITH_A_UNIT, "suspended", "disputed", "handled", "checking", "checked", "failed")

_CLASSIFY = (CLASS, CONDITION, NOTE)
_ON_SITE = (POSITION, PHOTOS, NOTE)
_NOT_ON_SITE = (POSITION, PHOTOS, REASON)
_INTO = Field("into_case_id", "case", required=True)
_ASSISTANT = Field("assist_unit_id", "unit", required=True)
_CENTRE = Field("centre_id", "centre", required=True)
_PLACE = Field("place", "place", required=True)
_UNTIL = Field("until", "moment", required=True)
_SHARE = Field("share", "share", required=True)


def _t(move: str, source: str, target: str, permission: str, *fields: Field, **more: object) -> Transition:
    return Transition(move, source, target, permission, fields or (NOTE,), **more)  # type: ignore[arg-type]


def _stay(move: str, state: str, permission: str, *fields: Field, **more: object) -> Transition:
    return _t(move, state, state, permission, *fields, **more)


_INTAKE = (
    _t("accept", "reported", "accepted", "case.accept", *_CLASSIFY),
    _t("refuse", "reported", "refused", "case.refuse", REASON),
    _t("cancel", "reported", "void", "report.make", REASON, own="reporter"),
    _t(
        "quick_handle",
        "reported",
        "checked",
        "task.do",
        *_ON_SITE,
        own="reporter",
        guards=("classified", "shown_before"),
    ),
    _t(
        "dispatch_at_once",
        "reported",
        "dispatched",
        "case.dispatch",
        UNIT,
        ASSISTING,
        NOTE,
        guards=("emergency", "classified"),
    ),
    _t("send_verification", "accepted", "verifying", "task.send", INSPECTOR, NOTE, opens_task="verify"),
    _t("refuse", "accepted", "refused", "case.refuse", REASON),
    _t("file", "accepted", "filed", "case.file", CONDITION, NOTE, guards=("seen_on_site", "reviewed")),
    _t(
        "dispatch_at_once",
        "accepted",
        "dispatched",
        "case.dispatch",
        UNIT,
        ASSISTING,
        NOTE,
        guards=("emergency", "classified"),
    ),
)

_VERIFICATION = (
    _t("verify", "verifying", "verified", "task.do", *_ON_SITE, own="task"),
    _t("deny", "verifying", "not_found", "task.do", *_NOT_ON_SITE, own="task"),
    _stay("send_verification", "verifying", "task.send", INSPECTOR, REASON, opens_task="verify"),
    _t("send_verification", "not_found", "verifying", "task.send", INSPECTOR, REASON, opens_task="verify"),
    _t("refuse", "not_found", "refused", "case.refuse", REASON),
)

_FILING = (
    _t("file", "verified", "filed", "case.file", CONDITION, NOTE, guards=("reviewed",)),
    _t("refuse", "verified", "refused", "case.refuse", REASON),
    *(
        _stay(move, state, permission, REASON, own=None, guards=("from_camera", "other_review_by_another"))
        for state in ("reported", "accepted", "verified")
        for move, permission in (
            ("review_law", "evidence.review_law"),
            ("review_technique", "evidence.review_technique"),
        )
    ),
    *(_stay("declare_emergency", state, "case.accept", REASON) for state in ("reported", "accepted")),
    *(
        _stay("decline_emergency", state, "case.accept", REASON, guards=("emergency_claimed",))
        for state in ("reported", "accepted", "verifying", "not_found", "verified")
    ),
    *(_stay("correct", state, "case.accept", CLASS, CONDITION, REASON) for state in ("accepted", "verified", "filed")),
    *(_stay("relocate", state, "case.accept", _PLACE, REASON) for state in ("accepted", "verified", "filed")),
    *(_t("merge", state, "merged", "case.merge", _INTO, NOTE) for state in BEFORE_DISPATCH),
    _t("split", "merged", "accepted", "case.merge", REASON),
)

_DISPATCH = (
    _t("dispatch", "filed", "dispatched", "case.dispatch", UNIT, ASSISTING, NOTE),
    _t("return_case", "filed", "accepted", "case.dispatch", REASON),
    _t("void", "filed", "void", "case.void", REASON),
    _stay("redispatch", "dispatched", "case.dispatch", OTHER_UNIT, REASON, behaviour="restart"),
    *(_t("revoke", state, "filed", "case.dispatch", REASON) for state in WITH_A_UNIT),
    _stay("send_down", "filed", "case.dispatch", _CENTRE, NOTE, behaviour="restart"),
    _stay("send_up", "filed", "case.dispatch", REASON, behaviour="restart", guards=("held_below",)),
    _stay("recall", "filed", "case.dispatch", REASON, behaviour="restart", guards=("sent_away",)),
    *(_t("recall", state, "filed", "case.dispatch", REASON, guards=("sent_away",)) for state in WITH_A_UNIT),
    _t("rework", "failed", "dispatched", "case.dispatch", REASON),
    _t("redispatch", "failed", "dispatched", "case.dispatch", OTHER_UNIT, REASON),
)

_OWNERSHIP = (
    *(_t("dispute", state, "disputed", "order.answer", REASON, own="unit") for state in WITH_A_UNIT),
    _t("adjudicate", "disputed", "dispatched", "case.adjudicate", OTHER_UNIT, REASON),
    _t("fall_back", "disputed", "dispatched", "case.adjudicate", OTHER_UNIT, REASON),
)

_HANDLING = (
    _t("accept_order", "dispatched", "handling", "order.answer", NOTE, own="unit"),
    _t("return_order", "dispatched", "filed", "order.answer", REASON, own="unit"),
    _stay("assign", "handling", "order.assign", Field("handler_id", "handler", required=True), NOTE, own="unit"),
    _stay("unassign", "handling", "order.assign", REASON, own="unit", guards=("assigned",)),
    _stay("hand_back", "handling", "order.feed_back", REASON, own="handler"),
    _t("feed_back", "handling", "handled", "order.feed_back", *_ON_SITE, own="unit", guards=("assistance_done",)),
)

_REQUESTS = (
    _stay("ask_return", "handling", "order.answer", REASON, own="unit", asks="return"),
    _t("grant_return", "handling", "filed", "case.dispatch", NOTE, answers="return"),
    _stay("deny_return", "handling", "case.dispatch", REASON, answers="return"),
    _stay(
        "ask_extension",
        "handling",
        "order.answer",
        _SHARE,
        REASON,
        own="unit",
        asks="extension",
        guards=("in_time", "extensions_left"),
    ),
    _stay(
        "grant_extension",
        "handling",
        "case.dispatch",
        NOTE,
        answers="extension",
        behaviour="extend",
        guards=("in_time", "extensions_left"),
    ),
    _stay("deny_extension", "handling", "case.dispatch", REASON, answers="extension"),
    _stay(
        "ask_suspension", "handling", "order.answer", _UNTIL, REASON, own="unit", asks="suspension", guards=("in_time",)
    ),
    _t(
        "grant_suspension",
        "handling",
        "suspended",
        "case.dispatch",
        NOTE,
        answers="suspension",
        behaviour="pause",
        guards=("in_time",),
    ),
    _stay("deny_suspension", "handling", "case.dispatch", REASON, answers="suspension"),
    _t("resume", "suspended", "handling", "case.dispatch", NOTE, behaviour="resume"),
)

_ASSISTANCE = tuple(
    transition
    for state in WITH_A_UNIT
    for transition in (
        _stay("add_assist", state, "case.dispatch", _ASSISTANT, NOTE),
        _stay("accept_assist", state, "order.answer", NOTE, own="assist", guards=("assistance_sent",)),
        _stay("return_assist", state, "order.answer", REASON, own="assist"),
        _stay("finish_assist", state, "order.feed_back", *_ON_SITE, own="assist", guards=("assistance_accepted",)),
        _stay("revoke_assist", state, "case.dispatch", _ASSISTANT, REASON, guards=("assistance_under_way",)),
    )
)

_CLOSING = (
    _t("send_check", "handled", "checking", "task.send", INSPECTOR, NOTE, opens_task="check"),
    _stay("send_check", "checking", "task.send", INSPECTOR, REASON, opens_task="check"),
    _t("check", "checking", "checked", "task.do", *_ON_SITE, own="task"),
    _t("fail_check", "checking", "failed", "task.do", *_NOT_ON_SITE, own="task"),
    _t("close", "checked", "closed", "case.close", NOTE),
    *(_t("force_close", state, "closed", "case.force_close", REASON) for state in AFTER_FILING),
    *(
        _t("transfer_to_law", state, "transferred", "case.transfer_law", REASON, guards=("reviewed", "has_evidence"))
        for state in ("verified", "filed", *WITH_A_UNIT, "checked")
    ),
)

_SUPERVISION = tuple(
    transition
    for state in OPEN
    for transition in (
        _stay("urge", state, "case.urge", NOTE),
        _stay("press", state, "case.press", REASON),
        _stay("instruct", state, "case.press", REASON),
    )
)

_AFTERWARDS = (
    _stay(
        "appeal",
        "closed",
        "order.answer",
        REASON,
        own="unit",
        asks="appeal",
        guards=("was_late", "not_appealed", "appeal_window"),
    ),
    _stay("allow_appeal", "closed", "case.judge_appeal", NOTE, answers="appeal"),
    _stay("reject_appeal", "closed", "case.judge_appeal", REASON, answers="appeal"),
    _t("reopen", "closed", "filed", "case.reopen", REASON, guards=("reopening_window",)),
    _t("reopen", "refused", "accepted", "case.reopen", REASON, guards=("reopening_window",)),
)

TRANSITIONS: tuple[Transition, ...] = (
    *_INTAKE, *_VERIFICATION, *_FILING, *_DISPATCH, *_OWNERSHIP, *_HANDLING, *_REQUESTS, *_ASSISTANCE, *_CLOSING,
    *_SUPERVISION, *_AFTERWARDS,
)  # fmt: skip

BEGINNING = ("report", "none", "reported")
"""The pseudo move that opens every history."""

IMPORTED = ("import_close", "reported", "closed")
"""A case of another system's past: reported and closed there, our stages never ran (no rates but its own times)."""
