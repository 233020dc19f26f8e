"""Dead letters of delivery: what was given up after too many failures, with the reason; tried again when the cause is gone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, text

from config.errors import CityCommandError
from config.i18n import gettext

_DEAD = text("""
    select d.id, d.attempts, d.error, d.next_at as tried_at, d.recorded_at, n.kind, n.facts ->> 'number' as number, c.name as channel,
           c.kind as channel_kind, case when :en and a.name_en <> '' then a.name_en else a.name end as person, n.trace_id
    from dispatch.delivery d join dispatch.notice n on n.id = d.notice_id join dispatch.channel c on c.id = d.channel_id
    left join gis.account a on a.id = d.account_id
    where d.state = 'dead' order by d.id desc limit 200
""")

_REPLAY = text("""
    update dispatch.delivery set state = 'pending', attempts = 0, next_at = clock_timestamp()
    where state = 'dead' and (:all or id = any(:ids)) returning channel_id
""")


def dead(db: Connection, locale: str) -> dict[str, Any]:
    """How many there are, and the newest 200 of them with their reasons in the reader's language."""
    count = db.execute(text("select count(*) from dispatch.delivery where state = 'dead'")).scalar_one()
    rows = [dict(row._mapping) for row in db.execute(_DEAD, {"en": locale == "en"})]
    return {"count": count, "items": [row | {"error": said(row["error"], locale)} for row in rows]}


def replay(db: Connection, ids: Sequence[int] = ()) -> int:
    """Have dead letters tried again from the first attempt on, under the ids that they had: these, or all. Returns how many."""
    channels = list(db.execute(_REPLAY, {"ids": list(ids), "all": not ids}).scalars())
    db.execute(
        text(
            "update dispatch.channel set failures = 0, next_at = clock_timestamp() where id = any(:ids) and ended_at is null"
        ),
        {"ids": sorted(set(channels))},
    )
    return len(channels)


def said(kept: dict[str, Any] | None, locale: str) -> str:
    """A kept reason as a sentence."""
    return CityCommandError.from_kept(kept).said(gettext(locale))[0] if kept else ""
