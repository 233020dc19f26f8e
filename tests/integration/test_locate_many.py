"""Locating many points at once says exactly what locating each alone says."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import pytest
from sqlalchemy import Connection

from gis import locate
from gis.db import make_engine
from gis.locate_many import Point, place_all
from tests.support import smalltown
from tests.support.databases import Database


@pytest.fixture
def db(database: Database) -> Iterator[Connection]:
    """The small town, in a transaction of which nothing stays."""
    with make_engine(database.app_url, pool_size=1).connect() as connection, connection.begin() as outer:
        smalltown.build(connection)
        yield connection
        outer.rollback()


def test_many_agree_with_one_by_one(db: Connection) -> None:
    random = Random(7)
    side = 2 * smalltown.STEP
    points = [
        Point(
            number,
            smalltown.WEST + random.uniform(-0.2, 1.2) * side,
            smalltown.SOUTH + random.uniform(-0.2, 1.2) * side,
            random.choice((smalltown.LAMP_CLASS, None)),
        )
        for number in range(300)
    ]
    points += [Point(300, smalltown.WEST + smalltown.STEP, smalltown.SOUTH + smalltown.STEP, None)]  # on a border
    spots = place_all(db, points)
    assert len(spots) == len(points)
    located = 0
    for point in points:
        alone, spot = locate.place(db, point.lon, point.lat, point.class_code), spots[point.key]
        assert spot.grid_code == alone.grid_code
        assert spot.inspector_id == alone.inspector_id
        assert spot.area_code == alone.area_code
        assert spot.asset_id == (alone.asset.id if alone.asset else None)
        assert spot.road == alone.road
        located += spot.grid_code is not None
    assert 0 < located < len(points)
