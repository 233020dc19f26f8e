"""What the city has decided and the engine needs as values: stage limits, working calendar, conditions."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row

from config.errors import NotFound
from dispatch.calendars import reading
from dispatch.calendars.working import Calendar
from dispatch.deadlines import CONTINUOUS_HOURS, Limit
from dispatch.workflow import guards
from gis.db import run_prepared


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


def on_site_distance_m() -> float:
    """Farther than this from the case, somebody is not on site (D9)."""
    return float(_stages()["on_site"]["distance_m"])


def handler_weights() -> dict[str, float]:
    """What counts how much when a handler is proposed, in metres (config/stages.toml)."""
    return {name: float(value) for name, value in _stages()["handlers"].items()}


@lru_cache
def of_moves() -> guards.Policy:
    """What the city has decided about requests, windows and verification."""
    wanted = _stages()["moves"]
    return guards.Policy(
        frozenset(wanted["seen_on_site"]),
        wanted["most_extensions"],
        timedelta(days=wanted["appeal_days"]),
        timedelta(days=wanted["reopening_days"]),
        timedelta(days=wanted["longest_suspension_days"]),
    )


def in_force(db: Connection, day: date, class_code: str | None) -> bool:
    """Whether the class has a filing condition in force on `day`."""
    return run_prepared(db, _CONDITION, {"day": day, "id": None, "class_code": class_code}).first() is not None


def calendar(db: Connection, zone: ZoneInfo, *limits: Limit, edition: int | None = None) -> Calendar:
    """The working calendar of an edition, unless told the newest.

    Where all of the `limits` it is wanted for run without a break, none is needed and none is read.
    """
    if limits and all(limit.kind in CONTINUOUS_HOURS for limit in limits):
        return Calendar(zone)
    return reading.calendar(db, zone, edition)


_CONDITION = """
    select f.id, f.class_code, c.name as class_name, f.text, f.limit_kind, f.limit_amount, f.limit_text, f.unit_id
    from dispatch.filing_condition f join dispatch.case_class c on c.code = f.class_code
    where f.valid_from <= :day and (f.valid_to is null or f.valid_to > :day)
      and (f.id = :id or (cast(:id as bigint) is null and f.class_code = :class_code))
    order by f.limit_kind like 'urgent%', case when f.limit_kind like 'urgent%' then -f.limit_amount end, f.ordinal limit 1
"""


def condition(db: Connection, day: date, condition_id: int | None, class_code: str | None) -> Condition | None:
    """The condition asked for; where only a class is known its ordinary one, which an operator may change later.

    Ordinary is the first that is no emergency, else the least urgent: nobody sends the fire brigade by saying nothing.

    Returns None where neither is known. Raises NotFound for a condition or class that is not in force on `day`.
    """
    if condition_id is None and class_code is None:
        return None
    row = run_prepared(db, _CONDITION, {"day": day, "id": condition_id, "class_code": class_code}).first()
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
    return _condition(row)


def _condition(row: Row[Any]) -> Condition:
    limit = Limit(row.limit_kind, row.limit_amount)
    return Condition(row.id, row.class_code, row.class_name, row.text, limit, row.limit_text, row.unit_id)


_STANDING = """
    select f.id, f.class_code, c.name as class_name, f.text, f.limit_kind, f.limit_amount, f.limit_text, f.unit_id
    from dispatch.filing_condition f join dispatch.case_class c on c.code = f.class_code where f.id = :id
"""


def standing(db: Connection, condition_id: int | None) -> Condition | None:
    """The condition under which a case stands, in force today or not."""
    row = run_prepared(db, _STANDING, {"id": condition_id}).first()
    return _condition(row) if row else None


def condition_by_ordinal(db: Connection, day: date, class_code: str | None, ordinal: int | None) -> int | None:
    """Id of a class's filing condition by its place in the class, where it is in force on `day`; otherwise None."""
    row = run_prepared(
        db,
        "select id from dispatch.filing_condition where class_code = :class_code and ordinal = cast(:ordinal as integer)"
        " and valid_from <= :day and (valid_to is null or valid_to > :day) order by id limit 1",
        {"class_code": class_code, "ordinal": ordinal, "day": day},
    ).first()
    return int(row.id) if row else None


def limit_of(db: Connection, condition_id: int | None) -> Limit | None:
    """The limit of a case's own condition, in force today or not: a newer class table does not change running cases."""
    row = run_prepared(
        db, "select limit_kind, limit_amount from dispatch.filing_condition where id = :id", {"id": condition_id}
    ).first()
    return Limit(row.limit_kind, row.limit_amount) if row else None


@lru_cache
def _stages() -> dict[str, Any]:
    return tomllib.loads(files("config").joinpath("stages.toml").read_text(encoding="utf-8"))
