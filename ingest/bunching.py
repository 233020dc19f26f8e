"""Buses of a line bunched together (串车): notes where they are too close, so that the look makes an alarm of what lasts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection

from ingest import headway, holding
from ingest.alarms import Place
from ingest.detection import AlarmKey, Holding, Rule

EVERY_S = 10.0
FRESH_S = 60.0
"""Positions older than this say nothing about headways."""


@dataclass
class Memory:
    """Where vehicles were, when it was last looked, and where which lines are bunched now."""

    timetable: headway.Timetable = field(default_factory=headway.Timetable)
    looked_at: datetime | None = None
    where: dict[int, tuple[Place | None, tuple[int, ...]]] = field(default_factory=dict)
    """Asset of a line → place of the closest pair, assets of all vehicles that are too close."""


def note(db: Connection, rules: Mapping[int, tuple[Rule, ...]], memory: Memory, now: datetime) -> None:
    """Write down on which lines vehicles are too close, since when; at most every ten seconds."""
    if memory.looked_at and timedelta() <= now - memory.looked_at < timedelta(seconds=EVERY_S):
        return
    memory.looked_at = now
    for profile_id, profile_rules in rules.items():
        for rule in (rule for rule in profile_rules if rule.kind == "headway"):
            lines = memory.timetable.look(db, profile_id, now - timedelta(seconds=FRESH_S))
            before = holding.on_assets(db, (route.asset_id for route in lines))
            changes: dict[AlarmKey, Holding | None] = {}
            for route, pairs in lines.items():
                key = (route.asset_id, rule.id)
                close = headway.too_close(pairs, rule.clears_at if key in before else rule.threshold)
                changes |= _noted(key, close, before.get(key), now)
                memory.where[route.asset_id] = _where(close)
            holding.apply(db, changes, now)


def _noted(
    key: AlarmKey, close: list[headway.Pair], before: Holding | None, now: datetime
) -> dict[AlarmKey, Holding | None]:
    if not close:
        return {key: None} if before else {}
    name = f"{close[0].follower.device_id} → {close[0].leader.device_id}"
    return {key: Holding(*key, name, round(close[0].share, 3), before.since if before else now, now)}


def _where(close: list[headway.Pair]) -> tuple[Place | None, tuple[int, ...]]:
    if not close:
        return None, ()
    vehicles = {each.asset_id for pair in close for each in (pair.follower, pair.leader)}
    return (close[0].follower.lon, close[0].follower.lat), tuple(sorted(vehicles))
