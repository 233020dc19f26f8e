"""Who can sign in to the demonstration, read from the city itself."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import NullPool, create_engine, text

from gis.db import url_of


class Login(NamedTuple):
    """One demonstration account."""

    username: str
    posts: str


def logins(owner_url: str) -> list[Login]:
    """Accounts with their posts, in the order they were made."""
    query = text(
        "SELECT account.username, string_agg(DISTINCT post_assignment.post, ', ') AS posts"
        " FROM gis.account JOIN gis.post_assignment ON post_assignment.account_id = account.id"
        " GROUP BY account.id ORDER BY account.id"
    )
    with create_engine(url_of(owner_url), poolclass=NullPool).connect() as connection:
        return [Login(row.username, row.posts) for row in connection.execute(query)]
