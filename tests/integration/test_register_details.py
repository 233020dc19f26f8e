"""Typed tables of the register: filled by the database itself from gis.asset, linked across assets, never drifting."""

from __future__ import annotations

import json
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from gis import migrations
from gis.db import make_engine
from gis.register import details
from gis.register.tables import DETAILS
from tests.support.databases import Database

ADD = text(
    "insert into gis.asset (kind, geom, attributes, source, source_ref) values (:kind, st_geomfromtext(:wkt, 4326),"
    " cast(:attributes as jsonb), :source, :ref) returning id"
)
LINE = "LINESTRING(115.6 38.4, 115.601 38.4)"


@pytest.fixture
def db(database: Database) -> Iterator[Connection]:
    """A transaction that is rolled back."""
    engine = make_engine(database.app_url)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def add(
    db: Connection, kind: str, ref: str, wkt: str = "POINT(115.6 38.4)", of: str = "test", **attributes: Any
) -> int:
    values = {"kind": kind, "wkt": wkt, "attributes": json.dumps(attributes), "source": of, "ref": ref}
    return int(db.execute(ADD, values).scalar_one())


def row(db: Connection, table: str, asset_id: int) -> Any:
    return db.execute(text(f"select * from gis.{table} where asset_id = :id"), {"id": asset_id}).one()


def everything(db: Connection) -> dict[str, list[Any]]:
    return {name: [tuple(r) for r in db.execute(text(f"select * from gis.{name} order by 1"))] for name in DETAILS}


def test_the_migration_is_what_the_kinds_say() -> None:
    """Change config/kinds.toml and a migration with the printed SQL must follow; this text is what stands in the database."""
    stands = (migrations.HERE / "versions" / "0016_register.sql").read_text(encoding="utf-8")
    for part in (details.definitions(), details.functions()):
        assert "\n".join(line.rstrip() for line in part.splitlines()) in stands


def test_a_sewer_knows_its_manholes_whoever_came_first(db: Connection) -> None:
    upper = add(db, "manhole", "M1", invert_m=20.5, ground_m=23)
    facts: dict[str, Any] = {"from": "M1", "to": "M2", "diameter_mm": 400, "slope": 0.002}
    pipe = add(db, "sewer", "S1", LINE, **facts)
    before = row(db, "sewer", pipe)
    assert (before.from_ref, before.from_id, before.to_ref, before.to_id) == ("M1", upper, "M2", None)
    add(db, "manhole", "M2", of="another city's list")
    assert row(db, "sewer", pipe).to_id is None
    lower = add(db, "manhole", "M2")
    after = row(db, "sewer", pipe)
    assert (after.to_id, after.diameter_mm) == (lower, 400)
    assert after.length_m == pytest.approx(87.3, abs=0.5)  # measured: its source did not say
    assert row(db, "manhole", upper).invert_m == 20.5


def test_lamp_circuit_cabinet(db: Connection) -> None:
    lamp = add(db, "street_lamp", "L1", power_w=60, circuit="K1-2", cabinet="K1")
    circuit = add(db, "lamp_circuit", "K1-2", LINE, cabinet="K1")
    cabinet = add(db, "lamp_cabinet", "K1", circuits=["K1-1", "K1-2"])
    assert (row(db, "lamp", lamp).circuit_id, row(db, "lamp", lamp).cabinet_id) == (circuit, cabinet)
    assert row(db, "lamp_circuit", circuit).cabinet_id == cabinet
    assert row(db, "lamp_cabinet", cabinet).circuits == ["K1-1", "K1-2"]


def test_words_of_a_source_become_numbers_where_they_are_numbers(db: Connection) -> None:
    road = add(
        db, "road", "w1", LINE, width="7.5", lanes="2", maxspeed="50 mph", oneway="yes", bridge="no", tunnel=True
    )
    found = row(db, "road_segment", road)
    assert (found.width_m, found.lanes, found.max_speed_kmh) == (7.5, 2, None)
    assert (found.oneway, found.bridge, found.tunnel) == (True, False, True)
    other = add(db, "road", "w2", LINE, width="9999999", lanes="several", grade="motorway")
    found = row(db, "road_segment", other)
    assert (found.width_m, found.lanes, found.grade) == (None, None, None)
    surface = add(db, "road_surface", "f1", LINE, laid_on="2020-02-30", road="w1")
    assert (row(db, "road_surface", surface).laid_on, row(db, "road_surface", surface).road_id) == (None, road)


