"""Locating reports and finding names: how fast, and how often wrong.

Locating runs on the demonstration city (--scale, 1 is the reference city) set-based and one by one, each answer held against
looking at everything with shapely, on points that lie on borders, outside and at 0, 0 too. Beside it, in the same run, the plain
way: one simple query for the grid, one for each area level, one for the component.

Finding runs on real names, 1,000 queries with one character wrong, missing or swapped (Dongcheng, Porto Alegre, Shanghai,
Shenzhen; the demonstration city alone where the real data is absent). Beside it PostgreSQL's trigrams over the same names.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from random import Random
from typing import Any

from sqlalchemy import Connection, text

from config.settings import Settings, from_environment
from data import demonstration
from gis import locate
from gis.db import make_engine, transaction
from gis.importing.area_files import import_areas
from gis.importing.city import import_osm
from gis.importing.layers import import_layer
from gis.importing.runs import load_mapping
from gis.locate import REACH_M
from gis.locate_many import Point, place_all
from gis.naming.catch_up import catch_up
from gis.search import search
from tests.benchmarks._support import database, environment, finish, percentile, say
from tests.support.brute_force import City
from tests.support.real_data import DIRECTORY
from tests.support.slips import slips

FIRST = 5
"""The right answer counts among so many hits."""

DONGCHENG = {
    "roads": "road.json",
    "stops": "facilities_traffic.json",
    "car-parks": "parking_lot_data.json",
    "markets": "facilities_convenience_people.json",
    "schools": "facilities_education.json",
    "sports": "facilities_sports.json",
    "green": "green_land.json",
}
"""Mapping → file of the layers with names."""

Load = Callable[[Connection], Any]


def dongcheng(db: Connection) -> None:
    """Beijing's Dongcheng from its own layers."""
    folder = DIRECTORY / "dongcheng-beijing"
    import_areas(db, folder / "street_boundary_data.json", load_mapping("dongcheng-subdistricts"))
    for mapping, file in DONGCHENG.items():
        import_layer(db, folder / file, load_mapping(f"dongcheng-{mapping}"))


def osm(path: str) -> Load:
    """A city from OpenStreetMap."""
    return lambda db: import_osm(db, DIRECTORY / path)


REAL: dict[str, tuple[Load, int]] = {
    "dongcheng": (dongcheng, 500),
    "porto_alegre": (osm("porto-alegre-osm-gtfs/poa_osm.pbf"), 300),
    "shanghai": (osm("china-cities-osm/shanghai_centre_2026.osm"), 100),
    "shenzhen": (osm("china-cities-osm/shenzhen_longgang_2019.osm"), 100),
}
"""City → how it is loaded, and how many of the 1,000 queries it gets."""


def main() -> None:
    """Run it; the last line is the result."""
    parser = argparse.ArgumentParser(prog="bench lookup", description=__doc__)
    parser.add_argument("--json", action="store_true", help="the result is always JSON; kept for scripts")
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--points", type=int, default=20_000)
    parser.add_argument("--checked", type=int, default=2_000)
    chosen = parser.parse_args()
    with database() as made, environment(made) as variables:
        engine = make_engine(made.app_url, pool_size=1)
        with transaction(engine) as db:
            say(f"Loading the demonstration city, scale {chosen.scale:g}")
            demonstration.load(db, from_environment(variables), chosen.scale, cases=0, aid_share=0)
        with engine.connect() as db:
            figures = locating(db, chosen.points, chosen.checked)
        engine.dispose()
        figures |= finding(from_environment(variables))
    finish(figures)


