"""Consumer `callers`: what happens to a case is told to those who called about it, by being called back or by their hotline."""

from __future__ import annotations

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
