"""Responsibility grids in the database: drawn from unit grids and streets, kept by their inspectors, changed by hand."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import shapely
from sqlalchemy import Connection, text

from config.errors import InvalidInput, NotFound
from gis.gridding import mesh, sources, walks
from gis.gridding.sources import Community
from gis.plane import plane_of

KILOMETRES = 8.0
"""Street that one inspector walks in a shift, unless told."""


def draw(db: Connection, area_code: str = "", kilometres: float = KILOMETRES) -> dict[str, Any]:
    """Group the unit grids of an area's communities into responsibility grids of about so many kilometres of street.

    A group never crosses a community. Its inspector is the one who had most of its unit grids. Returns figures; the caller commits.
    """
    if kilometres <= 0:
        raise InvalidInput("A walk needs a length above 0 km.", field="kilometres")
    lengths: list[float] = []
    for place in sources.communities(db, area_code):
        lengths += _draw(db, place, kilometres * 1000)
    km = np.array(lengths) / 1000
    spread = {"least": km.min(), "median": np.median(km), "most": km.max()} if len(km) else {}
    return {
        "responsibility_grids": len(km),
        "wanted_km": kilometres,
        "km": {name: round(float(value), 2) for name, value in spread.items()},
        "within_25_percent_of_mean": round(float((np.abs(km / km.mean() - 1) <= 0.25).mean()), 3) if len(km) else None,
    }


def move(db: Connection, grid_code: str, walk_code: str) -> None:
    """Give one unit grid to another responsibility grid. Raises NotFound for a code that is not there."""
    given = db.execute(
        text("""
            update gis.unit_grid g set responsibility_grid_id = r.id from gis.responsibility_grid r
            where g.code = :grid and r.code = :walk returning g.id
        """),
        {"grid": grid_code, "walk": walk_code},
    ).first()
    if given is None:
        raise NotFound(
            "There is no unit grid '{grid}' or no responsibility grid '{walk}'.",
            "Look both codes up on the map of unit grids.",
            grid=grid_code,
            walk=walk_code,
        )


def _draw(db: Connection, place: Community, metres: float) -> list[float]:
    rows = db.execute(
        text("""
            select g.id, st_asbinary(g.geom) as wkb, r.inspector_id from gis.unit_grid g
            left join gis.responsibility_grid r on r.id = g.responsibility_grid_id where g.area_id = :area order by g.code
        """),
        {"area": place.id},
    ).all()
    if not rows:
        return []
    plane = plane_of(place.shape)
    shapes = plane.to_metres(shapely.from_wkb(np.array([bytes(row.wkb) for row in rows], dtype=object)))
    around = sources.borders(db, place.shape)
    streets = plane.to_metres(around.lines[around.ranks < 4])
    lengths = walks.street_metres(shapes, streets)
    owner = walks.groups(
        lengths, mesh.shared(shapes, streets[:0], around.ranks[:0]), max(1, round(lengths.sum() / metres))
    )
    order = _west_to_east(shapes, owner)
    db.execute(text("update gis.unit_grid set responsibility_grid_id = null where area_id = :area"), {"area": place.id})
    for number, group in enumerate(order, start=1):
        mine = [row for row, own in zip(rows, owner, strict=True) if own == group]
        _store(db, place, number, mine)
    db.execute(
        text("""
            delete from gis.responsibility_grid r where starts_with(r.code, :code)
              and not exists (select from gis.unit_grid g where g.responsibility_grid_id = r.id)
        """),
        {"code": place.code},
    )
    return [float(lengths[owner == group].sum()) for group in order]


def _west_to_east(shapes: Any, owner: Any) -> list[int]:
    x = shapely.get_x(shapely.centroid(shapes))
    return sorted(range(int(owner.max()) + 1), key=lambda group: float(x[owner == group].mean()))


def _store(db: Connection, place: Community, number: int, mine: list[Any]) -> None:
    had = Counter(row.inspector_id for row in mine if row.inspector_id is not None).most_common(1)
    db.execute(
        text("""
            with walk as (
                insert into gis.responsibility_grid (code, name, inspector_id)
                select :code, a.name || '第' || cast(:number as int) || '责任网格', cast(:inspector as bigint)
                from gis.area a where a.id = :area
                on conflict (code) do update set name = excluded.name, inspector_id = excluded.inspector_id returning id
            )
            update gis.unit_grid set responsibility_grid_id = (select id from walk) where id = any(:grids)
        """),
        {
            "code": f"{place.code}R{number:02d}",
            "number": number,
            "inspector": had[0][0] if had else None,
            "area": place.id,
            "grids": [row.id for row in mine],
        },
    )
