"""What the demonstration's devices would measure. Pure: time and facts in, values out; simple but consistent.

Lamps follow the sun, a cabinet feeds what its lamps draw, zone flows and leakage add up to the plants' outlets, pressure
falls with flow, sewers follow the water an hour later and the rain some minutes later, buses keep to their line, their
stops and roughly their timetable, and all of them are slower and fuller in the rush hours.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray
from pyproj import Geod

DUSK_DEGREES = -2.0
LATE_HOURS = (23.0, 5.0)
LATE_LEVEL = 60.0

MAINS_V, CABLE_OHM, POWER_FACTOR = 229.0, 0.05, 0.95
CABINET_OWN_W = 12.0
"""What gateway and contactors draw by themselves."""

DEMAND = (0.42, 0.36, 0.33, 0.33, 0.40, 0.65, 1.15, 1.50, 1.42, 1.18, 1.08, 1.15,
          1.25, 1.10, 0.98, 0.95, 1.02, 1.25, 1.52, 1.55, 1.38, 1.10, 0.80, 0.56)  # fmt: skip
"""Share of the mean flow by local hour: two peaks, low at night."""

LEAKAGE = 0.07
"""Part of what leaves the plant that no zone meter sees."""

ZONE_PRESSURE_MPA = 0.36
OUTLET_PRESSURE_MPA = 0.44
BURST_M3_H = 190.0
BURST_PRESSURE_MPA = 0.08
BURST_REACH_M = 450.0
"""Pressure recovers over this distance from a burst."""

LEAK_M3_H, LEAK_PRESSURE_MPA = 28.0, 0.012
"""What a leak takes, and by how much it lowers the pressure of its zone: far from any threshold."""

STORM_MM_H = 72.0
RISE_MIN, FALL_MIN = 2.5, 5.0
"""Time constants of a sewer's answer to rain and to its end."""

CRUISE_M_S = 7.5
DWELL_S = 22.0
LAYOVER_S = 180.0
TRAFFIC = (1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.95, 0.68, 0.66, 0.85, 0.9, 0.9,
           0.88, 0.9, 0.9, 0.88, 0.82, 0.64, 0.62, 0.78, 0.9, 0.95, 1.0, 1.0)  # fmt: skip
"""Speed of traffic by local hour, as a share of that of an empty street."""

CATCH_UP = 0.7
"""A bus behind one that stands gains so many seconds a second: nobody is left at the stops for it."""

BUNCHED_S = 6.0
MIDWAY_M = (250.0, 900.0)
"""From the last end of the line, and to the next one."""

RIDERS = (8, 5, 5, 5, 10, 25, 55, 82, 84, 60, 48, 46, 50, 48, 44, 46, 58, 80, 82, 64, 46, 34, 22, 14)
"""How full buses are on the fullest part of a line by local hour, in per cent of their places."""

CROWDED, EMPTIED = 1.65, 0.4
"""Of a bus that has to take everybody who waits, and of the next one, which finds nobody."""

NIGHT_SERVICE = (23.5, 5.5)

_EARTH = Geod(ellps="WGS84")

Floats = NDArray[np.float64]


def sun_elevation(lon: float, lat: float, moment: datetime) -> float:
    """Height of the sun over the horizon in degrees, good to about half a degree (low-precision almanac formulas)."""
    days = (moment.astimezone(UTC) - datetime(2000, 1, 1, 12, tzinfo=UTC)).total_seconds() / 86_400
    mean = math.radians((357.528 + 0.9856003 * days) % 360)
    ecliptic = math.radians((280.46 + 0.9856474 * days + 1.915 * math.sin(mean) + 0.02 * math.sin(2 * mean)) % 360)
    tilt = math.radians(23.439)
    declination = math.asin(math.sin(tilt) * math.sin(ecliptic))
    ascension = math.atan2(math.cos(tilt) * math.sin(ecliptic), math.cos(ecliptic))
    sidereal = math.radians((280.46062 + 360.98564737 * days + lon) % 360)
    hour_angle = sidereal - ascension
    height = math.sin(math.radians(lat)) * math.sin(declination)
    height += math.cos(math.radians(lat)) * math.cos(declination) * math.cos(hour_angle)
    return math.degrees(math.asin(max(-1.0, min(1.0, height))))


