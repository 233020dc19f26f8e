"""What one transition says: the move, its two states, who may make it, what it needs, and what it does to the clock. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from dispatch.workflow.names import BACKWARD, FINAL, STAGE_OF

FieldKind = Literal[
    "text",
    "unit",
    "units",
    "handler",
    "condition",
    "class",
    "photos",
    "position",
    "inspector",
    "share",
    "moment",
    "case",
    "centre",
    "place",
]
ClockBehaviour = Literal["start", "keep", "restart", "pause", "resume", "extend", "stop"]
Own = Literal["unit", "assist", "task", "handler", "reporter"]
Request = Literal["return", "extension", "suspension", "appeal"]


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
ASSISTING = Field("assist_unit_ids", "units")
INSPECTOR = Field("inspector_id", "inspector")
CLASS = Field("class_code", "class")
CONDITION = Field("condition_id", "condition")


@dataclass(frozen=True)
class Transition:
    """One allowed change of a case.

    `own` limits it to the case's own unit, assisting unit, task, handler or reporter. `opens_task` names the inspector's task
    that it opens; `asks` and `answers` the request that it makes or settles. `guards` name further conditions
    (dispatch/workflow/guards.py). `behaviour` overrules what follows from the stages for the clock.
    """

    move: str
    source: str
    target: str
    permission: str
    fields: tuple[Field, ...] = (NOTE,)
    own: Own | None = None
    opens_task: Literal["verify", "check"] | None = None
    asks: Request | None = None
    answers: Request | None = None
    guards: tuple[str, ...] = ()
    behaviour: ClockBehaviour | None = None

    @property
    def clock(self) -> ClockBehaviour:
        """What happens to the running clock: another stage starts another one, an end stops it."""
        if self.behaviour is not None:
            return self.behaviour
        if self.target in FINAL:
            return "keep" if self.source in FINAL else "stop"
        return "keep" if STAGE_OF[self.target] == STAGE_OF.get(self.source) else "start"

    @property
    def tone(self) -> Literal["forward", "backward", "beside"]:
        """How a form offers it: what brings the case on, what sends it back, what leaves it where it is.

        Where somebody waits for an answer, the answer brings it on.
        """
        if self.answers is not None:
            return "backward" if self.move in BACKWARD else "forward"
        if self.move in BACKWARD:
            return "backward"
        return "beside" if self.source == self.target else "forward"

    @property
    def takes_photos(self) -> bool:
        """Whether it is made on site, with photos."""
        return PHOTOS in self.fields
