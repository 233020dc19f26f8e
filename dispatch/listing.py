"""Cases as people see them: lists, counts, one case with its history. What an actor may not see is in none of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from typing import Any

from sqlalchemy import Connection, Row, text

from config.errors import NotFound
from config.i18n import _, gettext
from dispatch import alarm_words
from dispatch.deadlines import timing
from dispatch.workflow import MOVES, STAGES, STATES
from gis.actors import Actor
from gis.db import literal, run_prepared

_SELECT = files("dispatch").joinpath("listing.sql").read_text(encoding="utf-8")

NOW = "(select gis.now())"
"""The instance's time, asked once in a statement and not once a row."""

URGENCY = "coalesce(c.stage_due_at, 'infinity'::timestamptz)"
"""When a case's clock runs out, as the index of open cases has it; what has no clock comes last."""

FIRST = "(case when c.priority = 'emergency' or c.emergency_claimed then 0 else 1 end)"
"""Emergencies, and what was reported as one and is not decided yet, stand before everything else; as the index of open cases has it."""

_CONDITIONS = {
    "state": "c.state = :state",
    "states": "c.state = any(string_to_array(:states, ','))",
    "unit_id": "c.unit_id = :unit_id",
    "orders_of": """(c.unit_id = :orders_of or exists (
        select from dispatch.assist s where s.case_id = c.id and s.unit_id = :orders_of and s.ended_at is null))""",
    "open": "c.closed_at is null",
    "overdue": f"c.closed_at is null and {URGENCY} <= {NOW}",
    "due_within_s": f"""c.closed_at is null and {URGENCY} > {NOW}
              and {URGENCY} <= {NOW} + :due_within_s * interval '1 second'""",
    "q": """(c.number like :q_start or c.title ilike :q_any or c.address ilike :q_any or c.address_en ilike :q_any
              or (c.source = 'sensor' and exists (select from dispatch.report r where r.case_id = c.id
                  and r.source_system = 'alarm' and r.raw ->> 'rule_name_en' ilike :q_any)))""",
    "bbox": "c.geom && st_makeenvelope(:west, :south, :east, :north, 4326)",
    "before": "c.id < :before",
    "before_urgent": f"""({FIRST}, {URGENCY}, c.id) > (select {FIRST}, {URGENCY}, c.id from dispatch.seen_case c where c.id = :before)""",
    "id": "c.id = any(:ids)",
    "class_code": "c.class_code = :class_code",
    "source": "c.source = :source",
    "area": "c.area_code >= :area and c.area_code < :area || '~'",
    "since": "c.occurred_at >= :since",
    "until": "c.occurred_at < :until",
}

ORDER_STATES = ("dispatched", "handling", "suspended", "disputed", "handled", "checking", "checked", "failed")
"""States in which a case is an order of its unit."""

# Without `case.list` one sees: orders of one's own unit (leading or assisting), one's own tasks (and open ones that are for
# all), what one reported.
_ORDERS = ", ".join(f"'{state}'" for state in (*ORDER_STATES, "closed", "transferred"))
_SEEN = f"""(
    (c.unit_id = :own_unit and c.state in ({_ORDERS}))
    or exists (select from dispatch.assist s where s.case_id = c.id and s.unit_id = :own_unit
               and s.state in ('sent', 'accepted', 'done'))
    or exists (select from dispatch.task t where t.case_id = c.id
               and (t.inspector_id = :own_account or (t.inspector_id is null and t.done_at is null and :own_tasks = 'yes')))
    or exists (select from dispatch.case_event e where e.case_id = c.id and e.seq = 1 and e.account_id = :own_account)
)"""


@dataclass(frozen=True)
class Filter:
    """What a list is narrowed to. `bbox` is west, south, east, north in degrees; `before` is the last case of the page before.

    Newest first, or open cases with the clock first that runs out first. `orders_of`: a unit that leads or assists.
    """

    state: str | None = None
    states: tuple[str, ...] | None = None
    unit_id: int | None = None
    orders_of: int | None = None
    q: str | None = None
    bbox: tuple[float, float, float, float] | None = None
    overdue: bool = False
    open: bool = False
    class_code: str | None = None
    source: str | None = None
    area: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    ids: tuple[int, ...] | None = None
    before: int | None = None
    due_within_s: float | None = None
    most_urgent_first: bool = False


def cases(db: Connection, actor: Actor, wanted: Filter, *, now: datetime, limit: int = 100) -> list[dict[str, Any]]:
    """The newest, or the most urgent, cases that fit, as `case` of the HTTP contract."""
    where, values = _where(actor, wanted)
    order = f"{FIRST}, {URGENCY}, c.id" if wanted.most_urgent_first else "c.id desc"
    statement = f"{_SELECT} where {where} order by {order} limit :limit"
    return [summary(row, now, actor.locale) for row in run_prepared(db, statement, {**values, "limit": limit})]


def count(db: Connection, actor: Actor, wanted: Filter) -> int:
    """How many cases fit, over all pages."""
    where, values = _where(actor, wanted)
    return int(db.execute(text(f"select count(*) from dispatch.seen_case c where {where}"), values).scalar_one())


