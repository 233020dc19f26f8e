"""One batch of messages, from bytes to committed facts: decode, validate, store, detect. The caller owns the transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from config.telemetry import Limits
from gis import clock
from ingest import alarms, holding, store, topics, usual
from ingest.decoders import json_v1
from ingest.detection import Finding, Rule, hold, judge
from ingest.live import tell_watched
from ingest.refusal import Refused
from ingest.registry import Registry
from ingest.validation import KnownDevice, Reading, check

UTC_ZONE = ZoneInfo("UTC")


@dataclass(frozen=True, slots=True)
class Message:
    """What came in, untouched. `arrived_at` is set for messages that were kept and are tried again."""

    topic: str
    payload: bytes
    arrived_at: datetime | None = None


@dataclass
class Outcome:
    """What became of a batch; `refused` by the message's place in the batch."""

    stored: int = 0
    repeated: int = 0
    refused: dict[int, Refused] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    assets: set[int] = field(default_factory=set)

    @property
    def reasons(self) -> Counter[str]:
        """How many messages were refused for which reason."""
        return Counter(refusal.reason for refusal in self.refused.values())

    def followed_by(self, other: Outcome, offset: int) -> Outcome:
        """Both together; the messages of `other` began at place `offset`."""
        return Outcome(
            self.stored + other.stored,
            self.repeated + other.repeated,
            self.refused | {offset + place: refusal for place, refusal in other.refused.items()},
            self.findings + other.findings,
            self.assets | other.assets,
        )


def process(
    db: Connection, registry: Registry, messages: Sequence[Message], limits: Limits, zone: ZoneInfo = UTC_ZONE
) -> Outcome:
    """Store what is valid and act on it; refused messages are named in the outcome, not yet kept (see `keep`).

    `zone` is the city's: what is usual depends on its hours.
    """
    now = clock.now(db)
    outcome = Outcome()
    decoded = _decode(messages, limits, outcome)
    devices = registry.devices(db, (telemetry.device for _, telemetry in decoded.values()))
    readings: dict[store.ReadingKey, Reading] = {}
    valid = 0
    for place, (asset_id, telemetry) in decoded.items():
        try:
            arrived_at = messages[place].arrived_at or now
            reading = check(telemetry, asset_id, devices.get(telemetry.device), arrived_at, limits)
        except Refused as refusal:
            outcome.refused[place] = refusal
        else:
            readings.setdefault(reading.key, reading)
            valid += 1
    if readings:
        _store(db, registry, list(readings.values()), devices, now, outcome, zone)
    outcome.repeated = valid - outcome.stored
    return outcome


def keep(db: Connection, messages: Sequence[Message], outcome: Outcome, limits: Limits) -> None:
    """Put the refused messages of a batch into quarantine, whole and with the reason."""
    refused = [(messages[place].topic, messages[place].payload, reason) for place, reason in outcome.refused.items()]
    store.keep_refused(db, refused, clock.now(db), limits.payload_bytes)


def _decode(messages: Sequence[Message], limits: Limits, outcome: Outcome) -> dict[int, tuple[int, json_v1.Telemetry]]:
    decoded = {}
    for place, message in enumerate(messages):
        try:
            asset_id = topics.parse(message.topic).asset_id
            decoded[place] = (asset_id, json_v1.decode(message.payload, limits.payload_bytes))
        except Refused as refusal:
            outcome.refused[place] = refusal
    return decoded


def _store(
    db: Connection,
    registry: Registry,
    readings: list[Reading],
    devices: dict[str, KnownDevice],
    now: datetime,
    outcome: Outcome,
    zone: ZoneInfo,
) -> None:
    store.make_partitions(db, now, readings)
    store.stage(db, readings)
    rules = registry.rules(db)
    watched = [reading for reading in readings if reading.profile_id in rules]
    late = store.late_keys(db) if watched else set()
    outcome.stored = store.insert_staged(db, now)
    outcome.assets = {reading.asset_id for reading in readings}
    news = [reading for reading in watched if reading.key not in late]
    if news:
        _detect(db, news, rules, devices, now, outcome, zone)


def _detect(
    db: Connection,
    news: list[Reading],
    rules: dict[int, tuple[Rule, ...]],
    devices: dict[str, KnownDevice],
    now: datetime,
    outcome: Outcome,
    zone: ZoneInfo,
) -> None:
    assets = {reading.asset_id for reading in news}
    compared = [r for r in news if any(rule.over_usual for rule in rules[r.profile_id])]
    expected = usual.lookup(db, compared, (rule for r in compared for rule in rules[r.profile_id]), zone)
    outcome.findings = judge(news, rules, alarms.open_alarms(db, assets), expected)
    metrics = {device.profile.id: device.profile.names for device in devices.values()}
    alarms.apply(db, outcome.findings, metrics, now)
    waiting = [reading for reading in news if any(rule.deferred for rule in rules[reading.profile_id])]
    if waiting:
        standing = holding.on_assets(db, (reading.asset_id for reading in waiting))
        changes = hold(waiting, rules, standing, expected)
        holding.apply(db, changes, now)
        lasting = {rule.id for each in rules.values() for rule in each if rule.for_s > 0}
        tell_watched(db, (asset for asset, rule in holding.turned(changes, standing) if rule in lasting))
