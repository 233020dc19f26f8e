"""How often the public doors may be used: by one sender, and in all. Counted in the database, for all web processes together."""

from __future__ import annotations

import hashlib
import hmac
import tomllib
from functools import lru_cache
from importlib.resources import files
from typing import Any

from sqlalchemy import Connection, text

from config.errors import TooManyAttempts

_COUNT = text("""
    select count(*) filter (where sender = :sender) as own, count(*) as total
    from dispatch.door_use where door = :door and at > now() - make_interval(secs => :window) and (sender = :sender or :counts_all)
""")


@lru_cache
def intake() -> dict[str, Any]:
    """config/intake.toml."""
    return tomllib.loads(files("config").joinpath("intake.toml").read_text(encoding="utf-8"))


def hotline(db: Connection) -> str:
    """The number to call where a page cannot help."""
    own = db.execute(text("select value from gis.setting where name = 'hotline'")).scalar()
    return str(own or intake()["contact"]["hotline"])


def sender_of(secret: bytes, sender: str) -> bytes:
    """What is kept of a sender: a keyed hash, so that addresses stand nowhere."""
    return hmac.digest(secret, f"sender {sender}".encode(), hashlib.sha256)[:16]


def enter(db: Connection, door: str, sender: bytes, *, window_s: int, most: int, total: int | None = None) -> None:
    """Count one use of a door. Raises TooManyAttempts where the sender or, with `total`, all together had as many as allowed.

    Uses of one sender wait for each other, so that many sent at once are counted as well. To be committed before the work begins.
    """
    for name in sorted({f"{door} {sender.hex()}", *([door] if total is not None else [])}):
        db.execute(text("select pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": f"door {name}"})
    check(db, door, sender, window_s=window_s, most=most, total=total)
    db.execute(
        text("insert into dispatch.door_use (door, sender, at) values (:door, :sender, now())"),
        {"door": door, "sender": sender},
    )
    db.execute(
        text("delete from dispatch.door_use where door = :door and at < now() - interval '1 day'"), {"door": door}
    )


def check(db: Connection, door: str, sender: bytes, *, window_s: int, most: int, total: int | None = None) -> None:
    """Raise TooManyAttempts where `enter` would; counts nothing."""
    values = {"door": door, "sender": sender, "window": window_s, "counts_all": total is not None}
    used = db.execute(_COUNT, values).one()
    if used.own >= most:
        raise TooManyAttempts(
            "This sender has used up its {most} requests.",
            "Try again in {minutes} minutes, or call {hotline}.",
            most=most,
            minutes=max(1, window_s // 60),
            hotline=hotline(db),
        )
    if total is not None and used.total >= total:
        raise TooManyAttempts(
            "So many reports arrive at present that this page takes no more.",
            "Call {hotline}, or try again in a while. What you entered stays on this page.",
            hotline=hotline(db),
        )
