"""Who acts: an account with its posts and what they allow, as every decision about rights sees it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text

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
    row = db.execute(
        text("""
            select a.id as account_id, a.username, a.name, a.name_en, a.unit_id, a.locale,
                   array(select distinct post from gis.post_assignment p where p.account_id = a.id order by post) as posts,
                   reach.everywhere, coalesce(reach.areas, '{}') as areas, coalesce(reach.centres, '{}') as centres
            from gis.account a cross join lateral gis.reach_of(a.id) reach where a.username = :username and a.active
        """),
        {"username": username},
    ).first()
    if row is None:
        raise NotFound("There is no active account '{username}'.", username=username)
    facts: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in row._mapping.items()
    }
    return Actor(**facts)
