"""Who would get this, and why: a place and a class asked of the rules in force or of a draft, every rule with its reason."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, text

from dispatch import placing, policy
from dispatch.routing import naming, store, surroundings
from dispatch.routing.store import InForce
from gis.catalogue import seeing


@dataclass(frozen=True)
class Question:
    """What is asked about. `point`: WGS 84; `set_id`: a set that is not in force, to be tried."""

    point: tuple[float, float]
    class_code: str | None = None
    condition_id: int | None = None
    source: str = "inspector"
    priority: str = "normal"
    set_id: int | None = None
    weather: tuple[str, ...] | None = None


def explain(db: Connection, zone: ZoneInfo, asked: Question, moment: datetime, locale: str) -> dict[str, Any]:
    """The unit, the rule, the facts, and every rule with why it decides or not.

    Raises NotFound for a class or condition not in force, UnroutableCase where no rule fits and there is no fallback desk.
    """
    condition = policy.condition(db, moment.astimezone(zone).date(), asked.condition_id, asked.class_code)
    place = placing.place(db, asked.point, condition.class_code if condition else None)
    rules = store.in_force(db, moment)
    book = rules.book if asked.set_id is None else store.book_of(db, asked.set_id)
    weather = rules.weather if asked.weather is None else asked.weather
    rules = InForce(book, rules.fallback_unit_id, weather)
    about = placing.About(asked.source, asked.priority, condition)
    facts = surroundings.around(db, zone, rules, placing.facts_of(db, place, about), asked.point, moment)
    decision = book.decide(facts, rules.fallback_unit_id, all_rules=True)
    unit = db.execute(text("select id, name, name_en from gis.unit where id = :id"), {"id": decision.unit_id}).one()
    shown = naming.considered(db, decision.considered, locale)
    hidden = place.asset is not None and not seeing.sees(db, place.asset.id)  # it leads to its unit all the same
    asset = "…" if hidden else place.asset.name or place.asset.code if place.asset else None
    told = {name: value for name, value in decision.facts.items() if not (hidden and name.startswith("asset"))}
    return {
        "unit": dict(unit._mapping),
        "reason": decision.reason,
        "rule": next((entry for entry in shown if entry["outcome"] == "chosen"), None),
        "considered": shown,
        "place": {
            "grid": place.grid_code,
            "areas": [(locale == "en" and area.name_en) or area.name for area in reversed(place.areas)],
            "asset": asset,
        },
        "facts": told,
    }
