"""The demonstration's devices as the simulator knows them: read from the register, asked for their values at a moment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import msgspec
import shapely
from sqlalchemy import Connection, Row, text

from data import faults, physics
from data.equipment import SYSTEMS, Device
from data.faults import AFTERMATH, FAULTS, LAMP_FAULTS, LASTS, TESTED_FOR, Fault
from data.loading import SOURCE
from data.physics import Line, Meter
from ingest import usual
from ingest.usual import HOURS, Key

ZONE_MEAN_M3_H = 46.0


class Place(NamedTuple):
    """An asset that somebody named."""

    asset_id: int
    kind: str
    ref: str
    lon: float
    lat: float


@dataclass
class Fleet:
    """All devices, the lines of the buses, and the faults that somebody asked for."""

    devices: list[Device]
    lines: dict[str, Line]
    runs: dict[str, int]
    zone: ZoneInfo
    faults: list[Fault] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.meters = {device.asset_id: _meter(device) for device in self.devices if device.profile == "flow_meter"}
        self.by_asset = {device.asset_id: device for device in self.devices}
        self.fed: dict[str | None, list[Device]] = {}
        for device in (each for each in self.devices if each.profile == "lamp_controller"):
            self.fed.setdefault(device.gateway, []).append(device)
        self.on_line: dict[str, list[Device]] = {}
        for device in self.devices:
            if device.facts.get("line") in self.lines:
                self.on_line.setdefault(device.facts["line"], []).append(device)

    def values(self, device: Device, now: datetime) -> dict[str, float] | None:
        """What the device measures at `now`; None while it is silent."""
        own = self._own(device)
        if any(fault.kind == "silent" and fault.stands(now) for fault in own):
            return None
        hour = self._hour(now)
        if device.profile == "lamp_controller":
            return self._lamp(device, own, now, hour)
        if device.profile == "cabinet_gateway":
            return self._cabinet(device, own, now, hour)
        if device.profile == "flow_meter":
            lost = (self._losing("burst", now), self._losing("leak", now))
            return physics.water(self.meters[device.asset_id], list(self.meters.values()), hour, *lost)
        if device.profile == "rain_gauge":
            storms = (_rain(each, now, device.asset_id) for each in own if each.kind == "storm")
            return {"precipitation": max(storms, default=0.0)}
        if device.profile == "sewer_level_meter":
            flooded = any(fault.kind == "flood" and fault.stands(now) for fault in own)
            wet = max((_wet(fault, now, device.asset_id) for fault in own if fault.kind == "storm"), default=0.0)
            return physics.sewer(float(device.facts["depth_m"]), hour, device.asset_id, flooded, wet)
        return self._bus(device, own, now, hour)

    def start(self, kind: str, place: Place | None, now: datetime, lasts: timedelta = LASTS) -> Fault | None:
        """Start a fault at or near a place (without one: at a fitting device in the middle); None where nothing fits."""
        hour = self._hour(now)
        wanted = self.by_asset.get(place.asset_id) if place else None
        cabinet = place.ref if place and place.kind == "lamp_cabinet" else None
        line = place.ref if place and place.kind == "bus_line" else None

        def usable(device: Device) -> bool:
            if cabinet is not None and kind in (*LAMP_FAULTS, "silent"):
                return device.gateway == cabinet
            if kind == "silent" and place is None:
                return device.profile == "bus_terminal" and physics.in_service(int(device.facts["run"]), hour)
            if kind == "bunching":
                return line in (None, device.facts["line"]) and self._follower(device, hour) is not None
            return True

        where = place[3:] if place else None
        device = faults.choose(
            kind, self.devices, wanted, where, lambda each: usable(each) and self._shows(kind, each, now)
        )
        device = device or faults.choose(kind, self.devices, wanted, where, usable)
        if device is None:
            return None
        concerned, begin = faults.targets(kind, device, self.devices, cabinet), (0.0, 0.0)
        if kind == "bunching" and (follower := self._follower(device, hour)):
            concerned |= {follower.asset_id}
            begin = self._natural(device, now), self._natural(follower, now)
        fault = Fault(kind, device, concerned, now, now + lasts, begin)
        self.faults = [each for each in self.faults if now < each.until + AFTERMATH] + [fault]
        return fault

    def _shows(self, kind: str, device: Device, now: datetime) -> bool:
        """Whether a fault would be noticed there soon: at the ends of a line buses wait anyway, nobody asks how close."""
        return kind != "bunching" or physics.midway(self.lines[device.facts["line"]], self._natural(device, now))

    def repair(self, now: datetime) -> None:
        """End all faults."""
        self.faults = [each.ended(now) for each in self.faults]

    def concerned(self, now: datetime) -> Iterator[Device]:
        """Devices that report changes at once, while a fault acts and shortly after it."""
        acting = [each for each in self.faults if each.since <= now < each.until + TESTED_FOR]
        wet = [each for each in self.faults if each.kind == "storm" and now < each.until + AFTERMATH]
        watching = {FAULTS[each.kind] for each in acting if each.kind in ("burst", "leak")}
        named = {asset for each in (*acting, *wet) for asset in each.targets}
        feeding = {each.device.gateway for each in acting if each.kind in LAMP_FAULTS}
        for device in self.devices if named or watching else ():
            feeds = device.profile == "cabinet_gateway" and device.ref in feeding
            if feeds or device.asset_id in named or device.profile in watching:
                yield device

    def _own(self, device: Device) -> list[Fault]:
        return [fault for fault in self.faults if device.asset_id in fault.targets]

    def _hour(self, now: datetime) -> float:
        local = now.astimezone(self.zone)
        return local.hour + local.minute / 60 + local.second / 3600

    def _losing(self, kind: str, now: datetime) -> dict[int, Meter]:
        standing = (fault for fault in self.faults if fault.kind == kind and fault.stands(now))
        return {fault.device.asset_id: self.meters[fault.device.asset_id] for fault in standing}

    def _lamp(self, device: Device, own: list[Fault], now: datetime, hour: float) -> dict[str, float]:
        elevation = physics.sun_elevation(device.lon, device.lat, now)
        acting = [fault for fault in own if fault.kind in LAMP_FAULTS and now < fault.until + TESTED_FOR]
        dark = any(fault.stands(now) for fault in acting)
        power = float(device.facts["power_w"])
        return physics.lamp(power, elevation, hour, device.asset_id, dark=dark, test=bool(acting))

    def _cabinet(self, device: Device, own: list[Fault], now: datetime, hour: float) -> dict[str, float]:
        lamps = (self._lamp(lamp, self._own(lamp), now, hour) for lamp in self.fed.get(device.ref, ()))
        dead = (each for each in self.faults if each.kind == "circuit-dead" and each.stands(now))
        tripped = {each.device.facts["circuit"] for each in dead if each.device.gateway == device.ref}
        door_open = any(each.kind == "door-open" and each.stands(now) for each in own)
        power = sum(lamp["powerConsumption"] for lamp in lamps)
        return physics.cabinet(power, hour, device.asset_id, len(tripped), door_open)

    def _bus(self, device: Device, own: list[Fault], now: datetime, hour: float) -> dict[str, float]:
        run, line = int(device.facts["run"]), device.facts["line"]
        if line not in self.lines or not physics.in_service(run, hour):
            return physics.parked(device.lon, device.lat)
        passed, factor = self._natural(device, now), None
        for fault in (fault for fault in own if fault.kind == "bunching"):
            since, until = self._driven(fault.since), self._driven(fault.until)
            ended = None if fault.stands(now) else until - since
            follows = device is not fault.device
            passed = physics.bunched_s(passed, fault.begin, follows, self._driven(now) - since, ended)
            if ended is None:
                factor = physics.EMPTIED if follows else physics.CROWDED
        riders = physics.riders(self.lines[line], passed, hour, device.asset_id, factor)
        return physics.bus(self.lines[line], passed, physics.traffic(hour)) | {"occupancyPercentage": riders}

    def _driven(self, now: datetime) -> float:
        return physics.driven_s(now.astimezone(self.zone).toordinal(), self._hour(now))

    def _natural(self, device: Device, now: datetime) -> float:
        line = self.lines[device.facts["line"]]
        return physics.natural_s(line, int(device.facts["run"]), self.runs[device.facts["line"]], self._driven(now))

    def _follower(self, device: Device, hour: float) -> Device | None:
        """The bus in service behind this one: the higher its run, the further ahead a bus is."""
        line, run = device.facts["line"], int(device.facts["run"])
        if line not in self.lines or not physics.in_service(run, hour):
            return None
        runs = ((int(other.facts["run"]), other) for other in self.on_line[line])
        behind = [other for number, other in runs if number < run and physics.in_service(number, hour)]
        return max(behind, key=lambda other: int(other.facts["run"]), default=None)


def payload(device: Device, now: datetime, values: Mapping[str, float]) -> bytes:
    """The message as the telemetry contract wants it."""
    return msgspec.json.encode({"device": device.id, "at": now.isoformat(), "values": values})


def fleet(db: Connection, zone: ZoneInfo) -> Fleet:
    """All active devices of the demonstration's assets; none where the city is another one."""
    devices = [_device(row) for row in db.execute(_DEVICES, {"source": SOURCE, "profiles": list(SYSTEMS)})]
    lines: dict[str, Line] = {}
    for row in db.execute(_LINES, {"source": SOURCE}):
        points = list(shapely.from_wkb(bytes(row.wkb)).coords)
        lines[row.source_ref] = physics.line(
            points, [stop["at_m"] for stop in row.attributes["stops"]], row.attributes.get("turn_m")
        )
    runs = dict.fromkeys(lines, 1)
    for device in devices:
        if device.facts.get("line") in runs:
            runs[device.facts["line"]] = max(runs[device.facts["line"]], int(device.facts["run"]) + 1)
    return Fleet(devices, lines, runs, zone)


