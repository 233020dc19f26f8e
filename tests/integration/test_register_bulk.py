"""Many assets at once: previewed, changed as one set, taken back; another's work in between stays (C5)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, text

from config.errors import IllegalStep, InvalidAsset, InvalidInput, RetiredAsset
from gis.actors import Actor
from gis.db import make_engine
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
