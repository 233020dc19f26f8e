"""Whom a rung tells about a case (D5)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, text

_RUNG = text("select name, name_en, whom, post, level from dispatch.escalation_rung where id = :id")

# Holders of a post at a level: of the city's centres, or of the second-level centre that has the case, or in whose area it lies.
_HOLDERS = text("""
    select distinct p.account_id from gis.post_assignment p
    join gis.account a on a.id = p.account_id and a.active
    left join gis.centre c on c.id = p.centre_id
    left join gis.area ca on ca.id = c.area_id
    where p.post = :post and coalesce(c.level, 'city') = :level
      and (:level = 'city' or c.id = :centre_id or (:area_code >= ca.code and :area_code < ca.code || '~'))
    order by p.account_id
""")


def rung(db: Connection, rung_id: int) -> Row[Any]:
    """The rung: its names, and whom it tells."""
    return db.execute(_RUNG, {"id": rung_id}).one()


def holders(db: Connection, case: Row[Any], told: Row[Any]) -> list[dict[str, Any]]:
    """The post that a rung names; at a level its holders one by one, and the post itself where nobody holds it there."""
    if told.level is None:
        return [{"post": told.post}]
    values = {"post": told.post, "level": told.level, "centre_id": case.centre_id, "area_code": case.area_code}
    found = db.execute(_HOLDERS, values).scalars()
    return [{"account_id": one} for one in found] or [{"post": told.post}]
