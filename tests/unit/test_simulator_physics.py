"""The simulated devices measure what could be: consistent with sun, balance, line and timetable."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise

import pytest

from data import physics
from data.physics import Meter

SHIJIAZHUANG = (114.5, 38.0)
ZONES = [Meter(number, 115.60 + number / 100, 38.43, 40.0 + number) for number in range(1, 6)]
OUTLET = Meter(99, 115.60, 38.43, 0.0, outlet=True)
METERS = [*ZONES, OUTLET]
HOURS = range(24)


@pytest.mark.parametrize(
    ("moment", "low", "high"),
    [
        (datetime(2026, 6, 21, 4, 24, tzinfo=UTC), 74, 76.5),  # local noon of midsummer: 90 - 38 + 23.4
        (datetime(2026, 12, 22, 4, 20, tzinfo=UTC), 27.5, 29.5),
        (datetime(2026, 6, 21, 16, 0, tzinfo=UTC), -35, -25),  # midnight
        (datetime(2026, 3, 20, 22, 29, tzinfo=UTC), -2, 2),  # sunrise at the equinox
    ],
)
def test_the_sun_stands_where_an_almanac_says(moment: datetime, low: float, high: float) -> None:
    assert low < physics.sun_elevation(*SHIJIAZHUANG, moment) < high


def test_lamps_follow_the_sun_and_dim_late() -> None:
    assert physics.lamp(100, 20, 12, 1)["powerState"] == 0
    evening, late = physics.lamp(100, -10, 20, 1), physics.lamp(100, -30, 1, 1)
    assert evening["illuminanceLevel"] == 100
    assert 95 < evening["powerConsumption"] < 105
    assert late["illuminanceLevel"] == physics.LATE_LEVEL
    assert late["powerConsumption"] < evening["powerConsumption"]
    broken = physics.lamp(100, -10, 20, 97)
    assert (broken["powerState"], broken["powerConsumption"]) == (1.0, 0.4)


@pytest.mark.parametrize("hour", HOURS)
def test_what_leaves_the_plant_is_what_the_zones_take_and_what_leaks(hour: int) -> None:
    zones = sum(physics.water(meter, METERS, hour, {})["flowRate"] for meter in ZONES)
    outlet = physics.water(OUTLET, METERS, hour, {})
    assert outlet["flowRate"] * (1 - physics.LEAKAGE) == pytest.approx(zones, rel=0.001)
    assert all(physics.water(meter, METERS, hour, {})["pressure"] > 0.22 for meter in METERS)


@pytest.mark.parametrize("hour", HOURS)
def test_a_burst_raises_the_flow_and_drops_the_pressure_most_where_it_is(hour: int) -> None:
    where = ZONES[2]
    before = {meter.asset_id: physics.water(meter, METERS, hour, {}) for meter in METERS}
    after = {meter.asset_id: physics.water(meter, METERS, hour, {7: where}) for meter in METERS}
    assert after[3]["pressure"] < 0.15 < min(after[number]["pressure"] for number in (1, 2, 4, 5))
    assert after[3]["flowRate"] - before[3]["flowRate"] == pytest.approx(physics.BURST_M3_H, abs=0.1)
    assert after[99]["flowRate"] - before[99]["flowRate"] == pytest.approx(physics.BURST_M3_H, abs=0.1)
    assert all(after[number]["pressure"] < before[number]["pressure"] for number in before)


@pytest.mark.parametrize("hour", HOURS)
def test_sewers_stay_below_the_alarm_unless_flooded(hour: int) -> None:
    assert 10 < physics.sewer(2.5, hour, 5, False)["fillingLevel"] < 75
    assert physics.sewer(2.5, hour, 5, True)["fillingLevel"] > 90


def test_a_bus_keeps_to_its_line_stops_at_its_stops_and_never_jumps() -> None:
    points = [(115.60 + step / 2000, 38.43 + (step % 5) / 5000) for step in range(40)]
    route = physics.line(points, [200.0, 700.0, 1200.0])
    seen = [physics.bus(route, 1, 4, float(second)) for second in range(int(route.round_s))]
    assert {bus["speed"] == 0 for bus in seen} == {True, False}
    steps = [
        physics.distance_m(a["longitude"], a["latitude"], b["longitude"], b["latitude"]) for a, b in pairwise(seen)
    ]
    assert sorted(steps)[-2] < 12  # once in a round it begins again at the terminus
    assert all(0 <= bus["bearing"] < 360 for bus in seen)


def test_runs_are_spread_over_the_line_and_reserve_stays_in_the_depot() -> None:
    route = physics.line([(115.60, 38.43), (115.63, 38.43)], [])
    places = {physics.bus(route, run, 5, 0.0)["longitude"] for run in range(5)}
    assert len(places) == 5
    assert not physics.in_service(-1, 12)
    assert physics.in_service(1, 12)
    assert not physics.in_service(1, 3)
    assert physics.in_service(3, 3)
