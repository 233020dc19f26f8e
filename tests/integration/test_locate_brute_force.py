"""Locating is never wrong: one by one and set-based say what looking at everything with shapely says, on awkward points too."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random

import pytest
from sqlalchemy import Connection

from config.settings import Settings
from data import demonstration
from gis import locate
from gis.db import make_engine, transaction
from gis.locate import REACH_M
from gis.locate_many import Point, place_all
from tests.support.brute_force import City
from tests.support.databases import Database

POINTS = 600


@pytest.fixture(scope="module")
def db(new_database: Callable[[], Database], settings: Settings) -> Iterator[Connection]:
    """The demonstration city without cases, in a database of its own."""
    engine = make_engine(new_database().app_url, pool_size=1)
    with transaction(engine) as connection:
        demonstration.load(connection, settings, cases=0, aid_share=0)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def test_one_by_one_and_all_at_once_agree_with_looking_at_everything(db: Connection) -> None:
    city, random = City(db), Random(11)
    classes = [*sorted(city.components), None]
    points = [Point(n, *point, random.choice(classes)) for n, point in enumerate(city.awkward_points(POINTS, seed=11))]
    spots = place_all(db, points)
    found = {"grid": 0, "asset": 0, "road": 0, "outside": 0}
    for point in points:
        truth = city.truth(point.lon, point.lat, point.class_code, REACH_M)
        alone, spot = locate.place(db, point.lon, point.lat, point.class_code), spots[point.key]
        assert alone.grid_code == spot.grid_code == truth.grid, point
        assert tuple(area.code for area in alone.areas) == truth.areas, point
        assert spot.area_code == (truth.areas[0] if truth.areas else None), point
        for asset in (alone.asset.id if alone.asset else None, spot.asset_id):
            assert asset in truth.assets or (asset is None and not truth.assets), point
        for road in (alone.road, spot.road):
            assert road in truth.roads or (road == "" and not truth.roads), point
        found["grid"] += truth.grid is not None
        found["asset"] += bool(truth.assets)
        found["road"] += bool(truth.roads)
        found["outside"] += not truth.areas
    assert all(count > POINTS / 50 for count in found.values()), found  # every answer was asked for
