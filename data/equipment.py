"""One device of the demonstration, with what its values depend on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ingest import topics

SYSTEMS = {"lamp_controller": "lighting", "flow_meter": "water", "sewer_level_meter": "drainage", "bus_terminal": "bus"}
SHARDS = 16


@dataclass(frozen=True, eq=False)
class Device:
    """A registered device and its asset's facts."""

    id: str
    asset_id: int
    ref: str
    code: str | None
    profile: str
    interval_s: int
    lon: float
    lat: float
    facts: Mapping[str, Any]

    @cached_property
    def topic(self) -> str:
        """Where it publishes."""
        return topics.telemetry(SYSTEMS[self.profile], str(self.asset_id % SHARDS), self.asset_id)

    @property
    def gateway(self) -> str | None:
        """The cabinet whose gateway speaks for it; None for a device with a line of its own."""
        return self.facts.get("cabinet") if self.profile == "lamp_controller" else None
