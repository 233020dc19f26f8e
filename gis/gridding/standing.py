"""The unit grids that hold now, however they were made, measured like drawn ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from sqlalchemy import Connection, text

from gis.gridding import drawing, quality, sources
from gis.gridding.drawing import Drawn
from gis.gridding.sources import Community
from gis.plane import plane_of


@dataclass(frozen=True)
class Standing:
    """Unit grids of one community as they hold: codes, the codes of their responsibility grids, shapes and surroundings."""

    community: Community
    codes: list[str]
    walks: list[str | None]
    drawn: Drawn


def read(db: Connection, area_code: str = "") -> list[Standing]:
    """The unit grids of an area's communities. Raises NotFound for a code without any community."""
    return [found for place in sources.communities(db, area_code) if (found := _read(db, place)) is not None]


def report(found: list[Standing]) -> dict[str, Any]:
    """The quality of what stands, see `quality.report`."""
    return quality.report(quality.measure(each.drawn, each.codes, each.community.shape) for each in found)


def _read(db: Connection, place: Community) -> Standing | None:
    rows = db.execute(
        text("""
            select g.code, r.code as walk, st_asbinary(g.geom) as wkb from gis.unit_grid g
            left join gis.responsibility_grid r on r.id = g.responsibility_grid_id where g.area_id = :area order by g.code
        """),
        {"area": place.id},
    ).all()
    if not rows:
        return None
    shapes = shapely.from_wkb(np.array([bytes(row.wkb) for row in rows], dtype=object))
    plane = plane_of(place.shape)
    around = drawing.within(place.shape, sources.borders(db, place.shape), plane)
    drawn = Drawn(shapes, plane.to_metres(shapes), plane, around)
    return Standing(place, [row.code for row in rows], [row.walk for row in rows], drawn)
