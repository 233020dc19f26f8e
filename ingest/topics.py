"""The topic contract: `city/v1/<system>/<shard>/<assetId>/tele`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ingest.refusal import Refused

_TELEMETRY = re.compile(r"city/v1/([a-z][a-z0-9_]{0,31})/([A-Za-z0-9_-]{1,32})/([1-9][0-9]{0,17})/tele", re.ASCII)


@dataclass(frozen=True, slots=True)
class TelemetryTopic:
    """Where a message came from. `shard` spreads the load and keeps the order within a device."""

    system: str
    shard: str
    asset_id: int


def parse(topic: str) -> TelemetryTopic:
    """Take a topic apart.

    Raises Refused("topic") for anything but the contract's form.
    """
    match = _TELEMETRY.fullmatch(topic)
    if match is None:
        raise Refused("topic", f"{topic[:200]!r} is not city/v1/<system>/<shard>/<asset id>/tele")
    system, shard, asset_id = match.groups()
    return TelemetryTopic(system, shard, int(asset_id))


def telemetry(system: str, shard: str, asset_id: int) -> str:
    """The topic on which a device of this asset publishes."""
    return f"city/v1/{system}/{shard}/{asset_id}/tele"
