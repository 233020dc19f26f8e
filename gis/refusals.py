"""Who tried what they may not do, for whoever oversees that (C1); the newest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from config.permissions import POSTS
from gis.db import literal

_LIST = text("""
    select r.id, r.account_id, a.username, case when :en and a.name_en <> '' then a.name_en else a.name end as who,
           array(select distinct p.post from gis.post_assignment p where p.account_id = a.id order by p.post) as posts,
           r.kind, r.method, r.path, r.reason, r.facts, r.recorded_at, r.trace_id
    from gis.refusal r join gis.account a on a.id = r.account_id
    where (cast(:who as text) is null or a.username = :who or a.name = :who)
      and (cast(:kind as text) is null or r.kind = :kind)
      and (cast(:path as text) is null or r.path like :path)
      and (cast(:since as timestamptz) is null or r.recorded_at >= :since)
      and (cast(:until as timestamptz) is null or r.recorded_at < :until)
      and (cast(:before as bigint) is null or r.id < :before)
    order by r.id desc limit :limit
""")


@dataclass(frozen=True)
class Wanted:
    """What a list is narrowed to: user name or name, kind (class of the error), words of the address, a period; `before` pages on."""

    who: str | None = None
    kind: str | None = None
    path: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None


def listed(db: Connection, wanted: Wanted, locale: str, limit: int) -> list[dict[str, Any]]:
    """Refusals that fit, posts named in the reader's language."""
    values = {**vars(wanted), "path": f"%{literal(wanted.path)}%" if wanted.path else None}
    rows = db.execute(_LIST, {**values, "en": locale == "en", "limit": limit})
    english = locale == "en"
    return [{**row._mapping, "posts": [POSTS[post][english] for post in row.posts if post in POSTS]} for row in rows]
