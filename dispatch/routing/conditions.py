"""What a rule may ask of a report, and how each question is answered: yes, no, or not known. Pure.

A rule keeps its conditions as JSON, by the names below; all of them must hold. What is not known does not hold when a case is
decided, and is a "perhaps" where a whole area is looked at (gaps.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from dispatch.routing.facts import Facts

Asked = tuple[int, int | None]
"""Id of the rule that asks, and the unit that it would name."""


def _areas(wanted: Sequence[Mapping[str, str]], facts: Facts, _asked: Asked) -> bool | None:
    code = facts.area_code or ""
    return any(code.startswith(area["code"]) for area in wanted)


def _classes(wanted: Sequence[str], facts: Facts, _asked: Asked) -> bool | None:
    if facts.class_code is None:
        return None
    return facts.class_code.startswith(tuple(wanted))


def _ground(_wanted: object, facts: Facts, asked: Asked) -> bool | None:
    return True if asked[0] in facts.ground else None if asked[0] in facts.partly else False


def _hours(wanted: Mapping[str, str], facts: Facts, _asked: Asked) -> bool | None:
    """From the first minute to before the last; a span may cross midnight."""
    if facts.time is None:
        return None
    begin, end = wanted["from"], wanted["to"]
    return begin <= facts.time < end if begin < end else facts.time >= begin or facts.time < end


def _dates(wanted: Mapping[str, str | None], facts: Facts, _asked: Asked) -> bool | None:
    if facts.day is None:
        return None
    return (wanted.get("from") or "") <= facts.day <= (wanted.get("to") or "9999")


def _day(wanted: str, facts: Facts, _asked: Asked) -> bool | None:
    return None if facts.workday is None else facts.workday == (wanted == "workday")


def _weather(wanted: Sequence[str], facts: Facts, _asked: Asked) -> bool | None:
    return None if facts.weather is None else not set(wanted).isdisjoint(facts.weather)


def _load_below(wanted: int, facts: Facts, asked: Asked) -> bool | None:
    orders = facts.load.get(asked[1]) if asked[1] is not None else None
    return None if orders is None else orders < wanted


def _on_shift(wanted: bool, facts: Facts, asked: Asked) -> bool | None:
    if facts.on_shift is None or asked[1] is None or asked[1] not in facts.on_shift:
        return None
    return facts.on_shift[asked[1]] == wanted


def _one_of(name: str) -> Callable[[Any, Facts, Asked], bool | None]:
    def holds(wanted: Sequence[Any], facts: Facts, _asked: Asked) -> bool | None:
        value = getattr(facts, name)
        return None if value is None else value in wanted

    return holds


CONDITIONS: dict[str, Callable[[Any, Facts, Asked], bool | None]] = {
    "classes": _classes,
    "areas": _areas,
    "ground": _ground,
    "conditions": _one_of("condition_id"),
    "asset_kinds": _one_of("asset_kind"),
    "owners": _one_of("asset_owner"),
    "asset_units": _one_of("asset_unit_id"),
    "sources": _one_of("source"),
    "priorities": _one_of("priority"),
    "dates": _dates,
    "weekdays": _one_of("weekday"),
    "hours": _hours,
    "day": _day,
    "weather": _weather,
    "load_below": _load_below,
    "on_shift": _on_shift,
}
"""Asked in this order: what most reports fail on comes first."""

PLACE = ("classes", "areas", "ground")
"""Conditions on which most rules of a large set fail: told as a number, not one by one."""


def answer(name: str, wanted: Any, facts: Facts, asked: Asked) -> bool | None:
    """Whether the condition holds; None where the fact is not known. A condition that this version does not know never holds."""
    condition = CONDITIONS.get(name)
    return condition(wanted, facts, asked) if condition else False
