"""Where a point lies, found by looking at everything with shapely: what gis/locate.py must say, made another way.

Distances are metres on a plane that touches the WGS 84 spheroid at the point: within a few hundred metres they differ from those
on the spheroid by less than a millimetre. Nothing of the database's own geometry is used but the shapes themselves.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from random import Random
from typing import Any

import numpy as np
import shapely
from sqlalchemy import Connection, text

SEMI_MAJOR_M, FLATTENING = 6_378_137.0, 1 / 298.257223563
SAME_M = 0.01
"""Two things this equally far are both right answers."""


@dataclass(frozen=True)
class Truth:
    """What lies at a point. `assets` and `roads` are all right answers: those as near as the nearest, empty for none."""

    grid: str | None
    areas: tuple[str, ...]
    assets: frozenset[int]
    roads: frozenset[str]


class City:
    """All grids, areas, components and named roads of a database, in memory."""

    def __init__(self, db: Connection) -> None:
        self.grids = _Shapes(
            db,
            "select g.code as label, a.code as extra, g.geom from gis.unit_grid g join gis.area a on a.id = g.area_id",
        )
        self.areas = _Shapes(db, "select code as label, level as extra, geom from gis.area")
        self.parents = {
            row.code: row.parent
            for row in db.execute(
                text("select a.code, p.code as parent from gis.area a left join gis.area p on p.id = a.parent_id")
            )
        }
        self.roads = _Shapes(
            db,
            "select name as label, '' as extra, geom from gis.asset where kind = 'road' and name <> '' and status <> 'removed'",
        )
        classes = db.execute(text("select distinct class_code from gis.asset where class_code is not null")).scalars()
        self.components = {
            code: _Shapes(
                db,
                "select id as label, '' as extra, geom from gis.asset where class_code = :code and status <> 'removed'",
                code=code,
            )
            for code in classes
        }

    def truth(self, lon: float, lat: float, class_code: str | None, reach_m: float) -> Truth:
        """What locating this WGS 84 point must give."""
        holding = self.grids.covering(lon, lat)
        grid = min(holding, default=None)
        if grid is not None:
            smallest: str | None = self.grids.extra[grid]
        else:
            order = ("community", "subdistrict", "district", "city")
            found = sorted((order.index(self.areas.extra[code]), code) for code in self.areas.covering(lon, lat))
            smallest = found[0][1] if found else None
        chain = []
        while smallest is not None:
            chain.append(smallest)
            smallest = self.parents[smallest]
        assets = self.components[class_code].nearest(lon, lat, reach_m) if class_code in self.components else set()
        return Truth(grid, tuple(chain), frozenset(assets), frozenset(self.roads.nearest(lon, lat, 2 * reach_m)))

    def awkward_points(self, count: int, seed: int) -> list[tuple[float, float]]:
        """Points all over and around the city, on corners and sides of grids and areas, at things, far outside, at 0, 0."""
        random = Random(seed)
        west, south, east, north = shapely.total_bounds(self.areas.shapes)
        wide, high = east - west, north - south
        corners = np.concatenate(
            [shapely.get_coordinates(self.grids.shapes), shapely.get_coordinates(self.areas.shapes)]
        )
        sides = (corners[:-1] + corners[1:]) / 2
        things = [shapes for shapes in self.components.values() if len(shapes.shapes)]
        points = [(0.0, 0.0), (180.0, 90.0), (-180.0, -90.0), (lon_of(west - 2), lat_of(south - 2))]
        while len(points) < count:
            draw = random.random()
            if draw < 0.5:
                point = (
                    random.uniform(west - 0.1 * wide, east + 0.1 * wide),
                    random.uniform(south - 0.1 * high, north + 0.1 * high),
                )
            elif draw < 0.65:
                point = tuple(random.choice(corners))
            elif draw < 0.75:
                point = tuple(random.choice(sides))
            else:
                place = random.choice(random.choice(things).shapes if things else list(self.areas.shapes)).centroid
                point = (place.x + random.gauss(0, 2e-4), place.y + random.gauss(0, 2e-4))
            points.append((float(point[0]), float(point[1])))
        return points


class _Shapes:
    def __init__(self, db: Connection, statement: str, **values: Any) -> None:
        rows = db.execute(text(f"select label, extra, st_asbinary(geom) as geom from ({statement}) each"), values).all()
        self.labels = [row.label for row in rows]
        self.extra = {row.label: row.extra for row in rows}
        self.shapes = shapely.from_wkb([bytes(row.geom) for row in rows])
        self.bounds = shapely.bounds(self.shapes).reshape(-1, 4)

    def covering(self, lon: float, lat: float) -> list[str]:
        point = shapely.Point(lon, lat)
        return [
            self.labels[at] for at in self._within_box(lon, lat, 0.0, 0.0) if shapely.covers(self.shapes[at], point)
        ]

    def nearest(self, lon: float, lat: float, reach_m: float) -> set[Any]:
        per_lon, per_lat = metres_per_degree(lat)
        near = self._within_box(lon, lat, 1.01 * reach_m / max(per_lon, 1.0), 1.01 * reach_m / per_lat)
        if not len(near):
            return set()
        flat = shapely.transform(self.shapes[near], lambda xy: (xy - (lon, lat)) * (per_lon, per_lat))
        far = shapely.distance(flat, shapely.Point(0, 0))
        least = far.min()
        return (
            {self.labels[near[at]] for at in range(len(near)) if far[at] <= least + SAME_M}
            if least <= reach_m
            else set()
        )

    def _within_box(self, lon: float, lat: float, wide: float, high: float) -> Any:
        b = self.bounds
        return np.flatnonzero(
            (b[:, 0] <= lon + wide) & (b[:, 2] >= lon - wide) & (b[:, 1] <= lat + high) & (b[:, 3] >= lat - high)
        )


def metres_per_degree(lat: float) -> tuple[float, float]:
    """Of longitude and of latitude, on the WGS 84 spheroid at a latitude in degrees."""
    squared = FLATTENING * (2 - FLATTENING)
    bent = 1 - squared * math.sin(math.radians(lat)) ** 2
    across = SEMI_MAJOR_M / math.sqrt(bent)
    along = SEMI_MAJOR_M * (1 - squared) / bent**1.5
    return math.radians(1) * across * math.cos(math.radians(lat)), math.radians(1) * along


def lon_of(value: float) -> float:
    """Kept within ±180."""
    return float(max(-180.0, min(180.0, value)))


def lat_of(value: float) -> float:
    """Kept within ±90."""
    return float(max(-90.0, min(90.0, value)))
