"""Questions to the table: what a move is from a state, what is possible, whether its fields are there. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from config.errors import IllegalMove, InvalidInput
from dispatch.workflow.names import FINAL
from dispatch.workflow.table import BEGINNING, IMPORTED, TRANSITIONS
from dispatch.workflow.transitions import Transition

_BY_MOVE = {(t.source, t.move): t for t in TRANSITIONS}
_FROM: dict[str, tuple[Transition, ...]] = {
    source: tuple(t for t in TRANSITIONS if t.source == source) for source in {t.source for t in TRANSITIONS}
}
_EMPTY: tuple[object, ...] = (None, "", [], ())


def transition(state: str, move: str) -> Transition:
    """The transition for `move` from `state`. Raises IllegalMove, naming what is possible instead."""
    found = _BY_MOVE.get((state, move))
    if found is None and state in FINAL:
        raise IllegalMove("The case has ended.", "If it is not over, report it again.", state=state, move=move)
    if found is None:
        possible = sorted({t.move for t in moves_from(state) if t.target != state})
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
    return _FROM.get(state, ())


def check_fields(wanted: Transition, values: Mapping[str, object]) -> None:
    """Raise InvalidInput for the first required field that is missing, or for one that the move does not take."""
    for entry in wanted.fields:
        if entry.required and values.get(entry.name) in _EMPTY:
            raise InvalidInput(
                "The move '{move}' needs '{field}'.",
                "Give '{field}' and send it again.",
                move=wanted.move,
                field=entry.name,
            )
    unknown = {name for name, value in values.items() if value not in _EMPTY} - {f.name for f in wanted.fields}
    if unknown:
        raise InvalidInput("The move '{move}' does not take '{field}'.", move=wanted.move, field=min(unknown))


def rows() -> list[tuple[str, str, str]]:
    """(move, from, to) of everything the history may hold: what dispatch.transition contains."""
    return sorted({(t.move, t.source, t.target) for t in TRANSITIONS} | {BEGINNING, IMPORTED})
