"""The simulated devices measure what could be: consistent with sun, balance, line and timetable."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise

import numpy as np
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
    dark = physics.lamp(100, -10, 20, 1, dark=True)
    assert (dark["powerState"], dark["powerConsumption"]) == (1.0, 0.4)
    assert (
        physics.lamp(100, 40, 12, 1, test=True)["powerConsumption"] > 90
    )  # switched on by day, to see whether it burns


@pytest.mark.parametrize("lamps_w", [0.0, 30.0, 8_900.0])
def test_a_cabinet_feeds_its_lamps_and_its_voltage_stays_in_the_band_of_the_mains(lamps_w: float) -> None:
    shown = physics.cabinet(lamps_w, 20.0, 7, tripped=1, door_open=False)
    assert shown["powerConsumption"] == lamps_w + physics.CABINET_OWN_W
    assert 207 < shown["voltage"] < 253  # 230 V within a tenth
    apparent = shown["voltage"] * shown["current"] * physics.POWER_FACTOR
    assert apparent == pytest.approx(shown["powerConsumption"], rel=0.05)
    assert (shown["circuitBreakerTripped"], shown["doorOpen"]) == (1, 0)


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


@pytest.mark.parametrize("hour", HOURS)
def test_several_plants_share_what_the_zones_take(hour: int) -> None:
    two = [*METERS, Meter(98, 115.61, 38.43, 0.0, outlet=True)]
    one = physics.water(OUTLET, METERS, hour, {})["flowRate"]
    assert sum(physics.water(meter, two, hour, {})["flowRate"] for meter in two[5:]) == pytest.approx(one, abs=0.1)


@pytest.mark.parametrize("hour", HOURS)
def test_a_leak_is_seen_in_the_balance_and_not_in_the_pressure(hour: int) -> None:
    where = ZONES[1]
    before = {meter.asset_id: physics.water(meter, METERS, hour, {}) for meter in METERS}
    after = {meter.asset_id: physics.water(meter, METERS, hour, {}, {7: where}) for meter in METERS}
    for number in (2, 99):
        assert after[number]["flowRate"] - before[number]["flowRate"] == pytest.approx(physics.LEAK_M3_H, abs=0.1)
    assert min(each["pressure"] for each in after.values()) > 0.22
    assert {number for number in before if before[number] != after[number]} == {2, 99}


def test_what_is_usual_is_what_the_zone_shows_on_average() -> None:
    zone = ZONES[0]
    for hour in HOURS:
        shown = [physics.water(zone, METERS, hour + minute / 60, {})["flowRate"] for minute in range(60)]
        assert physics.usual_flow(zone, hour) == pytest.approx(sum(shown) / 60, abs=0.6)


def test_rain_comes_after_a_while_fills_and_drains_slowly() -> None:
    wet = [physics.wetness(minute, 20, 5) for minute in range(90)]
    assert wet[:3] == [0, 0, 0]
    assert wet[8] > 0.8
    assert max(wet) == pytest.approx(wet[22], abs=0.001)
    assert 0.3 < wet[27] < 0.4
    assert wet[89] < 0.01
    assert all(a <= b for a, b in pairwise(wet[:22]))
    assert all(a >= b for a, b in pairwise(wet[22:]))


@pytest.mark.parametrize("hour", HOURS)
def test_in_a_storm_all_sewers_rise_and_those_with_blocked_grates_flood(hour: int) -> None:
    levels = {number: physics.sewer(2.5, hour, number, False, wet=1.0)["fillingLevel"] for number in range(1, 41)}
    dry = {number: physics.sewer(2.5, hour, number, False)["fillingLevel"] for number in levels}
    assert all(levels[number] > dry[number] + 15 for number in levels)
    assert {number for number in levels if levels[number] > 110} == {n for n in levels if physics.grates_blocked(n)}
    assert max(level for number, level in levels.items() if not physics.grates_blocked(number)) < 95


def test_it_rains_while_it_storms_and_no_longer() -> None:
    falling = [physics.rain(minute, 20, 5) for minute in range(-2, 30)]
    assert {number - 2 for number, each in enumerate(falling) if each} == set(range(20))
    assert all(50 < each < 90 for each in falling if each)


POINTS = [(115.60 + step / 2000, 38.43 + (step % 5) / 5000) for step in range(40)]
ROUTE = physics.line(POINTS, [200.0, 700.0, 1200.0])


def along(passed: float) -> float:
    """Metres of the round at which a bus is, without its position's detour."""
    return float(np.interp(passed % ROUTE.round_s, ROUTE.times, ROUTE.places))


