"""Networks of the demonstration city: built from the register, kept in versions, traced in memory and by SQL alike."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from sqlalchemy import Connection, Engine, text

from config.settings import Settings
from gis.db import make_engine
from gis.networks import findings, kinds, memory, store, tracing
from tests.support.cities import demonstration_city
from tests.support.databases import Database


@pytest.fixture(scope="module")
def engine(database: Database, settings: Settings) -> Iterator[Engine]:
    """The demonstration city at 1:50 without cases."""
    engine = make_engine(database.app_url)
    with engine.begin() as db:
        demonstration_city(db, settings)
    yield engine
    engine.dispose()


@pytest.fixture
def db(engine: Engine) -> Iterator[Connection]:
    """A transaction that is rolled back."""
    with engine.connect() as connection:
        yield connection
        connection.rollback()


def test_the_database_names_the_same_kinds(db: Connection) -> None:
    rows = db.execute(text("select name, kinds from gis.network"))
    assert {row.name: row.kinds for row in rows} == {kind.name: kind.assets for kind in kinds.NETWORKS.values()}


def test_every_line_of_the_city_is_in_its_network(db: Connection) -> None:
    for kind in kinds.NETWORKS.values():
        network = memory.current(db, kind.name)
        assets = db.execute(text("select id from gis.asset where kind = any (:kinds)"), {"kinds": list(kind.lines)})
        assert set(assets.scalars()) == set(network.asset.tolist()), kind.name
        stated = db.execute(
            text("select sum((attributes ->> 'length_m')::float) from gis.asset where kind = any (:kinds)"),
            {"kinds": list(kind.lines)},
        ).scalar_one()
        assert network.graph.length_m.sum() == pytest.approx(stated)


def test_all_mains_are_fed_and_all_sewers_drain(db: Connection) -> None:
    for name in kinds.NETWORKS:
        store.current(db, name)
    found = {(row["name"], row["check"]) for row in findings.counts(db)}
    assert ("water", "no_source") not in found
    assert ("sewer", "no_outlet") not in found
    assert ("sewer", "adverse_slope") not in found
    assert ("sewer", "circle") not in found


def test_every_valve_cuts_its_main(db: Connection) -> None:
    water = memory.current(db, "water")
    valves = db.execute(text("select count(*) from gis.asset where kind = 'valve'")).scalar_one()
    assert len(water.valve_asset) == len(set(water.supply.cuts.valve.tolist())) == valves


def test_a_trace_in_memory_is_that_of_recursive_sql(db: Connection) -> None:
    sewer = memory.current(db, "sewer")
    rng = np.random.default_rng(5)
    for edge in rng.integers(0, sewer.graph.edges, 12).tolist():
        for direction, found in (("up", sewer.graph.edges_above(edge)), ("down", sewer.graph.edges_below(edge))):
            near, far = ("end_node", "start_node") if direction == "up" else ("start_node", "end_node")
            rows = db.execute(
                text(f"""
                    with recursive walked as (
                        select edge, {far} as at from gis.network_edge where name = 'sewer' and version = :v and edge = :edge
                        union
                        select e.edge, e.{far} from walked w join gis.network_edge e
                          on e.name = 'sewer' and e.version = :v and e.{near} = w.at
                    ) select edge from walked order by edge
                """),
                {"v": sewer.version, "edge": edge},
            )
            assert rows.scalars().all() == found.tolist()


def test_a_changed_asset_makes_the_next_version(db: Connection) -> None:
    before = memory.current(db, "water")
    assert memory.current(db, "water") is before
    valve = int(before.valve_asset[0])
    db.execute(
        text("""update gis.asset set attributes = attributes || '{"status": "closed"}' where id = :id"""), {"id": valve}
    )
    after = memory.current(db, "water")
    assert after.version == before.version + 1
    assert not after.supply.open_valve[0]
    assert memory.current(db, "sewer").version == 1  # nobody touched it


def test_who_reads_a_version_finishes_in_it(engine: Engine, settings: Settings) -> None:
    with engine.begin() as db:
        old = memory.current(db, "street")
    with engine.begin() as db:
        db.execute(
            text("update gis.asset set name = name || '' where kind = 'road' and id = :id"), {"id": int(old.asset[0])}
        )
        assert memory.current(db, "street").version == old.version + 1
    with engine.begin() as db:
        assert len(tracing.rows_of(db, old, np.arange(5))) > 0


def test_a_burst_in_words_and_figures(db: Connection) -> None:
    water = memory.current(db, "water")
    edge = next(
        edge for edge in range(water.graph.edges) if len(tracing.burst(db, int(water.asset[edge]))["valves"]) in (2, 3)
    )
    asset = int(water.asset[edge])
    plan = tracing.burst(db, asset)
    assert [valve["number"] for valve in plan["valves"]] == list(range(1, len(plan["valves"]) + 1))
    assert asset in [line["asset_id"] for line in plan["list"]]
    assert plan["customers"] >= 0
    assert "关闭" in plan["said"]["zh"]
    assert "Close" in plan["said"]["en"]
    stuck = plan["valves"][0]["asset_id"]
    other = tracing.burst(db, asset, [stuck])
    assert stuck not in [valve["asset_id"] for valve in other["valves"] if valve["do"] == "close"]
    assert other["drained_m"] > plan["drained_m"]


def test_customers_are_counted_once(db: Connection) -> None:
    water = memory.current(db, "water")
    buildings = db.execute(text("select count(*) from gis.asset where kind = 'building'")).scalar_one()
    assert 0 < water.customers.sum() <= buildings


def test_findings_are_kept_decided_and_gone(db: Connection) -> None:
    road = db.execute(text("select id from gis.asset where kind = 'road' order by id limit 1")).scalar_one()
    twin = db.execute(
        text(
            "insert into gis.asset (kind, geom, source, source_ref) select kind, geom, 'test', 'twin' from gis.asset where id = :id"
            " returning id"
        ),
        {"id": db.execute(text("select id from gis.asset where kind = 'sewer' order by id limit 1")).scalar_one()},
    ).scalar_one()
    assert road
    store.current(db, "sewer")
    mine = [row for row in findings.listed(db, "sewer") if row["asset_id"] == twin]
    assert mine, "a sewer drawn twice, without references, is found"
    account = db.execute(text("select min(id) from gis.account")).scalar_one()
    findings.decide(db, mine[0]["id"], "ignored", "a second pipe is planned", account)
    db.execute(text("update gis.asset set name = 'touched' where id = :id"), {"id": twin})
    store.current(db, "sewer")
    still = {row["id"]: row["state"] for row in findings.listed(db, "sewer")}
    assert still[mine[0]["id"]] == "ignored", "what holds on keeps what was decided about it"
    db.execute(text("update gis.asset set status = 'removed' where id = :id"), {"id": twin})
    store.current(db, "sewer")
    assert [row for row in findings.listed(db, "sewer") if row["asset_id"] == twin] == []
    db.execute(text("update gis.asset set status = 'intact' where id = :id"), {"id": twin})
    store.current(db, "sewer")
    again = {row["id"]: row for row in findings.listed(db, "sewer")}
    assert again[mine[0]["id"]]["state"] == "open", "corrected and back: a new occurrence is shown"
    assert again[mine[0]["id"]]["note"] == "a second pipe is planned", "what was said of the first is not lost"
