"""A line cut in two and put together again: places, levels and references stay true (C5, S3)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, text

from config.errors import InvalidAsset, StaleAsset
from gis.actors import Actor
from gis.db import make_engine
from gis.register import editing, lines, versions
from tests.integration.test_register_editing import person
from tests.support.databases import Database

ROW = [[115.6, 38.4], [115.6004, 38.4], [115.6008, 38.4]]
"""A sewer of 70 m with a bend in its middle."""


@pytest.fixture
def db(database: Database) -> Iterator[Connection]:
    """A transaction that is rolled back."""
    engine = make_engine(database.app_url)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


@pytest.fixture
def ann(db: Connection) -> Actor:
    return person(db, "ann")


def sewer(db: Connection, ann: Actor, line: list[list[float]] = ROW, **attributes: Any) -> int:
    known = {
        "from": "MH-1",
        "to": "MH-2",
        "invert_up_m": 10.0,
        "invert_down_m": 8.0,
        "length_m": 70,
        "diameter_mm": 400,
    }
    shape = {"type": "LineString", "coordinates": line}
    return editing.create(db, ann, "sewer", shape, {"owner": "City", "attributes": known | attributes}, "laid")


def of(db: Connection, asset: int) -> Any:
    row = """select version, status, owner, attributes, st_astext(geom) as shape, st_length(geom::geography) as metres
             from gis.asset where id = :id"""
    return db.execute(text(row), {"id": asset}).one()


def test_a_sewer_is_cut_with_its_level_and_put_together_again(db: Connection, ann: Actor) -> None:
    asset = sewer(db, ann)
    second = lines.split(db, ann, asset, 1, (115.6006, 38.400003), "new manhole")
    first, rest = of(db, asset), of(db, second)
    assert (first.version, rest.version, rest.owner) == (2, 1, "City")
    assert first.attributes == {"from": "MH-1", "invert_up_m": 10.0, "invert_down_m": 8.5, "diameter_mm": 400}
    assert rest.attributes == {"to": "MH-2", "invert_up_m": 8.5, "invert_down_m": 8.0, "diameter_mm": 400}
    assert first.shape == "LINESTRING(115.6 38.4,115.6004 38.4,115.6006 38.400003)"
    assert rest.shape == "LINESTRING(115.6006 38.400003,115.6008 38.4)"
    assert versions.of(db, second, "en")[0]["why"] == "new manhole"

    meeting = lines.touching(db, asset, "en")
    assert [(each["id"], each["differs"]) for each in meeting] == [(second, [])]
    assert lines.join(db, ann, asset, 2, second, 1, "no manhole after all") == 3
    whole = of(db, asset)
    assert whole.attributes == {
        "from": "MH-1",
        "to": "MH-2",
        "invert_up_m": 10.0,
        "invert_down_m": 8.0,
        "diameter_mm": 400,
    }
    assert whole.metres == pytest.approx(70, abs=0.5)
    assert of(db, second).status == "removed"


def test_a_line_that_runs_the_other_way_is_turned(db: Connection, ann: Actor) -> None:
    onward = [[115.6012, 38.4003], [115.6010, 38.4001], ROW[-1]]
    one = sewer(db, ann)
    other = sewer(db, ann, onward, **{"from": "MH-9", "to": "MH-2", "invert_up_m": 7.0, "invert_down_m": 8.0})
    lines.join(db, ann, one, 1, other, 1, "one pipe")
    whole = of(db, one)
    assert whole.shape.endswith("115.6008 38.4,115.601 38.4001,115.6012 38.4003)")
    assert (whole.attributes["to"], whole.attributes["invert_down_m"]) == ("MH-9", 7.0)


@pytest.mark.parametrize(
    ("at", "words"),
    [((115.6006, 38.4001), "lies 11.1 m from the line"), ((115.600001, 38.4), "lies at an end of the line")],
)
def test_where_a_line_cannot_be_cut(db: Connection, ann: Actor, at: tuple[float, float], words: str) -> None:
    with pytest.raises(InvalidAsset) as wrong:
        lines.split(db, ann, sewer(db, ann), 1, at, "try")
    assert wrong.value.facts["fields"] == {"geometry": words}


def test_what_does_not_meet_or_has_changed_is_not_joined(db: Connection, ann: Actor) -> None:
    one = sewer(db, ann)
    far = sewer(db, ann, [[115.61, 38.41], [115.611, 38.41]])
    with pytest.raises(InvalidAsset) as wrong:
        lines.join(db, ann, one, 1, far, 1, "try")
    assert "other" in wrong.value.facts["fields"]  # type: ignore[operator]
    near = sewer(db, ann, [ROW[-1], [115.601, 38.4]])
    editing.change(db, ann, near, 1, {"owner": "District"}, "sold")
    with pytest.raises(StaleAsset):
        lines.join(db, ann, one, 1, near, 1, "try")


def test_house_numbers_are_divided_and_put_together(db: Connection, ann: Actor) -> None:
    known = {"attributes": {"numbers_left": [35, 45], "numbers_right": [46, 34]}}
    road = editing.create(
        db, ann, "road", {"type": "LineString", "coordinates": ROW}, known | {"name": "文昌大街"}, "drawn"
    )
    rest = lines.split(db, ann, road, 1, (115.60045, 38.4), "a lane meets it")
    assert of(db, road).attributes == {"numbers_left": [35, 39], "numbers_right": [46, 40]}
    assert of(db, rest).attributes == {"numbers_left": [41, 45], "numbers_right": [38, 34]}
    lines.join(db, ann, road, 2, rest, 1, "the lane is gone")
    assert of(db, road).attributes == known["attributes"]
