"""Faults on demand: what there is, where one happens, whom it concerns, how long it lasts and what it leaves. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from data import physics
from data.equipment import Device

FAULTS = {
    "burst": "flow_meter",
    "leak": "flow_meter",
    "lamp-outage": "lamp_controller",
    "circuit-dead": "lamp_controller",
    "flood": "sewer_level_meter",
    "storm": "sewer_level_meter",
    "bunching": "bus_terminal",
    "silent": "",
    "door-open": "cabinet_gateway",
}
"""Faults on demand and the profile of the devices that notice them; any device can fall silent."""

SHOWN = {
    "burst": "alarm and case at once",
    "leak": "watched at once, alarm and case after 3 minutes",
    "lamp-outage": "dark at once, alarm and case after 10 seconds",
    "circuit-dead": "dark at once, one alarm and case at the cabinet after 10 seconds",
    "flood": "alarm and case at once",
    "storm": "rain gauges in alarm at once, overflowing sewers and their cases after 3 to 5 minutes",
    "bunching": "overcrowded bus in alarm at once, alarm of the line and case after 3 to 4 minutes",
    "silent": "hollow and watched after 3 missing messages (a bus: 30 seconds), then alarm and case (a bus: 3 minutes)",
    "door-open": "watched at once, alarm and case after 2 minutes",
}
"""What the operator's map shows of it, and when."""

LASTS = timedelta(minutes=30)
TESTED_FOR = timedelta(minutes=2)
"""So long a mended lamp burns by day, so that everybody sees it is mended."""

AFTERMATH = timedelta(minutes=45)
"""Rain drains and buses come back to their time; after this a fault has left no trace."""

LAMP_FAULTS = ("lamp-outage", "circuit-dead")


@dataclass(frozen=True)
class Fault:
    """One fault: at which device it was asked for, which assets it concerns, from when to when."""

    kind: str
    device: Device
    targets: frozenset[int]
    since: datetime
    until: datetime
    begin: tuple[float, float] = (0.0, 0.0)
    """Of bunching: where leader (the device) and follower were, in seconds of their rounds."""

    def stands(self, now: datetime) -> bool:
        """Whether it acts at this moment."""
        return self.since <= now < self.until

    def ended(self, now: datetime) -> Fault:
        """The same, ended now if not before."""
        return replace(self, until=max(self.since, min(self.until, now)))


def choose(
    kind: str,
    devices: Sequence[Device],
    wanted: Device | None,
    place: tuple[float, float] | None,
    usable: Callable[[Device], bool],
) -> Device | None:
    """The device at which a fault happens: the one asked for, else the nearest to a place, else one of its own.

    Without a place each kind has another share of the list, so that a burst does not hide the leak asked for after it.
    """
    able = [device for device in devices if fits(kind, device) and usable(device)]
    if wanted is not None and wanted in able:
        return wanted
    if not able:
        return None
    if place is None:
        return able[len(able) * (1 + list(FAULTS).index(kind)) // (len(FAULTS) + 1)]
    return min(able, key=lambda each: physics.distance_m(each.lon, each.lat, *place))


def fits(kind: str, device: Device) -> bool:
    """Whether a device can have this fault; plants' outlets cannot burst, buses in reserve cannot bunch."""
    profile = FAULTS[kind]
    if profile and device.profile != profile:
        return False
    if kind in ("burst", "leak"):
        return device.facts.get("zone") != ""
    return kind != "bunching" or int(device.facts["run"]) >= 0


def targets(kind: str, device: Device, devices: Iterable[Device], gateway: str | None) -> frozenset[int]:
    """Assets that a fault at this device concerns. `gateway`: a cabinet that was asked for by name."""
    if kind == "circuit-dead":
        return frozenset(d.asset_id for d in devices if d.facts.get("circuit") == device.facts.get("circuit"))
    if kind == "silent" and gateway is not None:
        return frozenset(d.asset_id for d in devices if d.gateway == gateway)
    if kind == "storm":
        return frozenset(d.asset_id for d in devices if d.profile in (device.profile, "rain_gauge"))
    return frozenset([device.asset_id])
