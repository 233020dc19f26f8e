"""The life of alarms: raised once, said once in the event log, ended when the value is back. The caller commits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from gis import events
from ingest.detection import AlarmKey, Finding
from ingest.validation import Reading

_OPEN = text(
    "select asset_id, rule_id, device_id from ingest.alarm where cleared_at is null and asset_id = any(:assets)"
)

_RAISE = text("""
    insert into ingest.alarm (asset_id, rule_id, device_id, value, occurred_at, recorded_at, trace_id)
    values (:asset_id, :rule_id, :device_id, :value, :occurred_at, :recorded_at, :trace_id)
    on conflict (asset_id, rule_id) where cleared_at is null do nothing
    returning id
""")

_CLEAR = text("""
    update ingest.alarm set cleared_at = :occurred_at
    where asset_id = :asset_id and rule_id = :rule_id and cleared_at is null
    returning id, trace_id
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
        if finding.kind == "raised":
            _raise(db, finding, _place(db, finding.reading, profile_metrics), recorded_at)
        else:
            _clear(db, finding)


def _raise(db: Connection, finding: Finding, place: tuple[float, float] | None, recorded_at: datetime) -> None:
    reading, rule = finding.reading, finding.rule
    trace_id = reading.trace_id or events.new_trace()
    row = {
        "asset_id": reading.asset_id,
        "rule_id": rule.id,
        "device_id": reading.device_id,
        "value": finding.value,
        "occurred_at": reading.occurred_at,
        "recorded_at": recorded_at,
        "trace_id": trace_id,
    }
    alarm_id = db.execute(_RAISE, row).scalar_one_or_none()
    if alarm_id is None:
        return
    payload = {
        "alarm_id": alarm_id,
        **_described(finding),
        "lon": place[0] if place else None,
        "lat": place[1] if place else None,
    }
    events.append(db, "alarm.raised", f"asset:{reading.asset_id}", payload, trace_id, reading.occurred_at)
    events.notify_live(db, "alarm", {"id": payload["alarm_id"]})


def _clear(db: Connection, finding: Finding) -> None:
    reading = finding.reading
    row = {"asset_id": reading.asset_id, "rule_id": finding.rule.id, "occurred_at": reading.occurred_at}
    cleared = db.execute(_CLEAR, row).one_or_none()
    if cleared is None:
        return
    payload = {"alarm_id": cleared.id, **_described(finding)}
    events.append(db, "alarm.cleared", f"asset:{reading.asset_id}", payload, cleared.trace_id, reading.occurred_at)
    events.notify_live(db, "alarm", {"id": payload["alarm_id"]})


def _described(finding: Finding) -> dict[str, Any]:
    reading, rule = finding.reading, finding.rule
    return {
        "asset_id": reading.asset_id,
        "device_id": reading.device_id,
        "rule": rule.code,
        "rule_name": rule.name,
        "rule_name_en": rule.name_en,
        "metric": rule.metric,
        "unit": rule.unit,
        "value": finding.value,
        "threshold": rule.threshold,
        "class_code": rule.class_code,
    }


def _place(
    db: Connection, reading: Reading, profile_metrics: Mapping[int, tuple[str, ...]]
) -> tuple[float, float] | None:
    """Longitude and latitude: what a vehicle itself says, otherwise where the asset stands."""
    said = dict(zip(profile_metrics.get(reading.profile_id, ()), reading.values, strict=False))
    lon, lat = said.get("longitude"), said.get("latitude")
    if lon is not None and lat is not None:
        return lon, lat
    row = db.execute(_PLACE, {"asset_id": reading.asset_id}).one_or_none()
    return (row.lon, row.lat) if row else None
