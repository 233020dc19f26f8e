"""What people teach the rules: how often each was corrected, to whom, where; and what follows, for somebody to accept (D4)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from config.errors import NotFound
from dispatch.routing import editing, sets
from dispatch.routing.editing import Wanted
from gis.db import named_sql

FEWEST = 3
SHARE = 0.5
"""Corrections that lead to a proposal: at least so many to the same unit, and at least this share of what the rule decided there."""


def proposals(db: Connection, since: datetime) -> list[dict[str, Any]]:
    """Rule (number null: the fallback desk), community and class that people corrected to the same unit again and again since a moment.

    Those with the most corrections first; what was answered before comes again only when there were as many more since.
    """
    rows = db.execute(named_sql("dispatch.routing", "corrections"), {"since": since, "fewest": FEWEST})
    return [dict(row._mapping) for row in rows if row.corrected >= SHARE * row.decided]


def used(db: Connection, since: datetime) -> dict[int, dict[str, int]]:
    """By number of the rule: how many cases it decided since a moment, and how many of these people corrected."""
    rows = db.execute(
        text(
            "select r.number, count(*) as decided, count(*) filter (where exists (select from dispatch.routing_decision p"
            "   where p.case_id = d.case_id and p.id > d.id and p.reason = 'person' and p.unit_id <> d.unit_id)) as corrected"
            " from dispatch.routing_decision d join dispatch.routing_rule r on r.id = d.rule_id"
            " where d.recorded_at >= :since group by r.number"
        ),
        {"since": since},
    )
    return {row.number: {"decided": row.decided, "corrected": row.corrected} for row in rows}


def answer(
    db: Connection,
    account_id: int,
    wanted: Mapping[str, Any],
    set_id: int | None,
    names: tuple[str, str],
    why: str,
    since: datetime,
) -> int | None:
    """Accept a proposal into the draft `set_id`, or decline it (None); returns the number of the new rule.

    `wanted`: number, area_code, class_code, unit_id. `names` of the new rule, Chinese and English. Raises NotFound for what is not
    proposed any more.
    """
    key = ("number", "area_code", "class_code", "unit_id")
    found = next((each for each in proposals(db, since) if all(each[name] == wanted[name] for name in key)), None)
    if found is None:
        raise NotFound("This is not proposed any more.", "Load the proposals again.")
    made = None
    if set_id is not None:
        priority = found["priority"] if found["priority"] is not None else 100
        matches = {"areas": [{"code": found["area_code"]}], "classes": [found["class_code"]]}
        rule = Wanted(names[0], "unit", priority, found["unit_id"], names[1], matches)
        made = editing.save(db, account_id, set_id, None, rule, why)
        sets.note(db, set_id, made, "accepted", account_id, after=found, why=why)
    db.execute(
        text(
            "insert into dispatch.routing_answer (number, area_code, class_code, unit_id, accepted, facts, why, account_id)"
            " values (:number, :area_code, :class_code, :unit_id, :accepted, cast(:facts as jsonb), :why, :account)"
        ),
        {
            **{name: found[name] for name in key},
            "accepted": "declined" if set_id is None else "accepted",
            "facts": json.dumps({name: found[name] for name in ("corrected", "decided")}),
            "why": why,
            "account": account_id,
        },
    )
    return made
