"""The device register (设备): types from `config/profiles.toml`, devices of assets, and how they look on the map."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, select, text
from sqlalchemy.dialects.postgresql import insert

from config.errors import ConfigurationError, InvalidInput
from config.profiles import Group, Headway, Profile, Rule, Silence
from gis.db import named_sql
from ingest.registry import announce_change
from ingest.silence import SHOWN_AFTER_INTERVALS
from ingest.tables import detection_rule, device, profile


@dataclass(frozen=True, slots=True)
class DeviceRow:
    """A device to register: its own id, the asset it belongs to, the code of its profile."""

    id: str
    asset_id: int
    profile: str
    active: bool = True


def upsert_profiles(db: Connection, profiles: Iterable[Profile]) -> dict[str, int]:
    """Write profiles and their rules as they stand in the file; rules that left it are switched off, not deleted.

    Returns code → id. Raises ConfigurationError when a metric of a stored profile changed its place.
    """
    ids: dict[str, int] = {}
    for each in profiles:
        _refuse_moved_metrics(db, each)
        facts = {
            "name": each.name,
            "name_en": each.name_en,
            "metrics": msgspec.to_builtins(each.metrics),
            "interval_s": each.interval_s,
        }
        write = insert(profile).values(code=each.code, **facts)
        write = write.on_conflict_do_update(index_elements=["code"], set_=facts)
        ids[each.code] = db.execute(write.returning(profile.c.id)).scalar_one()
        _write_rules(db, each, ids[each.code])
    announce_change(db)
    return ids


def upsert_devices(db: Connection, rows: Sequence[DeviceRow]) -> int:
    """Register devices; one that is known takes over what is new. Returns how many rows were given.

    Raises InvalidInput for a profile that is not registered.
    """
    ids = {row.code: row.id for row in db.execute(select(profile.c.code, profile.c.id))}
    unknown = sorted({row.profile for row in rows} - ids.keys())
    if unknown:
        raise InvalidInput(
            "No such device profile: {profiles}.",
            "Add it to config/profiles.toml and load the profiles first.",
            profiles=", ".join(unknown),
        )
    write = insert(device)
    taken_over = ("asset_id", "profile_id", "active")
    write = write.on_conflict_do_update(index_elements=["id"], set_={name: write.excluded[name] for name in taken_over})
    if rows:
        db.execute(
            write,
            [
                {"id": row.id, "asset_id": row.asset_id, "profile_id": ids[row.profile], "active": row.active}
                for row in rows
            ],
        )
    announce_change(db)
    return len(rows)


def device_features(db: Connection, now: datetime, asset_ids: Sequence[int] | None = None) -> dict[str, Any]:
    """GeoJSON (WGS 84) of assets with active devices: all, or those asked for.

    Properties: id, kind, name, name_en, status (ok, alarm, silent), values {metric: number}, occurred_at (ISO 8601 or
    None), and in alarm also alarm and alarm_en, the rule's name. Silent: no message for three of the profile's intervals.
    A vehicle stands where its values say. An asset without a device is there while an alarm stands at it.
    """
    ids = None if asset_ids is None else list(asset_ids)
    profiles = {row.id: row for row in db.execute(select(profile.c.id, profile.c.metrics, profile.c.interval_s))}
    rows = db.execute(named_sql("ingest.sql", "device_features"), {"asset_ids": ids})
    by_asset = groupby(rows, key=lambda row: row.id)
    return {"type": "FeatureCollection", "features": [_feature(list(group), profiles, now) for _, group in by_asset]}


def _feature(rows: Sequence[Row[Any]], profiles: Mapping[int, Row[Any, Any, Any]], now: datetime) -> dict[str, Any]:
    """One asset with what all its devices say; where two measure the same, the newer message counts."""
    values: dict[str, float] = {}
    status = "ok"
    for row in rows:
        known = profiles.get(row.profile_id)
        if known is not None:
            values |= named_values(known.metrics, row.values)
        own = status_of(row.recorded_at, known.interval_s if known else 0, row.alarm is not None, now)
        status = min(status, own, key=STATUSES.index)
    row = rows[-1]
    properties = {
        "id": row.id,
        "kind": row.kind,
        "name": row.name,
        "name_en": row.name_en,
        "status": status,
        "values": values,
        "occurred_at": row.occurred_at.isoformat() if row.occurred_at else None,
    }
    if row.alarm is not None:
        properties |= {"alarm": row.alarm, "alarm_en": row.alarm_en}
    place = [values.get("longitude", row.lon), values.get("latitude", row.lat)]
    return {
        "type": "Feature",
        "id": row.id,
        "geometry": {"type": "Point", "coordinates": place},
        "properties": properties,
    }


STATUSES = ("alarm", "silent", "ok")
"""What a device may be, the worse first."""


def status_of(last_message_at: datetime | None, interval_s: int, has_alarm: bool, now: datetime) -> str:
    """alarm before silent before ok; without any message: silent."""
    if has_alarm:
        return "alarm"
    longest = timedelta(seconds=SHOWN_AFTER_INTERVALS * interval_s)
    return "ok" if last_message_at is not None and now - last_message_at <= longest else "silent"


def named_values(metrics: Sequence[dict[str, Any]], values: Sequence[float | None] | None) -> dict[str, float]:
    """Values in a profile's order with their names; what was not measured is left out."""
    pairs = zip(metrics, values or (), strict=False)
    return {metric["name"]: value for metric, value in pairs if value is not None}


