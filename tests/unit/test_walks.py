"""Responsibility grids: contiguous, and of about equal lengths of street."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from shapely import LineString

from gis.gridding import mesh, walks
from gis.gridding.mesh import Shapes, Shared

NO_LINES = np.array([], dtype=object)
NO_RANKS = np.array([], dtype=np.int64)


def squares(east: int, north: int, x0: float = 0.0) -> Shapes:
    return np.array([shapely.box(x0 + x, y, x0 + x + 100, y + 100)
                     for y in range(0, north * 100, 100) for x in range(0, east * 100, 100)], dtype=object)  # fmt: skip


def pieces(owner: np.ndarray, borders: Shared, group: int) -> int:
    mine = np.flatnonzero(owner == group)
    kept = np.isin(borders.one, mine) & np.isin(borders.other, mine)
    place = {int(member): number for number, member in enumerate(mine)}
    one, other = ([place[int(each)] for each in ends[kept]] for ends in (borders.one, borders.other))
    graph = coo_matrix((np.ones(len(one)), (one, other)), shape=(len(mine), len(mine)))
    return int(connected_components(graph, directed=False)[0])


@pytest.mark.parametrize("wanted", [2, 3, 5, 8])
def test_groups_hang_together_and_are_even(wanted: int) -> None:
    cells = squares(12, 9)
    borders = mesh.shared(cells, NO_LINES, NO_RANKS)
    metres = np.random.default_rng(3).uniform(20, 600, len(cells))
    owner = walks.groups(metres, borders, wanted)
    assert set(owner) == set(range(wanted))
    assert all(pieces(owner, borders, group) == 1 for group in range(wanted))
    lengths = np.bincount(owner, metres)
    assert lengths.max() < 1.35 * lengths.mean()
    assert lengths.min() > 0.65 * lengths.mean()


def test_the_same_ground_gives_the_same_groups() -> None:
    cells = squares(6, 6)
    borders = mesh.shared(cells, NO_LINES, NO_RANKS)
    metres = np.full(36, 100.0)
    assert (walks.groups(metres, borders, 4) == walks.groups(metres, borders, 4)).all()


def test_ground_in_two_pieces_has_two_groups_at_least() -> None:
    cells = np.concatenate([squares(3, 3), squares(2, 2, x0=1_000.0)])
    borders = mesh.shared(cells, NO_LINES, NO_RANKS)
    owner = walks.groups(np.full(13, 100.0), borders, 1)
    assert len(set(owner[:9])) == 1
    assert len(set(owner[9:])) == 1
    assert owner[0] != owner[-1]


def test_a_street_on_a_border_counts_half_on_either_side() -> None:
    cells = squares(2, 1)
    lines = np.array([LineString([(100, 0), (100, 100)]), LineString([(0, 50), (80, 50)])])
    assert walks.street_metres(cells, lines) == pytest.approx(np.array([130.0, 50.0]) + walks.LEAST_M)
    assert walks.street_metres(cells, NO_LINES).tolist() == [walks.LEAST_M] * 2