def counters(db: Connection, actor: Actor) -> dict[str, int]:
    """Open, due soon, overdue, reported in the last 24 hours: each counted in the index that has it."""
    where, values = _where(actor, Filter())
    counted = {
        "open": "c.closed_at is null",
        "warn": f"c.closed_at is null and {URGENCY} > {NOW} and c.stage_warn_at <= {NOW}",
        "overdue": _CONDITIONS["overdue"],
        "today": f"c.occurred_at > {NOW} - interval '24 hours'",
    }
    numbers = (
        f"(select count(*) from dispatch.seen_case c where {where} and {condition}) as {name}"
        for name, condition in counted.items()
    )
    return dict(db.execute(text(f"select {', '.join(numbers)}"), values).one()._mapping)


def case(db: Connection, actor: Actor, case_id: int, *, now: datetime) -> dict[str, Any]:
    """One case. Raises NotFound for one that does not exist or that `actor` may not see."""
    found = cases(db, actor, Filter(ids=(case_id,)), now=now, limit=1)
    if not found:
        raise NotFound("There is no case {case} that you may see.", case=case_id)
    return found[0]


def summary(row: Row[Any], now: datetime, locale: str) -> dict[str, Any]:
    """A row of listing.sql as `case` of the HTTP contract, names in the reader's language."""
    said = _Names(row, locale)
    translate = gettext(locale)
    return {
        "id": row.id,
        "number": row.number,
        "state": row.state,
        "state_name": name_of(STATES, row.state, locale),
        "title": alarm_words.title(row.alarm, locale) if row.alarm else row.title or said("class_name"),
        "class_code": row.class_code,
        "class_name": said("class_name") or translate(_("Not yet classified")),
        "condition_id": row.condition_id,
        "source": row.source,
        "priority": row.priority,
        "emergency_claimed": row.emergency_claimed,
        "occurred_at": row.occurred_at,
        "recorded_at": row.recorded_at,
        "closed_at": row.closed_at,
        "due_at": row.due_at,
        "stage": row.stage,
        "stage_name": name_of(STAGES, row.stage, locale) if row.stage else None,
        "stage_due_at": row.stage_due_at,
        "provisional": row.provisional,
        "timing": timing(now, row.stage_warn_at, row.stage_due_at if row.closed_at is None else None),
        "lon": row.lon,
        "lat": row.lat,
        "location_quality": row.location_quality,
        "address": (locale == "en" and row.address_en) or row.address,
        "grid_code": row.grid_code,
        "community": said("community"),
        "subdistrict": said("subdistrict"),
        "asset": {"id": row.asset_id, "code": row.asset_code, "name": said("asset_name"), "kind": row.asset_kind}
        if row.asset_id
        else None,
        "unit": {"id": row.unit_id, "name": said("unit_name")} if row.unit_id else None,
        "handler": said("handler"),
        "rework_count": row.rework_count,
        "reopened_count": row.reopened_count,
        "pressed": row.pressed,
        "resume_at": row.resume_at,
        "merged_into_id": row.merged_into_id,
        "version": row.version,
        "imported": row.imported,
        "trace_id": row.trace_id,
    }


def name_of(names: Mapping[str, tuple[str, str]], key: str, locale: str) -> str:
    """The name of a state, stage or move in the reader's language."""
    chinese, english = names.get(key, (key, key))
    return english if locale == "en" else chinese


def move_name(move: str, locale: str) -> str:
    """The name of a move in the reader's language."""
    return name_of(MOVES, move, locale)


class _Names:
    """Picks `x_en` of a row where English is wanted and there is one, else `x`."""

    def __init__(self, row: Row[Any], locale: str) -> None:
        self._row = row
        self._english = locale == "en"

    def __call__(self, column: str) -> str:
        name = getattr(self._row, f"{column}_en") if self._english else None
        return name or getattr(self._row, column) or ""


def seen_by(actor: Actor) -> tuple[str, dict[str, Any]]:
    """The condition on `dispatch.seen_case c` that the actor may see a case, with its values; for statements of other files."""
    return _where(actor, Filter())


def _where(actor: Actor, wanted: Filter) -> tuple[str, dict[str, Any]]:
    """Condition and values. Only the constant fragments above are ever joined; every value is bound."""
    values: dict[str, Any] = {
        "state": wanted.state,
        "states": ",".join(wanted.states) if wanted.states else None,
        "unit_id": wanted.unit_id,
        "orders_of": wanted.orders_of,
        "class_code": wanted.class_code,
        "source": wanted.source,
        "area": wanted.area,
        "since": wanted.since,
        "until": wanted.until,
        "due_within_s": wanted.due_within_s,
        "before_urgent" if wanted.most_urgent_first else "before": wanted.before,
    }
    parts = [_CONDITIONS[name] for name, value in values.items() if value is not None]
    values = {name.removesuffix("_urgent"): value for name, value in values.items() if value is not None}
    if wanted.overdue:
        parts.append(_CONDITIONS["overdue"])
    if wanted.open or wanted.most_urgent_first:
        parts.append(_CONDITIONS["open"])
    if wanted.q:
        parts.append(_CONDITIONS["q"])
        words = literal(wanted.q)
        values |= {"q_start": f"{words}%", "q_any": f"%{words}%"}
    if wanted.bbox:
        parts.append(_CONDITIONS["bbox"])
        values |= dict(zip(("west", "south", "east", "north"), wanted.bbox, strict=True))
    if wanted.ids is not None:
        parts.append(_CONDITIONS["id"])
        values["ids"] = list(wanted.ids)
    if not actor.may("case.list"):
        parts.append(_SEEN)
        values |= {
            "own_unit": actor.unit_id if actor.may("order.list") else None,
            "own_account": actor.account_id,
            "own_tasks": "yes" if actor.may("task.do") else "no",
        }
    return " and ".join(parts) or "true", values
