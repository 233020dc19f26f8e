"""The lesser waters: streams that join the river, canals between them, the moat of the old town, a lake.

They run in the middle between main roads, so that roads cross them squarely. A city below a scale of 0.05 has only its river.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from shapely import LineString, Point, Polygon, get_parts, union_all
from shapely.affinity import scale as stretched
from shapely.ops import split

from data.generator.bridges import crossings
from data.generator.drawing import Plan
from data.generator.figures import Figures
from data.generator.frame import random
from data.generator.names import CANAL, LAKE, MIDDLE_CANAL, MOAT, SOUTH_CANAL, STREAMS
from data.generator.skeleton import RING_SHARE, Axes, ring_line, skeleton
from data.generator.terrain import Terrain, Water, ribbon

LEAST_SCALE = 0.05


@dataclass(frozen=True)
class _Gaps:
    """Lines between main roads, before they are bent: columns from west to east, rows north of the river going north."""

    columns: list[LineString]
    rows: list[LineString]


def watered(seed: int, targets: Figures, land: Terrain, main: Axes) -> Terrain:
    """The same ground with as many of its lesser waters as main roads can cross without too many bridges."""
    if targets.scale < LEAST_SCALE:
        return land
    waters = _all(seed, targets, land, main)
    for number in range(len(waters), 1, -1):
        found = _only(land, waters[:number])
        drawn = Plan()
        skeleton(seed, main, found, drawn)
        if crossings(drawn, found) <= targets.bridges:
            return found
    return land


def _all(seed: int, targets: Figures, land: Terrain, main: Axes) -> tuple[Water, ...]:
    rng = random(seed, "waters")
    gaps = _gaps(main, land)
    size = 0.5 + 0.5 * targets.scale**0.5
    waters = list(land.waters)
    west = _stream(rng, main, land, gaps.columns[0], north=True)
    east = _stream(rng, main, land, gaps.columns[-1], north=True)
    _add(waters, "stream", STREAMS[0], west, 30 * size, land)
    _lake_and_canal(waters, gaps, main, land, size)
    _add(waters, "stream", STREAMS[1], east, 26 * size, land)
    if gaps.rows:
        canal = _between(land.warp(gaps.rows[-1]), west, east)
        _add(waters, "canal", CANAL, canal, 24 * size, land)
        if len(gaps.columns) > 5:
            column = land.warp(gaps.columns[-3])
            _add(waters, "canal", MIDDLE_CANAL, _between(column, land.course, canal), 16 * size, land)
    if len(gaps.columns) > 5 and len(gaps.rows) > 2:
        _add(waters, "canal", MOAT, _moat(gaps, land), 26 * size, land)
    if len(gaps.columns) > 3:
        south = _stream(rng, main, land, gaps.columns[len(gaps.columns) // 4], north=False)
        _add(waters, "stream", STREAMS[2], south, 24 * size, land)
    if len(gaps.columns) > 5:
        south = _stream(rng, main, land, gaps.columns[-1], north=False)
        _add(waters, "stream", STREAMS[3], south, 22 * size, land)
    return tuple(waters)


def _only(land: Terrain, waters: tuple[Water, ...]) -> Terrain:
    """The same ground with these waters."""
    return replace(land, waters=waters, wet=union_all([water.shape for water in waters], grid_size=0.01))


def _gaps(main: Axes, land: Terrain) -> _Gaps:
    step = 0.9 * main.spacing
    first, last = main.to_north[0], main.to_north[-1]
    columns = [(first[0] - step, first[1] - step), *_halfway(main.to_north, main), (last[0] + step, last[1] + step)]
    river = float(max(y for _, y in land.course.coords))
    north = tuple(ends for ends in main.to_east if min(ends) > land.course.centroid.y)
    rows = _halfway(north, main)
    aside = 0.6 * main.spacing
    beyond = [(ends[0] - aside, ends[1] - aside) for ends in north[:1]]
    beyond += [(ends[0] + aside, ends[1] + aside) for ends in north[-1:]]
    low, high = river + 0.3 * main.spacing, 0.72 * RING_SHARE * land.radius
    rows = sorted([*rows, *(row for row in beyond if low < min(row) and max(row) < high)])
    return _Gaps([main.northward(ends) for ends in columns], [main.eastward(ends) for ends in rows])


def _halfway(lines: tuple[tuple[float, float], ...], main: Axes) -> list[tuple[float, float]]:
    """Between neighbours that are far enough apart all along."""
    return [
        ((a[0] + b[0]) / 2, (a[1] + b[1]) / 2)
        for a, b in pairwise(lines)
        if min(b[0] - a[0], b[1] - a[1]) > 0.45 * main.spacing
    ]


def _stream(rng: np.random.Generator, main: Axes, land: Terrain, line: LineString, *, north: bool) -> LineString:
    """From the limits down to the middle of the river, winding."""
    bent = land.warp(line)
    at = np.linspace(0, bent.length, max(8, int(bent.length / 25)))
    points = np.array([bent.interpolate(d).coords[0] for d in at])
    points[:, 0] += 0.11 * main.spacing * np.sin(2 * np.pi * at / (1.7 * main.spacing) + rng.uniform(0, 2 * np.pi))
    points[:, 0] += 0.04 * main.spacing * np.sin(2 * np.pi * at / (0.6 * main.spacing) + rng.uniform(0, 2 * np.pi))
    side = sorted(get_parts(split(LineString(points), land.course)), key=lambda part: part.centroid.y)[
        -1 if north else 0
    ]
    inside = max(get_parts(side.intersection(land.limit)), key=lambda part: part.length)
    return inside if isinstance(inside, LineString) else side


def _between(line: LineString, west: LineString, east: LineString) -> LineString:
    """The part of a line from one stream to the other."""
    start, end = line.intersection(west), line.intersection(east)
    if start.is_empty or end.is_empty:
        return line
    a, b = sorted(line.project(Point(shape.centroid)) for shape in (start, end))
    places = np.linspace(a, b, max(4, int((b - a) / 25)))
    return LineString([line.interpolate(d) for d in places])


def _moat(gaps: _Gaps, land: Terrain) -> LineString:
    """A ring with rounded corners around two by one or two superblocks, left of the middle."""
    left = max(1, len(gaps.columns) // 2 - 2)
    bottom, top = 0, max(1, min(2, len(gaps.rows) - 2))
    columns = [land.warp(gaps.columns[i]) for i in (left, left + 2)]
    rows = [land.warp(gaps.rows[i]) for i in (bottom, top)]
    corners = [columns[c].intersection(rows[r]).centroid for c, r in ((0, 0), (1, 0), (1, 1), (0, 1))]
    edges = [(rows[0], 0, 1), (columns[1], 1, 2), (rows[1], 2, 3), (columns[0], 3, 0)]
    points: list[Point] = []
    for line, a, b in edges:
        start, end = line.project(corners[a]), line.project(corners[b])
        points.extend(line.interpolate(d) for d in np.linspace(start, end, max(3, int(abs(end - start) / 30)))[:-1])
    town = Polygon(points)
    rounded = town.buffer(-70).buffer(140).buffer(-70).simplify(0.5)
    return LineString(rounded.exterior.coords)


def _lake_and_canal(waters: list[Water], gaps: _Gaps, main: Axes, land: Terrain, size: float) -> None:
    """A lake south of the river, fed by a canal from it, as far from main roads as there is room."""
    column = land.warp(gaps.columns[(2 * len(gaps.columns)) // 3])
    south = min(get_parts(split(column, land.course)), key=lambda part: part.centroid.y)
    mouth = Point(max(south.coords, key=lambda xy: xy[1]))
    down = south.reverse() if south.coords[0][1] < south.coords[-1][1] else south
    roads = union_all([land.warp(main.eastward(ends)) for ends in main.to_east] + [ring_line(land), land.course])
    room = mouth.distance(Point(mouth.x, -RING_SHARE * 0.94 * land.radius))
    reach = max(np.linspace(0.3, 0.75, 24) * room, key=lambda at: down.interpolate(at).distance(roads))
    centre = down.interpolate(reach)
    radius = 0.05 * land.radius
    rough = Point(centre).buffer(radius, quad_segs=16)
    wobble = [
        (x + 0.13 * radius * np.sin(5 * y / radius), y + 0.1 * radius * np.sin(4 * x / radius))
        for x, y in rough.exterior.coords
    ]
    shore = stretched(Polygon(wobble), 1.0, 1.5).buffer(0)
    _add(waters, "lake", LAKE, LineString(shore.exterior.coords), 0, land, shore)
    run = LineString([down.interpolate(d) for d in np.linspace(0, reach, max(4, int(reach / 25)))])
    _add(waters, "canal", SOUTH_CANAL, run, 20 * size, land)


def _add(
    waters: list[Water], kind: str, name: tuple[str, str], course: LineString, width: float, land: Terrain,
    shape: Polygon | None = None,
) -> None:  # fmt: skip
    """Append a water, without what larger ones cover and outside the limits."""
    if shape is None and kind == "stream":
        at = np.arange(len(course.coords))
        shape = ribbon(course, width / 2 * (0.85 + 0.15 * np.sin(at / 7.0))).buffer(0)
    elif shape is None:
        shape = course.buffer(width / 2, cap_style="flat")
    free = shape.intersection(land.limit).difference(union_all([water.shape for water in waters]))
    if not free.is_empty:
        waters.append(Water(kind, name, course, width, free))
