"""Unit grids by a regular lattice: they cover a community, never leave it, and are numbered as the standard says."""

from __future__ import annotations

from itertools import pairwise

import pytest
import shapely
from pyproj import Geod
from shapely import MultiPolygon, Point, Polygon

from gis.lattice import SLIVER, cells

GEOD = Geod(ellps="WGS84")


def square_metres(shape: shapely.Geometry) -> float:
    return float(abs(GEOD.geometry_area_perimeter(shape)[0]))


COMMUNITIES = {
    "round": (MultiPolygon([Point(7.42, 43.73).buffer(0.005)]), 32632),
    "in two parts": (MultiPolygon([Point(7.42, 43.73).buffer(0.002), Point(7.43, 43.735).buffer(0.003)]), 32632),
    "narrow": (MultiPolygon([Polygon([(114.2, 22.7), (114.21, 22.7001), (114.21, 22.7003), (114.2, 22.7002)])]), 4547),
    "southern": (MultiPolygon([shapely.box(-51.22, -30.05, -51.21, -30.04)]), 32722),
}


@pytest.mark.parametrize(("name", "community"), COMMUNITIES.items())
def test_cells_tile_the_community(name: str, community: tuple[MultiPolygon, int]) -> None:
    shape, srid = community
    made = cells(shape, srid)
    assert all(shape.buffer(1e-11).covers(cell.shape) for cell in made)
    assert sum(cell.shape.area for cell in made) == pytest.approx(shape.area, rel=1e-9)
    assert shapely.union_all([cell.shape for cell in made]).area == pytest.approx(shape.area, rel=1e-9)


def test_cells_have_about_ten_thousand_square_metres_and_no_slivers() -> None:
    made = cells(*COMMUNITIES["round"])
    sizes = sorted(square_metres(cell.shape) for cell in made)
    assert sizes[0] > SLIVER * 9_900
    assert sizes[len(sizes) // 2] == pytest.approx(10_000, rel=0.01)
    assert sizes[-1] < 2 * 10_000


def test_numbers_run_west_to_east_then_north_to_south() -> None:
    made = cells(*COMMUNITIES["southern"])
    centres = [(cell.row, cell.shape.centroid.x, cell.shape.centroid.y) for cell in made]
    for (row, x, y), (next_row, next_x, next_y) in pairwise(centres):
        assert next_x > x if next_row == row else next_y < y
    assert centres[0][2] == max(y for _, _, y in centres)


def test_neighbours_lie_on_one_lattice() -> None:
    west = cells(MultiPolygon([shapely.box(7.40, 43.72, 7.41, 43.73)]), 32632)
    east = cells(MultiPolygon([shapely.box(7.41, 43.72, 7.42, 43.73)]), 32632)
    for row in {cell.row for cell in west} & {cell.row for cell in east}:
        last = max(cell.column for cell in west if cell.row == row)
        first = min(cell.column for cell in east if cell.row == row)
        assert first - last in (0, 1)
