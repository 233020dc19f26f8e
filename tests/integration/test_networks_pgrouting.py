"""The arrays and pgRouting give the same ways: streets of the demonstration city and of Porto Alegre, sewers up and down."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from sqlalchemy import Connection, text

from config.settings import Settings
from gis.db import make_engine
from gis.importing.city import import_osm
from gis.networks import memory
from tests.support.cities import demonstration_city
from tests.support.databases import Database
from tests.support.real_data import real

STREETS = (
    "select edge as id, start_node as source, end_node as target, greatest(length_m, 1e-6) as cost"
    " from gis.network_edge where name = ''street'' and version = {version}"
)
SEWERS = (
    "select edge as id, {source} as source, {target} as target, 1.0 as cost, -1.0 as reverse_cost"
    " from gis.network_edge where name = ''sewer'' and version = {version}"
)


@pytest.fixture(scope="module", params=["demonstration", "porto alegre"])
def db(
    request: pytest.FixtureRequest, new_database: Callable[[], Database], settings: Settings
) -> Iterator[tuple[str, Connection]]:
    """A city, and which one."""
    engine = make_engine(new_database().app_url)
    with engine.connect() as connection, connection.begin():
        if request.param == "demonstration":
            demonstration_city(connection, settings)
        else:
            import_osm(connection, real("porto-alegre-osm-gtfs/poa_osm.pbf"), name="Porto Alegre")
        yield request.param, connection
    engine.dispose()


def test_shortest_ways_are_those_of_pgrouting(db: tuple[str, Connection]) -> None:
    _, connection = db
    street = memory.current(connection, "street")
    assert street.graph.edges > 200
    rng = np.random.default_rng(3)
    pairs = rng.integers(0, street.graph.nodes, (25, 2)).tolist()
    edges = STREETS.format(version=street.version)
    found = 0
    for origin, target in pairs:
        theirs: Any = connection.execute(
            text(f"select max(agg_cost) from pgr_dijkstra('{edges}', :a, :b, directed => false)"),
            {"a": origin, "b": target},
        ).scalar_one()
        ours = street.graph.path(origin, target)
        assert (ours is None) == (theirs is None) or origin == target
        if ours is not None and theirs is not None:
            found += 1
            assert ours.length_m == pytest.approx(theirs, abs=1e-3)
    assert found > 10


def test_sewers_up_and_down_are_those_of_pgrouting(db: tuple[str, Connection]) -> None:
    name, connection = db
    if name != "demonstration":
        pytest.skip("OpenStreetMap knows no sewers")
    sewer = memory.current(connection, "sewer")
    for node in np.random.default_rng(4).integers(0, sewer.graph.nodes, 8).tolist():
        for source, target, ours in (
            ("start_node", "end_node", sewer.graph.downstream(node)),
            ("end_node", "start_node", sewer.graph.upstream(node)),
        ):
            edges = SEWERS.format(version=sewer.version, source=source, target=target)
            rows = connection.execute(
                text(
                    f"select distinct node from pgr_drivingDistance('{edges}', cast(:node as bigint), 1e9, directed => true)"
                ),
                {"node": node},
            )
            assert set(rows.scalars()) == set(np.flatnonzero(ours).tolist())
