"""What the public is told of where a case stands: few stages, when they were reached, and nothing of what was said inside. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from dispatch.workflow import FINAL, STAGE_OF

STAGES: dict[str, tuple[str, str]] = {
    "received": ("已收到", "Received"),
    "examined": ("核实中", "Being looked into"),
    "with_unit": ("处理中", "With the responsible unit"),
    "waiting": ("暂缓处置", "Waiting: it cannot be done yet"),
    "checked": ("已处置，核查中", "Work done, being checked"),
    "done": ("已办结", "Mended and closed"),
    "not_taken": ("不予立案", "Closed without work"),
    "joined": ("已并入另一案件", "Joined with another case"),
    "ended": ("已结束", "Ended"),
}
"""Names of the public's stages, Chinese and English, in their order."""

ENDED = frozenset({"done", "not_taken", "joined", "ended"})

_OF_STAGE = {
    "acceptance": "examined",
    "verification": "examined",
    "filing": "examined",
    "dispatch": "with_unit",
    "adjudication": "with_unit",
    "handling": "with_unit",
    "closing": "checked",
    "check": "checked",
}
_OF_STATE = {
    "reported": "received",
    "suspended": "waiting",
    "closed": "done",
    "refused": "not_taken",
    "void": "not_taken",
    "merged": "joined",
}


@dataclass(frozen=True)
class Note:
    """That a case reached a public stage at a moment."""

    stage: str
    at: datetime


def stage_of(state: str, *, closed: bool = False) -> str:
    """The public stage of a state of the workflow. What the public has no word for is with the unit, or ended."""
    if state in _OF_STATE:
        return _OF_STATE[state]
    if closed or state in FINAL:
        return "ended"
    return _OF_STAGE.get(STAGE_OF.get(state, ""), "with_unit")


def notes(events: Iterable[Mapping[str, object]]) -> list[Note]:
    """Changes of the public stage, oldest first, from rows of the history (`to_state`, `occurred_at`): never who, never why."""
    found: list[Note] = []
    for event in events:
        stage = stage_of(str(event["to_state"]))
        if not found or found[-1].stage != stage:
            at = event["occurred_at"]
            assert isinstance(at, datetime)
            found.append(Note(stage, at))
    return found


def name(stage: str, locale: str) -> str:
    """A stage in the reader's language."""
    return STAGES[stage][locale == "en"]
