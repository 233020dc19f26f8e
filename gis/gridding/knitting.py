"""One clean set of lines for all polygons that tile a part of a community: no gaps, no overlaps, no corner on a neighbour's
side that the neighbour does not know. Pure; metres.

Cutting faces one after the other leaves borders that were reckoned twice and differ in the last bits. Here all borders within
are laid on a grid of a millimetre, met with the community's own border, which is not moved at all, and made into polygons again.
"""

from __future__ import annotations

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from gis.gridding import merging, mesh
from gis.gridding.mesh import Numbers, Shapes

GRID_M = 1e-3
EDGE_M = 5e-3
"""Borders within end this far from the community's and are then carried straight across it."""

CRUMB_M2 = 1.0
"""A face below this is what the rounding left between two lines."""


def knit(part: BaseGeometry, cells: list[BaseGeometry]) -> Shapes:
    """The same cells, cleanly: together exactly `part`, vertex to vertex."""
    if len(cells) < 2:
        return np.array([part], dtype=object)
    border = shapely.boundary(part)
    noded = shapely.union_all(shapely.boundary(np.array(cells, dtype=object)), grid_size=GRID_M)
    inner = shapely.get_parts(shapely.line_merge(noded.difference(border.buffer(EDGE_M))))
    if not len(inner):
        return np.array([part], dtype=object)
    ends = shapely.points(shapely.get_coordinates([shapely.get_point(inner, 0), shapely.get_point(inner, -1)]))
    loose = ends[shapely.distance(ends, border) < 2 * EDGE_M]
    found = mesh.faces(part, np.concatenate([inner, [across(end, border) for end in shapely.get_coordinates(loose)]]))
    return _without_crumbs(_by_owner(found, cells))


def across(start: Numbers, border: BaseGeometry) -> BaseGeometry:
    """From a point the shortest way over the border, ending a hair beyond it, so that the two surely cross."""
    end = shapely.get_coordinates(shapely.shortest_line(shapely.points(start), border))[-1]
    return shapely.linestrings([start, end + (end - start) / np.hypot(*(end - start)) * 1e-6])


def _by_owner(found: Shapes, cells: list[BaseGeometry]) -> Shapes:
    """Faces put together again to the cells in which they lie; pieces that do not hang together stay pieces."""
    owner = shapely.STRtree(cells).nearest(shapely.point_on_surface(found))
    members = [np.flatnonzero(owner == number).tolist() for number in np.unique(owner)]
    return np.asarray(shapely.get_parts(merging.joined(found, members)), dtype=object)


def _without_crumbs(shapes: Shapes) -> Shapes:
    if (shapely.area(shapes) >= CRUMB_M2).all():
        return shapes
    none = np.array([], dtype=object)
    borders = mesh.shared(shapes, none, np.array([], dtype=np.int64))
    dry = np.zeros(len(shapes), dtype=bool)
    return merging.joined(shapes, merging.groups(shapes, borders, dry, CRUMB_M2, np.inf, least_width=0.0))
