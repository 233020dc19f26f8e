"""An imported city with lent people takes a report: placed, at its component, routed with the reason, with a deadline."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from config.settings import Settings
from data.lending import lend_organisation
from dispatch.reports import NewReport, Position, receive
from gis import clock
from gis.db import make_engine, transaction
from gis.importing.city import import_osm
from tests.support.databases import Database
from tests.support.osm_xml import OsmXml
from tests.support.real_data import real


def small_town(directory: Path) -> Path:
    city = OsmXml()
    a, b = city.node(115.601, 38.401), city.node(115.610, 38.405)
    city.way([a, b], highway="primary", name="人民路")
    city.node(115.602, 38.4012, highway="street_lamp")
    return city.write(directory / "small-town.osm")


def porto_alegre(_: Path) -> Path:
    return real("porto-alegre-osm-gtfs/poa_osm.pbf")


@pytest.mark.parametrize("city", [small_town, porto_alegre])
def test_a_report_at_a_lamp(
    new_database: Callable[[], Database], settings: Settings, tmp_path: Path, city: Callable[[Path], Path]
) -> None:
    path = city(tmp_path)
    with transaction(make_engine(new_database().app_url, pool_size=1)) as db:
        import_osm(db, path, name="城")
        assert "organisation was added" in lend_organisation(db, settings)
        lamp = db.execute(
            text(
                "select id, st_x(geom) as lon, st_y(geom) as lat from gis.asset where kind = 'street_lamp' order by id limit 1"
            )
        ).one()
        now = clock.now(db)
        report = NewReport("hotline", "路灯不亮", now, Position(lamp.lon, lamp.lat), class_code="C0137")
        received = receive(db, settings, report, now=now)
        assert received.place.asset is not None
        assert received.place.asset.id == lamp.id
        assert received.place.grid_code is not None
        assert received.place.inspector_id is not None
        assert [area.level for area in received.place.areas] == ["community", "subdistrict", "district", "city"]
        assert received.decision is not None
        assert received.decision.reason == "condition_unit"
        unit = db.execute(
            text("select name_en from gis.unit where id = :id"), {"id": received.decision.unit_id}
        ).scalar_one()
        assert "ight" in unit
        due_at = db.execute(
            text("select due_at from dispatch.cases where id = :id"), {"id": received.case_id}
        ).scalar_one()
        assert due_at > now
