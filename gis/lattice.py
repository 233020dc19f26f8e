"""A regular lattice of unit grids for a community that brings none. Pure: metres in, WGS 84 polygons out.

The standard wants cells of about 10,000 m² cut by streets, walls and rivers. Where nobody has drawn them, squares of that
size are a beginning that locates every report; a survey's own cells replace them community by community.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from pyproj import Transformer

CELL_M = 100.0
"""Side of a cell: 10,000 m²."""

SLIVER = 0.25
"""A piece at the community's border smaller than this share of a cell joins the neighbour with the longest common border."""


@dataclass(frozen=True)
class Cell:
    """One unit grid: row counts from the north, column from the west; the shape is WGS 84."""

    row: int
    column: int
    shape: shapely.MultiPolygon


def cells(community: shapely.MultiPolygon, work_srid: int, side_m: float = CELL_M) -> list[Cell]:
    """Cut a community (WGS 84) into cells of `side_m` metres that cover it and never leave it.

    The lattice is laid in the work system, so cells of neighbouring communities continue each other. They come in the order
    of their numbers: rows from north to south, in each row from west to east.
    """
    shapely.prepare(community)
    squares = _squares(community, work_srid, side_m)
    pieces = {(cell.row, cell.column): cell.shape for cell in _cut(squares, community)}
    return [Cell(row, column, shape) for (row, column), shape in sorted(_without_slivers(pieces).items())]


def _squares(community: shapely.MultiPolygon, work_srid: int, side_m: float) -> list[Cell]:
    to_metres = Transformer.from_crs(4326, work_srid, always_xy=True)
    outline = shapely.segmentize(community.envelope, 0.01)
    x, y = to_metres.transform(*shapely.get_coordinates(outline).T)
    west, east = int(np.floor(min(x) / side_m)), int(np.ceil(max(x) / side_m))
    south, north = int(np.floor(min(y) / side_m)), int(np.ceil(max(y) / side_m))
    columns, rows = np.meshgrid(np.arange(west, east + 1), np.arange(north, south - 1, -1))
    lon, lat = to_metres.transform(columns * side_m, rows * side_m, direction="INVERSE")
    corners = np.stack([lon, lat], axis=-1)
    rings = np.stack([corners[1:, :-1], corners[1:, 1:], corners[:-1, 1:], corners[:-1, :-1], corners[1:, :-1]], axis=2)
    shapes = shapely.polygons(rings.reshape(-1, 5, 2)).reshape(rings.shape[:2])
    wanted = shapely.intersects(community, shapes)
    # Numbers count across the whole plane, so that they agree between communities.
    return [
        Cell(int(row) - north, int(column) + west, shapes[row, column])
        for row, column in zip(*np.nonzero(wanted), strict=True)
    ]


def _cut(squares: list[Cell], community: shapely.MultiPolygon) -> list[Cell]:
    shapes = np.array([square.shape for square in squares], dtype=object)
    whole = shapely.covers(community, shapes)
    result = np.empty(len(shapes), dtype=object)
    result[whole] = shapely.multipolygons(shapes[whole].reshape(-1, 1))
    result[~whole] = [_polygons(each) for each in shapely.intersection(community, shapes[~whole])]
    return [
        Cell(square.row, square.column, shape)
        for square, shape in zip(squares, result, strict=True)
        if not shape.is_empty
    ]


def _without_slivers(
    pieces: dict[tuple[int, int], shapely.MultiPolygon],
) -> dict[tuple[int, int], shapely.MultiPolygon]:
    """Join small pieces, smallest first, to a neighbour of the same community; one without neighbour stays."""
    if not pieces:
        return pieces
    full = max(shape.area for shape in pieces.values())
    small = sorted((shape.area, place) for place, shape in pieces.items() if shape.area < SLIVER * full)
    result = dict(pieces)
    for _, place in small:
        partner = _partner(result, place)
        if partner is not None:
            result[partner] = _polygons(shapely.union(result[partner], result.pop(place)))
    return result


def _partner(pieces: dict[tuple[int, int], shapely.MultiPolygon], place: tuple[int, int]) -> tuple[int, int] | None:
    row, column = place
    beside = [(row, column - 1), (row, column + 1), (row - 1, column), (row + 1, column)]
    borders = {other: pieces[place].intersection(pieces[other]).length for other in beside if other in pieces}
    partner = max(borders, key=lambda other: borders[other], default=None)
    return partner if partner is not None and borders[partner] > 0 else None


def _polygons(shape: shapely.Geometry) -> shapely.MultiPolygon:
    parts = [part for part in shapely.get_parts(shapely.get_parts(shape)) if part.geom_type == "Polygon"]
    return shapely.MultiPolygon(parts)
