"""Responsibility grids by hand: unit grids regrouped within their community, inspectors assigned, wrong ground refused."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, text

from config.errors import InvalidInput, NotFound
from gis import organisation
from gis.db import make_engine
from gis.gridding import handing
from tests.integration.test_register_editing import person
from tests.support.databases import Database


@pytest.fixture
def db(database: Database) -> Iterator[Connection]:
    """Two communities with four unit grids in a row each, in one group each; rolled back."""
    engine = make_engine(database.app_url)
    with engine.connect() as connection:
        for number in (1, 2):
            _community(connection, number)
        yield connection
    engine.dispose()


def _community(db: Connection, number: int) -> None:
    def square(n: int) -> str:
        west, south = 115.0 + n / 1000, 38.0 + number / 100
        ring = [
            [west, south],
            [west + 0.001, south],
            [west + 0.001, south + 0.001],
            [west, south + 0.001],
            [west, south],
        ]
        return json.dumps({"type": "MultiPolygon", "coordinates": [[ring]]})

    code = f"77010100100{number}"
    area = db.execute(
        text(
            "insert into gis.area (level, code, name, geom) values ('community', :code, :code, st_setsrid(st_geomfromgeojson(:g), 4326))"
            " returning id"
        ),
        {"code": code, "g": square(0)},
    ).scalar_one()
    walk = db.execute(
        text("insert into gis.responsibility_grid (code, name) values (:code, :code) returning id"),
        {"code": f"{code}R01"},
    ).scalar_one()
    for n in range(4):
        db.execute(
            text("""insert into gis.unit_grid (code, area_id, responsibility_grid_id, geom)
                    values (:code, :area, :walk, st_setsrid(st_geomfromgeojson(:g), 4326))"""),
            {"code": f"{code}{n + 1:03d}", "area": area, "walk": walk, "g": square(n)},
        )


def codes(community: int, *numbers: int) -> list[str]:
    return [f"77010100100{community}{number:03d}" for number in numbers]


def test_ground_is_given_to_a_new_group_and_back(db: Connection) -> None:
    ann = person(db, "ann")
    made = handing.hand_over(db, ann, codes(1, 2, 3), None)
    assert made == {"walk": "770101001001R02", "pieces": 1}
    walks = {each["code"]: each["grids"] for each in handing.overview(db, "770101001001", "en")["walks"]}
    assert walks == {"770101001001R01": 2, "770101001001R02": 2}
    back = handing.hand_over(db, ann, codes(1, 2), "770101001001R01")
    assert back["pieces"] == 2  # the first two, and the last: somebody else's ground lies between
    assert handing.hand_over(db, ann, codes(1, 3), "770101001001R01")["pieces"] == 1
    assert [each["code"] for each in handing.overview(db, "770101001001", "en")["walks"]] == ["770101001001R01"]
    said = db.execute(
        text("select payload from gis.event where kind = 'walk.changed' order by id desc limit 1")
    ).scalar_one()
    assert (said["grids"], said["account_id"]) == (codes(1, 3), ann.account_id)


def test_ground_of_another_community_is_refused(db: Connection) -> None:
    ann = person(db, "ann")
    with pytest.raises(InvalidInput, match="lies in one community"):
        handing.hand_over(db, ann, codes(1, 1), "770101001002R01")
    with pytest.raises(InvalidInput, match="lies in one community"):
        handing.hand_over(db, ann, [*codes(1, 1), *codes(2, 1)], None)
    with pytest.raises(NotFound, match="770101001001009"):
        handing.hand_over(db, ann, codes(1, 9), None)


def test_only_an_inspector_is_assigned(db: Connection) -> None:
    ann, walker = person(db, "ann"), person(db, "walker")
    with pytest.raises(InvalidInput, match="Only an inspector"):
        handing.assign(db, ann, "770101001001R01", walker.account_id)
    organisation.give_post(db, walker.account_id, "inspector")
    handing.assign(db, ann, "770101001001R01", walker.account_id)
    (found,) = handing.overview(db, "770101001001", "en")["walks"]
    assert found["inspector"] == "walker"
    handing.assign(db, ann, "770101001001R01", None)
    with pytest.raises(NotFound):
        handing.assign(db, ann, "nowhere", None)
