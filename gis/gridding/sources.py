"""The register's streets, waters and buildings as borders of unit grids, and the communities to divide."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from sqlalchemy import Connection, text

from config.errors import NotFound
from gis.gridding.borders import Borders, rank, with_banks

MARGIN_DEGREES = 0.001
"""What is read beyond a community's box: a street along its very border belongs to the picture."""


@dataclass(frozen=True)
class Community:
    """One community: id, code, shape in WGS 84."""

    id: int
    code: str
    shape: shapely.MultiPolygon


def communities(db: Connection, area_code: str = "") -> list[Community]:
    """Communities in the area with this code (any level), or all. Raises NotFound for a code without any."""
    rows = db.execute(
        text("""
            with recursive below as (
                select id, level from gis.area where code = :code or (:code = '' and parent_id is null)
                union all
                select a.id, a.level from gis.area a join below b on a.parent_id = b.id
            )
            select id, code, st_asbinary(geom) as wkb from gis.area
            where level = 'community' and id in (select id from below) order by code
        """),
        {"code": area_code},
    ).all()
    if not rows:
        raise NotFound(
            "There is no community in '{code}'.", "Give the code of an area, or none for all.", code=area_code
        )
    return [Community(row.id, row.code, shapely.from_wkb(bytes(row.wkb))) for row in rows]


def divided(db: Connection) -> frozenset[str]:
    """Codes of the communities that have unit grids."""
    held = text("select code from gis.area a where exists (select from gis.unit_grid g where g.area_id = a.id)")
    return frozenset(db.execute(held).scalars())


def borders(db: Connection, around: shapely.Geometry) -> Borders:
    """Streets, waters and buildings in the box around a shape."""
    west, south, east, north = around.bounds
    rows = db.execute(
        text("""
            select kind, attributes, st_asbinary(st_force2d(geom)) as wkb from gis.asset
            where kind in ('road', 'water', 'building') and status <> 'removed'
              and geom && st_makeenvelope(:west, :south, :east, :north, 4326)
            order by id
        """),
        {
            "west": west - MARGIN_DEGREES,
            "south": south - MARGIN_DEGREES,
            "east": east + MARGIN_DEGREES,
            "north": north + MARGIN_DEGREES,
        },
    ).all()
    shapes = shapely.from_wkb(np.array([bytes(row.wkb) for row in rows], dtype=object))
    kinds = np.array([row.kind for row in rows], dtype=object)
    ranks = [rank(row.attributes) if row.kind == "road" else None for row in rows]
    streets = np.array([each is not None for each in ranks], dtype=bool) & (shapely.get_dimensions(shapes) == 1)
    ranked = np.array([each for each, kept in zip(ranks, streets, strict=True) if kept], dtype=np.int64)
    standing = (kinds == "building") & (shapely.get_dimensions(shapes) == 2)
    return with_banks(shapes[streets], ranked, shapes[kinds == "water"], shapes[standing])
