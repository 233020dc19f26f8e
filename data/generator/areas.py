"""District, sub-districts, communities, unit grids and responsibility grids.

Boundaries follow streets and the river. Unit grids are about 10,000 m², never cross a community and are numbered
from west to east, row by row from north to south: county 6 + sub-district 3 + community 3 + sequence 3 digits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from shapely import LineString, MultiPolygon, Point, Polygon, STRtree, get_parts, union_all
from shapely.ops import split

from data.generator.blocks import Face
from data.generator.figures import Figures
from data.generator.frame import random
from data.generator.names import COMMUNITIES, NORTH_BANK, SOUTH_BANK, english, stems

CITY_CODE = "9901"
COUNTY_CODE = "990101"
GRID_AREA_M2 = 10_000.0
ROW_M = 120.0
"""Height of the bands in which cells count as being in one row when they are numbered."""

CELLS_PER_INSPECTOR = 14

Item = TypeVar("Item")


@dataclass
class Cell:
    """A unit grid."""

    shape: Polygon
    code: str = ""
    responsibility: str = ""


@dataclass
class Community:
    """A community with its cells."""

    shape: Polygon | MultiPolygon
    code: str
    name: str
    cells: list[Cell]

    @property
    def name_en(self) -> str:
        """The romanised name."""
        return english(self.name)


@dataclass
class SubDistrict:
    """A sub-district with its communities."""

    shape: Polygon | MultiPolygon
    code: str
    name: str
    communities: list[Community]


def sub_districts(seed: int, tiles: list[Face], targets: Figures) -> list[SubDistrict]:
    """Divide all faces of the city: the river parts sub-districts, streets part communities, all of about one size."""
    names = stems(random(seed, "areas"), list(COMMUNITIES))
    banks = [[tile for tile in tiles if tile.bank == bank] for bank in (1, -1)]
    groups = [part for bank, number in _shared(banks, targets.sub_districts) for part in _divide(bank, number)]
    groups = reading_order(groups, _middle, 4 * ROW_M)
    found = []
    north, south = stems(random(seed, "north"), list(NORTH_BANK)), stems(random(seed, "south"), list(SOUTH_BANK))
    for number, (group, count) in enumerate(_shared(groups, targets.communities), 1):
        code = f"{COUNTY_CODE}{number:03d}"
        parts = reading_order(_divide(group, count), _middle, 2 * ROW_M)
        communities = [_community(part, f"{code}{place:03d}", next(names)) for place, part in enumerate(parts, 1)]
        whole = union_all([community.shape for community in communities], grid_size=0.01)
        name = next(north if group[0].bank > 0 else south)
        found.append(SubDistrict(whole, code, f"{name}街道", communities))
    return found


def _community(part: list[Face], code: str, name: str) -> Community:
    shapes = [tile.shape for tile in part]
    return Community(union_all(shapes, grid_size=0.01), code, f"{name}社区", _cells(shapes, code))


def _shared(groups: list[list[Face]], wanted: int) -> list[tuple[list[Face], int]]:
    """Each group with the number of parts it gets: by area, at least one."""
    areas = [sum(tile.shape.area for tile in group) for group in groups]
    given = [1] * len(groups)
    for _ in range(wanted - len(groups)):
        given[max(range(len(groups)), key=lambda i: areas[i] / given[i])] += 1
    return list(zip(groups, given, strict=True))


def reading_order(items: Iterable[Item], centre: Callable[[Item], Point], band: float) -> list[Item]:
    """West to east within a band, bands from north to south."""

    def place(item: Item) -> tuple[float, float]:
        point = centre(item)
        return -np.floor(point.y / band), point.x

    return sorted(items, key=place)


def _middle(tiles: list[Face]) -> Point:
    return union_all([tile.shape for tile in tiles]).centroid


def _divide(tiles: list[Face], wanted: int) -> list[list[Face]]:
    """Contiguous parts of about equal area: halve across the longer extent, again and again."""
    owner = np.zeros(len(tiles), int)
    _halve(tiles, np.arange(len(tiles)), wanted, 0, owner)
    _join_strays(tiles, owner)
    numbers = np.unique(owner)
    return [[tile for tile, own in zip(tiles, owner, strict=True) if own == number] for number in numbers]


def _halve(tiles: list[Face], members: np.ndarray, wanted: int, first: int, owner: np.ndarray) -> None:
    owner[members] = first
    if wanted < 2 or len(members) < 2:
        return
    centres = np.array([(tiles[i].centre.x, tiles[i].centre.y) for i in members])
    areas = np.array([tiles[i].shape.area for i in members])
    order = np.argsort(centres[:, int(np.ptp(centres, axis=0).argmax())], kind="stable")
    gone = np.cumsum(areas[order]) - areas[order] / 2
    low = gone < areas.sum() * (wanted // 2) / wanted
    _halve(tiles, members[order[low]], wanted // 2, first, owner)
    _halve(tiles, members[order[~low]], wanted - wanted // 2, first + wanted // 2, owner)


def _join_strays(tiles: list[Face], owner: np.ndarray) -> None:
    """Make every part contiguous: all but its largest piece go to the neighbour with the longest common border."""
    for _ in range(6):
        moved = False
        shapes = {int(k): union_all([t.shape for t, own in zip(tiles, owner, strict=True) if own == k], grid_size=0.01)
                  for k in np.unique(owner)}  # fmt: skip
        for k, shape in shapes.items():
            pieces = sorted(get_parts(shape), key=lambda piece: -piece.area)
            for stray in pieces[1:]:
                others = {
                    o: stray.intersection(s).length for o, s in shapes.items() if o != k and s.distance(stray) < 0.1
                }
                target = max(others, key=lambda o: others[o], default=None)
                for number, tile in enumerate(tiles):
                    if target is not None and owner[number] == k and stray.buffer(0.1).contains(tile.centre):
                        owner[number], moved = target, True
        if not moved:
            return


def _cells(shapes: list[Polygon], code: str) -> list[Cell]:
    """Cut and merge the faces of one community into numbered unit grids, and group them for inspectors."""
    whole = [piece for shape in _merge_small(shapes) for piece in _cut(shape)]
    ordered = reading_order([Cell(shape) for shape in whole], lambda cell: cell.shape.centroid, ROW_M)
    groups = max(1, round(len(ordered) / CELLS_PER_INSPECTOR))
    for number, cell in enumerate(ordered, 1):
        cell.code = f"{code}{number:03d}"
    for number, cell in enumerate(sorted(ordered, key=lambda cell: cell.shape.centroid.x)):
        cell.responsibility = f"{code}R{number * groups // len(ordered) + 1:02d}"
    return ordered


def _cut(shape: Polygon) -> list[Polygon]:
    """Halve a piece across its long side until it is about the size of a unit grid."""
    if shape.area < 1.55 * GRID_AREA_M2:
        return [shape]
    corners = np.array(shape.minimum_rotated_rectangle.exterior.coords)[:4]
    long, short = sorted((corners[1] - corners[0], corners[3] - corners[0]), key=lambda side: -float(np.hypot(*side)))
    halves = max(2, round(shape.area / GRID_AREA_M2))
    at = (halves // 2) / halves
    start = corners[0] + at * long
    pieces = list(get_parts(split(shape, LineString([start - short, start + 2 * short]))))
    pieces = _merge_small(pieces, 800.0)
    if len(pieces) < 2:
        return [shape]
    return [cell for piece in pieces for cell in _cut(piece)]


def _merge_small(shapes: list[Polygon], least: float = 0.45 * GRID_AREA_M2) -> list[Polygon]:
    """Give pieces that are too small to walk on their own to the neighbour with the longest common border."""
    kept = sorted(shapes, key=lambda shape: (shape.area, shape.bounds))
    while len(kept) > 1 and kept[0].area < least:
        small = kept.pop(0)
        tree = STRtree(kept)
        near = tree.query(small, predicate="dwithin", distance=0.1)
        best = max(near, key=lambda i: small.buffer(0.05).intersection(kept[i]).area, default=None)
        joined = None if best is None else union_all([small, kept[best]], grid_size=0.01)
        if best is None or not isinstance(joined, Polygon):
            kept.append(small)
            if kept[0].area >= least or all(s.area < least for s in kept):
                break
            least = min(least, kept[0].area)
            continue
        del kept[best]
        kept = sorted([*kept, joined], key=lambda shape: (shape.area, shape.bounds))
    return kept