def lamp(
    power_w: float, elevation: float, hour: float, number: int, *, dark: bool = False, test: bool = False
) -> dict[str, float]:
    """A lamp's power, level and switch at a height of the sun. `dark`: no light in it; `test`: switched on by day, too."""
    on = test or elevation < DUSK_DEGREES + (number % 7) * 0.05
    level = 0.0 if not on else LATE_LEVEL if _within(hour, LATE_HOURS) else 100.0
    power = 0.4 if not on or dark else power_w * (0.08 + 0.92 * level / 100) * (1 + 0.02 * _ripple(number, hour))
    return {"powerConsumption": round(power, 1), "illuminanceLevel": level, "powerState": 1.0 if on else 0.0}


def cabinet(lamps_w: float, hour: float, number: int, tripped: int, door_open: bool) -> dict[str, float]:
    """A cabinet with the power of its lamps (W), the number of its breakers that have tripped, and its door."""
    power = lamps_w + CABINET_OWN_W
    voltage = MAINS_V + 3.0 * _ripple(number, hour) - CABLE_OHM * power / MAINS_V
    return {
        "voltage": round(voltage, 1),
        "current": round(power / (voltage * POWER_FACTOR), 3),
        "powerConsumption": round(power, 1),
        "doorOpen": float(door_open),
        "circuitBreakerTripped": float(tripped),
    }


def demand(hour: float) -> float:
    """Share of the mean flow at a local hour, between the hourly values."""
    return float(np.interp(hour % 24, range(25), [*DEMAND, DEMAND[0]]))


@dataclass(frozen=True)
class Meter:
    """A flow meter: its place, and the mean flow of its zone in m³/h; the plant's outlet has none of its own."""

    asset_id: int
    lon: float
    lat: float
    mean_m3_h: float
    outlet: bool = False


def water(
    meter: Meter,
    meters: Sequence[Meter],
    hour: float,
    bursts: Mapping[int, Meter],
    leaks: Mapping[int, Meter] = MappingProxyType({}),
) -> dict[str, float]:
    """Flow (m³/h) and pressure (MPa) at a meter. `bursts`, `leaks`: the meter nearest to each main that loses water."""
    lost = {other.asset_id: 0.0 for other in (*bursts.values(), *leaks.values())}
    for losing, amount in ((bursts, BURST_M3_H), (leaks, LEAK_M3_H)):
        for other in losing.values():
            lost[other.asset_id] += amount
    if meter.outlet:
        zones, outlets = [o for o in meters if not o.outlet], sum(o.outlet for o in meters)
        flow = (sum(_zone_flow(zone, hour) for zone in zones) / (1 - LEAKAGE) + sum(lost.values())) / outlets
        pressure = OUTLET_PRESSURE_MPA - 0.05 * demand(hour) ** 2 / 2.4 - 0.00012 * sum(lost.values()) / outlets
    else:
        flow = _zone_flow(meter, hour) + lost.get(meter.asset_id, 0.0)
        pressure = ZONE_PRESSURE_MPA - 0.07 * demand(hour) ** 2 / 2.4
        pressure -= LEAK_PRESSURE_MPA * sum(leak.asset_id == meter.asset_id for leak in leaks.values())
    for burst in bursts.values():
        near = math.exp(-distance_m(meter.lon, meter.lat, burst.lon, burst.lat) / BURST_REACH_M)
        pressure -= (pressure - BURST_PRESSURE_MPA) * near * (0.35 if meter.outlet else 1.0)
    return {"flowRate": round(flow, 2), "pressure": round(max(0.0, pressure), 4)}


def usual_flow(zone: Meter, hour: int) -> float:
    """Mean flow of a zone (m³/h) in the hour that begins at `hour`."""
    return float(np.mean([_zone_flow(zone, hour + part / 12) for part in range(13)]))


def _zone_flow(zone: Meter, hour: float) -> float:
    return zone.mean_m3_h * demand(hour) * (1 + 0.03 * _ripple(zone.asset_id, hour))


