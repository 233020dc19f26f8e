"""Unit grids drawn anew in a real city: they hold from now on, the former ones as of their date, inspectors keep their ground."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, text

from config.errors import NotFound
from config.settings import Settings
from dashboards import grid_report
from dashboards.grid_report import Sheet
from gis.db import make_engine, transaction
from gis.gridding import editions, inspectors, standing
from gis.importing.city import import_osm
from tests.support.cities import demonstration_city
from tests.support.databases import Database
from tests.support.real_data import real

UNCOVERED = """
    select sum(st_area(st_symdifference(a.geom, g.geom)) * 111320 ^ 2 * cos(radians(st_y(st_centroid(a.geom))))) from gis.area a
    join (select area_id, st_union(geom) as geom from gis.unit_grid group by area_id) g on g.area_id = a.id
"""
OUTSIDE = """
    select count(*) from gis.unit_grid g join gis.area a on a.id = g.area_id
    where st_area(st_difference(g.geom, a.geom)::geography) > 1e-3
"""


@pytest.fixture(scope="module")
def engine(settings: Settings) -> Iterator[Engine]:
    engine = make_engine(settings.database_url, pool_size=1)
    with transaction(engine) as db:
        demonstration_city(db, settings, cases=20)
    yield engine
    engine.dispose()


def one(db: Connection, statement: str, **values: object) -> Any:
    return db.execute(text(statement), values).scalar()


def test_a_drawing_replaces_and_the_former_grids_stay_readable(engine: Engine) -> None:
    with transaction(engine) as db:
        before = db.execute(
            text("select code, st_asgeojson(geom) as shape from gis.unit_grid order by code limit 1")
        ).one()
        cases = one(
            db, "select md5(string_agg(number || coalesce(grid_code, ''), ',' order by number)) from dispatch.cases"
        )
        count = one(db, "select count(*) from gis.unit_grid")
        earlier = one(db, "select max(recorded_at) from gis.unit_grid")
    with transaction(engine) as db:
        made = editions.replace(db, editions.drawn(db))
    with transaction(engine) as db:
        assert made.replaced == count == one(db, "select count(*) from gis.former_grid")
        assert one(db, "select count(*) from gis.unit_grid") == made.report["grids"]
        then = editions.at(db, before.code, earlier)
        now = editions.at(db, before.code, earlier + timedelta(days=1))
        assert then is not None
        assert now is not None
        assert json.loads(then["geometry"]) == json.loads(before.shape)
        assert then["until"] == now["since"]
        assert now["until"] is None
        assert cases == one(
            db, "select md5(string_agg(number || coalesce(grid_code, ''), ',' order by number)) from dispatch.cases"
        )
        assert editions.at(db, before.code, earlier - timedelta(days=9)) is None


def test_drawn_grids_tile_every_community_and_every_one_has_its_inspector(engine: Engine) -> None:
    with transaction(engine) as db:
        report = editions.replace(db, editions.drawn(db)).report
        assert one(db, UNCOVERED) < 1e-3
        assert one(db, OUTSIDE) == 0
        assert one(db, "select count(*) from gis.unit_grid where not st_isvalid(geom)") == 0
        walked = one(db, "select count(*) from gis.unit_grid where responsibility_grid_id is not null")
        assert walked == report["grids"], "each keeps the inspector who had its ground"
    assert report["share_5000_to_20000"] > 0.9
    assert report["fit_vertex_to_vertex"]
    assert report["gaps_m2"] + report["overlaps_m2"] + report["off_community_m2"] < 1e-3


def test_the_report_of_what_holds_says_the_same_and_draws_it(engine: Engine) -> None:
    with transaction(engine) as db:
        made = editions.replace(db, editions.drawn(db))
        found = standing.read(db)
        report = standing.report(found)
        page = grid_report.draw(Sheet("Unit grids", report, found))
        communities = one(db, "select count(*) from gis.area where level = 'community'")
    same = set(report) - {"compactness", "on_lines_m"}
    assert {name: report[name] for name in same} == {name: made.report[name] for name in same}
    assert page.count("<title>") == 1 + report["grids"]
    assert page.count('stroke-width="2.4"') == communities
    assert 'd=""' not in page
    assert "<script" not in page
    assert "http" not in page


def test_only_the_area_named_is_drawn(engine: Engine) -> None:
    with transaction(engine) as db:
        area = one(db, "select min(code) from gis.area where level = 'subdistrict'")
        others = "select count(*), max(id) from gis.unit_grid where not starts_with(code, :area)"
        before = db.execute(text(others), {"area": area}).one()
        made = editions.replace(db, editions.drawn(db, str(area)), str(area))
        assert db.execute(text(others), {"area": area}).one() == before
        assert all(code.startswith(str(area)) for code in made.drawn)
        with pytest.raises(NotFound):
            editions.drawn(db, "nowhere")


def test_walks_are_even_and_a_unit_grid_can_be_given_away(engine: Engine) -> None:
    with transaction(engine) as db:
        figures = inspectors.draw(db, kilometres=2.0)
        assert figures["responsibility_grids"] == one(db, "select count(*) from gis.responsibility_grid")
        assert one(db, "select count(*) from gis.unit_grid where responsibility_grid_id is null") == 0
        assert one(db, "select count(*) from gis.responsibility_grid where inspector_id is null") == 0
        assert figures["km"]["median"] == pytest.approx(2.0, rel=0.35)
        grid, walk = (
            one(db, "select min(code) from gis.unit_grid"),
            one(db, "select max(code) from gis.responsibility_grid"),
        )
        inspectors.move(db, str(grid), str(walk))
        given = "select r.code from gis.unit_grid g join gis.responsibility_grid r on r.id = responsibility_grid_id where g.code = :grid"
        assert one(db, given, grid=grid) == walk
        with pytest.raises(NotFound):
            inspectors.move(db, "nowhere", str(walk))


def test_central_shanghai_along_its_streets(new_database: Callable[[], Database]) -> None:
    real_city = make_engine(new_database().app_url, pool_size=1)
    with transaction(real_city) as db:
        import_osm(db, real("china-cities-osm/shanghai_centre_2026.osm"), name="上海市中心")
        made = editions.replace(db, editions.drawn(db, digits=2))
        assert one(db, "select count(*) from gis.former_grid") == 0, "the lattice of the same transaction never held"
    real_city.dispose()
    assert made.report["grids"] == pytest.approx(590, rel=0.05)
    assert made.report["digits"] == 3
    assert made.report["share_5000_to_20000"] > 0.95
    assert made.report["border_on_streets"] > 0.3
    assert made.report["slivers"] == 0
