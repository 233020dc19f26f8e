"""Many rows into tables that are still empty: their indexes are made once at the end, in the same transaction, not row by row."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from sqlalchemy import Connection, text


@contextmanager
def indexes_at_the_end(db: Connection, what: Literal["register", "names"], large: bool) -> Iterator[None]:
    """Load rows into the tables `what` (gis.set_indexes_aside says which) in this block; `large` says whether they are many.

    Where these are empty and nobody uses them, they belong to this transaction alone until it ends, and their indexes and the keys between
    them are made after the block. Otherwise, and for few rows, the block runs as usual. After an error nothing is
    restored here: the transaction, or its savepoint, has to be rolled back, and brings all of it back.
    """
    aside = large and db.execute(text("select gis.set_indexes_aside(:what)"), {"what": what}).scalar_one()
    yield
    if aside:
        db.execute(text("select gis.restore_indexes()"))
