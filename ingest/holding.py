"""What holds under deferred rules, kept in the database so that a restart forgets nothing. The caller commits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import Connection, text

from ingest.detection import AlarmKey, Holding

_ON_ASSETS = text("""
    select asset_id, rule_id, device_id, value, since, seen_at, trace_id from ingest.holding
    where asset_id = any(:assets)
""")
_OF_RULES = text("""
    select asset_id, rule_id, device_id, value, since, seen_at, trace_id from ingest.holding
    where rule_id = any(:rules) order by asset_id, rule_id
""")
_KEEP = text("""
    insert into ingest.holding (asset_id, rule_id, device_id, value, since, seen_at, recorded_at, trace_id)
    values (:asset_id, :rule_id, :device_id, :value, :since, :seen_at, :recorded_at, :trace_id)
    on conflict (asset_id, rule_id) do update set value = excluded.value, seen_at = excluded.seen_at
""")
_END = text("delete from ingest.holding where asset_id = :asset_id and rule_id = :rule_id")


def on_assets(db: Connection, asset_ids: Iterable[int]) -> dict[AlarmKey, Holding]:
    """What holds on these assets."""
    rows = db.execute(_ON_ASSETS, {"assets": list(asset_ids)})
    return {(row.asset_id, row.rule_id): Holding(*row) for row in rows}


def of_rules(db: Connection, rule_ids: Iterable[int]) -> list[Holding]:
    """What holds under these rules, by asset."""
    return [Holding(*row) for row in db.execute(_OF_RULES, {"rules": list(rule_ids)})]


def turned(changes: Mapping[AlarmKey, Holding | None], before: Mapping[AlarmKey, Holding]) -> set[AlarmKey]:
    """What has begun or ended, as against what was only seen again."""
    return {key for key, each in changes.items() if (each is None) == (key in before)}


def apply(db: Connection, changes: Mapping[AlarmKey, Holding | None], recorded_at: datetime) -> None:
    """Write what began, was seen again (None: ended). In one order of keys, so that workers never deadlock."""
    kept = [
        {
            "asset_id": each.asset_id,
            "rule_id": each.rule_id,
            "device_id": each.device_id,
            "value": each.value,
            "since": each.since,
            "seen_at": each.seen_at,
            "recorded_at": recorded_at,
            "trace_id": each.trace_id,
        }
        for _, each in sorted(changes.items())
        if each is not None
    ]
    ended = [{"asset_id": asset, "rule_id": rule} for (asset, rule), each in sorted(changes.items()) if each is None]
    if kept:
        db.execute(_KEEP, kept)
    if ended:
        db.execute(_END, ended)
