"""How many buildings hang on each main, and about how many people live in them.

A building is served by the main nearest to it within reach. People are estimated from the floor area of dwellings; both stay
unknown in a city without buildings on its map.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from pyproj import Transformer
from sqlalchemy import Connection, text

from gis.networks.graph import Floats, Ints

REACH_M = 120.0
FLOOR_M2_A_PERSON = 36.52
"""Floor area of family households in cities, Seventh National Population Census of China, 2020 (second-hand)."""

NO_DWELLINGS = [
    "commercial",
    "retail",
    "office",
    "industry",
    "industrial",
    "warehouse",
    "school",
    "hospital",
    "church",
    "public",
    "government",
    "garage",
    "garages",
    "roof",
]

_BUILDINGS = text("""
    select st_asbinary(st_force2d(geom)) as shape, coalesce(attributes ->> 'use', attributes ->> 'building', '') as use,
           coalesce(attributes ->> 'levels', attributes ->> 'building:levels', '') as levels
    from gis.asset where kind = 'building' and status <> 'removed' order by id
""")


def of_mains(db: Connection, mains: Sequence[Floats], project: Transformer) -> tuple[Ints, Floats] | None:
    """Buildings and people of each main (vertices in metres), shape (mains,); None where the city has no buildings."""
    rows = list(db.execute(_BUILDINGS))
    if not rows or not mains:
        return None
    degrees = shapely.from_wkb([bytes(row.shape) for row in rows])
    shapes = shapely.transform(degrees, lambda xy: np.column_stack(project.transform(xy[:, 0], xy[:, 1])))
    people = np.array([0.0 if row.use in NO_DWELLINGS else _levels(row.levels) for row in rows])
    return share_out(shapes, people * shapely.area(shapes) / FLOOR_M2_A_PERSON, mains)


def share_out(buildings: np.ndarray, people: Floats, mains: Sequence[Floats]) -> tuple[Ints, Floats]:
    """Each building once, to the nearest main within reach. Pure; metres."""
    tree = shapely.STRtree([shapely.LineString(xy) for xy in mains])
    building, main = tree.query_nearest(buildings, max_distance=REACH_M, all_matches=False)
    count: Ints = np.bincount(main, minlength=len(mains)).astype(np.int64)
    persons: Floats = np.bincount(main, weights=people[building], minlength=len(mains)).astype(np.float64)
    return count, persons


def _levels(stated: str) -> float:
    return float(stated) if stated.isdigit() and 0 < int(stated) < 200 else 1.0
