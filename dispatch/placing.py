"""Where a report belongs and to whom: locating and routing together, for new reports and for cases that change class (D3, D4)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, text

from dispatch import routing
from dispatch.policy import Condition
from dispatch.routing import store, surroundings
from gis import locate
from gis.geocoding import describe
from gis.locate import Place


def place(
    db: Connection, point: tuple[float, float] | None, class_code: str | None, asset_id: int | None = None
) -> Place:
    """All that is known of a WGS 84 point; nowhere without one. An asset that the sender names counts before the nearest."""
    found = locate.place(db, *point, component_class(class_code)) if point else locate.NOWHERE
    if point is None or asset_id is None or found.asset is None or found.asset.id == asset_id:
        return found
    return replace(found, asset=locate.asset(db, asset_id, *point) or found.asset)


def quality(point: tuple[float, float] | None, at: Place) -> str:
    """How well a case is placed."""
    return "unlocated" if point is None else "outside" if not at.areas else "exact"


def columns(db: Connection, point: tuple[float, float], at: Place) -> dict[str, Any]:
    """Columns of a case that now lies at a WGS 84 point."""
    address, english = describe.addresses(db, *point)
    return {
        "geom": f"SRID=4326;POINT({point[0]} {point[1]})",
        "location_quality": quality(point, at),
        "address": address,
        "address_en": english,
        "grid_id": at.grid_id,
        "grid_code": at.grid_code,
        "area_code": at.area_code,
        "inspector_id": at.inspector_id,
        "asset_id": at.asset.id if at.asset else None,
    }


def component_class(class_code: str | None) -> str | None:
    """Components are looked for only where the class is one of components; matters have no thing to stand at."""
    return class_code if class_code and class_code.startswith("C") else None


@dataclass(frozen=True)
class About:
    """What is asked about: who reported it, how urgent it is, as what, and the asset that the sender named."""

    source: str
    priority: str
    condition: Condition | None
    asset_id: int | None = None


def route(
    db: Connection, zone: ZoneInfo, moment: datetime, point: tuple[float, float] | None, at: Place, about: About
) -> routing.Decision:
    """The responsible unit by the rules in force at `moment`, with its reasons. `point`: WGS 84, where it is known."""
    rules = store.in_force(db, moment)
    facts = surroundings.around(db, zone, rules, facts_of(db, at, about), point, moment)
    return rules.book.decide(facts, rules.fallback_unit_id)


def facts_of(db: Connection, at: Place, about: About) -> routing.Facts:
    """The facts that place and class give."""
    condition, asset = about.condition, at.asset
    unit, owner, kind = (asset.unit_id, asset.owner, asset.kind) if asset else _asset_named(db, about.asset_id)
    return routing.Facts(
        class_code=condition.class_code if condition else None,
        area_code=at.area_code,
        source=about.source,
        priority=about.priority,
        asset_id=asset.id if asset else about.asset_id,
        asset_code=asset.code if asset else None,
        asset_unit_id=unit,
        asset_owner=owner,
        asset_kind=kind,
        condition_id=condition.id if condition else None,
        condition_unit_id=condition.unit_id if condition else None,
    )


def _asset_named(db: Connection, asset_id: int | None) -> tuple[int | None, str | None, str | None]:
    """Unit, owner and kind of the asset that the sender named: a meter or a bus stands in no list of components."""
    if asset_id is None:
        return None, None, None
    row = db.execute(text("select unit_id, owner, kind from gis.asset where id = :id"), {"id": asset_id}).first()
    return (row.unit_id, row.owner, row.kind) if row else (None, None, None)
