"""Where a report belongs and to whom: locating and routing together, for new reports and for cases that change class (D3, D4)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from sqlalchemy import Connection, text

from dispatch import policy, routing
from dispatch.policy import Condition
from gis import locate
from gis.locate import Place


def place(
    db: Connection, point: tuple[float, float] | None, class_code: str | None, asset_id: int | None = None
) -> Place:
    """All that is known of a WGS 84 point; nowhere without one. An asset that the sender names counts before the nearest."""
    found = locate.place(db, *point, component_class(class_code)) if point else locate.NOWHERE
    if point is None or asset_id is None or found.asset is None or found.asset.id == asset_id:
        return found
    return replace(found, asset=locate.asset(db, asset_id, *point) or found.asset)


def component_class(class_code: str | None) -> str | None:
    """Components are looked for only where the class is one of components; matters have no thing to stand at."""
    return class_code if class_code and class_code.startswith("C") else None


def route(
    db: Connection, day: date, source: str, at: Place, condition: Condition | None, asset_id: int | None
) -> routing.Decision:
    """The responsible unit by the rules in force on `day`, with its reasons. `asset_id`: the asset the sender named."""
    facts = routing.Facts(
        class_code=condition.class_code if condition else None,
        area_code=at.area_code,
        source=source,
        asset_id=at.asset.id if at.asset else asset_id,
        asset_code=at.asset.code if at.asset else None,
        asset_unit_id=at.asset.unit_id if at.asset else _unit_of(db, asset_id),
        condition_unit_id=condition.unit_id if condition else None,
    )
    return routing.decide(facts, *policy.rules(db, day))


def _unit_of(db: Connection, asset_id: int | None) -> int | None:
    """Who owns the asset that the sender named: a meter or a bus stands in no list of components."""
    if asset_id is None:
        return None
    return db.execute(text("select unit_id from gis.asset where id = :id"), {"id": asset_id}).scalar()
