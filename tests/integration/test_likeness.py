"""The demonstration city at full scale is built like real cities: the same code measures all of them."""

from __future__ import annotations

import pytest

from data.compare import real_streets
from data.generator import street_lines
from data.street_metrics import COMPARED, Metrics, deviation, measure
from tests.support.real_data import real

TOLERANCE = 0.25


@pytest.fixture(scope="module")
def real_cities() -> dict[str, Metrics]:
    files = ("porto-alegre-osm-gtfs/poa_osm.pbf", "china-cities-osm/shenzhen_longgang_2019.osm")
    return {path: measure(real_streets(real(path))) for path in files}


@pytest.fixture(scope="module")
def made(real_cities: dict[str, Metrics]) -> Metrics:
    return measure(street_lines(scale=1.0))


@pytest.mark.parametrize("figure", COMPARED)
def test_the_demonstration_city_lies_near_the_nearer_of_two_real_ones(
    figure: str, made: Metrics, real_cities: dict[str, Metrics]
) -> None:
    found = [getattr(metrics, figure) for metrics in real_cities.values()]
    assert deviation(getattr(made, figure), found) < TOLERANCE
    one, other = found
    if abs(one - other) / min(found) < TOLERANCE:  # where real cities agree, it lies near both
        assert max(abs(getattr(made, figure) - value) / value for value in found) < TOLERANCE


def test_streets_are_as_crooked_as_real_ones(made: Metrics, real_cities: dict[str, Metrics]) -> None:
    """Circuity is near 1 everywhere, so within a share of it almost anything is: its excess over 1 says more."""
    detours = [metrics.circuity - 1 for metrics in real_cities.values()]
    assert 0.5 * min(detours) < made.circuity - 1 < max(detours)


def test_some_streets_are_dead_ends_as_in_real_ones(made: Metrics, real_cities: dict[str, Metrics]) -> None:
    assert deviation(made.dead_ends, [metrics.dead_ends for metrics in real_cities.values()]) < TOLERANCE
