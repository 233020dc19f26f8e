"""Keeping the derived tables: whoever searches first makes up for what was edited since, in its own transaction."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

from gis.copying import copy_rows
from gis.db import named_sql
from gis.large_loads import indexes_at_the_end
from gis.naming.crossings import keep_crossings, meetings, roads_that_may_meet
from gis.naming.spellings import spellings

WAIT_S = 2
"""How long a search waits for another that is catching up; then it takes what stands."""

MANY = 1_000
"""Names from which on the indexes of empty tables are made at the end."""

_ONE_AT_A_TIME = 4_001
"""Key of the advisory lock; held until the transaction ends, so that no name is made twice."""


def catch_up(db: Connection) -> int:
    """Make up for all changes marked so far; returns how many names were made anew. Without changes it costs one look."""
    if not db.execute(text("select exists (select from gis.name_change)")).scalar_one() or not _alone(db):
        return 0
    db.execute(text("drop table if exists pg_temp.changed_name"))
    db.execute(text("create temporary table changed_name (kind text, name text) on commit drop"))
    marked = db.execute(named_sql("gis.naming", "take_changes")).rowcount
    db.execute(text("analyze changed_name"))
    db.execute(named_sql("gis.naming", "drop_derived"))
    with indexes_at_the_end(db, "names", marked > MANY):
        with ThreadPoolExecutor(1) as aside:  # GEOS works here while the database works there
            met = aside.submit(meetings, roads_that_may_meet(db))
            db.execute(named_sql("gis.naming", "make_house_numbers"))
            made = db.execute(named_sql("gis.naming", "make_places")).all()
            keep_crossings(db, met.result())
        copy_rows(db, "gis.spelling", ("place_id", "sort", "form", "keys"), _spelling_rows(made))
    return len(made)


def _spelling_rows(places: Any) -> Iterator[tuple[int, str, str, str]]:
    for place in places:
        for sort, form, keys in _spelled(place.name, place.name_en, tuple(place.other_names)):
            yield place.id, sort, form, keys


@lru_cache(maxsize=1_000)
def _spelled(name: str, name_en: str, other_names: tuple[str, ...]) -> list[tuple[str, str, str]]:
    """Places of one name come one after the other, and are spelled once."""
    found = spellings(name, name_en, other_names)
    return [(one.sort, one.form, "{" + ",".join(map(str, one.keys)) + "}") for one in found]


def _alone(db: Connection) -> bool:
    """Whether this transaction may catch up; waits for another that does."""
    try:
        with db.begin_nested():
            db.execute(text(f"set local lock_timeout = '{WAIT_S}s'"))
            db.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _ONE_AT_A_TIME})
            db.execute(text("set local lock_timeout = 0"))
    except OperationalError:
        return False
    return True
