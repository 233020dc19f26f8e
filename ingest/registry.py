"""What a worker knows of devices and rules: looked up when first needed, forgotten when somebody changes the register."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Row, text

from ingest.detection import Rule
from ingest.validation import KnownDevice, KnownProfile, Metric

CHANNEL = "registry"
"""Who changes profiles, devices or rules says so here (NOTIFY), in the transaction of the change."""

MOST_SECONDS = 300.0
"""Older knowledge is fetched again even if nobody said anything."""

_DEVICES = text("""
    select d.id, d.asset_id, d.active, d.profile_id, p.metrics
    from ingest.device d join ingest.profile p on p.id = d.profile_id
    where d.id = any(:ids)
""")

_RULES = text("""
    select r.id, r.code, r.name, r.name_en, r.profile_id, r.metric, r.comparison, r.threshold, r.clears_at, r.class_code,
           r.kind, r.settings, m.position - 1 as position, m.metric ->> 'unit' as unit, g.position - 1 as gate_position
    from ingest.detection_rule r
    join ingest.profile p on p.id = r.profile_id
    left join lateral jsonb_array_elements(p.metrics) with ordinality as m (metric, position)
        on m.metric ->> 'name' = r.metric
    left join lateral jsonb_array_elements(p.metrics) with ordinality as g (metric, position)
        on g.metric ->> 'name' = r.settings -> 'when' ->> 'metric'
    where r.active and (r.kind <> 'threshold' or m.position is not null)
    order by r.id
""")

UNITS = {"silence": "s", "group": "1", "headway": "1"}
"""Of what rules compare that no device measures."""


def load_rules(db: Connection) -> dict[int, tuple[Rule, ...]]:
    """Active rules of every kind by profile id."""
    found: dict[int, list[Rule]] = {}
    for row in db.execute(_RULES):
        found.setdefault(row.profile_id, []).append(_rule(row))
    return {profile_id: tuple(rules) for profile_id, rules in found.items()}


def _rule(row: Row[Any]) -> Rule:
    facts = {name: value for name, value in row._mapping.items() if name not in ("profile_id", "gate_position")}
    position = -1 if row.position is None else row.position
    gate = None if row.gate_position is None else (row.gate_position, float(row.settings["when"]["above"]))
    return Rule(**facts | {"position": position, "unit": row.unit or UNITS.get(row.kind, ""), "gate": gate})


def announce_change(db: Connection) -> None:
    """Tell every worker, when this transaction commits, that the register is not what it was."""
    db.execute(text(f"notify {CHANNEL}"))


def listen(db: Connection) -> None:
    """Have the changes that others announce come over this connection; effective when the transaction commits."""
    db.execute(text(f"listen {CHANNEL}"))


def _has_heard_of_change(db: Connection) -> bool:
    """PostgreSQL hands over what was announced before this transaction with the answer to its first statement."""
    notices = db.connection.dbapi_connection.notifies  # type: ignore[union-attr]
    heard = any(notice.channel == CHANNEL for notice in notices)
    notices.clear()
    return heard


class Registry:
    """A worker's copy of the register. Unknown devices are not remembered: they may be registered any moment."""

    def __init__(self) -> None:
        self._devices: dict[str, KnownDevice] = {}
        self._profiles: dict[int, KnownProfile] = {}
        self._rules: dict[int, tuple[Rule, ...]] | None = None
        self._since = time.monotonic()

    def forget(self) -> None:
        """Start again from the database, at the next question."""
        self._devices.clear()
        self._profiles.clear()
        self._rules = None
        self._since = time.monotonic()

    def devices(self, db: Connection, ids: Iterable[str]) -> dict[str, KnownDevice]:
        """The registered ones among `ids`. Not the first question of a transaction, see `_has_heard_of_change`."""
        if _has_heard_of_change(db) or time.monotonic() - self._since > MOST_SECONDS:
            self.forget()
        wanted = set(ids)
        missing = wanted - self._devices.keys()
        if missing:
            self._devices.update((row.id, self._device(row)) for row in db.execute(_DEVICES, {"ids": list(missing)}))
        return {id: self._devices[id] for id in wanted if id in self._devices}

    def rules(self, db: Connection) -> dict[int, tuple[Rule, ...]]:
        """Active rules about single readings, by profile id."""
        if self._rules is None:
            found = load_rules(db).items()
            kept = {id: tuple(rule for rule in rules if rule.kind == "threshold") for id, rules in found}
            self._rules = {id: rules for id, rules in kept.items() if rules}
        return self._rules

    def _device(self, row: Row[Any]) -> KnownDevice:
        profile = self._profiles.get(row.profile_id)
        if profile is None:
            metrics = tuple(Metric(metric["name"], metric["min"], metric["max"]) for metric in row.metrics)
            profile = self._profiles[row.profile_id] = KnownProfile(row.profile_id, metrics)
        return KnownDevice(row.id, row.asset_id, profile, row.active)
