"""Boston's bridges of ten years and its traffic signals: counts are those of SOURCES.md, what is refused is named row by row."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, text

from gis.db import make_engine
from gis.importing import runs
from gis.importing.layers import import_layer
from tests.support.databases import Database
from tests.support.real_data import real

YEARS = {
    2007: 1525,
    2008: 1508,
    2009: 1500,
    2010: 1566,
    2011: 1575,
    2012: 1584,
    2013: 1587,
    2014: 1587,
    2015: 1610,
    2016: 1120,
}
"""Bridges in each file, as its description says."""

REFUSED = {
    2007: {"at_zero": 30, "far_away": 2},
    2008: {"at_zero": 25, "far_away": 2},
    2009: {"at_zero": 24, "far_away": 2},
    2010: {"at_zero": 21, "far_away": 1, "not_degrees": 2},
    2011: {"at_zero": 29, "far_away": 1, "not_degrees": 1},
    2012: {"at_zero": 28, "far_away": 1},
    2013: {"at_zero": 22, "far_away": 1},
    2014: {},
    2015: {},
    2016: {"at_zero": 31},
}
"""Rows without a place (0 in all six columns), 4 degrees for 42, 710 for 71."""


@pytest.fixture
def db(database: Database) -> Iterator[Connection]:
    """A transaction of which nothing stays."""
    with make_engine(database.app_url, pool_size=1).connect() as connection, connection.begin() as outer:
        yield connection
        outer.rollback()


def test_ten_years_of_bridges(db: Connection) -> None:
    mapping = runs.load_mapping("boston-bridges")
    for year, rows in YEARS.items():
        path = real(f"boston-bridges-pavement/bridge_condition_{year}.csv")
        outcome = import_layer(db, path, mapping)
        assert (outcome.counts["rows"], dict(outcome.rejected)) == (rows, REFUSED[year]), year
        assert outcome.counts["taken"] == rows - sum(REFUSED[year].values())
    inside = """
        select count(*) as bridges, count(*) filter (where st_x(geom) between -72.5 and -70.6 and st_y(geom) between 42 and 42.9) as here
        from gis.asset where source = 'boston-bridges'
    """
    found = db.execute(text(inside)).one()
    assert found.bridges == found.here > 1_900
    history = """
        select count(*) from gis.asset_history h join gis.asset a on a.id = h.asset_id
        where a.source = 'boston-bridges' and a.source_ref = 'A02013-26K'
    """
    assert db.execute(text(history)).scalar_one() > 3, "what changed from year to year is the bridge's history"


def test_signals(db: Connection) -> None:
    outcome = import_layer(
        db, real("boston-bridges-pavement/traffic_signals.topojson"), runs.load_mapping("boston-signals")
    )
    assert (outcome.counts["taken"], outcome.rejected) == (3_220, {})
