"""`import areas --grids streets`: unit grids of areas from a file, drawn along the streets that the register holds (D3)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import geopandas
import pytest
import shapely
from sqlalchemy import Connection, text

from api import import_work
from api.import_work import Task
from config.settings import Settings
from gis.db import make_engine
from gis.importing.runs import Outcome, load_mapping
from tests.support.databases import Database
from tests.support.real_data import real

SQUARE = shapely.box(116.40, 39.90, 116.406, 39.904)
STREETS = [
    shapely.LineString([(116.4030, 39.899), (116.4030, 39.905)]), shapely.LineString([(116.399, 39.9011), (116.407, 39.9011)])
]  # fmt: skip
LEVELS = [{"level": level, "code": f"{{code:.{width}}}", "name": "{name}"} for level, width in
          (("city", 4), ("district", 6), ("subdistrict", 9), ("community", 12))]  # fmt: skip


@pytest.fixture
def db(database: Database) -> Iterator[Connection]:
    """A transaction of which nothing stays."""
    with make_engine(database.app_url, pool_size=1).connect() as connection, connection.begin() as outer:
        yield connection
        outer.rollback()


def test_grids_follow_the_streets(db: Connection, settings: Settings, tmp_path: Path) -> None:
    roads = geopandas.GeoDataFrame({"code": ["1", "2"]}, geometry=STREETS, crs=4326)
    roads.to_file(tmp_path / "roads.gpkg")
    areas = geopandas.GeoDataFrame({"code": ["110101001001"], "name": ["东街"]}, geometry=[SQUARE], crs=4326)
    areas.to_file(tmp_path / "areas.gpkg")
    mapping = {"source": "roads", "reference": "{code}", "kind": "road"}
    import_work.do(db, settings, Task("layer", [tmp_path / "roads.gpkg"], mapping))
    drawn = {"reference": "{code}", "level": LEVELS}
    outcome = import_work.do(db, settings, Task("areas", [tmp_path / "areas.gpkg"], drawn, {"grids": "streets"}))
    assert any("along streets" in note for note in outcome.notes)
    crossed = """
        select count(*) from gis.unit_grid g join gis.asset a on a.kind = 'road'
        where st_length(st_intersection(st_buffer(g.geom::geography, -5)::geometry, a.geom)::geography) > 1
    """
    assert db.execute(text("select count(*) from gis.unit_grid")).scalar_one() > 8
    assert db.execute(text(crossed)).scalar_one() == 0, "no street runs through the middle of a grid"


def test_dongcheng(db: Connection, settings: Settings) -> None:
    folder = real("dongcheng-beijing")
    import_work.do(db, settings, Task("layer", [folder / "road.json"], load_mapping("dongcheng-roads")))
    task = Task(
        "areas", [folder / "street_boundary_data.json"], load_mapping("dongcheng-subdistricts"), {"grids": "streets"}
    )
    outcome: Outcome = import_work.do(db, settings, task)
    grids = outcome.counts["grids"]
    assert grids["communities"] == 17
    assert 4_000 < grids["grids"] < 5_000
    assert grids["share_5000_to_20000"] > 0.9
    assert grids["border_on_streets"] > 0.7
