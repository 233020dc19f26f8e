"""Which assets have news, told to open screens at most once a second. The caller commits."""

from __future__ import annotations

import time
from collections.abc import Iterable

from sqlalchemy import Connection

from gis import events

PERIOD_SECONDS = 1.0
IDS_A_NOTICE = 380
"""PostgreSQL allows 8,000 bytes a notice; an id has at most 20 digits and a comma."""


class LiveUpdates:
    """Collects asset ids and tells them when a second has passed since the last time."""

    def __init__(self) -> None:
        self._assets: set[int] = set()
        self._told_at = float("-inf")

    def add(self, asset_ids: Iterable[int]) -> None:
        """These assets have a new state."""
        self._assets.update(asset_ids)

    @property
    def due(self) -> bool:
        """Whether there is something to tell, and time to tell it."""
        return bool(self._assets) and time.monotonic() - self._told_at >= PERIOD_SECONDS

    def tell(self, db: Connection) -> None:
        """Notify `live` of everything that was collected."""
        tell_devices(db, self._assets)

    def told(self) -> None:
        """The transaction of `tell` is committed."""
        self._assets.clear()
        self._told_at = time.monotonic()


def tell_devices(db: Connection, asset_ids: Iterable[int]) -> None:
    """Notify `live` with topic "device" and {"ids": [asset id, …]}, in several notices when there are many."""
    _tell(db, "device", asset_ids)


def tell_watched(db: Connection, asset_ids: Iterable[int]) -> None:
    """The same with topic "watched": something may become an alarm on these assets, or no longer does."""
    _tell(db, "watched", asset_ids)


def _tell(db: Connection, topic: str, asset_ids: Iterable[int]) -> None:
    ids = sorted(set(asset_ids))
    for start in range(0, len(ids), IDS_A_NOTICE):
        events.notify_live(db, topic, {"ids": ids[start : start + IDS_A_NOTICE]})
