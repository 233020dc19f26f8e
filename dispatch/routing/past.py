"""What the rules would say of cases that there have been: the facts of each as it was reported."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, text

from config.errors import UnroutableCase
from dispatch.calendars.working import Calendar
from dispatch.routing.book import Book
from dispatch.routing.facts import Facts
from dispatch.routing.surroundings import at_time


@dataclass(frozen=True)
class PastCase:
    """A case with its facts; weather and load as the decision of that day kept them, else not known."""

    id: int
    number: str
    title: str
    point: tuple[float, float] | None
    facts: Facts


_CASES = text("""
    select c.id, c.number, c.title, st_x(c.geom) as lon, st_y(c.geom) as lat, c.class_code, c.condition_id, c.area_code, c.source,
           c.priority, c.occurred_at, c.asset_id, a.kind as asset_kind, a.owner as asset_owner, a.unit_id as asset_unit_id,
           f.unit_id as condition_unit_id, d.facts
    from dispatch.seen_case c
    left join gis.seen_asset a on a.id = c.asset_id
    left join dispatch.filing_condition f on f.id = c.condition_id
    left join lateral (select d.facts from dispatch.routing_decision d where d.case_id = c.id order by d.id limit 1) d on true
    where c.id > :after and c.occurred_at >= :since and c.occurred_at < :until and c.class_code is not null
    order by c.id limit :most
""")


def cases(
    db: Connection, since: datetime, until: datetime, after: int, most: int, zone: ZoneInfo, calendar: Calendar
) -> Iterator[PastCase]:
    """Classified cases that happened between two moments, by id, those after one id; as far as the transaction may see."""
    for row in db.execute(_CASES, {"since": since, "until": until, "after": after, "most": most}):
        yield PastCase(
            row.id, row.number, row.title, _point(row), at_time(_facts(row), row.occurred_at, zone, calendar)
        )


def unit_by(book: Book, fallback: int | None, case: PastCase) -> tuple[int | None, int | None]:
    """The unit that a set of rules names for a past case, and the id of the rule; the fallback desk has no rule."""
    try:
        decision = book.decide(replace(case.facts, ground=book.at(case.point)), fallback)
    except UnroutableCase:
        return None, None
    return decision.unit_id, decision.rule_id


def _point(row: Any) -> tuple[float, float] | None:
    return (row.lon, row.lat) if row.lon is not None else None


def _facts(row: Any) -> Facts:
    kept = row.facts or {}
    weather, load = kept.get("weather"), kept.get("load") or {}
    return Facts(
        class_code=row.class_code,
        area_code=row.area_code,
        source=row.source,
        priority=row.priority,
        asset_id=row.asset_id,
        asset_unit_id=row.asset_unit_id,
        asset_kind=row.asset_kind,
        asset_owner=row.asset_owner,
        condition_id=row.condition_id,
        condition_unit_id=row.condition_unit_id,
        weather=None if weather is None else tuple(weather),
        load={int(unit): orders for unit, orders in load.items()},
    )