def _refuse_moved_metrics(db: Connection, new: Profile) -> None:
    stored = db.execute(select(profile.c.metrics).where(profile.c.code == new.code)).scalar_one_or_none() or []
    before = [metric["name"] for metric in stored]
    after = [metric.name for metric in new.metrics]
    if after[: len(before)] != before:
        raise ConfigurationError(
            "The metrics of profile {profile} are stored in the order {order}; the file changes that order.",
            "Keep the stored metrics where they are and add new ones at the end, or give the profile a new code.",
            profile=new.code,
            order=", ".join(before),
        )


COLUMNS = ("code", "name", "name_en", "metric", "comparison", "threshold", "clears_at", "class_code")
"""Of a rule in the file; what else it says are settings."""


def _write_rules(db: Connection, each: Profile, profile_id: int) -> None:
    for rule in each.rules:
        facts = _as_row(each, rule) | {"profile_id": profile_id, "active": True}
        write = insert(detection_rule).values(code=rule.code, **facts)
        db.execute(write.on_conflict_do_update(index_elements=["code"], set_=facts))
    db.execute(
        text(
            "update ingest.detection_rule set active = false"
            " where profile_id = :profile_id and active and not code = any(:codes)"
        ),
        {"profile_id": profile_id, "codes": [rule.code for rule in each.rules]},
    )


def _as_row(each: Profile, rule: Rule | Group | Silence | Headway) -> dict[str, Any]:
    """A row of ingest.detection_rule without its code; every kind says what is compared with which threshold."""
    facts = msgspec.to_builtins(rule)
    compared: tuple[str | float, ...] = ()
    match rule:
        case Rule():
            kind = "threshold"
        case Group():
            kind, compared = "group", ("share", "above", rule.share, rule.share / 2)
        case Silence():
            seconds = rule.intervals * each.interval_s
            kind, compared = "silence", ("silence", "above", seconds, seconds)
        case Headway():
            kind, compared = "headway", ("headway", "below", rule.share, rule.clears_at)
    facts |= dict(zip(("metric", "comparison", "threshold", "clears_at"), compared, strict=False))
    settings = {name: value for name, value in facts.items() if name not in COLUMNS}
    return {name: facts[name] for name in COLUMNS if name != "code"} | {"kind": kind, "settings": settings}
