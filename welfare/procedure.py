"""The way of an application as one literal: community → sub-district → district, with notice, reasons and ways back (W2). Pure.

Like dispatch/workflow/table.py: which move leads from which state to which, who may make it, what it needs; the database holds a
copy (welfare.transition) and refuses the rest. `clock` says what the move does to the stage's limit: `start` a new one,
`pause` it with the reason, or `resume` where it stood.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from config.errors import IllegalMove, InvalidInput

STATES: dict[str, tuple[str, str]] = {
    "submitted": ("已受理，社区核对", "Accepted, with the community"),
    "materials": ("待补正材料", "Waiting for materials"),
    "investigating": ("街道调查核实", "Investigated by the sub-district"),
    "notice": ("公示中", "On public notice"),
    "objected": ("异议复核", "Re-checked after an objection"),
    "deciding": ("区级审核确认", "With the district for decision"),
    "approved": ("已确认", "Approved"),
    "refused": ("不予确认", "Refused"),
    "withdrawn": ("已撤回", "Withdrawn"),
}
FINAL = frozenset({"approved", "refused", "withdrawn"})

LEVEL_OF = {"submitted": "community", "materials": "community", "investigating": "subdistrict", "notice": "subdistrict",
            "objected": "subdistrict", "deciding": "district"}  # fmt: skip
"""Whose desk an application lies on."""

MOVES: dict[str, tuple[str, str]] = {
    "apply": ("提出申请", "Apply"),
    "ask_materials": ("一次性告知补正", "Ask for materials"),
    "bring_materials": ("补正材料", "Materials brought"),
    "forward": ("上报街道", "Forward to the sub-district"),
    "send_back": ("退回社区", "Send back to the community"),
    "post_notice": ("发布公示", "Post the notice"),
    "object": ("登记异议", "Enter an objection"),
    "recheck": ("复核后重新公示", "Re-checked, noticed again"),
    "submit": ("报区级审核", "Submit to the district"),
    "reinvestigate": ("退回街道补充调查", "Back for further investigation"),
    "approve": ("审核确认", "Approve"),
    "refuse": ("不予确认", "Refuse"),
    "withdraw": ("撤回申请", "Withdraw"),
}

FieldKind = Literal["text", "flag", "people"]


@dataclass(frozen=True)
class Field:
    """One value a move takes."""

    name: str
    kind: FieldKind
    required: bool = False


NOTE = Field("note", "text")
REASON = Field("note", "text", required=True)
VISITORS = Field("visitors", "people", required=True)
"""Two people visit a home; their names are kept."""


@dataclass(frozen=True)
class Transition:
    """One allowed change. `after_notice`: only when the notice has stood for its time."""

    move: str
    source: str
    target: str
    permission: str
    fields: tuple[Field, ...] = (NOTE,)
    clock: Literal["start", "pause", "resume"] = "start"
    after_notice: bool = False


def _t(move: str, source: str, target: str, permission: str, *fields: Field, **more: object) -> Transition:
    return Transition(move, source, target, permission, fields or (NOTE,), **more)  # type: ignore[arg-type]


COMMUNITY, SUBDISTRICT, DISTRICT = "aid.accept", "aid.investigate", "aid.decide"

# From each state the way forward stands first: pages offer it first.
TRANSITIONS: tuple[Transition, ...] = (
    _t("forward", "submitted", "investigating", COMMUNITY),
    _t("ask_materials", "submitted", "materials", COMMUNITY, REASON, clock="pause"),
    _t("bring_materials", "materials", "submitted", COMMUNITY, clock="resume"),
    _t("withdraw", "materials", "withdrawn", COMMUNITY, REASON),
    _t("withdraw", "submitted", "withdrawn", COMMUNITY, REASON),
    _t("post_notice", "investigating", "notice", SUBDISTRICT, VISITORS, NOTE),
    _t("send_back", "investigating", "submitted", SUBDISTRICT, REASON),
    _t("refuse", "investigating", "refused", SUBDISTRICT, REASON),
    _t("submit", "notice", "deciding", SUBDISTRICT, after_notice=True),
    _t("object", "notice", "objected", SUBDISTRICT, REASON),
    _t("recheck", "objected", "notice", SUBDISTRICT, VISITORS, REASON),
    _t("refuse", "objected", "refused", SUBDISTRICT, REASON),
    _t("approve", "deciding", "approved", DISTRICT),
    _t("reinvestigate", "deciding", "investigating", DISTRICT, REASON),
    _t("refuse", "deciding", "refused", DISTRICT, REASON),
)

BEGINNING = ("apply", "none", "submitted")

_BY_MOVE = {(t.source, t.move): t for t in TRANSITIONS}


def transition(state: str, move: str) -> Transition:
    """The transition for `move` from `state`. Raises IllegalMove, naming what is possible instead."""
    found = _BY_MOVE.get((state, move))
    if found is not None:
        return found
    if state in FINAL:
        raise IllegalMove(
            "The application has been decided.", "If things have changed, make a new one.", state=state, move=move
        )
    possible = sorted({t.move for t in TRANSITIONS if t.source == state})
    raise IllegalMove(
        "'{move}' is not possible in state '{state}'.",
        "Possible moves: {possible}.",
        state=state,
        move=move,
        possible=possible,
    )


def moves_from(state: str) -> tuple[Transition, ...]:
    """All transitions that leave `state`, in the order of the literal."""
    return tuple(t for t in TRANSITIONS if t.source == state)


def check_fields(wanted: Transition, values: Mapping[str, object]) -> None:
    """Raise InvalidInput for a required field that is missing, or where fewer than two people visited."""
    for field in wanted.fields:
        value = values.get(field.name)
        if field.required and not value:
            raise InvalidInput(
                "The move '{move}' needs '{field}'.",
                "Give '{field}' and send it again.",
                move=wanted.move,
                field=field.name,
            )
        if field.kind == "people" and field.required and (not isinstance(value, list) or len({*value}) < 2):
            raise InvalidInput("A home is visited by two people.", "Name both.", move=wanted.move, field=field.name)


def rows() -> list[tuple[str, str, str]]:
    """(move, from, to) of everything the history may hold: what welfare.transition contains."""
    return sorted({(t.move, t.source, t.target) for t in TRANSITIONS} | {BEGINNING})
