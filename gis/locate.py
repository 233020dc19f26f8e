"""Where a point lies: unit grid, areas at every level, nearest component of its class, street (D3)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from gis.db import prepared_sql, run_prepared

REACH_M = 30.0
"""A report belongs to a component of its class within this distance; positions of phones are about 5–20 m off."""


@dataclass(frozen=True)
class AreaAt:
    """One administrative area that holds the point."""

    id: int
    code: str
    level: str
    name: str
    name_en: str


@dataclass(frozen=True)
class AssetAt:
    """The nearest component of the asked class, with its distance in metres."""

    id: int
    code: str | None
    name: str
    kind: str
    unit_id: int | None
    distance_m: float
    owner: str = ""


@dataclass(frozen=True)
class Place:
    """What is known of a point. `areas` runs from the smallest upwards and is empty outside the city."""

    grid_id: int | None = None
    grid_code: str | None = None
    inspector_id: int | None = None
    areas: tuple[AreaAt, ...] = field(default=())
    asset: AssetAt | None = None
    road: str = ""
    road_en: str = ""

    @property
    def area_code(self) -> str | None:
        """Code of the smallest area; codes of all larger ones are its beginnings."""
        return self.areas[0].code if self.areas else None

    def area(self, level: str) -> AreaAt | None:
        """The area at one level, if the point lies in one."""
        return next((area for area in self.areas if area.level == level), None)


NOWHERE = Place()


def place(db: Connection, lon: float, lat: float, class_code: str | None, reach_m: float = REACH_M) -> Place:
    """Locate a WGS 84 point in one statement. `class_code` chooses which components count; None looks for none."""
    values = {"lon": lon, "lat": lat, "class_code": class_code, "reach_m": reach_m}
    row = run_prepared(db, prepared_sql("gis", "locate"), values).one()
    return Place(
        grid_id=row.grid_id,
        grid_code=row.grid_code,
        inspector_id=row.inspector_id,
        areas=tuple(_area(entry) for entry in row.areas),
        asset=_asset(row) if row.asset_id is not None else None,
        road=row.road_name or "",
        road_en=row.road_name_en or "",
    )


_ASSET = """
    select a.id as asset_id, a.code as asset_code, a.name as asset_name, a.kind as asset_kind, a.unit_id as asset_unit_id,
           a.owner as asset_owner,
           st_distance(a.geom::geography, st_setsrid(st_makepoint(:lon, :lat), 4326)::geography) as asset_distance_m
    from gis.asset a where a.id = :asset_id and a.status <> 'removed'
"""


def asset(db: Connection, asset_id: int, lon: float, lat: float) -> AssetAt | None:
    """One asset of the register, with its distance from a WGS 84 point; None where it is not, or not any more."""
    row = run_prepared(db, _ASSET, {"asset_id": asset_id, "lon": lon, "lat": lat}).first()
    return _asset(row) if row else None


def _area(entry: dict[str, Any]) -> AreaAt:
    return AreaAt(entry["id"], entry["code"], entry["level"], entry["name"], entry["name_en"])


def _asset(row: Any) -> AssetAt:
    return AssetAt(
        row.asset_id,
        row.asset_code,
        row.asset_name,
        row.asset_kind,
        row.asset_unit_id,
        float(row.asset_distance_m),
        row.asset_owner,
    )
