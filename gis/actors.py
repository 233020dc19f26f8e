"""Who acts: an account with its posts and what they allow, as every decision about rights sees it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, text

from config.errors import NotFound, NotPermitted
from config.permissions import GRANTS, permissions_of


@dataclass(frozen=True)
class Actor:
    """A signed-in person (or a process acting in a named post)."""

    account_id: int
    username: str
    name: str
    name_en: str = ""
    posts: tuple[str, ...] = ()
    unit_id: int | None = None
    locale: str = "zh"
    hidden: tuple[str, ...] = ()
    """Sources of data sets that none of the posts may see (gis/catalogue/seeing.py)."""
    everywhere: bool = True
    """Whether one of the posts is the whole city's; where not, `areas` and `centres` say how far they reach (C2)."""
    areas: tuple[str, ...] = ()
    """Codes of the areas of the posts and of their centres; what lies in one has a code that begins with it."""
    centres: tuple[int, ...] = ()
    """Second-level centres (of districts, of units) that the posts belong to."""

    @property
    def permissions(self) -> frozenset[str]:
        """All that the posts allow together."""
        return permissions_of(self.posts)

    def may(self, permission: str) -> bool:
        """Whether one of the posts allows it."""
        return permission in self.permissions

    def must(self, permission: str) -> None:
        """Raise NotPermitted unless one of the posts allows it."""
        if not self.may(permission):
            raise NotPermitted("None of your posts allows '{permission}'.", permission=permission)

    def post_for(self, permission: str) -> str | None:
        """The post in which the actor does what needs `permission`."""
        return next((post for post in self.posts if permission in GRANTS.get(post, set())), None)


def actor(db: Connection, username: str) -> Actor:
    """The active account `username` as an actor. Raises NotFound."""
    row = db.execute(text("select * from gis.acting where username = :username"), {"username": username}).first()
    if row is None:
        raise NotFound("There is no active account '{username}'.", username=username)
    return actor_of(row)


def actor_of(row: Row[Any]) -> Actor:
    """The actor in a row of the view gis.acting; further columns do not matter."""
    return Actor(
        account_id=row.account_id,
        username=row.username,
        name=row.name,
        name_en=row.name_en,
        posts=tuple(row.posts),
        unit_id=row.unit_id,
        locale=row.locale,
        hidden=tuple(row.hidden),
        everywhere=row.everywhere,
        areas=tuple(row.areas),
        centres=tuple(row.centres),
    )
