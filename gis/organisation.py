"""Centres, units, accounts and the posts they hold (C1). Passwords are kept as argon2 hashes only."""

from __future__ import annotations

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection, select, text
from sqlalchemy.dialects.postgresql import insert

from config.errors import InvalidInput
from config.permissions import POSTS
from gis import tables

_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
"""OWASP's second recommended setting of argon2id: 19 MiB, two passes."""


def hash_password(password: str) -> str:
    """Argon2id hash with its parameters and salt. Raises InvalidInput for fewer than eight characters."""
    if len(password) < 8:
        raise InvalidInput("A password needs at least eight characters.")
    return _HASHER.hash(password)


def password_fits(password_hash: str, password: str) -> bool:
    """True when `password` made `password_hash`."""
    try:
        return _HASHER.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


def add_centre(
    db: Connection,
    code: str,
    name: str,
    name_en: str,
    axis: str,
    level: str = "city",
    *,
    area_id: int | None = None,
    parent_id: int | None = None,
) -> int:
    """Add or rename a centre; returns its id. A district's centre has an area; without a `parent_id` it stands below the city."""
    named = {"code": code, "name": name, "name_en": name_en}
    return _upsert(db, tables.centre, **named, axis=axis, level=level, area_id=area_id, parent_id=parent_id)


def add_unit(
    db: Connection, code: str, name: str, name_en: str = "", *, centre_id: int | None = None, fallback: bool = False
) -> int:
    """Add or rename a unit; returns its id. One unit of the instance may be the fallback desk."""
    return _upsert(db, tables.unit, code=code, name=name, name_en=name_en, centre_id=centre_id, fallback=fallback)


def add_account(
    db: Connection,
    username: str,
    name: str,
    name_en: str = "",
    *,
    password: str,
    unit_id: int | None = None,
    locale: str = "zh",
) -> int:
    """Create an account; returns its id. An account that exists keeps its password."""
    found = db.execute(select(tables.account.c.id).where(tables.account.c.username == username)).scalar()
    if found is not None:
        return int(found)
    values = {"username": username, "name": name, "name_en": name_en, "unit_id": unit_id, "locale": locale}
    statement = tables.account.insert().values(**values, password_hash=hash_password(password))
    return int(db.execute(statement.returning(tables.account.c.id)).scalar_one())


def has_account(db: Connection, username: str) -> bool:
    """Whether somebody signs in by this name."""
    return db.execute(select(tables.account.c.id).where(tables.account.c.username == username)).scalar() is not None


def give_post(
    db: Connection, account_id: int, post: str, *, centre_id: int | None = None, area_id: int | None = None
) -> None:
    """Let an account act in a post. Raises InvalidInput for an unknown post or, in two-centre mode, for a post of the other axis."""
    if post not in POSTS:
        raise InvalidInput("There is no post '{post}'.", "Posts are: {posts}.", post=post, posts=", ".join(POSTS))
    db.execute(text("select id from gis.account where id = :id for update"), {"id": account_id})
    axes = _axes_of(db, account_id) | _axis(db, post, centre_id)
    if two_centre_mode(db) and {"command", "supervision"} <= axes:
        raise InvalidInput(
            "In two-centre mode one account cannot hold posts of the command and of the supervision centre.",
            "Make a second account for the other centre.",
        )
    statement = insert(tables.post_assignment).values(
        account_id=account_id, post=post, centre_id=centre_id, area_id=area_id
    )
    db.execute(statement.on_conflict_do_nothing())


def posts_of(db: Connection, account_id: int) -> list[str]:
    """Posts of an account, in alphabetical order."""
    column = tables.post_assignment.c.post
    statement = select(column).distinct().where(tables.post_assignment.c.account_id == account_id).order_by(column)
    return list(db.execute(statement).scalars())


def _axes_of(db: Connection, account_id: int) -> set[str]:
    """Axes of the posts that an account holds already."""
    statement = text("select gis.axis_of(post, centre_id) from gis.post_assignment where account_id = :id")
    return {axis for axis in db.execute(statement, {"id": account_id}).scalars() if axis}


def _axis(db: Connection, post: str, centre_id: int | None) -> set[str]:
    """The axis of a post: its centre's; without a centre the post's usual one (gis.post_axis)."""
    axis = db.execute(text("select gis.axis_of(:post, :centre)"), {"post": post, "centre": centre_id}).scalar()
    return {axis} if axis else set()


def two_centre_mode(db: Connection) -> bool:
    """True where a command centre and a supervision centre stand apart (setting `two_centres`, default true)."""
    value = db.execute(text("select value from gis.setting where name = 'two_centres'")).scalar()
    return True if value is None else bool(value)


def _upsert(db: Connection, table: object, **values: object) -> int:
    statement = insert(table).values(**values)  # type: ignore[arg-type]
    changed = {name: value for name, value in values.items() if name != "code"}
    statement = statement.on_conflict_do_update(index_elements=["code"], set_=changed)
    return int(db.execute(statement.returning(table.c.id)).scalar_one())  # type: ignore[attr-defined]
