"""The closed loop as one literal: which move leads from which state to which, who may make it, and what it needs (D1).

Pure: nothing here reads a clock or a table. The database holds a copy of `TRANSITIONS` (dispatch.transition) and refuses
the rest. States are named in STATES, stages (what the running clock measures) in STAGE_OF.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from config.errors import IllegalMove, InvalidInput

STATES: dict[str, tuple[str, str]] = {
    "reported": ("已上报", "Reported"),
    "accepted": ("已受理", "Accepted"),
    "verifying": ("核实中", "Being verified"),
    "verified": ("核实属实", "Verified"),
    "not_found": ("核实不属实", "Not found on site"),
    "filed": ("已立案", "Filed"),
    "dispatched": ("已派遣", "Dispatched"),
    "handling": ("处置中", "Being handled"),
    "handled": ("已反馈", "Reported back"),
    "checking": ("核查中", "Being checked"),
    "checked": ("核查通过", "Checked"),
    "failed": ("核查未通过", "Check failed"),
    "closed": ("已结案", "Closed"),
    "refused": ("不予立案", "Refused"),
    "void": ("已作废", "Void"),
}

FINAL = frozenset({"closed", "refused", "void"})

STAGE_OF: dict[str, str] = {
    "reported": "acceptance",
    "accepted": "acceptance",
    "verifying": "verification",
    "verified": "filing",
    "not_found": "filing",
    "filed": "dispatch",
    "failed": "dispatch",
    "dispatched": "handling",
    "handling": "handling",
    "handled": "closing",
    "checking": "check",
    "checked": "closing",
}

STAGES: dict[str, tuple[str, str]] = {
    "acceptance": ("受理", "Acceptance"),
    "verification": ("核实", "Verification"),
    "filing": ("立案", "Filing"),
    "dispatch": ("派遣", "Dispatch"),
    "handling": ("处置", "Handling"),
    "check": ("核查", "Check"),
    "closing": ("结案", "Closing"),
}

FieldKind = Literal["text", "unit", "handler", "condition", "class", "photos", "position", "inspector"]


@dataclass(frozen=True)
class Field:
    """One value a move takes. Required ones are refused when empty."""

    name: str
    kind: FieldKind
    required: bool = False


NOTE = Field("note", "text")
REASON = Field("note", "text", required=True)
POSITION = Field("position", "position", required=True)
PHOTOS = Field("photos", "photos", required=True)
UNIT = Field("unit_id", "unit")
OTHER_UNIT = Field("unit_id", "unit", required=True)


@dataclass(frozen=True)
class Transition:
    """One allowed change. `opens_task` names the inspector's task it opens; `own` limits it to the case's own unit or task."""

    move: str
    source: str
    target: str
    permission: str
    fields: tuple[Field, ...] = (NOTE,)
    opens_task: Literal["verify", "check"] | None = None
    own: Literal["unit", "task"] | None = None


def _t(move: str, source: str, target: str, permission: str, *fields: Field, **more: object) -> Transition:
    return Transition(move, source, target, permission, fields or (NOTE,), **more)  # type: ignore[arg-type]


_CLASSIFY = (Field("class_code", "class"), Field("condition_id", "condition"), NOTE)
_ON_SITE = (POSITION, PHOTOS, NOTE)
_NOT_ON_SITE = (POSITION, PHOTOS, REASON)

TRANSITIONS: tuple[Transition, ...] = (
    _t("accept", "reported", "accepted", "case.accept", *_CLASSIFY),
    _t("refuse", "reported", "refused", "case.refuse", REASON),
    _t(
        "send_verification",
        "accepted",
        "verifying",
        "task.send",
        Field("inspector_id", "inspector"),
        NOTE,
        opens_task="verify",
    ),
    _t("refuse", "accepted", "refused", "case.refuse", REASON),
    _t("verify", "verifying", "verified", "task.do", *_ON_SITE, own="task"),
    _t("deny", "verifying", "not_found", "task.do", *_NOT_ON_SITE, own="task"),
    _t(
        "send_verification",
        "not_found",
        "verifying",
        "task.send",
        Field("inspector_id", "inspector"),
        REASON,
        opens_task="verify",
    ),
    _t("refuse", "not_found", "refused", "case.refuse", REASON),
    _t("file", "verified", "filed", "case.file", Field("condition_id", "condition"), NOTE),
    _t("refuse", "verified", "refused", "case.refuse", REASON),
    _t("dispatch", "filed", "dispatched", "case.dispatch", UNIT, NOTE),
    _t("void", "filed", "void", "case.void", REASON),
    _t("redispatch", "dispatched", "dispatched", "case.dispatch", OTHER_UNIT, REASON),
    _t("accept_order", "dispatched", "handling", "order.answer", NOTE, own="unit"),
    _t("return_order", "dispatched", "filed", "order.answer", REASON, own="unit"),
    _t(
        "assign",
        "handling",
        "handling",
        "order.assign",
        Field("handler_id", "handler", required=True),
        NOTE,
        own="unit",
    ),
    _t("feed_back", "handling", "handled", "order.feed_back", *_ON_SITE, own="unit"),
    _t(
        "send_check",
        "checking",
        "checking",
        "task.send",
        Field("inspector_id", "inspector"),
        REASON,
        opens_task="check",
    ),
    _t(
        "send_verification",
        "verifying",
        "verifying",
        "task.send",
        Field("inspector_id", "inspector"),
        REASON,
        opens_task="verify",
    ),
    _t("send_check", "handled", "checking", "task.send", Field("inspector_id", "inspector"), NOTE, opens_task="check"),
    _t("check", "checking", "checked", "task.do", *_ON_SITE, own="task"),
    _t("fail_check", "checking", "failed", "task.do", *_NOT_ON_SITE, own="task"),
    _t("rework", "failed", "dispatched", "case.dispatch", REASON),
    _t("close", "checked", "closed", "case.close", NOTE),
)

MOVES: dict[str, tuple[str, str]] = {
    "report": ("上报", "Report"),
    "accept": ("受理", "Accept"),
    "refuse": ("不予立案", "Refuse"),
    "send_verification": ("发送核实", "Send to verify"),
    "verify": ("核实属实", "Confirm on site"),
    "deny": ("核实不属实", "Not found on site"),
    "file": ("立案", "File"),
    "void": ("作废", "Void"),
    "dispatch": ("派遣", "Dispatch"),
    "redispatch": ("改派", "Give to another unit"),
    "accept_order": ("接收", "Accept order"),
    "return_order": ("回退", "Return order"),
    "assign": ("指派处置人员", "Assign handler"),
    "feed_back": ("处置反馈", "Report back"),
    "send_check": ("发送核查", "Send to check"),
    "check": ("核查通过", "Pass check"),
    "fail_check": ("核查未通过", "Fail check"),
    "rework": ("返工", "Rework"),
    "close": ("结案", "Close"),
    "import_close": ("导入结案", "Closed (imported)"),
}

DISPATCH_DUTY = frozenset({"dispatch", "redispatch", "rework"})
SUPERVISION_DUTY = frozenset({"verify", "deny", "check", "fail_check", "close", "void"})
"""C1: nobody has both duties on the same case."""

BEGINNING = ("report", "none", "reported")
"""The pseudo move that opens every history."""

IMPORTED = ("import_close", "reported", "closed")
"""A case of another system's past: reported and closed there, our stages never ran (no rates but its own times)."""

