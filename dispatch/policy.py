"""What the city has decided and the engine needs as values: stage limits, working calendar, routing rules, conditions."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date, time
from functools import lru_cache
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, text

from config.errors import NotFound
from dispatch.deadlines import Calendar, Limit
from dispatch.routing import Rule


@dataclass(frozen=True)
class Condition:
    """A filing condition with what the engine needs of its class."""

    id: int
    class_code: str
    class_name: str
    text: str
    limit: Limit
    limit_text: str
    unit_id: int | None


@lru_cache
def stage_limits() -> dict[str, Limit]:
    """Limits of the centre's own stages, by stage."""
    return {stage: Limit(entry["kind"], entry["amount"]) for stage, entry in _stages()["limits"].items()}


def calendar(db: Connection, zone: ZoneInfo) -> Calendar:
    """The working calendar: shifts from config/stages.toml, special days from dispatch.calendar_day."""
    days = db.execute(text("select day, working from dispatch.calendar_day"))
    return Calendar(zone, _shifts(), {row.day: row.working for row in days})


_RULES = text("""
    select id, priority, name, name_en, matches, target, unit_id from dispatch.routing_rule
    where valid_from <= :day and (valid_to is null or valid_to > :day)
""")


def rules(db: Connection, day: date) -> list[Rule]:
    """Routing rules in force on `day`."""
    return [Rule(**row._mapping) for row in db.execute(_RULES, {"day": day})]


_CONDITION = text("""
    select f.id, f.class_code, c.name as class_name, f.text, f.limit_kind, f.limit_amount, f.limit_text, f.unit_id
    from dispatch.filing_condition f join dispatch.case_class c on c.code = f.class_code
    where f.valid_from <= :day and (f.valid_to is null or f.valid_to > :day)
      and (f.id = :id or (cast(:id as bigint) is null and f.class_code = :class_code))
    order by f.ordinal limit 1
""")


def condition(db: Connection, day: date, condition_id: int | None, class_code: str | None) -> Condition | None:
    """The condition asked for; where only a class is known its first one, which an operator may change later.

    Returns None where neither is known. Raises NotFound for a condition or class that is not in force on `day`.
    """
    if condition_id is None and class_code is None:
        return None
    row = db.execute(_CONDITION, {"day": day, "id": condition_id, "class_code": class_code}).first()
    if row is None:
        raise NotFound(
            "The class or filing condition '{asked}' is not in force.",
            "Choose one of the list at /api/standards.",
            asked=condition_id or class_code,
        )
    if class_code is not None and row.class_code != class_code:
        raise NotFound(
            "Filing condition {condition} does not belong to class {class_code}.",
            condition=condition_id,
            class_code=class_code,
        )
    limit = Limit(row.limit_kind, row.limit_amount)
    return Condition(row.id, row.class_code, row.class_name, row.text, limit, row.limit_text, row.unit_id)


@lru_cache
def _stages() -> dict[str, Any]:
    return tomllib.loads(files("config").joinpath("stages.toml").read_text(encoding="utf-8"))


@lru_cache
def _shifts() -> tuple[tuple[time, time], ...]:
    shifts = _stages()["working_hours"]["shifts"]
    return tuple((time.fromisoformat(opens), time.fromisoformat(closes)) for opens, closes in shifts)
