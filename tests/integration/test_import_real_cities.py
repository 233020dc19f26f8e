"""Real OpenStreetMap files: the counts by kind are the true ones of the files, or the difference is accounted for object by object."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import Connection, text

from gis.db import make_engine, transaction
from gis.importing.city import import_osm
from gis.importing.runs import Outcome
from tests.support.databases import Database
from tests.support.real_data import real

ROADS = "select count(*) from gis.asset where kind = 'road'"
NAMED = "select count(*) from gis.asset where kind = 'road' and name <> ''"
OVER_BRIDGES = "select count(*) from gis.asset where kind = 'bridge' and attributes ? 'carries'"
DRAWN_AS_WAYS = "select count(*) from gis.asset where kind = 'building' and source_ref like 'w%'"
KILOMETRES = "select round(sum(st_length(geom::geography)) / 1000) from gis.asset where kind = 'road'"


def run(database: Database, path: str, name: str) -> tuple[Outcome, Callable[[str], int]]:
    """Import a real city into a database of its own; the outcome, and a way to ask for one number."""
    engine = make_engine(database.app_url, pool_size=1)
    with transaction(engine) as db:
        outcome = import_osm(db, real(path), name=name)

    def ask(query: str) -> int:
        with transaction(engine) as db:
            return int(db.execute(text(query)).scalar_one())

    return outcome, ask


def rejected(outcome: Outcome, db: Callable[[str], int], reason: str, tag: str) -> int:
    """How many objects with a tag key were refused for a reason."""
    query = f"select count(*) from gis.import_reject where run_id = {outcome.run_id} and reason = '{reason}' and raw ? '{tag}'"
    return db(query)


def test_porto_alegre(new_database: Callable[[], Database]) -> None:
    """SOURCES.md: 15,886 highway ways (9,487 named, 926 with lit), 193 of them bridges, 195 bridge ways, 263 lamps, 1,054 stops,
    1,662 signals, no manhole, hydrant, route or boundary, 12 buildings as ways."""
    outcome, ask = run(new_database(), "porto-alegre-osm-gtfs/poa_osm.pbf", "Porto Alegre")
    kinds = outcome.counts["kinds"]
    not_standing = rejected(outcome, ask, "not_standing", "highway")
    assert not_standing == 38
    assert kinds["road"] + not_standing == 15_886
    assert (kinds["bridge"], ask(OVER_BRIDGES)) == (195, 193)
    assert (kinds["street_lamp"], kinds["bus_stop"], kinds["traffic_signal"]) == (263, 1_054, 1_662)
    assert not kinds.keys() & {"manhole", "hydrant", "bus_line"}
    assert ask(DRAWN_AS_WAYS) == 12
    assert outcome.counts["areas"]["community"] == 1
    assert any("made from its extent" in note for note in outcome.notes)
    assert (
        ask(NAMED) + ask("select count(*) from gis.import_reject where reason = 'not_standing' and raw ? 'name'")
        == 9_487
    )


def test_shenzhen_longgang(new_database: Callable[[], Database]) -> None:
    """SOURCES.md: 516 highway ways, 67 of them bridges, 72 bridge ways, 16 stops, 18 signals, 3 bus routes, 5 boundaries."""
    outcome, ask = run(new_database(), "china-cities-osm/shenzhen_longgang_2019.osm", "深圳龙岗")
    kinds = outcome.counts["kinds"]
    assert kinds["road"] + rejected(outcome, ask, "not_standing", "highway") == 516
    assert ask("select count(*) from gis.asset where kind = 'bridge' and source_ref like '%#bridge'") == 72
    assert ask(OVER_BRIDGES) == 67
    assert kinds["bridge"] == 72 + 5, "five outlines (man_made=bridge) beside the ways that cross on them"
    assert (kinds["bus_stop"], kinds["traffic_signal"], kinds["bus_line"]) == (16, 18, 3)
    assert ask(DRAWN_AS_WAYS) == 135
    assert outcome.rejected["boundary_incomplete"] == 5, "each runs far beyond the file"
    assert ask("select (value)::int from gis.setting where name = 'work_srid'") == 4547


def test_central_shanghai(new_database: Callable[[], Database]) -> None:
    """SOURCES.md: 796 highway ways (629 named, about 102 km), 76 bridges, 288 signals, nothing else."""
    outcome, ask = run(new_database(), "china-cities-osm/shanghai_centre_2026.osm", "上海市中心")
    assert outcome.counts["kinds"] == {"bridge": 76, "road": 796, "traffic_signal": 288}
    assert outcome.rejected == {}
    assert ask(NAMED) == 629
    assert ask(KILOMETRES) == 102


def test_monaco(new_database: Callable[[], Database]) -> None:
    """SOURCES.md: 2,379 highway ways, 46 bridge ways (45 of them highways), 17 lamps, 104 stops, 15 signals, 3 hydrants,
    30 bus routes, 22 boundaries, 1,183 buildings as ways."""
    outcome, ask = run(new_database(), "monaco-osm/monaco-2021.osm.pbf", "Monaco")
    kinds = outcome.counts["kinds"]
    assert kinds["road"] + rejected(outcome, ask, "not_standing", "highway") == 2_379
    assert ask("select count(*) from gis.asset where kind = 'bridge' and source_ref like '%#bridge'") == 46
    assert ask(OVER_BRIDGES) == 45
    assert (kinds["street_lamp"], kinds["bus_stop"], kinds["traffic_signal"], kinds["hydrant"]) == (17, 104, 15, 3)
    assert kinds["bus_line"] == 30
    assert ask(DRAWN_AS_WAYS) == 1_183
    complete = ask("select count(*) from gis.area where source like 'osm:r%' and source not like '%/%'")
    incomplete = outcome.rejected["boundary_incomplete"] + outcome.rejected["boundary_no_area"]
    assert complete + incomplete == 22
    assert complete == 6


@pytest.mark.parametrize(
    "path",
    [
        "porto-alegre-osm-gtfs/poa_osm.pbf",
        "china-cities-osm/shenzhen_longgang_2019.osm",
        "monaco-osm/monaco-2021.osm.pbf",
    ],
)
def test_run_twice_it_is_one_city(new_database: Callable[[], Database], path: str) -> None:
    engine = make_engine(new_database().app_url, pool_size=1)

    def contents(db: Connection) -> list[object]:
        tables = ("gis.asset", "gis.asset_history", "gis.area", "gis.unit_grid", "gis.setting")
        return [
            db.execute(text(f"select md5(string_agg(t::text, '|' order by t::text)) from {table} t")).scalar()
            for table in tables
        ]

    with transaction(engine) as db:
        import_osm(db, real(path))
        first = contents(db)
    with transaction(engine) as db:
        again = import_osm(db, real(path))
        assert contents(db) == first
    assert (again.counts["assets"]["added"], again.counts["assets"]["changed"]) == (0, 0)
