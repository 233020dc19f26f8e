"""Many assets at once: previewed, changed as one set, taken back; another's work in between stays; loaded into an empty register (C5)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import shapely
from sqlalchemy import Connection, text

from config.errors import IllegalStep, InvalidAsset, InvalidInput, RetiredAsset
from gis import assets
from gis.actors import Actor
from gis.assets import AssetRow
from gis.db import make_engine
from gis.naming.catch_up import catch_up
from gis.register import bulk, editing
from tests.integration.test_register_editing import person
from tests.support.databases import Database

AREA = {
    "type": "Polygon",
    "coordinates": [[[115.599, 38.399], [115.602, 38.399], [115.602, 38.401], [115.599, 38.401], [115.599, 38.399]]],
}


@pytest.fixture
def db(database: Database) -> Iterator[Connection]:
    """A transaction that is rolled back."""
    engine = make_engine(database.app_url)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


@pytest.fixture
def ann(db: Connection) -> Actor:
    return person(db, "ann")


def bins(db: Connection, ann: Actor, count: int = 5) -> list[int]:
    """A row of litter bins inside AREA; the first has its owner already."""
    return [
        editing.create(
            db,
            ann,
            "litter_bin",
            {"type": "Point", "coordinates": [115.6 + n / 5000, 38.4]},
            {"name": f"箱{n}"} | ({"owner": "City"} if n == 0 else {}),
            "put up",
        )
        for n in range(count)
    ]


def owners(db: Connection, ids: list[int]) -> list[str]:
    rows = db.execute(text("select owner from gis.asset where id = any(:ids) order by id"), {"ids": ids})
    return list(rows.scalars())


def test_many_are_previewed_changed_and_taken_back(db: Connection, ann: Actor) -> None:
    ids = bins(db, ann)
    found = bulk.choose(db, "litter_bin", AREA)
    assert [each["id"] for each in found] == ids
    assert [each["id"] for each in bulk.choose(db, "litter_bin", listed=["箱1", "箱3", "nothing"])] == [ids[1], ids[3]]
    chosen = {each["id"]: each["version"] for each in found}

    seen = bulk.preview(db, ann, chosen, {"owner": "City"})
    assert (seen.changed, seen.same, seen.left) == (4, 1, [])
    assert owners(db, ids) == ["City", "", "", "", ""]

    editing.change(db, ann, ids[4], 1, {"owner": "Park"}, "surveyed")  # somebody is faster
    done = bulk.apply(db, ann, chosen, {"owner": "City"}, "handed over")
    assert (done.changed, done.same, done.left) == (3, 1, [ids[4]])
    assert owners(db, ids) == ["City", "City", "City", "City", "Park"]

    editing.change(db, ann, ids[1], 2, {"owner": "Street"}, "corrected")
    assert done.change_set is not None
    back = bulk.undo(db, ann, done.change_set, "wrong street")
    assert (back.changed, back.left) == (2, [ids[1]])
    assert owners(db, ids) == ["City", "Street", "", "", "Park"]
    with pytest.raises(IllegalStep, match="taken back already"):
        bulk.undo(db, ann, done.change_set, "again")
    newest, first = bulk.recent(db, "en")
    assert (newest["undoes"], first["undone"], first["why"]) == (done.change_set, True, "handed over")


def test_an_attribute_that_was_not_there_goes_again(db: Connection, ann: Actor) -> None:
    ids = bins(db, ann, 2)
    chosen = dict.fromkeys(ids, 1)
    done = bulk.apply(db, ann, chosen, {"attributes": {"operator": "Clean Ltd"}}, "contract")
    assert done.change_set is not None
    bulk.undo(db, ann, done.change_set, "")
    kept = db.execute(text("select attributes from gis.asset where id = any(:ids)"), {"ids": ids}).scalars()
    assert list(kept) == [{}, {}]


def test_what_cannot_be_is_refused_as_a_whole(db: Connection, ann: Actor) -> None:
    ids = bins(db, ann, 2)
    chosen = dict.fromkeys(ids, 1)
    with pytest.raises(InvalidAsset) as wrong:
        bulk.apply(db, ann, chosen, {"status": "gone"}, "why")
    assert "status" in wrong.value.facts["fields"]  # type: ignore[operator]
    with pytest.raises(InvalidAsset) as unreasoned:
        bulk.apply(db, ann, chosen, {"owner": "City"}, " ")
    assert "why" in unreasoned.value.facts["fields"]  # type: ignore[operator]
    with pytest.raises(InvalidAsset, match="each asset alone"):
        bulk.preview(db, ann, chosen, {"name": "same"})
    with pytest.raises(InvalidInput, match="Nothing is chosen"):
        bulk.choose(db, "litter_bin")


def test_an_area_that_crosses_itself_is_refused(db: Connection) -> None:
    bow_tie = {
        "type": "Polygon",
        "coordinates": [[[115.6, 38.4], [115.61, 38.41], [115.61, 38.4], [115.6, 38.41], [115.6, 38.4]]],
    }
    with pytest.raises(InvalidInput, match="does not cross itself"):
        bulk.choose(db, "street_lamp", shape=bow_tie)


def a_large_town() -> list[AssetRow]:
    """Streets that cross, lamps under a circuit that comes after them, and bus stops with names of their own."""
    rows = [road(f"e{n}", f"东西{n}路", [(115.6, 38.4 + n / 100), (115.8, 38.4 + n / 100)]) for n in range(20)]
    rows += [road(f"n{n}", f"南北{n}路", [(115.6 + n / 100, 38.4), (115.6 + n / 100, 38.6)]) for n in range(20)]
    rows += [point(f"l{n}", "street_lamp", "", n, '{"circuit": "c1", "power_w": 70}') for n in range(4_000)]
    rows += [point(f"s{n}", "bus_stop", f"第{n}站", n, "{}") for n in range(1_100)]
    return [*rows, point("c1", "lamp_circuit", "", 0, "{}")]


def road(ref: str, name: str, line: list[tuple[float, float]]) -> AssetRow:
    return AssetRow(ref, "road", None, name, "", shapely.LineString(line).wkb_hex, '{"class": "primary", "lanes": "2"}')


def point(ref: str, kind: str, name: str, number: int, attributes: str) -> AssetRow:
    place = shapely.Point(115.6 + number % 100 / 500, 38.4 + number // 100 / 500)
    return AssetRow(ref, kind, None, name, "", place.wkb_hex, attributes)


def holds_all(db: Connection) -> bool:
    """Whether this transaction keeps everybody from the register and from the names."""
    locks = text("""
        select count(*) from pg_locks where pid = pg_backend_pid() and mode = 'AccessExclusiveLock'
        and relation in ('gis.asset'::regclass, 'gis.spelling'::regclass)
    """)
    return bool(db.execute(locks).scalar_one() == 2)


def shape_of_tables(db: Connection) -> list[str]:
    """All indexes and keys of the core, as the database describes them."""
    indexes = text("select indexdef from pg_indexes where schemaname = 'gis' order by 1")
    keys = text("""
        select conrelid::regclass::text || ' ' || conname || ' ' || pg_get_constraintdef(oid) || convalidated::text from pg_constraint
        where connamespace = 'gis'::regnamespace order by 1
    """)
    return [*db.execute(indexes).scalars(), *db.execute(keys).scalars()]


def all_that_follows(db: Connection) -> list[tuple[object, ...]]:
    """What the register, its history, its typed tables and the names hold, without numbers that a sequence made."""
    statements = [
        "select source_ref, kind, name, st_astext(geom), attributes::text, version from gis.asset order by 1",
        "select a.source_ref, h.version, h.change from gis.asset_history h join gis.asset a on a.id = h.asset_id order by 1",
        "select source_ref, class, lanes, round(length_m::numeric, 3) from gis.road_segment join gis.asset on id = asset_id order by 1",
        """select a.source_ref, c.source_ref, l.power_w from gis.lamp l join gis.asset a on a.id = l.asset_id
           left join gis.asset c on c.id = l.circuit_id order by 1""",
        "select road, other, st_astext(geom, 7) from gis.crossing order by 1, 2, 3",
        "select kind, name, parts, st_astext(geom, 7), round(size_m::numeric, 3) from gis.named_place order by 1, 2",
        "select p.kind, p.name, s.sort, s.form from gis.spelling s join gis.named_place p on p.id = s.place_id order by 1, 2, 3, 4",
    ]
    return [tuple(row) for statement in statements for row in db.execute(text(statement))]


def test_a_large_load_into_an_empty_register_leaves_what_small_ones_leave(db: Connection) -> None:
    rows = a_large_town()
    before = shape_of_tables(db)
    assert assets.upsert(db, "town", rows).added == len(rows)
    catch_up(db)
    assert holds_all(db)
    assert shape_of_tables(db) == before
    at_once = all_that_follows(db)
    db.rollback()

    assets.upsert(db, "town", rows[:1])
    catch_up(db)
    assets.upsert(db, "town", rows)
    catch_up(db)
    assert not holds_all(db)
    assert all_that_follows(db) == at_once
    crossings = [row for row in at_once if len(row) == 3 and row[0] == "东西3路"]
    assert len(crossings) == 20


def test_a_large_load_waits_for_nobody_who_reads_the_register(db: Connection, database: Database) -> None:
    engine = make_engine(database.app_url)
    rows = a_large_town()
    with engine.connect() as reader:
        assert reader.execute(text("select count(*) from gis.asset")).scalar_one() == 0
        assert assets.upsert(db, "town", rows).added == len(rows)
        catch_up(db)
        assert not holds_all(db)
        assert reader.execute(text("select count(*) from gis.asset")).scalar_one() == 0
    engine.dispose()


def test_the_retired_are_not_changed_with_many(db: Connection, ann: Actor) -> None:
    ids = bins(db, ann, 3)
    editing.remove(db, ann, ids[2], 1, "stolen")
    with pytest.raises(RetiredAsset), db.begin_nested():
        bulk.apply(db, ann, dict.fromkeys(ids[:2], 1) | {ids[2]: 2}, {"owner": "District"}, "sold")
    seen_before = bulk.apply(db, ann, dict.fromkeys(ids, 1), {"owner": "District"}, "sold")
    assert (seen_before.changed, seen_before.left) == (2, [ids[2]]), "retired meanwhile: stays as it is"
    back = bulk.apply(db, ann, {ids[2]: 2}, {"status": "intact"}, "found again")
    assert back.changed == 1


def test_taking_back_leaves_what_was_retired_since(db: Connection, ann: Actor) -> None:
    ids = bins(db, ann, 2)
    done = bulk.apply(db, ann, dict.fromkeys(ids, 1), {"attributes": {"operator": "Clean Ltd"}}, "contract")
    assert done.change_set is not None
    editing.remove(db, ann, ids[1], 2, "stolen")
    undone = bulk.undo(db, ann, done.change_set, "")
    assert (undone.changed, undone.left) == (1, [ids[1]])
