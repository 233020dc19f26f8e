"""Bulletins (通知公告): from the centre to everybody or to some posts, with who has read them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, text

from config.errors import InvalidInput, NotFound
from config.permissions import POSTS
from gis import events
from gis.actors import Actor

_FOR_ME = text("""
    select b.id, b.title, b.text, b.recorded_at, case when :en and a.name_en <> '' then a.name_en else a.name end as made_by,
           r.recorded_at as read_at,
           (select count(*) from dispatch.bulletin_reading x where x.bulletin_id = b.id) as readers
    from dispatch.bulletin b join gis.account a on a.id = b.made_by
    left join dispatch.bulletin_reading r on r.bulletin_id = b.id and r.account_id = :me
    where b.withdrawn_at is null and (b.posts = '{}' or b.posts && cast(:posts as text[]) or b.made_by = :me)
    order by b.id desc limit 100
""")

_READ = text("""
    insert into dispatch.bulletin_reading (bulletin_id, account_id)
    select b.id, :me from dispatch.bulletin b
    where b.id = :id and b.withdrawn_at is null and (b.posts = '{}' or b.posts && cast(:posts as text[]) or b.made_by = :me)
    on conflict do nothing
""")


def publish(db: Connection, actor: Actor, title: str, words: str, posts: Sequence[str]) -> int:
    """Send a bulletin to these posts, or to everybody; returns its id. Raises InvalidInput."""
    if not title.strip() or not words.strip():
        raise InvalidInput("A bulletin has a title and a text.", field="title")
    unknown = set(posts) - POSTS.keys()
    if unknown:
        raise InvalidInput(
            "There is no post '{post}'.", "Posts are: {posts}.", post=min(unknown), posts=", ".join(POSTS)
        )
    bulletin_id = db.execute(
        text(
            "insert into dispatch.bulletin (title, text, posts, made_by) values (:title, :text, :posts, :me) returning id"
        ),
        {"title": title.strip(), "text": words.strip(), "posts": list(posts), "me": actor.account_id},
    ).scalar_one()
    events.notify_live(db, "bulletin", {"id": int(bulletin_id)})
    return int(bulletin_id)


def for_me(db: Connection, actor: Actor) -> list[dict[str, Any]]:
    """Bulletins for the actor's posts, the newest first; `read_at` is null where they are unread."""
    values = {"me": actor.account_id, "posts": list(actor.posts), "en": actor.locale == "en"}
    return [dict(row._mapping) for row in db.execute(_FOR_ME, values)]


def mark_read(db: Connection, actor: Actor, bulletin_id: int) -> None:
    """Note that the actor has read it; a second time changes nothing."""
    db.execute(_READ, {"id": bulletin_id, "me": actor.account_id, "posts": list(actor.posts)})


def withdraw(db: Connection, actor: Actor, bulletin_id: int) -> None:
    """Take one's own bulletin back. Raises NotFound."""
    taken = text(
        "update dispatch.bulletin set withdrawn_at = gis.now() where id = :id and made_by = :me and withdrawn_at is null"
        " returning id"
    )
    if db.execute(taken, {"id": bulletin_id, "me": actor.account_id}).first() is None:
        raise NotFound("There is no such bulletin of yours.")
