"""Who may see which caller: pure, asked wherever a caller could be told (C4)."""

from __future__ import annotations

from gis.actors import Actor


def may_know(actor: Actor, taken_by: int | None, confidential: bool) -> bool:
    """Whether `actor` may be told who this is: of a confidential caller only who took the call and the shift leader."""
    if actor.may("call.oversee"):
        return True
    return actor.may("call.take") and (not confidential or actor.account_id == taken_by)
