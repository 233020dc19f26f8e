"""Handlers proposed for a case with reasons, the best first (dispatch/handler_choice.py); what each of them can do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, text

from config.errors import NotFound, NotPermitted
from config.i18n import _, gettext
from dispatch import policy
from dispatch.handler_choice import Candidate, Proposed, rank
from gis.actors import Actor
from gis.db import named_sql
from gis.networks import tracing

REASONS = {
    "way": _("{n} m along the streets"),
    "straight": _("{n} m as the crow flies"),
    "place_unknown": _("place not known"),
    "skilled": _("does this class"),
    "unskilled": _("this class is not among the skills"),
    "off_shift": _("not on shift"),
    "handled": _("handled {n} of these in a year"),
    "load": _("{n} orders on hand"),
}


def proposed(db: Connection, case: dict[str, Any], locale: str, now: datetime) -> list[dict[str, Any]]:
    """Handlers of the case's unit. `case`: id, unit_id, class_code, lon, lat. Empty where it has no unit."""
    weights = policy.handler_weights()
    values = {
        "id": case["id"],
        "unit_id": case["unit_id"],
        "class_code": case["class_code"] or "",
        "now": now,
        "hours": weights["position_hours"],
    }
    rows = db.execute(named_sql("dispatch", "handlers"), values).all()
    ways = _ways(db, case, rows)
    named = {row.id: (locale == "en" and row.name_en) or row.name for row in rows}
    ranked = rank([_candidate(row, way) for row, way in zip(rows, ways, strict=True)], weights)
    return [_told(one, named[one.candidate.account_id], locale) for one in ranked]


def _ways(db: Connection, case: dict[str, Any], rows: Sequence[Row[Any]]) -> list[float | None]:
    """Metres along the streets to each, as far as the city has a street network there."""
    places = {row.id: (row.lon, row.lat) for row in rows if row.lon is not None}
    if case["lon"] is None or not places:
        return [None] * len(rows)
    try:
        found = tracing.distances(db, "street", (case["lon"], case["lat"]), list(places.values()))
    except NotFound:
        return [None] * len(rows)
    ways = dict(zip(places, found, strict=True))
    return [ways.get(row.id) for row in rows]


def _candidate(row: Row[Any], way: float | None) -> Candidate:
    # The way runs from crossing to crossing; it is never shorter than the line in the air.
    metres = max(way, row.straight_m or 0.0) if way is not None else row.straight_m
    skilled = bool(row.fits) if row.stated else None
    return Candidate(row.id, metres, way is None and metres is not None, skilled, None, row.handled, row.load)


def _told(one: Proposed, name: str, locale: str) -> dict[str, Any]:
    say = gettext(locale)
    reasons = [say(REASONS[what]).format(n=round(number)) for what, number in one.reasons]
    facts = {"metres": one.candidate.metres, "load": one.candidate.load, "skilled": one.candidate.skilled}
    return {"id": one.candidate.account_id, "name": name, "cost_m": round(one.cost_m), "reasons": reasons} | facts


def skills(db: Connection, actor: Actor) -> list[dict[str, Any]]:
    """Handlers of the actor's unit with the beginnings of the classes that they can do."""
    rows = db.execute(
        text(
            "select a.id, a.name, a.name_en, array(select class_prefix from dispatch.skill s where s.account_id = a.id order by 1)"
            " as skills from gis.account a join gis.post_assignment p on p.account_id = a.id and p.post = 'handler'"
            " where a.active and a.unit_id = :unit group by a.id order by a.name"
        ),
        {"unit": actor.unit_id},
    )
    return [dict(row._mapping) for row in rows]


def state_skills(db: Connection, actor: Actor, account_id: int, prefixes: Sequence[str]) -> None:
    """What a handler of one's own unit can do, by beginnings of class codes. Raises NotPermitted for somebody else's handler."""
    if account_id not in {one["id"] for one in skills(db, actor)}:
        raise NotPermitted("This is no handler of your unit.", "Choose one of your own unit.")
    db.execute(text("delete from dispatch.skill where account_id = :id"), {"id": account_id})
    for prefix in sorted(set(prefixes)):
        db.execute(
            text("insert into dispatch.skill (account_id, class_prefix) values (:id, :prefix)"),
            {"id": account_id, "prefix": prefix},
        )
