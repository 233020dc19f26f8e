"""How long an application may lie on a desk: limits by state over the working calendar, paused while materials are missing (W2, W5)."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from dispatch import deadlines, policy
from dispatch.deadlines import Limit
from welfare.procedure import Transition


@dataclass(frozen=True)
class Stage:
    """The clock of the state an application stands in. `due_at` is None where none runs; `used` is the share used before a pause."""

    started_at: datetime
    due_at: datetime | None
    used: float


def first(db: Connection, zone: ZoneInfo, state: str, now: datetime) -> Stage:
    """The clock of a state that begins now."""
    return _run(db, zone, state, now, 0.0)


def following(db: Connection, zone: ZoneInfo, step: Transition, standing: Stage, now: datetime) -> Stage:
    """The clock after a move: a new one, the old one held, or the held one going on."""
    if step.clock == "pause":
        limit = limits()[step.source]
        used = standing.used + deadlines.used_share(standing.started_at, now, limit, policy.calendar(db, zone, limit))
        return Stage(now, None, round(used, 6))
    return _run(db, zone, step.target, now, standing.used if step.clock == "resume" else 0.0)


def notice_end(db: Connection, zone: ZoneInfo, now: datetime) -> datetime:
    """When a notice posted now has stood long enough."""
    limit = _limit(_content()["notice"])
    return deadlines.due_at(now, limit, policy.calendar(db, zone, limit))


@lru_cache
def limits() -> dict[str, Limit]:
    """State → limit, from config/welfare/procedure.toml; states without one have no clock."""
    return {state: _limit(entry) for state, entry in _content()["limits"].items()}


def _run(db: Connection, zone: ZoneInfo, state: str, now: datetime, used: float) -> Stage:
    limit = limits().get(state)
    if limit is None:
        return Stage(now, None, used)
    left = limit.share(max(0.0, 1 - used))
    return Stage(now, deadlines.due_at(now, left, policy.calendar(db, zone, limit)) if left.amount else now, used)


@lru_cache
def _content() -> dict[str, Any]:
    return tomllib.loads(files("config").joinpath("welfare/procedure.toml").read_text(encoding="utf-8"))


def _limit(entry: dict[str, Any]) -> Limit:
    return Limit(entry["kind"], float(entry["amount"]))
