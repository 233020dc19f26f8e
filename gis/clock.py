"""The one clock of an instance. It lives in the database, so that every process tells the same time, real or virtual.

Pure code never reads it: it takes `now` as an argument, which the edge got from `now(db)` once in its transaction.
"""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Connection, text

_NOW = text("select gis.now()")


def now(db: Connection) -> datetime:
    """The instance's time, in UTC."""
    moment: datetime = db.execute(_NOW).scalar_one()
    return moment.astimezone(UTC)


def rate(db: Connection) -> float:
    """How many times as fast as real time the instance's time runs; 1 without a virtual clock."""
    found = db.execute(text("select rate from gis.clock")).scalar()
    return 1.0 if found is None else float(found)


_SET = text("""
    insert into gis.clock (single, real_at, virtual_at, rate, holds_at) values (true, clock_timestamp(), :moment, :rate, :holds_at)
    on conflict (single) do update set real_at = excluded.real_at, virtual_at = excluded.virtual_at, rate = excluded.rate,
                                       holds_at = excluded.holds_at
""")


def set_virtual(db: Connection, moment: datetime, rate: float = 1.0) -> None:
    """From now on it is `moment`, and time runs `rate` times as fast as real time (0 stops it).

    Used by playback and tests. Every process sees it with its next transaction.
    """
    db.execute(_SET, {"moment": moment, "rate": rate, "holds_at": None})
    db.execute(text("notify clock"))


def go_on(db: Connection, moment: datetime, rate: float, holds_at: datetime) -> None:
    """Like `set_virtual`, but the time stands still at `holds_at` until somebody sets it again; open screens are not told.

    So that nothing is ever due at a moment that has passed: a replay lets the time go on to what happens next, and no further.
    """
    db.execute(_SET, {"moment": moment, "rate": rate, "holds_at": holds_at})


def set_real(db: Connection) -> None:
    """Back to real time."""
    db.execute(text("delete from gis.clock"))
    db.execute(text("notify clock"))
