"""Which set of rules is in force, made ready once and kept: an approved set never changes, so its fingerprint names it for good."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Any

import shapely
from sqlalchemy import Connection, text

from dispatch.routing.book import Book
from dispatch.routing.rules import Rule
from gis.db import run_prepared

_KEPT = 8
_books: OrderedDict[str, Book] = OrderedDict()
_lock = Lock()


@dataclass(frozen=True)
class InForce:
    """What a decision needs beside the facts: the rules, the fallback desk's unit, weather flags that are up."""

    book: Book
    fallback_unit_id: int | None
    weather: tuple[str, ...] = ()


_IN_FORCE = """
    select s.id, s.fingerprint, fallback.id as fallback_unit_id, w.value as weather
    from (select min(id) as id from gis.unit where fallback) fallback
    left join lateral (
        select id, fingerprint from dispatch.routing_set where state = 'approved' and valid_from <= :moment
        order by valid_from desc, id desc limit 1
    ) s on true
    left join gis.setting w on w.name = 'weather'
"""


def in_force(db: Connection, moment: datetime) -> InForce:
    """The rules in force at `moment`: of the approved sets the one that began last. One statement; rules are read once."""
    row = run_prepared(db, _IN_FORCE, {"moment": moment}).one()
    book = Book(None, ()) if row.id is None else _ready(db, row.id, row.fingerprint)
    return InForce(book, row.fallback_unit_id, weather_up(row.weather, moment))


def weather_up(kept: Any, moment: datetime) -> tuple[str, ...]:
    """Weather flags of the setting that are up at `moment`: each may end by itself."""
    flags = (kept or {}).get("flags", {})
    return tuple(sorted(f for f, until in flags.items() if until is None or datetime.fromisoformat(until) > moment))


def _ready(db: Connection, set_id: int, fingerprint: str) -> Book:
    with _lock:
        if fingerprint in _books:
            _books.move_to_end(fingerprint)
            return _books[fingerprint]
    book = book_of(db, set_id)
    with _lock:
        _books[fingerprint] = book
        while len(_books) > _KEPT:
            _books.popitem(last=False)
    return book


def book_of(db: Connection, set_id: int) -> Book:
    """The rules of one set, read anew: for drafts, which change."""
    rows = db.execute(
        text(
            "select id, priority, name, name_en, matches, target, unit_id, number, version, st_asbinary(ground) as ground"
            " from dispatch.routing_rule where set_id = :set"
        ),
        {"set": set_id},
    ).all()
    rules = [
        Rule(r.id, r.priority, r.name, r.target, r.unit_id, r.name_en, r.matches, r.number, r.version) for r in rows
    ]
    return Book.of(set_id, rules, {r.id: shapely.from_wkb(bytes(r.ground)) for r in rows if r.ground is not None})
