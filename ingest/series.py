"""Reading back what was measured: the latest values of assets, and one metric over time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, text

from config.errors import InvalidInput, NotFound
from gis.db import named_sql
from ingest.devices import named_values

MOST_POINTS = 20_000

_LATEST = text("""
    select s.asset_id, s.occurred_at, s.recorded_at, s."values", p.metrics
    from gis.asset_state s
    join ingest.profile p on p.id = s.profile_id
    join ingest.device d on d.id = s.device_id and d.asset_id = s.asset_id and d.active
    where s.asset_id = any(:ids)
    order by s.asset_id, s.occurred_at
""")

_METRIC_KNOWN = text(
    "select exists (select from ingest.profile where metrics @> jsonb_build_array(jsonb_build_object('name', :metric)))"
)


@dataclass(frozen=True, slots=True)
class Latest:
    """State of an asset (实时状态): the newest value of each metric that its active devices measure."""

    asset_id: int
    occurred_at: datetime
    recorded_at: datetime
    values: dict[str, float]
    units: dict[str, str]


@dataclass(frozen=True, slots=True)
class Point:
    """One measured value; its unit is the profile's."""

    occurred_at: datetime
    value: float
    device_id: str


def latest(db: Connection, asset_ids: Iterable[int]) -> dict[int, Latest]:
    """Asset id → its state; assets that never sent anything are missing."""
    rows = db.execute(_LATEST, {"ids": list(asset_ids)})
    return {asset_id: _latest(list(group)) for asset_id, group in groupby(rows, key=lambda row: row.asset_id)}


def series(db: Connection, asset_id: int, metric: str, first: datetime, last: datetime) -> list[Point]:
    """Values of one metric of one asset from `first` to before `last`, in order of time.

    Raises InvalidInput when the span is empty or holds more than 20,000 values, NotFound for an unknown metric.
    """
    if first >= last:
        raise InvalidInput("The span ends before it begins.", "Give an end that lies after the beginning.")
    if not db.execute(_METRIC_KNOWN, {"metric": metric}).scalar_one():
        raise NotFound(
            "No device measures '{metric}'.", "Choose one of the metrics that the asset's devices have.", metric=metric
        )
    span = {"asset_id": asset_id, "metric": metric, "first": first, "last": last, "most": MOST_POINTS + 1}
    points = [
        Point(row.occurred_at, row.value, row.device_id) for row in db.execute(named_sql("ingest.sql", "series"), span)
    ]
    if len(points) > MOST_POINTS:
        raise InvalidInput("The span holds more than {most} values.", "Ask for a shorter span.", most=MOST_POINTS)
    return points


def _latest(rows: Sequence[Any]) -> Latest:
    values: dict[str, float] = {}
    for row in rows:
        values |= named_values(row.metrics, row.values)
    units = {metric["name"]: metric["unit"] for row in rows for metric in row.metrics}
    return Latest(rows[-1].asset_id, rows[-1].occurred_at, rows[-1].recorded_at, values, units)
