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
from data.generator.names import SUB_DISTRICTS, english, stems

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
    """Divide all faces of the city; the river parts communities, streets do the rest."""
    rng = random(seed, "areas")
    parts = _divide(rng, tiles, targets.communities, targets.radius_m)
    groups = _group(parts, targets.sub_districts, targets.radius_m)
    names = stems(rng, ["文庙", "鼓楼", "北关", "滨河", "槐树", "南湖", "东风", "桥头", "书院", "平安", "翠园", "古井"])
    sub_names = [*SUB_DISTRICTS, *stems(rng, [])] if len(groups) > len(SUB_DISTRICTS) else SUB_DISTRICTS
    found = []
    for number, group in enumerate(reading_order(groups, _middle_of_group, 4 * ROW_M), 1):
        code = f"{COUNTY_CODE}{number:03d}"
        communities = [
            Community(union_all([tile.shape for tile in part], grid_size=0.01), f"{code}{place:03d}", f"{next(names)}社区",
                      _cells([tile.shape for tile in part], f"{code}{place:03d}"))
            for place, part in enumerate(reading_order(group, _middle_of_part, 2 * ROW_M), 1)
        ]  # fmt: skip
        whole = union_all([community.shape for community in communities], grid_size=0.01)
        found.append(SubDistrict(whole, code, f"{sub_names[number - 1]}街道", communities))
    return found


def reading_order(items: Iterable[Item], centre: Callable[[Item], Point], band: float) -> list[Item]:
    """West to east within a band, bands from north to south."""

    def place(item: Item) -> tuple[float, float]:
        point = centre(item)
        return -np.floor(point.y / band), point.x

    return sorted(items, key=place)


def _middle_of_part(part: list[Face]) -> Point:
    return union_all([tile.shape for tile in part]).centroid


def _middle_of_group(group: list[list[Face]]) -> Point:
    return union_all([tile.shape for part in group for tile in part]).centroid


def _divide(rng: np.random.Generator, tiles: list[Face], wanted: int, radius: float) -> list[list[Face]]:
    """Balanced k-means over face centres, the bank being a third co-ordinate; stray pieces join a neighbour."""
    places = np.array([(tile.centre.x, tile.centre.y, 0.6 * radius * tile.bank) for tile in tiles])
    areas = np.array([tile.shape.area for tile in tiles])
    seeds = places[rng.choice(len(tiles), wanted, replace=False, p=areas / areas.sum())]
    handicap = np.zeros(wanted)
    owner = np.zeros(len(tiles), int)
    for _ in range(60):
        gaps = ((places[:, None] - seeds) ** 2).sum(2) + handicap
        owner = gaps.argmin(1)
        held = np.array([areas[owner == k].sum() for k in range(wanted)])
        handicap += (held / held.mean() - 1) * (radius**2) * 0.01
        for k in range(wanted):
            if held[k] > 0:
                seeds[k] = np.average(places[owner == k], axis=0, weights=areas[owner == k])
    _join_strays(tiles, owner)
    return [part for k in range(wanted) if (part := [tile for tile, own in zip(tiles, owner, strict=True) if own == k])]


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


def _group(parts: list[list[Face]], wanted: int, radius: float) -> list[list[list[Face]]]:
    """Communities → sub-districts: grow from the seeds that lie furthest apart, smallest group first."""
    shapes = [union_all([tile.shape for tile in part], grid_size=0.01) for part in parts]
    banks = [np.sign(sum(tile.bank * tile.shape.area for tile in part)) for part in parts]
    middles = np.array(
        [(s.centroid.x, s.centroid.y, 0.8 * radius * bank) for s, bank in zip(shapes, banks, strict=True)]
    )
    seeds = [int(middles[:, 0].argmin())]
    while len(seeds) < min(wanted, len(parts)):
        gaps = np.min([((middles - middles[s]) ** 2).sum(1) for s in seeds], axis=0)
        seeds.append(int(gaps.argmax()))
    group = {seed: number for number, seed in enumerate(seeds)}
    while len(group) < len(parts):
        sizes = [sum(shapes[i].area for i, g in group.items() if g == number) for number in range(len(seeds))]
        number, part = min(
            ((number, part) for number in range(len(seeds)) for part in range(len(parts)) if part not in group),
            key=lambda pair: _reach(pair, group, shapes, middles, sizes),
        )
        group[part] = number
    return [[parts[i] for i in sorted(group) if group[i] == number] for number in range(len(seeds))]


def _reach(
    pair: tuple[int, int], group: dict[int, int], shapes: list[Polygon], middles: np.ndarray, sizes: list[float]
) -> tuple[bool, float]:
    number, part = pair
    members = [i for i, g in group.items() if g == number]
    apart = min(shapes[i].distance(shapes[part]) for i in members) > 0.1
    gap = min(
        float(np.hypot(*(middles[i] - middles[part])[:2]) + abs(middles[i][2] - middles[part][2])) for i in members
    )
    return apart, gap * (0.5 + sizes[number] / (sum(sizes) / len(sizes)))


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
