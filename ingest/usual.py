"""What is usual (常态基线): the mean of a metric by asset and hour of the week, looked up by detection, learned from history.

The week begins on Monday at 0 h of the city's own time. Between the middles of two hours the value lies on a line.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, text

from gis.db import named_sql
from ingest.detection import Rule, Usual
from ingest.validation import Reading

HOURS = 168
WEIGHT = 0.25
"""Of the newest week against all before."""


class Key(NamedTuple):
    """One stored mean."""

    asset_id: int
    metric: str
    hour: int


def hour_of_week(local: datetime) -> float:
    """Hours since Monday 0 h, with the fraction: 0 to below 168."""
    return local.weekday() * 24 + local.hour + local.minute / 60 + local.second / 3600


def expected(means: Mapping[Key, float], asset_id: int, metric: str, local: datetime) -> float | None:
    """The usual value at a local time, between the means of the two nearest hours; None where one is not known."""
    at = hour_of_week(local) - 0.5
    first = int(at // 1) % HOURS
    before, after = (means.get(Key(asset_id, metric, hour)) for hour in (first, (first + 1) % HOURS))
    if before is None or after is None:
        return None
    return before + (after - before) * (at % 1)


def lookup(db: Connection, readings: Iterable[Reading], rules: Iterable[Rule], zone: ZoneInfo) -> Usual:
    """A `Usual` for these readings; asks the database only where a rule needs it."""
    metrics = sorted({rule.metric for rule in rules if rule.over_usual})
    moments = [reading.occurred_at.astimezone(zone) for reading in readings] if metrics else []
    hours = {(int(hour_of_week(at) - 0.5) + step) % HOURS for at in moments for step in (-1, 0, 1)}
    means: dict[Key, float] = {}
    if hours:
        asked = {"assets": [r.asset_id for r in readings], "metrics": metrics, "hours": sorted(hours)}
        means = {Key(row.asset_id, row.metric, row.hour): row.mean for row in db.execute(_MEANS, asked)}
    return lambda reading, metric: expected(means, reading.asset_id, metric, reading.occurred_at.astimezone(zone))


def teach(db: Connection, means: Mapping[Key, float], learned_at: datetime) -> None:
    """Write means that are known from elsewhere: another system, a design, a simulation."""
    rows = [{**key._asdict(), "mean": mean, "learned_at": learned_at} for key, mean in means.items()]
    if rows:
        db.execute(_TEACH, rows)


def learn(db: Connection, now: datetime, zone: ZoneInfo) -> int:
    """Fold the last closed hour into the means, once; hours with an alarm or a gap teach nothing. Returns how many."""
    end = now.astimezone(zone).replace(minute=0, second=0, microsecond=0)
    start = end - timedelta(hours=1)
    hour = int(hour_of_week(start))
    asked = {"first": start, "last": end, "hour": hour, "weight": WEIGHT}
    return db.execute(named_sql("ingest.sql", "learn_usual"), asked).rowcount


_MEANS = text("""
    select asset_id, metric, hour, mean from ingest.usual
    where asset_id = any(:assets) and metric = any(:metrics) and hour = any(:hours)
""")
_TEACH = text("""
    insert into ingest.usual (asset_id, metric, hour, mean, learned_at)
    values (:asset_id, :metric, :hour, :mean, :learned_at)
    on conflict (asset_id, metric, hour) do update set mean = excluded.mean, learned_at = excluded.learned_at
""")
