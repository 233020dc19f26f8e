"""Devices that have stopped sending (失联). A device that never spoke is not missed; when most are silent, none is.

Silence is counted while this worker listens: after an outage of the broker or of the worker everybody first gets the time
to speak again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, text

from ingest.alarms import Raising
from ingest.detection import Rule

SHOWN_AFTER_INTERVALS = 3
"""The map shows a device hollow after so many of its profile's intervals without a message."""

HEARD_FOR_INTERVALS = 2
"""So long a worker must have listened before it misses anybody."""

FEED_SHARE, FEED_LEAST = 0.5, 10
"""More silent devices than this share (and number) are no fault of the devices: the feed itself is down."""


@dataclass(frozen=True, slots=True)
class Silent:
    """Devices that are silent by their rules, each with whether this worker has listened long enough to miss it.

    None while the feed is down: then nobody knows.
    """

    missed: list[tuple[Raising, bool]]
    feed_down: bool


def find(
    db: Connection, rules: Mapping[int, tuple[Rule, ...]], listening_since: datetime | None, now: datetime
) -> Silent:
    """Who has been silent for longer than the rule of its profile allows; an asset once, whatever number of devices."""
    by_profile = {id: rule for id, each in rules.items() for rule in each if rule.kind == "silence"}
    rows = db.execute(_SILENT, {"now": now, "profiles": list(by_profile)}).all() if by_profile else []
    spoken = db.execute(text("select count(*) from gis.asset_state")).scalar_one() if len(rows) > FEED_LEAST else 0
    feed_down = len(rows) > FEED_LEAST and len(rows) > FEED_SHARE * spoken
    if feed_down:
        return Silent([], True)
    heard_for = now - listening_since if listening_since else timedelta(0)
    found: dict[int, tuple[Raising, bool]] = {}
    for row in rows:
        seconds = round((now - row.recorded_at).total_seconds())
        missed = heard_for >= timedelta(seconds=HEARD_FOR_INTERVALS * row.interval_s)
        rule = by_profile[row.profile_id]
        found[row.asset_id] = Raising(rule, row.asset_id, row.device_id, seconds, now), missed
    return Silent(list(found.values()), False)


def just_turned(db: Connection, looked_at: datetime | None, now: datetime) -> list[int]:
    """Assets that the map has to show as silent since the last look; nothing else tells it of a message that did not come."""
    asked = {"since": looked_at or now, "now": now, "intervals": SHOWN_AFTER_INTERVALS}
    return list(db.execute(_TURNED, asked).scalars())


_SILENT = text("""
    select d.asset_id, d.id as device_id, d.profile_id, s.recorded_at, p.interval_s
    from ingest.detection_rule r
    join ingest.profile p on p.id = r.profile_id
    join ingest.device d on d.profile_id = r.profile_id and d.active
    join gis.asset_state s on s.asset_id = d.asset_id and s.device_id = d.id
    where r.active and r.kind = 'silence' and r.profile_id = any(:profiles)
      and s.recorded_at < :now - make_interval(secs => r.threshold)
    order by d.asset_id, s.recorded_at
""")
_TURNED = text("""
    select s.asset_id from gis.asset_state s join ingest.profile p on p.id = s.profile_id
    where s.recorded_at >= :since - make_interval(secs => :intervals * p.interval_s)
      and s.recorded_at < :now - make_interval(secs => :intervals * p.interval_s)
""")
