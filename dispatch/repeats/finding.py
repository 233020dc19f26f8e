"""Open cases that may be the same thing, the likeliest first: while a report is typed, and for a case that stands already."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from config.errors import NotFound
from dispatch import listing
from dispatch.listing import Filter
from dispatch.repeats import scoring
from dispatch.repeats.scoring import Between, Policy
from dispatch.workflow import STATES
from gis.actors import Actor
from gis.db import prepared_sql, run_prepared


@dataclass(frozen=True)
class Asked:
    """A report, or a case (`case_id`), that others are compared with. `point`: WGS 84; `photos`: perceptual hashes."""

    point: tuple[float, float] | None
    at: datetime
    class_code: str | None = None
    asset_id: int | None = None
    words: str = ""
    photos: tuple[str, ...] = ()
    case_id: int | None = None


def repeats(db: Connection, actor: Actor, asked: Asked, *, now: datetime) -> list[dict[str, Any]]:
    """What may be the same, by score. Words and place of a case count and are told only to whom that case is open."""
    if asked.point is None:
        return []
    policy = scoring.shipped()
    rows = [row._mapping for row in _candidates(db, asked, policy)]
    readable = _readable(db, actor, [row["case_id"] for row in rows], now)
    found = [_scored(row, asked, readable.get(row["case_id"]), policy, actor.locale) for row in rows]
    shown = [each for each in found if each["score"] >= policy.levels["shown"]]
    return sorted(shown, key=lambda each: (-each["score"], each["distance_m"], each["case_id"]))[
        : int(policy.search["most"])
    ]


def of_case(db: Connection, case_id: int, words: str | None = None) -> Asked:
    """A case as what others are compared with. Raises NotFound."""
    row = db.execute(
        text("""
            select st_x(c.geom) as lon, st_y(c.geom) as lat, c.occurred_at, c.class_code, c.asset_id, c.location_quality,
                   (select r.description from dispatch.report r where r.case_id = c.id order by r.id limit 1) as words,
                   array(select p.perceptual_hash from dispatch.evidence e join dispatch.evidence_reading p on p.evidence_id = e.id
                         where e.case_id in (select dispatch.merged_with(c.id)) and p.perceptual_hash is not null) as photos
            from dispatch.seen_case c where c.id = :id
        """),
        {"id": case_id},
    ).first()
    if row is None:
        raise NotFound("There is no case {case}.", case=case_id)
    point = (row.lon, row.lat) if row.location_quality == "exact" else None
    said = words if words is not None else row.words or ""
    return Asked(point, row.occurred_at, row.class_code, row.asset_id, said, tuple(row.photos), case_id)


def _candidates(db: Connection, asked: Asked, policy: Policy) -> Any:
    assert asked.point is not None
    return run_prepared(
        db,
        prepared_sql("dispatch.repeats", "candidates"),
        {
            "lon": asked.point[0],
            "lat": asked.point[1],
            "radius_m": policy.search["radius_m"],
            "window_s": policy.search["window_hours"] * 3600,
            "moment": asked.at,
            "id": asked.case_id,
        },
    )


def _readable(db: Connection, actor: Actor, ids: list[int], now: datetime) -> dict[int, dict[str, Any]]:
    """The cases that the actor may open, by id."""
    if not ids:
        return {}
    return {case["id"]: case for case in listing.cases(db, actor, Filter(ids=tuple(ids)), now=now)}


def _scored(
    row: Mapping[str, Any], asked: Asked, readable: dict[str, Any] | None, policy: Policy, locale: str
) -> dict[str, Any]:
    both_classes, both_assets = (asked.class_code, row["class_code"]), (asked.asset_id, row["asset_id"])
    between = Between(
        metres=row["distance_m"],
        hours=abs((row["occurred_at"] - asked.at).total_seconds()) / 3600,
        same_class=None if None in both_classes else both_classes[0] == both_classes[1],
        same_asset=None if None in both_assets else both_assets[0] == both_assets[1],
        words=scoring.words_alike(asked.words, row["words"] or "") if readable else None,
        photo_bits=scoring.bits_apart(asked.photos, row["photos"]) if readable else None,
    )
    found = scoring.score(between, policy)
    return {
        "case_id": row["case_id"],
        "number": row["number"],
        "title": readable["title"] if readable else "",
        "class_name": readable["class_name"] if readable else "",
        "state": row["state"],
        "state_name": listing.name_of(STATES, row["state"], locale),
        "distance_m": round(row["distance_m"], 1),
        "occurred_at": row["occurred_at"],
        "lon": row["lon"] if readable else None,
        "lat": row["lat"] if readable else None,
        "reports": row["reports"] if readable else None,
        "may_open": readable is not None,
        "score": round(found.total, 3),
        "likely": found.total >= policy.levels["likely"],
        "parts": {name: round(value, 3) for name, value in found.parts.items()},
    }