_BY_MOVE = {(t.source, t.move): t for t in TRANSITIONS}


def transition(state: str, move: str) -> Transition:
    """The transition for `move` from `state`. Raises IllegalMove, naming what is possible instead."""
    found = _BY_MOVE.get((state, move))
    if found is None and state in FINAL:
        raise IllegalMove("The case has ended.", "If it is not over, report it again.", state=state, move=move)
    if found is None:
        possible = sorted({t.move for t in TRANSITIONS if t.source == state})
        raise IllegalMove(
            "'{move}' is not possible in state '{state}'.",
            "Possible moves: {possible}.",
            state=state,
            move=move,
            possible=possible,
        )
    return found


def moves_from(state: str) -> tuple[Transition, ...]:
    """All transitions that leave `state`, in the order of the literal."""
    return tuple(t for t in TRANSITIONS if t.source == state)


def check_fields(wanted: Transition, values: Mapping[str, object]) -> None:
    """Raise InvalidInput for the first required field that is missing, or for one that the move does not take."""
    for entry in wanted.fields:
        if entry.required and values.get(entry.name) in (None, "", [], ()):
            raise InvalidInput(
                "The move '{move}' needs '{field}'.",
                "Give '{field}' and send it again.",
                move=wanted.move,
                field=entry.name,
            )
    unknown = {name for name, value in values.items() if value not in (None, "", [], ())} - {
        f.name for f in wanted.fields
    }
    if unknown:
        raise InvalidInput("The move '{move}' does not take '{field}'.", move=wanted.move, field=min(unknown))


def rows() -> list[tuple[str, str, str]]:
    """(move, from, to) of everything the history may hold: what dispatch.transition contains."""
    return sorted({(t.move, t.source, t.target) for t in TRANSITIONS} | {BEGINNING, IMPORTED})
