"""The life of alarms: raised once, said once in the event log, ended when the value is back. The caller commits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from gis import events
from ingest.detection import AlarmKey, Finding, Rule
from ingest.validation import Reading

Place = tuple[float, float]
"""Longitude and latitude, WGS 84 degrees."""


@dataclass(frozen=True, slots=True)
class Raising:
    """An alarm about to be raised. `members`: all assets it concerns where they are several."""

    rule: Rule
    asset_id: int
    device_id: str
    value: float
    occurred_at: datetime
    trace_id: str | None = None
    place: Place | None = None
    members: tuple[int, ...] = ()


_OPEN = text(
    "select asset_id, rule_id, device_id from ingest.alarm where cleared_at is null and asset_id = any(:assets)"
)

_RAISE = text("""
    insert into ingest.alarm (asset_id, rule_id, device_id, value, occurred_at, recorded_at, trace_id, members, lon, lat)
    values (:asset_id, :rule_id, :device_id, :value, :occurred_at, :recorded_at, :trace_id, :members, :lon, :lat)
    on conflict (asset_id, rule_id) where cleared_at is null do nothing
    returning id
""")

_CLEAR = text("""
    update ingest.alarm set cleared_at = :occurred_at
    where asset_id = :asset_id and rule_id = :rule_id and cleared_at is null
    returning id, trace_id, device_id, value
""")

_PLACE = text("""
    select st_x(p.point) as lon, st_y(p.point) as lat
    from gis.asset a cross join lateral (select st_pointonsurface(a.geom) as point) p
    where a.id = :asset_id
""")


def open_alarms(db: Connection, asset_ids: Iterable[int]) -> dict[AlarmKey, str]:
    """(asset id, rule id) of the alarms that stand on these assets → the device that raised each."""
    rows = db.execute(_OPEN, {"assets": list(asset_ids)})
    return {(row.asset_id, row.rule_id): row.device_id for row in rows}


def apply(
    db: Connection, findings: Iterable[Finding], profile_metrics: Mapping[int, tuple[str, ...]], recorded_at: datetime
) -> None:
    """Write what detection found, in its order. `profile_metrics`: names of the values of each profile."""
    for finding in findings:
        reading = finding.reading
        if finding.kind == "raised":
            place = _said(reading, profile_metrics)
            raise_once(
                db,
                Raising(
                    finding.rule,
                    reading.asset_id,
                    reading.device_id,
                    finding.value,
                    reading.occurred_at,
                    reading.trace_id,
                    place,
                ),
                recorded_at,
            )
        else:
            clear(db, finding.rule, reading.asset_id, reading.occurred_at, finding.value)


def raise_once(db: Connection, new: Raising, recorded_at: datetime) -> bool:
    """Raise an alarm unless one of its rule stands on the asset; say it in the event log and on the screens."""
    trace_id = new.trace_id or events.new_trace()
    place = new.place or _place(db, new.asset_id)
    lon, lat = place or (None, None)
    row = {
        "asset_id": new.asset_id,
        "rule_id": new.rule.id,
        "device_id": new.device_id,
        "value": new.value,
        "occurred_at": new.occurred_at,
        "recorded_at": recorded_at,
        "trace_id": trace_id,
        "members": list(new.members),
        "lon": lon,
        "lat": lat,
    }
    alarm_id = db.execute(_RAISE, row).scalar_one_or_none()
    if alarm_id is None:
        return False
    payload = {
        "alarm_id": alarm_id,
        "raised_at": recorded_at.isoformat(),
        **_described(new.rule, new.asset_id, new.device_id, new.value),
        "members": len(new.members),
        "condition": new.rule.settings.get("condition"),
        "priority": new.rule.settings.get("priority", "urgent"),
        "case": new.rule.settings.get("case", True),
        "near_m": new.rule.settings.get("near_m", 0),
        "lon": lon,
        "lat": lat,
    }
    events.append(db, "alarm.raised", f"asset:{new.asset_id}", payload, trace_id, new.occurred_at)
    events.notify_live(db, "alarm", {"id": alarm_id})
    return True


def clear(db: Connection, rule: Rule, asset_id: int, at: datetime, value: float | None = None) -> bool:
    """End the alarm of a rule on an asset, if one stands. `value`: what ended it, where a value did."""
    row = {"asset_id": asset_id, "rule_id": rule.id, "occurred_at": at}
    cleared = db.execute(_CLEAR, row).one_or_none()
    if cleared is None:
        return False
    last = cleared.value if value is None else value
    payload = {"alarm_id": cleared.id, **_described(rule, asset_id, cleared.device_id, last)}
    events.append(db, "alarm.cleared", f"asset:{asset_id}", payload, cleared.trace_id, at)
    events.notify_live(db, "alarm", {"id": cleared.id})
    return True


def _described(rule: Rule, asset_id: int, device_id: str, value: float) -> dict[str, Any]:
    return {
        "asset_id": asset_id,
        "device_id": device_id,
        "rule": rule.code,
        "kind": rule.kind,
        "over": rule.settings.get("over", "nothing"),
        "rule_name": rule.name,
        "rule_name_en": rule.name_en,
        "metric": rule.metric,
        "unit": rule.unit,
        "value": value,
        "threshold": rule.threshold,
        "class_code": rule.class_code,
    }


def _said(reading: Reading, profile_metrics: Mapping[int, tuple[str, ...]]) -> Place | None:
    """Where a vehicle itself says it is."""
    said = dict(zip(profile_metrics.get(reading.profile_id, ()), reading.values, strict=False))
    lon, lat = said.get("longitude"), said.get("latitude")
    return None if lon is None or lat is None else (lon, lat)


def _place(db: Connection, asset_id: int) -> Place | None:
    """Where the asset stands."""
    row = db.execute(_PLACE, {"asset_id": asset_id}).one_or_none()
    return (row.lon, row.lat) if row else None
