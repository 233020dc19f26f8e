"""Questions to the map, held against counting with shapely; and what people draw wrong."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import shapely
from sqlalchemy import Connection, text

from config.errors import InvalidInput, NotFound
from config.settings import Settings
from data import demonstration
from gis.db import make_engine, transaction
from gis.geocoding.plane import away
from gis.questions import questions, shapes
from tests.support.databases import Database
from tests.support.server import WebServer

Things = list[tuple[int, str, shapely.Geometry]]


@pytest.fixture(scope="module")
def city(database: Database, settings: Settings) -> Iterator[Connection]:
    """The demonstration city without cases, in a database of this module."""
    engine = make_engine(database.app_url, pool_size=1)
    with transaction(engine) as db:
        demonstration.load(db, settings, cases=0, aid_share=0)
    with engine.connect() as db:
        yield db
    engine.dispose()


@pytest.fixture
def web(city: Connection, settings_environment: dict[str, str], tmp_path: Path) -> Iterator[WebServer]:
    """The web server on that city."""
    assert city is not None
    with WebServer(settings_environment, tmp_path / "log") as server:
        yield server


@pytest.fixture(scope="module")
def things(city: Connection) -> Things:
    """Every asset: id, kind, shape."""
    rows = city.execute(text("select id, kind, st_asbinary(geom) as geom from gis.asset order by id"))
    return [(row.id, row.kind, shapely.from_wkb(bytes(row.geom))) for row in rows]


@pytest.fixture(scope="module")
def middle(city: Connection) -> tuple[float, float]:
    """A point in the city."""
    row = city.execute(
        text("select st_x(p) x, st_y(p) y from gis.area, st_pointonsurface(geom) p where level = 'city'")
    ).one()
    return row.x, row.y


def test_within_and_statistics_count_what_the_shape_meets(
    city: Connection, things: Things, middle: tuple[float, float]
) -> None:
    x, y = middle
    shape = shapely.Polygon([(x - 0.004, y - 0.003), (x + 0.005, y - 0.002), (x, y + 0.004)])
    met = [(number, kind, thing) for number, kind, thing in things if shape.intersects(thing)]
    assert {row["id"] for row in questions.within(city, shape, "zh", most=100_000)} == {number for number, _, _ in met}
    rows = {row["what"]: row for row in questions.statistics(city, shape)}
    assert {what: row["number"] for what, row in rows.items()} == dict(Counter(kind for _, kind, _ in met))
    wide, high = 87_000.0, 111_000.0
    inside = [
        shapely.transform(thing.intersection(shape), lambda xy: xy * (wide, high))
        for _, kind, thing in met
        if kind == "road"
    ]
    assert rows["road"]["length_m"] == pytest.approx(sum(line.length for line in inside), rel=0.01)
    assert rows["building"]["area_m2"] > 0
    assert rows["street_lamp"]["length_m"] == 0


def test_a_kind_that_nobody_knows_is_no_empty_answer(city: Connection, middle: tuple[float, float]) -> None:
    with pytest.raises(InvalidInput, match="no kind of asset 'steet_lamp'"):
        questions.nearest(city, *middle, "zh", kind="steet_lamp")
    with pytest.raises(NotFound, match="There is no area 99"):
        questions.area(city, "99")


def test_nearest_is_nearest(city: Connection, things: Things, middle: tuple[float, float]) -> None:
    found = questions.nearest(city, *middle, "zh", kind="street_lamp", most=7)
    truth = sorted(
        (away(middle, (thing.x, thing.y))[0], number) for number, kind, thing in things if kind == "street_lamp"
    )
    assert [row["id"] for row in found] == [number for _, number in truth[:7]]
    assert [row["distance_m"] for row in found] == pytest.approx([metres for metres, _ in truth[:7]], abs=0.1)


def test_areas_of_a_level_add_up(city: Connection, things: Things) -> None:
    rows = questions.by_area(city, "community", "zh", "street_lamp")
    assert sum(row["number"] for row in rows) == sum(kind == "street_lamp" for _, kind, _ in things)
    assert len({row["code"] for row in rows}) > 3


@pytest.mark.parametrize("level", ["grid", "walk", "city"])
def test_grids_are_levels_too(city: Connection, things: Things, level: str) -> None:
    rows = questions.by_area(city, level, "zh", "hydrant")
    assert sum(row["number"] for row in rows) == sum(kind == "hydrant" for _, kind, _ in things)


def test_a_circle_is_round_in_metres(city: Connection, middle: tuple[float, float]) -> None:
    ring = shapely.get_coordinates(questions.circle(city, *middle, 300.0))
    assert [away(middle, (lon, lat))[0] for lon, lat in ring] == pytest.approx([300.0] * len(ring), abs=0.5)


def test_along_a_road_between_two_numbers(city: Connection, things: Things) -> None:
    row = city.execute(
        text(
            "select name, attributes from gis.asset where kind = 'road' and attributes ? 'numbers_left'"
            " and attributes ->> 'grade' = 'collector' order by (attributes ->> 'length_m')::float desc limit 1"
        )
    ).one()
    low, high = sorted(row.attributes["numbers_left"])
    found = questions.along(city, f"{row.name}{low}号", f"{row.name}{high}号", "zh", "street_lamp")
    assert found["road"] == row.name
    metres = [thing["along_m"] for thing in found["things"]]
    assert len(metres) > 2
    assert metres == sorted(metres)
    with pytest.raises(InvalidInput):
        questions.along(city, f"{row.name}{low}号", "没有这条路3号", "zh")


def test_along_a_ring_metres_are_of_the_road_and_the_shorter_way_counts(city: Connection) -> None:
    found = questions.along(city, "环城大道1号", "环城大道301号", "zh", "street_lamp")
    metres = [thing["along_m"] for thing in found["things"]]
    stretch = shapely.geometry.shape(found["shape"])
    first, last = (stretch.geoms[0].coords[end] for end in (0, -1))
    assert found["length_m"] > 1.05 * away(first, last)[0]  # it bends
    assert metres == sorted(metres)
    assert metres[-1] == pytest.approx(found["length_m"], abs=35)
    back = questions.along(city, "环城大道301号", "环城大道1号", "zh", "street_lamp")
    assert back["length_m"] == found["length_m"]
    assert {thing["id"] for thing in back["things"]} == {thing["id"] for thing in found["things"]}


def test_what_is_not_there(city: Connection) -> None:
    with pytest.raises(NotFound):
        questions.around(city, 2**40, 50)
    with pytest.raises(NotFound):
        questions.area(city, "000")
    with pytest.raises(InvalidInput):
        questions.by_area(city, "planet", "zh")
    assert questions.identify(city, 0.0, 0.0, "zh") == {"grid": None, "areas": [], "things": []}


BOW = {"type": "Polygon", "coordinates": [[[115, 38], [115.01, 38.01], [115.01, 38], [115, 38.01], [115, 38]]]}


@pytest.mark.parametrize(
    "drawn",
    [
        {},
        {"type": "Point", "coordinates": [1, 2]},
        {"type": "Polygon"},
        {"type": "Polygon", "coordinates": []},
        {"type": "Polygon", "coordinates": [[[1, 2], [3, 4]]]},
        {"type": "Polygon", "coordinates": [[[1, 2], [1, 2], [1, 2], [1, 2]]]},
        {"type": "Polygon", "coordinates": [[[1, "2"], [3, 4], [5, 6]]]},
        {"type": "Polygon", "coordinates": [[[float("nan"), 2], [3, 4], [5, 6], [1, 2]]]},
        {"type": "Polygon", "coordinates": [[[-170, -80], [170, -80], [170, 80], [-170, -80]]]},
        {"type": "Polygon", "coordinates": [[[400, 0], [401, 0], [401, 1], [400, 0]]]},
        {"type": "Polygon", "coordinates": [[[n / 1e5, n / 1e5] for n in range(6000)]]},
    ],
    ids=str,
)
def test_what_people_draw_wrong(drawn: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        shapes.polygon(drawn)


def test_a_bow_is_made_two_triangles() -> None:
    assert shapes.polygon(BOW).is_valid
    assert shapes.polygon(BOW).area == pytest.approx(5e-5)


def test_through_the_pages_door(web: WebServer, middle: tuple[float, float]) -> None:
    lon, lat = middle
    with_radius = {"lon": lon, "lat": lat, "radius_m": 200}
    person = web.person("intake", "demo-intake")
    answer = person.post("/api/gis/statistics", json=with_radius).json()
    assert answer["shape"]["type"] == "Polygon"
    assert sum(row["number"] for row in answer["rows"]) > 10
    table = person.post("/api/gis/statistics", json={**with_radius, "format": "csv"})
    assert table.headers["content-type"].startswith("text/csv")
    read = list(csv.DictReader(io.StringIO(table.content.decode("utf-8-sig"))))
    assert [row["what"] for row in read] == [row["what"] for row in answer["rows"]]
    for wrong in (
        {},
        {"lon": lon, "lat": lat},
        {"shape": {"type": "Point"}},
        {**with_radius, "area": "1"},
        {**with_radius, "x": 1},
    ):
        assert person.post("/api/gis/statistics", json=wrong).status_code in (400, 422), wrong
    here = person.get("/api/gis/describe", params={"lon": lon, "lat": lat}).json()
    assert here["grid"]
    assert person.get("/api/gis/identify", params={"lon": "nan", "lat": lat}).status_code == 422
    rows = person.get("/api/gis/areas/subdistrict/statistics", params={"kind": "road"}).json()["rows"]
    assert all(row["what"] == "road" and row["length_m"] > 0 for row in rows)
    stranger = httpx.get(
        f"{web.url}/api/gis/nearest", params={"lon": lon, "lat": lat}, headers={"Accept": "application/json"}
    )
    assert stranger.status_code == 401
    person.close()
