"""The demonstration's devices as the simulator knows them: read from the register, asked for their values at a moment."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import shapely
from sqlalchemy import Connection, Row, text

from data import physics
from data.loading import SOURCE
from data.physics import Line, Meter
from ingest import topics

SYSTEMS = {"lamp_controller": "lighting", "flow_meter": "water", "sewer_level_meter": "drainage", "bus_terminal": "bus"}
SHARDS = 16
ZONE_MEAN_M3_H = 46.0
FAULT_LASTS = timedelta(minutes=30)
FAULTS = {"burst": "flow_meter", "flood": "sewer_level_meter"}
"""Faults on demand and the profile of the devices that notice them."""


@dataclass(frozen=True)
class Device:
    """One registered device with what its values depend on."""

    id: str
    asset_id: int
    ref: str
    code: str | None
    profile: str
    interval_s: int
    lon: float
    lat: float
    facts: Mapping[str, Any]

    @property
    def topic(self) -> str:
        """Where it publishes."""
        return topics.telemetry(SYSTEMS[self.profile], str(self.asset_id % SHARDS), self.asset_id)


@dataclass
class Fleet:
    """All devices, the lines of the buses, and the faults that somebody asked for: (kind, asset id) → until when."""

    devices: list[Device]
    lines: dict[str, Line]
    runs: dict[str, int]
    zone: ZoneInfo
    faults: dict[tuple[str, int], datetime] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.meters = {device.asset_id: _meter(device) for device in self.devices if device.profile == "flow_meter"}

    def values(self, device: Device, now: datetime) -> dict[str, float]:
        """What the device measures at `now`."""
        local = now.astimezone(self.zone)
        hour = local.hour + local.minute / 60 + local.second / 3600
        if device.profile == "lamp_controller":
            elevation = physics.sun_elevation(device.lon, device.lat, now)
            return physics.lamp(float(device.facts["power_w"]), elevation, hour, device.asset_id)
        if device.profile == "flow_meter":
            bursts = {asset: self.meters[asset] for asset in self._faulty("burst", now)}
            return physics.water(self.meters[device.asset_id], list(self.meters.values()), hour, bursts)
        if device.profile == "sewer_level_meter":
            flooded = device.asset_id in self._faulty("flood", now)
            return physics.sewer(float(device.facts["depth_m"]), hour, device.asset_id, flooded)
        return self._bus(device, now, hour)

    def break_something(self, fault: str, place: tuple[float, float] | None, now: datetime) -> Device | None:
        """Start a fault at the device nearest to a place (without one: at the first fitting device); None if unknown."""
        able = [
            device for device in self.devices if device.profile == FAULTS.get(fault) and device.facts.get("zone") != ""
        ]
        if not able:
            return None
        if place is None:
            device = able[len(able) // 2]
        else:
            device = min(able, key=lambda each: physics.distance_m(each.lon, each.lat, *place))
        self.faults[(fault, device.asset_id)] = now + FAULT_LASTS
        return device

    def repair(self) -> None:
        """End all faults."""
        self.faults.clear()

    def concerned(self, fault: str) -> list[Device]:
        """Devices whose values a fault changes at once."""
        return [device for device in self.devices if device.profile == FAULTS.get(fault)]

    def _faulty(self, fault: str, now: datetime) -> set[int]:
        return {asset for (kind, asset), until in self.faults.items() if kind == fault and now < until}

    def _bus(self, device: Device, now: datetime, hour: float) -> dict[str, float]:
        run, line = int(device.facts["run"]), device.facts["line"]
        if line not in self.lines or not physics.in_service(run, hour):
            return physics.parked(device.lon, device.lat)
        return physics.bus(self.lines[line], run, self.runs[line], now.timestamp())


def payload(device: Device, now: datetime, values: Mapping[str, float]) -> bytes:
    """The message as the telemetry contract wants it."""
    return json.dumps({"device": device.id, "at": now.isoformat(), "values": values}, separators=(",", ":")).encode()


def fleet(db: Connection, zone: ZoneInfo) -> Fleet:
    """All active devices of the demonstration's assets; none where the city is another one."""
    devices = [_device(row) for row in db.execute(_DEVICES, {"source": SOURCE})]
    lines: dict[str, Line] = {}
    for row in db.execute(_LINES, {"source": SOURCE}):
        points = list(shapely.from_wkb(bytes(row.wkb)).coords)
        lines[row.source_ref] = physics.line(points, [stop["at_m"] for stop in row.attributes["stops"]])
    runs = {
        ref: max((int(d.facts["run"]) + 1 for d in devices if d.facts.get("line") == ref), default=1) for ref in lines
    }
    return Fleet(devices, lines, runs, zone)


def place_of(db: Connection, asset: str) -> tuple[float, float] | None:
    """Position of an asset named by its id, component code or reference; None where there is none."""
    row = db.execute(_PLACE, {"asset": asset}).first()
    return (row.lon, row.lat) if row else None


def _device(row: Row[Any]) -> Device:
    return Device(
        row.id, row.asset_id, row.source_ref, row.code, row.profile, row.interval_s, row.lon, row.lat, row.attributes
    )


def _meter(device: Device) -> Meter:
    outlet = device.facts.get("zone") == ""
    mean = 0.0 if outlet else ZONE_MEAN_M3_H * (0.7 + 0.6 * (device.asset_id * 37 % 100) / 100)
    return Meter(device.asset_id, device.lon, device.lat, mean, outlet)


_DEVICES = text("""
    select d.id, d.asset_id, a.source_ref, a.code, p.code as profile, p.interval_s, a.attributes,
           st_x(st_pointonsurface(a.geom)) as lon, st_y(st_pointonsurface(a.geom)) as lat
    from ingest.device d join gis.asset a on a.id = d.asset_id join ingest.profile p on p.id = d.profile_id
    where d.active and a.source = :source order by d.asset_id
""")
_LINES = text("""
    select source_ref, attributes, st_asbinary(geom) as wkb from gis.asset
    where kind = 'bus_line' and source = :source order by source_ref
""")
_PLACE = text("""
    select st_x(p) as lon, st_y(p) as lat from gis.asset, st_pointonsurface(geom) p
    where code = :asset or source_ref = :asset or id::text = :asset limit 1
""")