def teach_usual(db: Connection, now: datetime, zone: ZoneInfo) -> None:
    """Tell ingestion what the meters usually show, as a city with years of readings would know it."""
    meters = fleet(db, zone).meters.values()
    means = {(m.asset_id, hour): physics.usual_flow(m, hour) for m in meters if not m.outlet for hour in range(24)}
    every = {
        Key(asset, "flowRate", day + hour): mean for (asset, hour), mean in means.items() for day in range(0, HOURS, 24)
    }
    usual.teach(db, every, now)


def place_of(db: Connection, asset: str) -> Place | None:
    """An asset named by its id, component code or reference; None where there is none."""
    row = db.execute(_PLACE, {"asset": asset}).first()
    return Place(*row) if row else None


def _wet(fault: Fault, now: datetime, number: int) -> float:
    minutes = (now - fault.since).total_seconds() / 60
    return physics.wetness(minutes, (fault.until - fault.since).total_seconds() / 60, number)


def _rain(fault: Fault, now: datetime, number: int) -> float:
    minutes = (now - fault.since).total_seconds() / 60
    return physics.rain(minutes, (fault.until - fault.since).total_seconds() / 60, number)


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
    where d.active and a.source = :source and p.code = any(:profiles)
    order by d.asset_id
""")
_LINES = text("""
    select source_ref, attributes, st_asbinary(geom) as wkb from gis.asset
    where kind = 'bus_line' and source = :source order by source_ref
""")
_PLACE = text("""
    select id, kind, source_ref, st_x(p) as lon, st_y(p) as lat from gis.asset, st_pointonsurface(geom) p
    where code = :asset or source_ref = :asset or id::text = :asset limit 1
""")