def test_changes_follow_and_removal_leaves_the_reference(db: Connection) -> None:
    valve = add(db, "valve", "V1", diameter_mm=300, status="open")
    main = add(db, "water_main", "P1", LINE, **{"from": "V1", "to": "J7"})
    db.execute(
        text("""update gis.asset set attributes = attributes || '{"status": "closed"}' where id = :id"""), {"id": valve}
    )
    assert row(db, "valve", valve).position == "closed"
    db.execute(text("update gis.asset set kind = 'hydrant' where id = :id"), {"id": valve})
    assert db.execute(text("select count(*) from gis.valve")).scalar_one() == 0
    assert row(db, "hydrant", valve).diameter_mm == 300
    assert row(db, "water_main", main).from_id == valve
    db.execute(text("update gis.asset set kind = 'litter_bin' where id = :id"), {"id": valve})
    assert row(db, "water_main", main).from_id is None
    db.execute(text("delete from gis.asset where id = :id"), {"id": valve})
    assert row(db, "water_main", main).from_ref == "V1"


def test_nobody_writes_there_by_hand(db: Connection) -> None:
    with pytest.raises(DBAPIError, match="permission denied"):
        db.execute(text("update gis.lamp set power_w = 1"))


@pytest.mark.parametrize("seed", range(4))
def test_any_sequence_of_edits_leaves_what_a_rebuild_would_make(db: Connection, seed: int) -> None:
    chance = Random(seed)
    kinds = sorted({kind for detail in DETAILS.values() for kind in detail.kinds} | {"litter_bin", "place"})
    refs = [f"A{number}" for number in range(12)]
    for step in range(120):
        known = list(db.execute(text("select id, source_ref from gis.asset where source = 'test'")))
        choice = chance.random()
        free = sorted({*refs} - {found.source_ref for found in known})
        if free and (choice < 0.4 or not known):
            wkt = chance.choice(
                ["POINT(115.6 38.4)", LINE, "POLYGON((115.6 38.4, 115.601 38.4, 115.601 38.401, 115.6 38.4))"]
            )
            add(db, chance.choice(kinds), chance.choice(free), wkt, **some_attributes(chance, refs))
            continue
        victims = [found.id for found in chance.sample(known, min(len(known), chance.randint(1, 4)))]
        sql, values = edit(chance, choice, kinds, refs, step)
        db.execute(text(sql), values | {"ids": victims})
    kept = everything(db)
    typed = [kind for detail in DETAILS.values() for kind in detail.kinds]
    standing = db.execute(
        text("select count(*) from gis.asset where kind = any(:kinds)"), {"kinds": typed}
    ).scalar_one()
    assert sum(map(len, kept.values())) == standing > 0
    db.execute(text("select gis.rebuild_details()"))
    assert everything(db) == kept


def edit(chance: Random, choice: float, kinds: list[str], refs: list[str], step: int) -> tuple[str, dict[str, Any]]:
    if choice < 0.6:
        changed = json.dumps(some_attributes(chance, refs))
        return "update gis.asset set attributes = attributes || cast(:new as jsonb) where id = any(:ids)", {
            "new": changed
        }
    if choice < 0.75:
        return "update gis.asset set kind = :kind where id = any(:ids)", {"kind": chance.choice(kinds)}
    if choice < 0.85:
        return "update gis.asset set geom = st_translate(geom, 0.0001, 0.0002) where id = any(:ids)", {}
    if choice < 0.92:
        return "update gis.asset set source_ref = source_ref || :tail where id = any(:ids)", {"tail": f"-{step}"}
    return "delete from gis.asset where id = any(:ids)", {}


def some_attributes(chance: Random, refs: list[str]) -> dict[str, Any]:
    names = sorted({each.code for detail in DETAILS.values() for f in detail.fields.values() for each in f.attributes})
    found: dict[str, Any] = {}
    for name in chance.sample(names, 12):
        found[name] = chance.choice(
            [chance.choice(refs), 5, -3.5, "12", "open", True, None, ["a"], "2024-02-29", 1e300]
        )
    for name in ("from", "to", "pipe", "cabinet", "circuit", "bridge", "line", "manhole"):
        found[name] = chance.choice(refs)
    return found
