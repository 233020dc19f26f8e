"""Accounts by the post they hold, as lists to choose from show them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, text

_HOLDING = text("""
    select distinct a.id, case when :en and a.name_en <> '' then a.name_en else a.name end as name
    from gis.account a join gis.post_assignment p on p.account_id = a.id and p.post = :post
    where a.active and (cast(:unit as bigint) is null or a.unit_id = :unit) order by name
""")


def holding(db: Connection, post: str, locale: str, unit_id: int | None = None) -> list[dict[str, Any]]:
    """{id, name} of active accounts with this post, of one unit where it is given, by name in the reader's language."""
    rows = db.execute(_HOLDING, {"post": post, "unit": unit_id, "en": locale == "en"})
    return [dict(row._mapping) for row in rows]