def test_a_bus_keeps_to_its_line_stops_at_its_stops_and_never_jumps() -> None:
    seen = [physics.bus(ROUTE, physics.natural_s(ROUTE, 1, 4, float(second))) for second in range(int(ROUTE.round_s))]
    assert {bus["speed"] == 0 for bus in seen} == {True, False}
    steps = [
        physics.distance_m(a["longitude"], a["latitude"], b["longitude"], b["latitude"]) for a, b in pairwise(seen)
    ]
    assert sorted(steps)[-2] < 12  # once in a round it begins again at the terminus
    assert all(0 <= bus["bearing"] < 360 for bus in seen)


def test_in_the_rush_hour_the_same_way_takes_longer_and_no_bus_jumps_at_midnight() -> None:
    rush = physics.driven_s(3, 18) - physics.driven_s(3, 17)
    calm = physics.driven_s(3, 3) - physics.driven_s(3, 2)
    assert rush < 0.7 * calm
    assert calm == 3600
    assert physics.driven_s(3, 24) == pytest.approx(physics.driven_s(4, 0))
    assert physics.traffic(17.5) < 0.7


def test_buses_bunch_stay_together_and_come_back_to_their_time_without_a_jump() -> None:
    leader, follower = 400.0, 220.0

    def at(second: float, follows: bool) -> float:
        natural = (follower if follows else leader) + second
        return physics.bunched_s(natural, (leader, follower), follows, second, 600.0 if second >= 600 else None)

    places = {follows: [at(float(second), follows) for second in range(1600)] for follows in (False, True)}
    gaps = [ahead - behind for ahead, behind in zip(places[False], places[True], strict=True)]
    assert gaps[0] == 180
    assert gaps[120] == pytest.approx(physics.BUNCHED_S)
    assert gaps[599] == pytest.approx(physics.BUNCHED_S)
    assert gaps[-1] == pytest.approx(180)
    for walked in places.values():
        assert all(-0.01 <= b - a <= 1.71 for a, b in pairwise(walked))


@pytest.mark.parametrize("hour", HOURS)
def test_only_a_bus_in_a_bunch_is_overcrowded_and_the_next_one_is_emptier(hour: int) -> None:
    for passed in np.linspace(0, ROUTE.round_s, 40):
        usual = physics.riders(ROUTE, passed, hour, 3)
        assert 0 <= usual < 100
        assert physics.riders(ROUTE, passed, hour, 3, physics.CROWDED) > 115
        assert physics.riders(ROUTE, passed, hour, 3, physics.EMPTIED) <= usual


def test_midway_is_away_from_the_ends_of_the_line() -> None:
    there_and_back = physics.line(POINTS, [200.0, 700.0], turn_m=1000.0)
    found = {passed for passed in range(int(there_and_back.round_s)) if physics.midway(there_and_back, passed)}
    places = [float(np.interp(passed, there_and_back.times, there_and_back.places)) for passed in sorted(found)]
    assert all(at > 250 and not 100 < at < 1250 for at in places)
    assert places


def test_runs_are_spread_over_the_line_and_reserve_stays_in_the_depot() -> None:
    places = {round(along(physics.natural_s(ROUTE, run, 5, 0.0))) for run in range(5)}
    assert len(places) == 5
    assert not physics.in_service(-1, 12)
    assert physics.in_service(1, 12)
    assert not physics.in_service(1, 3)
    assert physics.in_service(3, 3)