def sewer(depth_m: float, hour: float, number: int, flooded: bool, wet: float = 0.0) -> dict[str, float]:
    """Level over the invert (m) and share of the pipe's height (%): the water's curve an hour later, rain, or a flood.

    `wet`: see `wetness`.
    """
    filling = 14 + 22 * demand(hour - 1) + 2.5 * _ripple(number, hour)
    filling += wet * (96 if grates_blocked(number) else 26 + number % 5 * 3)
    if flooded:
        filling = 124 + 4 * _ripple(number, hour)
    height = min(depth_m * 0.45, 1.2)
    return {"fluidLevel": round(filling / 100 * height, 3), "fillingLevel": round(min(filling, 150.0), 1)}


def rain(minutes: float, rained: float, number: int) -> float:
    """Intensity of a storm (mm/h) at a rain gauge `minutes` after its first drop; it rains for `rained` minutes."""
    falls = 0.0 <= minutes < rained
    return round(STORM_MM_H * (1 + 0.15 * _ripple(number, minutes / 6)), 1) if falls else 0.0


def grates_blocked(number: int) -> bool:
    """Whether leaves block the grates around a gauge, so that in a storm the street's water breaks into one sewer."""
    return number % 4 == 1


def wetness(minutes: float, rained: float, number: int) -> float:
    """How much of a storm's water is in a sewer, 0 to 1, `minutes` after its first drop; `rained`: how long it rained.

    Each place answers with a lag of its own (1 to 4 minutes), fills and empties slowly.
    """
    lag = 1 + number % 4
    filled = 1 - math.exp(-max(0.0, min(minutes - lag, rained)) / RISE_MIN)
    return filled * math.exp(-max(0.0, minutes - lag - rained) / FALL_MIN)


@dataclass(frozen=True, eq=False)
class Line:
    """A bus line as a round: metres along it with their WGS 84 points, and when a bus passes which metre."""

    metres: Floats
    lons: Floats
    lats: Floats
    times: Floats
    places: Floats
    turn_m: float | None = None

    @property
    def round_s(self) -> float:
        """Seconds of one round with all stops on an empty street."""
        return float(self.times[-1])


def line(points: Sequence[tuple[float, float]], stops_m: Sequence[float], turn_m: float | None = None) -> Line:
    """Timetable of a line drawn as WGS 84 points; it waits DWELL_S at each stop (metres along the line).

    With `turn_m`, where it turns back, it rests LAYOVER_S there and at its end.
    """
    lons, lats = (np.array(values) for values in zip(*points, strict=True))
    metres = np.concatenate([[0.0], np.cumsum(_EARTH.inv(lons[:-1], lats[:-1], lons[1:], lats[1:])[2])])
    times, places = [0.0], [0.0]
    end = float(metres[-1])
    rests = {} if turn_m is None else {turn_m: LAYOVER_S, end: LAYOVER_S}
    for stop in sorted({*stops_m, *rests, end}):
        if 0 < stop <= end:
            times.append(times[-1] + (stop - places[-1]) / CRUISE_M_S)
            times.append(times[-1] + rests.get(stop, DWELL_S))
            places += [stop, stop]
    return Line(metres, lons, lats, np.array(times), np.array(places), turn_m)


_DRIVEN = np.concatenate([[0.0], np.cumsum(TRAFFIC)]) * 3600


def driven_s(days: int, hour: float) -> float:
    """Seconds that a bus would have driven on empty streets, in traffic as it is, until a local hour of a day."""
    return days * float(_DRIVEN[-1]) + float(np.interp(hour, range(25), _DRIVEN))


def traffic(hour: float) -> float:
    """Speed at a local hour as a share of that of an empty street."""
    return TRAFFIC[int(hour) % 24]


def natural_s(route: Line, run: int, runs: int, driven: float) -> float:
    """How far run `run` of `runs` is in its rounds, in seconds of an empty street; each has a slow delay of its own.

    The delay stays below a fifth of the headway: nobody bunches unasked. Runs are evenly spread over the round. `driven`: see `driven_s`.
    """
    headway = route.round_s / runs
    return driven + min(35.0, headway / 5) * math.sin(driven / 410 + 2.1 * run) + headway * run


