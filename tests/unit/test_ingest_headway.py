"""Vehicles of a line: followed along it, and where they are too close."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ingest.headway import Placed, Route, Sighting, follow, pairs, too_close
from tests.unit.test_along import OUT_AND_BACK, at

START = datetime(2026, 3, 8, 12, tzinfo=UTC)
ROUTE = Route(1, "BL-1", OUT_AND_BACK)


def sighting(x: float, y: float, seconds: float = 0, heading: float | None = None, asset: int = 7) -> Sighting:
    lon, lat = at(x, y)
    return Sighting(asset, f"B-{asset}", lon, lat, heading, START + timedelta(seconds=seconds))


def placed(asset: int, metres: float) -> Placed:
    return Placed(sighting(0, 0, asset=asset), metres)


def test_a_bus_is_followed_out_and_back_although_both_ways_share_the_street() -> None:
    seen = None
    metres = []
    for second in range(0, 290, 10):
        walked = second * 7.0
        x = walked if walked <= 1000 else 2006 - walked
        seen = follow(ROUTE, sighting(x, 0, second, heading=90), seen)  # a compass that never turns: the past decides
        assert seen is not None
        metres.append(seen.at_m)
    assert metres == pytest.approx([min(second * 7.0, 2006) for second in range(0, 290, 10)], abs=8)


def test_after_a_long_gap_the_heading_finds_it_again() -> None:
    before = follow(ROUTE, sighting(100, 0, 0, heading=90), None)
    later = follow(ROUTE, sighting(400, 0, 3600, heading=270), before)
    assert later is not None
    assert later.at_m == pytest.approx(1606, abs=5)


def test_one_that_is_parked_beside_its_line_is_not_under_way() -> None:
    """Otherwise a depot at the roadside would be the worst bunch of the city."""
    parked = seen = None
    for second in range(0, 700, 10):
        parked = follow(ROUTE, sighting(500, second % 5, second), parked)
        seen = follow(ROUTE, sighting(min(second, 200) * 3.0, 0, second), seen)
        assert parked is not None
        assert seen is not None
        assert not parked.under_way(parked.sighting.at)
        assert seen.under_way(seen.sighting.at) == (0 < second <= 500)


def test_off_the_line_it_has_no_place() -> None:
    assert follow(ROUTE, sighting(500, 300), None) is None


def test_an_evenly_spread_line_has_no_pair_too_close() -> None:
    found = pairs([placed(number, 300 + 400 * number) for number in range(4)], ROUTE)
    assert too_close(found, 0.25) == []
    assert all(0.7 < pair.share < 1.7 for pair in found)


def test_two_that_bunch_are_found_with_who_follows_whom() -> None:
    found = too_close(pairs([placed(1, 400), placed(2, 1200), placed(3, 460)], ROUTE), 0.25)
    assert [(pair.follower.asset_id, pair.leader.asset_id) for pair in found] == [(1, 3)]
    assert found[0].gap_m == 60


def test_waiting_at_the_terminus_is_no_bunching() -> None:
    assert too_close(pairs([placed(1, 5), placed(2, 20), placed(3, 1000)], ROUTE), 0.25) == []


def test_nor_is_waiting_where_the_line_turns_back() -> None:
    turning = Route(1, "BL-1", OUT_AND_BACK, turn_m=1003.0)
    both = [placed(1, 1000), placed(2, 1010), placed(3, 300)]
    assert too_close(pairs(both, turning), 0.25) == []
    assert len(too_close(pairs(both, ROUTE), 0.25)) == 1


def test_one_bus_alone_keeps_no_headway() -> None:
    assert pairs([placed(1, 500)], ROUTE) == []
