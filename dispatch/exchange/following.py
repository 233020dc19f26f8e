"""Consumer `callers`: what happens to a case is told to those who called about it, by being called back or by their hotline."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from config.settings import Settings
from dispatch.calls import callbacks
from dispatch.exchange import outgoing
from gis import events


def act(db: Connection, settings: Settings, event: events.Event) -> None:
    """One move of a case, or one call-back that has ended."""
    if event.kind == "case.moved":
        callbacks.follow(db, event)
    outgoing.tell(db, settings, event)


def act_on_many(db: Connection, settings: Settings, some: Sequence[events.Event]) -> None:
    """Several in one transaction, in their order."""
    for event in some:
        act(db, settings, event)
