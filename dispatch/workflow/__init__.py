"""The closed loop: states, moves, and what each move needs. Pure: nothing here reads a clock or a table of the database."""

from dispatch.workflow.asking import check_fields, moves_from, rows, transition
from dispatch.workflow.names import (
    ASSIST_STATES,
    DISPATCH_DUTY,
    FINAL,
    MOVES,
    REQUESTS,
    STAGE_OF,
    STAGES,
    STATES,
    SUPERVISION_DUTY,
)
from dispatch.workflow.table import BEFORE_DISPATCH, BEGINNING, IMPORTED, OPEN, TRANSITIONS
from dispatch.workflow.transitions import Field, Transition

__all__ = [
    "ASSIST_STATES",
    "BEFORE_DISPATCH",
    "BEGINNING",
    "DISPATCH_DUTY",
    "FINAL",
    "IMPORTED",
    "MOVES",
    "OPEN",
    "REQUESTS",
    "STAGES",
    "STAGE_OF",
    "STATES",
    "SUPERVISION_DUTY",
    "TRANSITIONS",
    "Field",
    "Transition",
    "check_fields",
    "moves_from",
    "rows",
    "transition",
]
