"""Duty hours of units (值班时间): when somebody of a unit is there to take an order, stated by the unit itself (D4).

A unit that has stated nothing is not known to be there or not. A span that ends before it begins goes past midnight, and belongs to
the weekday on which it began. Times are the city's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, text

from config.errors import InvalidInput
from gis.actors import Actor


@dataclass(frozen=True)
class Hours:
    """One span: weekdays on which it begins (1 Monday to 7), and from when to when, as HH:MM; 00:00 to 24:00 is all day."""

    weekdays: tuple[int, ...]
    begins: str
    ends: str


def there(stated: Sequence[Hours], local: datetime) -> bool:
    """Whether a unit with these hours is on duty at a moment in the city's zone. Pure."""
    now, today = local.strftime("%H:%M"), local.isoweekday()
    yesterday = (today - 2) % 7 + 1
    for span in stated:
        if span.begins < span.ends:
            if today in span.weekdays and span.begins <= now < span.ends:
                return True
        elif (today in span.weekdays and now >= span.begins) or (yesterday in span.weekdays and now < span.ends):
            return True
    return False


def on_duty(db: Connection, units: Iterable[int], moment: datetime, zone: ZoneInfo) -> dict[int, bool]:
    """Of these units those that have stated their hours, and whether they are on duty."""
    stated = defaultdict(list)
    rows = db.execute(
        text("select unit_id, weekdays, begins, ends from dispatch.unit_duty where unit_id = any(:ids)"),
        {"ids": list(units)},
    )
    for row in rows:
        stated[row.unit_id].append(Hours(tuple(row.weekdays), row.begins, row.ends))
    local = moment.astimezone(zone)
    return {unit: there(hours, local) for unit, hours in stated.items()}


def of_unit(db: Connection, unit_id: int | None) -> list[dict[str, Any]]:
    """The hours that a unit has stated."""
    rows = db.execute(
        text("select weekdays, begins, ends from dispatch.unit_duty where unit_id = :unit order by id"),
        {"unit": unit_id},
    )
    return [dict(row._mapping) for row in rows]


def state(db: Connection, actor: Actor, hours: Sequence[Hours]) -> None:
    """Replace the hours of the actor's unit. Raises InvalidInput."""
    if actor.unit_id is None:
        raise InvalidInput("You belong to no unit.", "Sign in as the unit's desk.")
    db.execute(text("delete from dispatch.unit_duty where unit_id = :unit"), {"unit": actor.unit_id})
    for span in hours:
        if span.begins == span.ends:
            raise InvalidInput(
                "The hours end when they begin.", "Write 00:00 to 24:00 for the whole day.", field="ends"
            )
        db.execute(
            text(
                "insert into dispatch.unit_duty (unit_id, weekdays, begins, ends, account_id)"
                " values (:unit, :weekdays, :begins, :ends, :me)"
            ),
            {
                "unit": actor.unit_id,
                "weekdays": sorted(set(span.weekdays)),
                "begins": span.begins,
                "ends": span.ends,
                "me": actor.account_id,
            },
        )
