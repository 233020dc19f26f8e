"""One device of the demonstration, with what its values depend on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ingest import topics

SYSTEMS = {
    "lamp_controller": "lighting",
    "cabinet_gateway": "lighting",
    "flow_meter": "water",
    "sewer_level_meter": "drainage",
    "rain_gauge": "drainage",
    "bus_terminal": "bus",
}
"""Profiles that the simulator plays, with the system that each belongs to."""

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
        """Reference of the cabinet whose gateway speaks for it (a cabinet's is its own); None for a device with its own line."""
        if self.profile == "cabinet_gateway":
            return self.ref
        return self.facts.get("cabinet") if self.profile == "lamp_controller" else None
