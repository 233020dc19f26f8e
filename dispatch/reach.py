"""Which cases a centre sees and which it may move: its area, and what it sent or received (C2).

A transaction states areas and centres of its reader; the view `dispatch.seen_case` obeys. What answers a reader reads the view and
never `dispatch.cases`: lists, counts, searches, maps, figures. Work that no reader looks at reads the table.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from sqlalchemy import Connection, text

from config.errors import NotPermitted
from dispatch.workflow import FINAL, Transition
from gis.actors import Actor

_STATE = text("""
    select set_config('citycommand.areas', cast(:areas as text[])::text, true),
           set_config('citycommand.centres', cast(:centres as bigint[])::text, true)
""")

SUPERVISED = frozenset({"handled", "checking", "checked"}) | FINAL
"""States in which the centre acts that took the case up first: one level supervises (一级监督). In all others the one that has it."""

CENTRE_WORK = frozenset(
    {"case.accept", "case.refuse", "case.file", "case.void", "case.merge", "case.dispatch", "case.close", "task.send"}
)
"""Permissions of a centre's posts: they act on what their own centre has."""


class HeldCase(Protocol):
    """A case as its centres see it; None stands for the city."""

    @property
    def centre_id(self) -> int | None: ...
    @property
    def origin_centre_id(self) -> int | None: ...


def limit(db: Connection, actor: Actor | None) -> None:
    """Hide from the rest of this transaction what lies out of the actor's reach.

    Only for those who see cases by their post: all others see their own orders, tasks and reports (dispatch/listing.py).
    """
    if actor is not None and not actor.everywhere and actor.may("case.list"):
        db.execute(_STATE, {"areas": list(actor.areas), "centres": list(actor.centres)})


def refusal(case: HeldCase, step: Transition, actor: Actor) -> NotPermitted | None:
    """Why the actor's centre does not make this step, or None: the case may be with another centre."""
    if step.permission not in CENTRE_WORK:
        return None
    if step.move == "recall":
        holder = case.origin_centre_id
    else:
        holder = case.origin_centre_id if step.source in SUPERVISED else case.centre_id
    if holder in actor.centres or (holder is None and actor.everywhere):
        return None
    return NotPermitted("This case is with another centre.", "Wait for it, or ask that centre to send it back.")


def centre_of_clock(case: HeldCase, step: Transition, changed: Mapping[str, Any]) -> int | None:
    """The centre whose time runs after `step`: of a supervised state the one that took the case up, else the one that has it."""
    if step.target in SUPERVISED:
        return case.origin_centre_id
    centre: int | None = changed.get("centre_id", case.centre_id)
    return centre


def centre_of(actor: Actor | None) -> int | None:
    """The centre that a report taken by `actor` belongs to: a second-level centre where that is the only one they work for."""
    return actor.centres[0] if actor and not actor.everywhere and len(actor.centres) == 1 else None
