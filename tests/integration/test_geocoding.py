"""Addresses become points and points become addresses, in the demonstration city and in a town of doors."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from random import Random

import pytest
import shapely
from sqlalchemy import Connection, text

from config.settings import Settings
from data import demonstration
from gis.db import make_engine, transaction
from gis.geocoding import describe
from gis.geocoding.geocode import geocode
from gis.geocoding.plane import away, moved
from tests.support import smalltown
from tests.support.databases import Database
from tests.support.real_data import real


@pytest.fixture(scope="module")
def city(new_database: Callable[[], Database], settings: Settings) -> Iterator[Connection]:
    """The demonstration city without cases, in a database of its own; nothing that a test does to it stays."""
    engine = make_engine(new_database().app_url, pool_size=1)
    with transaction(engine) as db:
        demonstration.load(db, settings, cases=0, aid_share=0)
    with engine.connect() as db:
        yield db
    engine.dispose()


def roads(db: Connection) -> list[tuple[str, str, dict[str, list[int]], shapely.LineString]]:
    """Name, English name, attributes and line of the pieces of road that have numbers."""
    rows = db.execute(
        text(
            "select name, name_en, attributes, st_asbinary(geom) as geom from gis.asset"
            " where kind = 'road' and attributes ? 'numbers_left' order by id"
        )
    )
    return [(row.name, row.name_en, row.attributes, shapely.from_wkb(bytes(row.geom))) for row in rows]


def test_every_house_number_is_found_beside_its_piece_of_road(city: Connection) -> None:
    random = Random(3)
    for name, name_en, numbers, line in random.sample(roads(city), 40):
        low, high = sorted(numbers["numbers_left"])
        number = random.choice(range(low, high + 1, 2))
        for address in (f"{name}{number}号", f"云澜市澜河区{name}{number}号3号楼", f"{number} {name_en}"):
            hits = geocode(city, address, "zh")
            assert hits, address
            hit = hits[0]
            assert (hit["precision"], hit["number"]) == ("range", str(number))
            nearest = line.interpolate(line.project(shapely.Point(hit["lon"], hit["lat"])))
            assert away((nearest.x, nearest.y), (hit["lon"], hit["lat"]))[0] < 12


def test_there_and_back_gives_the_same_number(city: Connection) -> None:
    random = Random(4)
    same = 0
    for name, _, numbers, _line in random.sample(roads(city), 60):
        low, high = sorted(numbers["numbers_right"])
        number = random.choice(range(low, high + 1, 2))
        hit = geocode(city, f"{name}{number}号", "zh")[0]
        back = describe.describe(city, hit["lon"], hit["lat"], "zh")
        if back.road != name:
            meets = text("select exists (select from gis.crossing where road = :a and other = :b)")
            assert city.execute(
                meets, {"a": name, "b": back.road}
            ).scalar_one()  # a door at the corner of a side street
            continue
        again = geocode(city, f"{name}{back.number}号", "zh")[0]
        assert away((hit["lon"], hit["lat"]), (again["lon"], again["lat"]))[0] < 40, (name, number, back)
        same += int(back.number) == number
    assert same > 30


def test_a_slip_in_the_road_still_finds_the_number(city: Connection) -> None:
    name, _, numbers, _ = next(road for road in roads(city) if len(road[0]) >= 3)
    hit = geocode(city, f"{name[1]}{name[0]}{name[2:]}{numbers['numbers_left'][0]}号", "zh")[0]
    assert hit["name"] == f"{name}{numbers['numbers_left'][0]}号"
    assert hit["how"] == "slip"


def test_a_road_named_right_brings_no_similar_ones(city: Connection) -> None:
    for name, _, numbers, _line in roads(city)[::25]:
        assert {hit["roads"][0] for hit in geocode(city, f"{name}{numbers['numbers_left'][0]}号", "zh")} == {name}


def test_a_number_that_nobody_knows_gives_the_road(city: Connection) -> None:
    name = roads(city)[0][0]
    hit = geocode(city, f"{name}99999号", "zh")[0]
    assert (hit["name"], hit["precision"]) == (name, "road")


@pytest.mark.parametrize(
    "words", ["{a}与{b}交叉口", "{a}{b}路口", "澜河区{b}和{a}", "corner of {a_en} and {b_en}", "{a_en} & {b_en}"]
)
def test_crossings(city: Connection, words: str) -> None:
    row = city.execute(
        text(
            "select x.road, x.other, a.name_en as a_en, b.name_en as b_en, st_x(x.geom) as lon, st_y(x.geom) as lat"
            " from gis.crossing x join gis.named_place a on a.kind = 'road' and a.name = x.road"
            " join gis.named_place b on b.kind = 'road' and b.name = x.other"
            " where (select count(*) from gis.crossing y where y.road = x.road and y.other = x.other) = 1"
            " order by x.road, x.other limit 1"
        )
    ).one()
    hits = geocode(city, words.format(a=row.road, b=row.other, a_en=row.a_en, b_en=row.b_en), "zh")
    assert hits[0]["precision"] == "crossing"
    assert (hits[0]["lon"], hits[0]["lat"]) == pytest.approx((row.lon, row.lat))


def test_near_and_so_far_from(city: Connection) -> None:
    place = city.execute(text("select name from gis.named_place where kind = 'place' order by id limit 1")).scalar_one()
    near = geocode(city, f"{place}附近", "zh")[0]
    east = geocode(city, f"{place}以东50米", "zh")[0]
    assert (near["precision"], east["precision"]) == ("place", "offset")
    metres, direction = away((near["lon"], near["lat"]), (east["lon"], east["lat"]))
    assert (round(metres), direction) == (50, "e")


def test_what_is_only_a_name_is_left_to_the_search(city: Connection) -> None:
    assert geocode(city, roads(city)[0][0], "zh") == []
    assert geocode(city, "", "zh") == []
    assert geocode(city, "完全没有的路12号", "zh") == []


def test_described_in_both_languages_from_a_crossing(city: Connection) -> None:
    row = city.execute(
        text("select road, other, st_x(geom) as lon, st_y(geom) as lat from gis.crossing order by road, other limit 1")
    ).one()
    zh = describe.describe(city, row.lon, row.lat, "zh")
    assert zh.text.endswith("交叉口处")
    assert zh.grid is not None
    lon, lat = moved((row.lon, row.lat), "e", 40.0)
    zh, en = describe.describe(city, lon, lat, "zh"), describe.describe(city, lon, lat, "en")
    assert zh.metres == en.metres
    assert zh.metres is not None
    assert str(round(zh.metres)) in zh.text
    assert str(round(zh.metres)) in en.text
    assert " of " in en.text
    assert all(letter.isascii() for letter in en.text)
    assert describe.addresses(city, lon, lat) == (zh.text, en.text)  # a case keeps both


def test_nothing_is_said_of_nowhere(city: Connection) -> None:
    for point in ((0.0, 0.0), (180.0, 90.0), (-180.0, -90.0)):
        assert describe.describe(city, *point, "zh") == describe.Description()
        assert describe.addresses(city, *point) == ("", "")


@pytest.fixture
def town(database: Database) -> Iterator[Connection]:
    """The small town with three doors on its road, as OpenStreetMap has them."""
    with make_engine(database.app_url, pool_size=1).connect() as db, db.begin() as outer:
        smalltown.build(db)
        lon, lat = smalltown.WEST + 0.0005, smalltown.SOUTH + 0.0005
        for number, east in (("10", 0.0), ("20", 0.001), ("11A", 0.0005)):
            db.execute(
                text(
                    "insert into gis.asset (kind, name, geom, attributes, source, source_ref) values ('address', '',"
                    " st_setsrid(st_makepoint(:lon, :lat), 4326), cast(:attributes as jsonb), 'test', :ref)"
                ),
                {
                    "lon": lon + east,
                    "lat": lat + 0.0001,
                    "attributes": json.dumps({"addr:street": "试验路", "addr:housenumber": number}),
                    "ref": f"door-{number}",
                },
            )
        yield db
        outer.rollback()


@pytest.mark.parametrize(
    ("number", "precision"), [("10", "door"), ("11", "door"), ("14", "between"), ("22", "beyond"), ("90", "road")]
)
def test_between_doors(town: Connection, number: str, precision: str) -> None:
    assert geocode(town, f"试验路{number}号", "zh")[0]["precision"] == precision


def test_a_door_that_moves_is_found_where_it_went(town: Connection) -> None:
    before = geocode(town, "试验路20号", "zh")[0]
    town.execute(text("update gis.asset set geom = st_translate(geom, 0.0005, 0) where source_ref = 'door-20'"))
    after = geocode(town, "试验路20号", "zh")[0]
    assert after["lon"] == pytest.approx(before["lon"] + 0.0005)


def test_the_nearest_door_is_named(town: Connection) -> None:
    found = describe.describe(town, smalltown.WEST + 0.0010, smalltown.SOUTH + 0.00058, "zh")
    assert (found.road, found.number) == ("试验路", "11A")


def test_porto_alegre_by_road_and_number(new_database: Callable[[], Database]) -> None:
    """The file has few house numbers: each one that names its street is found at its door."""
    from gis.importing.city import import_osm

    engine = make_engine(new_database().app_url, pool_size=1)
    with transaction(engine) as db:
        import_osm(db, real("porto-alegre-osm-gtfs/poa_osm.pbf"), name="Porto Alegre")
        doors = db.execute(
            text(
                "select h.street, h.label, h.low, st_x(h.geom) as lon, st_y(h.geom) as lat from gis.house_number h"
                " where exists (select from gis.named_place n where n.kind = 'road' and n.name = h.street"
                " and st_dwithin(n.geom, h.geom, 0.02)) order by h.street, h.low"
            )
        ).all()
        assert len(doors) >= 8
        for door in doors:
            hits = geocode(db, f"{door.street}, {door.low} - Porto Alegre", "en")
            assert any(
                hit["precision"] == "door" and away((hit["lon"], hit["lat"]), (door.lon, door.lat))[0] < 250
                for hit in hits
            ), door
    engine.dispose()


def test_crossings_are_where_the_database_itself_finds_that_roads_meet(city: Connection) -> None:
    wrong = text("""
        with road as materialized (
            select name, st_collect(geom) as geom from gis.asset where kind = 'road' and name <> '' and status <> 'removed' group by name
        ), meeting as (
            select a.name as road, b.name as other from road a join road b on a.name <> b.name and st_intersects(a.geom, b.geom)
        ), kept as (
            select distinct x.road, x.other from gis.crossing x join road a on a.name = x.road join road b on b.name = x.other
            where st_dwithin(x.geom, a.geom, 0.0006) and st_dwithin(x.geom, b.geom, 0.0006)
        )
        select (select count(*) from meeting), (select count(*) from (table meeting except table kept) missing),
               (select count(*) from (select road, other from gis.crossing except table meeting) invented)
    """)
    met, missing, invented = city.execute(wrong).one()
    assert met > 100
    assert (missing, invented) == (0, 0)