def locating(db: Connection, count: int, checked: int) -> dict[str, Any]:
    """Speed of both ways and of the plain way, and how many of the checked answers were wrong."""
    db.execute(text("analyze"))
    city, random = City(db), Random(5)
    classes = [*sorted(city.components), None]
    points = [Point(n, *point, random.choice(classes)) for n, point in enumerate(city.awkward_points(count, seed=5))]
    bulk_s, spots = _timed(lambda: place_all(db, points))
    some = points[:: max(1, count // 2000)]
    locate.place(db, *some[0][1:])
    single_s, places = _timed(lambda: [locate.place(db, *point[1:]) for point in some])
    plain_s, _ = _timed(lambda: [_plainly(db, point) for point in some])
    say(
        f"{count / bulk_s:.0f}/s together, {len(some) / single_s:.0f}/s one by one, {len(some) / plain_s:.0f}/s plainly"
    )
    wrong = 0
    for point in random.sample(points, min(checked, count)):
        truth, spot = city.truth(point.lon, point.lat, point.class_code, REACH_M), spots[point.key]
        wrong += not (
            spot.grid_code == truth.grid
            and spot.area_code == (truth.areas[0] if truth.areas else None)
            and (spot.asset_id in truth.assets or (spot.asset_id is None and not truth.assets))
            and (spot.road in truth.roads or (spot.road == "" and not truth.roads))
        )
    for point, place in zip(some, places, strict=True):
        spot = spots[point.key]
        wrong += (place.grid_code, place.area_code, place.asset.id if place.asset else None, place.road) != (
            spot.grid_code, spot.area_code, spot.asset_id, spot.road
        )  # fmt: skip
    return {
        "bulk_per_s": round(count / bulk_s),
        "single_per_s": round(len(some) / single_s),
        "plain_per_s": round(len(some) / plain_s),
        "wrong": wrong,
        "checked": min(checked, count) + len(some),
    }


_PLAIN = (
    "select id, code from gis.unit_grid where st_covers(geom, st_setsrid(st_makepoint(:lon, :lat), 4326)) order by code limit 1",
    *(
        f"select id, code, name from gis.area where level = '{level}' and st_covers(geom, st_setsrid(st_makepoint(:lon, :lat), 4326))"
        for level in ("city", "district", "subdistrict", "community")
    ),
    (
        "select id, code from gis.asset where class_code = :class_code and status <> 'removed'"
        " and st_dwithin(geom::geography, st_setsrid(st_makepoint(:lon, :lat), 4326)::geography, :reach)"
        " and geom && st_expand(st_setsrid(st_makepoint(:lon, :lat), 4326), 0.001)"
        " order by geom <-> st_setsrid(st_makepoint(:lon, :lat), 4326) limit 1"
    ),
)


def _plainly(db: Connection, point: Point) -> list[Any]:
    values = {"lon": point.lon, "lat": point.lat, "class_code": point.class_code, "reach": REACH_M}
    return [db.execute(text(statement), values).first() for statement in _PLAIN]


def finding(settings: Settings) -> dict[str, Any]:
    """1,000 mistyped names: share found among the first five, and how long a search takes; trigrams beside it."""
    cities = {name: each for name, each in REAL.items() if DIRECTORY.exists()} or {
        "demonstration": (lambda db: demonstration.load(db, settings, cases=0, aid_share=0), 1000)
    }
    took: list[float] = []
    trigram_took: list[float] = []
    hits: dict[str, float] = {}
    trigram_hits = total = 0
    for city, (load, queries) in cities.items():
        with database(city) as made:
            say(f"Loading {city}")
            engine = make_engine(made.owner_url, pool_size=1)
            with transaction(engine) as db:
                load(db)
                catch_up(db)
                db.execute(text("create index plain_trigrams on gis.named_place using gin (name gin_trgm_ops)"))
            with engine.connect() as db:
                db.execute(text("analyze"))
                names = _names(db)
                search(db, names[0], "zh")
                found = 0
                for slip in slips(names, queries):
                    seconds, answer = _timed(lambda typed=slip.typed: search(db, typed, "zh"))  # type: ignore[misc]
                    took.append(seconds)
                    found += slip.name in [hit["name"] for hit in answer[:FIRST]]
                    seconds, plain = _timed(lambda typed=slip.typed: _by_trigrams(db, typed))  # type: ignore[misc]
                    trigram_took.append(seconds)
                    trigram_hits += slip.name in plain
            engine.dispose()
        hits[city] = found
        total += queries
        say(f"  {found} of {queries} among the first {FIRST}, of {len(names)} names")
    return {
        "search_ms": round(percentile(took, 0.95) * 1000, 1),
        "search_hit": round(sum(hits.values()) / total, 4),
        "search_hits": hits,
        "trigram_ms": round(percentile(trigram_took, 0.95) * 1000, 1),
        "trigram_hit": round(trigram_hits / total, 4),
    }


def _names(db: Connection) -> list[str]:
    """Every name of a thing of the register that has two letters or more."""
    rows = db.execute(text("select distinct name from gis.named_place order by name")).scalars()
    return [name for name in rows if sum(letter.isalnum() for letter in name) >= 2]


def _by_trigrams(db: Connection, typed: str) -> list[str]:
    statement = "select distinct name, similarity(name, :q) as near from gis.named_place where name % :q order by near desc limit 5"
    return [row.name for row in db.execute(text(statement), {"q": typed})]


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    started = time.perf_counter()
    result = work()
    return time.perf_counter() - started, result


if __name__ == "__main__":
    main()
