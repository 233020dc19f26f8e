"""Where the cases of a figure lie: unit grids with their numbers, to be coloured on a map."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Connection, text

from dispatch.evaluation import counting
from dispatch.evaluation.counting import Query

_SHAPES = text("""
    select g.code, st_asgeojson(g.geom, 6) as shape, a.name, a.name_en from gis.unit_grid g join gis.area a on a.id = g.area_id
    where g.code = any(:codes)
""")


def collection(db: Connection, figure: str, query: Query) -> dict[str, Any]:
    """A FeatureCollection (EPSG:4326) of grids with `code`, `cases` and their community's names."""
    cases = counting.by_grid(db, figure, query)
    rows = db.execute(_SHAPES, {"codes": list(cases)})
    features = [
        {
            "type": "Feature",
            "geometry": json.loads(row.shape),
            "properties": {"code": row.code, "cases": cases[row.code], "name": row.name, "name_en": row.name_en},
        }
        for row in rows
    ]
    return {"type": "FeatureCollection", "features": features}