def bunched_s(natural: float, begin: tuple[float, float], follows: bool, acted: float, ended: float | None) -> float:
    """The same for two buses that bunch. `begin`: where leader and follower were when it began, `acted` seconds ago.

    The leader stands until the follower has caught up; then they go on together. `ended`: when, after its beginning, the
    fault ended; from then on each comes back to its time, half a second a second.
    """
    during = acted if ended is None else min(acted, ended)
    caught_up = max(0.0, begin[0] - begin[1] - BUNCHED_S) / (1 + CATCH_UP)
    at = begin[0] + max(0.0, during - caught_up)
    if follows:
        at = max(begin[1], min(begin[1] + (1 + CATCH_UP) * during, at - BUNCHED_S))
    since = 0.0 if ended is None else max(0.0, acted - ended)
    return at + since + max(-0.5 * since, min(0.5 * since, natural - at - since))


def bus(route: Line, passed: float, pace: float = 1.0) -> dict[str, float]:
    """Position and movement of a bus `passed` seconds into its rounds. `pace`: share of the speed of an empty street."""
    passed %= route.round_s
    at = float(np.interp(passed, route.times, route.places))
    moving = route.places[np.searchsorted(route.times, passed, side="right") % len(route.places)] > at + 0.5
    ahead = min(at + 12, float(route.metres[-1]))
    lon, lat = _point(route, at)
    lon2, lat2 = _point(route, ahead) if ahead > at + 1 else _point(route, 12)
    bearing = _EARTH.inv(lon, lat, lon2, lat2)[0] % 360
    speed = CRUISE_M_S * 3.6 * pace * (1 + 0.12 * math.sin(passed / 19)) if moving else 0.0
    return {"longitude": lon, "latitude": lat, "speed": round(speed, 1), "bearing": round(bearing, 1)}


def riders(route: Line, passed: float, hour: float, number: int, factor: float | None = None) -> float:
    """Share of a bus's places that are taken (%): fullest in the middle of each way.

    `factor`: of a bus in a bunch (CROWDED, EMPTIED); a crowded one is full whatever the hour.
    """
    way = (passed % route.round_s) / route.round_s * 2 % 1
    usual = float(np.interp(hour % 24, range(25), [*RIDERS, RIDERS[0]])) * (0.25 + 0.75 * math.sin(math.pi * way))
    usual *= 1 + 0.1 * _ripple(number, hour)
    if factor == CROWDED:
        return round(100 * CROWDED * (0.85 + 0.1 * math.sin(math.pi * way)))
    return round(usual * (factor or 1.0))


def parked(lon: float, lat: float) -> dict[str, float]:
    """A bus in the depot."""
    return {
        "longitude": round(lon, 7),
        "latitude": round(lat, 7),
        "speed": 0.0,
        "bearing": 0.0,
        "occupancyPercentage": 0.0,
    }


def midway(route: Line, passed: float) -> bool:
    """Whether a bus is well away from both ends of its line, and has a good way to go before the next one."""
    at = float(np.interp(passed % route.round_s, route.times, route.places))
    ends = (float(route.metres[-1]), *(() if route.turn_m is None else (route.turn_m,)))
    return at > MIDWAY_M[0] and all(not end - MIDWAY_M[1] < at < end + MIDWAY_M[0] for end in ends)


def in_service(run: int, hour: float) -> bool:
    """Whether a run is driven at a local hour: at night every third, those in reserve (-1) never."""
    return run >= 0 and (run % 3 == 0 or not _within(hour, NIGHT_SERVICE))


def distance_m(lon: float, lat: float, lon2: float, lat2: float) -> float:
    """Metres between two WGS 84 points."""
    return float(_EARTH.inv(lon, lat, lon2, lat2)[2])


def _point(route: Line, at: float) -> tuple[float, float]:
    lon, lat = (float(np.interp(at, route.metres, values)) for values in (route.lons, route.lats))
    return round(lon, 7), round(lat, 7)


def _within(hour: float, span: tuple[float, float]) -> bool:
    """Whether an hour lies in a span that goes over midnight."""
    return hour >= span[0] or hour < span[1]


def _ripple(number: int, hour: float) -> float:
    """A small disturbance between -1 and 1, different for each device, the same whenever it is asked."""
    return math.sin(number * 12.9898 + hour * 3.1) * math.cos(number * 4.1 + hour * 17.7)
