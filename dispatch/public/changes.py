"""What became of public cases between two moments: one entry for each public stage that a case reached, as it became known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from importlib.resources import files

from sqlalchemy import Connection, text

from dispatch.public import stages
from dispatch.public.records import VISIBLE
from dispatch.workflow import STATES

_SELECT = files("dispatch.public").joinpath("changes.sql").read_text(encoding="utf-8").replace("/* visible */", VISIBLE)


@dataclass(frozen=True)
class Change:
    """That a case reached a stage. `seq` is its place in the case's history, and lasting."""

    number: str
    seq: int
    stage: str
    at: datetime


def between(
    db: Connection, since: datetime, until: datetime, day: date, *, limit: int, offset: int = 0
) -> list[Change]:
    """Changes from `since` to `until`, oldest first. `day` decides which services are public."""
    values = {"since": since, "until": until, "day": day, "changes": list(telling()), "limit": limit, "offset": offset}
    rows = db.execute(text(_SELECT), values)
    return [Change(row.number, row.seq, stages.stage_of(row.to_state), row.recorded_at) for row in rows]


@lru_cache
def telling() -> tuple[str, ...]:
    """Pairs "from>to" of states that stand for different public stages; the first report is one of them."""
    pairs = [("none", state) for state in STATES]
    pairs += [(a, b) for a in STATES for b in STATES if stages.stage_of(a) != stages.stage_of(b)]
    return tuple(f"{a}>{b}" for a, b in pairs)
