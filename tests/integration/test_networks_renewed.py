"""Networks renewed behind the scenes: what was edited is read and no more, the result is that of a whole build, questions do not wait."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np
import pytest
from sqlalchemy import Connection, Engine, event, text

from config.settings import Settings
from gis.db import make_engine
from gis.networks import memory, reading, refresh, standing, store
from gis.networks.kinds import NETWORKS
from gis.networks.reading import Known
from gis.networks.topology import Topology, build
from tests.support.cities import demonstration_city
from tests.support.databases import Database

ROUNDS = 25

EDITS = (
    "update gis.asset set geom = st_translate(geom, 0.00003, -0.00002) where id = :id",
    "update gis.asset set geom = st_translate(geom, 0.02, 0.01) where id = :id",
    "update gis.asset set status = 'disused' where id = :id",
    "update gis.asset set status = 'intact' where id = (select min(id) from gis.asset where status = 'disused')",
    'update gis.asset set attributes = attributes || \'{"status": "closed", "diameter_mm": 150}\' where id = :id',
    "update gis.asset set attributes = attributes - 'from' - 'to' - 'pipe' - 'node' where id = :id",
    "update gis.asset set geom = st_reverse(geom) where id = :id and st_dimension(geom) = 1",
    "update gis.asset set kind = case kind when 'valve' then 'hydrant' when 'manhole' then 'outfall' else kind end where id = :id",
    """insert into gis.asset (kind, geom, attributes, source, source_ref)
       select kind, st_translate(geom, 0.00001, 0), attributes, 'test', 'copy-' || :id || '-' || cast(random() as text)
       from gis.asset where id = :id""",
)
"""Ways to change an asset that bears on a network; :id is one of its assets."""


@pytest.fixture(scope="module")
def engine(database: Database, settings: Settings) -> Iterator[Engine]:
    """The demonstration city at 1:50 without cases, its networks built."""
    engine = make_engine(database.app_url)
    with engine.begin() as db:
        demonstration_city(db, settings)
    with engine.begin() as db:
        for name in NETWORKS:
            store.current(db, name)
    yield engine
    engine.dispose()


@pytest.fixture
def db(engine: Engine) -> Iterator[Connection]:
    """A transaction that is rolled back."""
    with engine.connect() as connection:
        yield connection
        connection.rollback()


def plain(made: Topology) -> list[object]:
    """A network as values that can be compared."""
    edges = [(*edge[:-1], edge.xy.tolist()) for edge in made.edges]
    return [made.nodes, edges, made.valves, made.cuts, made.findings]


@pytest.mark.parametrize("name", list(NETWORKS))
def test_after_any_edits_what_was_read_before_gives_the_network_of_a_whole_build(db: Connection, name: str) -> None:
    kind, project = NETWORKS[name], reading.transformer(db)
    random = np.random.default_rng(len(name))
    known = Known()
    reading.read(db, kind, project, known)
    ids = db.execute(text("select id from gis.asset where kind = any(:kinds) order by id"), {"kinds": kind.assets})
    chosen = np.array(ids.scalars().all())
    for _ in range(ROUNDS):
        for id in random.choice(chosen, random.integers(1, 6)).tolist():
            with db.begin_nested():
                db.execute(text(EDITS[random.integers(len(EDITS))]), {"id": id})
        renewed = build(*reading.read(db, kind, project, known), kind.rules)
        assert plain(renewed) == plain(build(*reading.read(db, kind, project), kind.rules))


def test_only_what_was_edited_is_read(engine: Engine, db: Connection) -> None:
    kind, project, known = NETWORKS["street"], reading.transformer(db), Known()
    lines, _ = reading.read(db, kind, project, known)
    db.execute(text("update gis.asset set name = name || ' ' where id = :id"), {"id": lines[0].asset})
    asked: list[object] = []
    event.listen(engine, "before_cursor_execute", lambda *call: asked.append(call[3]))
    again, _ = reading.read(db, kind, project, known)
    assert [call["ids"] for call in asked if isinstance(call, dict) and "ids" in call] == [[lines[0].asset]]
    assert [line.asset for line in again] == [line.asset for line in lines]


def test_a_question_does_not_wait_for_a_keeper_that_takes_long(engine: Engine) -> None:
    """The keeper is held up by a lock that this test holds: the question gets the last version, and is told so."""
    with engine.begin() as db:
        before = memory.current(db, "water")
    with engine.connect() as keeper, engine.connect() as builder:
        keeper.execute(text("select pg_advisory_lock(:key)"), {"key": store.KEEPER})
        builder.execute(text("select pg_advisory_xact_lock(hashtextextended('network water', 0))"))
        with engine.begin() as db:
            db.execute(text("update gis.asset set name = name where id = :id"), {"id": int(before.asset[0])})
        started = time.monotonic()
        with engine.begin() as db:
            assert memory.current(db, "water") is before
            assert store.standing(db, "water")["renewing"]
        assert time.monotonic() - started < 2 * store.WAIT_S
        builder.rollback()
        assert refresh.Keeper(engine).renew() == ["water"]
        with engine.begin() as db:
            assert memory.current(db, "water").version == before.version + 1
            assert not store.standing(db, "water")["renewing"]
        keeper.execute(text("select pg_advisory_unlock(:key)"), {"key": store.KEEPER})


def test_without_a_keeper_the_question_builds(engine: Engine) -> None:
    with engine.begin() as db:
        before = memory.current(db, "sewer")
        db.execute(text("update gis.asset set name = name where id = :id"), {"id": int(before.asset[0])})
    with engine.begin() as db:
        assert memory.current(db, "sewer").version == before.version + 1


def test_lamps_off_the_street_are_those_that_measuring_each_one_finds(db: Connection) -> None:
    rule = standing.RULES[0]
    lamps = (
        db.execute(text("select id from gis.asset where kind = :kind order by id"), {"kind": rule.kind}).scalars().all()
    )
    random = np.random.default_rng(3)
    for id in random.choice(lamps, 60, replace=False).tolist():
        # About 20 to 50 m aside: on both sides of the limit.
        db.execute(
            text("update gis.asset set geom = st_translate(geom, :by, 0) where id = :id"),
            {"id": id, "by": float(random.uniform(-6e-4, 6e-4))},
        )
    truth = db.execute(
        text(
            "select a.id from gis.asset a where a.kind = :kind and not exists (select from gis.asset h where h.kind = :host"
            " and h.status <> 'removed' and st_dwithin(h.geom::geography, a.geom::geography, :reach))"
        ),
        {"kind": rule.kind, "host": rule.host, "reach": rule.reach_m},
    )
    db.execute(
        text(
            'create temporary table found_now (identity text, name text, "check" text, asset_id bigint, other_id bigint,'
            " facts jsonb, geom geometry) on commit drop"
        )
    )
    standing.store(db, "street")
    found = db.execute(text('select asset_id from found_now where "check" = :check'), {"check": rule.check})
    expected = set(truth.scalars())
    assert expected
    assert set(found.scalars()) == expected
