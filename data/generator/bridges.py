"""Where streets cross the water, and streets drawn for the purpose until there are as many bridges as are wanted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from shapely import LineString, Point, STRtree, get_parts, prepare

from data.generator.drawing import Plan, Street
from data.generator.terrain import Terrain, Water

BRIDGE_STREET_M = 62.0
"""Usual length of a street from bank to bank, for which the plan keeps room."""

APART = (420.0, 300.0, 210.0, 150.0, 110.0, 80.0)
"""Least metres between two bridges over one water: first far apart, then closer until there are enough."""

SPARE = 10
"""Drawn beyond the number that is wanted, for the few that do not survive noding."""

SNAP_M = 55.0
RANK = {"expressway": 0, "arterial": 0, "collector": 1, "branch": 2, "lane": 3}


@dataclass(frozen=True)
class _Place:
    """A possible bridge: its line from street to street, metres along the water, and the streets that it joins."""

    line: LineString
    water: int
    at: float
    near: int
    opposite: int | None


def crossings(drawn: Plan, land: Terrain) -> int:
    """How many times streets cross water."""
    prepare(land.wet)
    over = [street.line.intersection(land.wet) for street in drawn.streets if land.wet.intersects(street.line)]
    return sum(part.length > 3 for shape in over for part in get_parts(shape))


def add_bridges(drawn: Plan, land: Terrain, wanted: int) -> None:
    """Carry streets that end at the water over to the other bank: those first that go on there, well apart."""
    lines = [street.line for street in drawn.streets]
    tree = STRtree(lines)
    places = sorted(_places(drawn, land, tree), key=lambda p: (p.opposite is None, _rank(drawn, p), p.at))
    taken = _standing(lines, land, tree)
    left = wanted + SPARE
    for apart in APART:
        for place in places:
            here = taken.setdefault(place.water, [])
            # The river is wide: only some of the places that a canal would get.
            far = apart * (1.6 if place.water == 0 else 1.0)
            if left and all(abs(place.at - other) > far for other in here):
                here.append(place.at)
                kind = "collector" if _rank(drawn, place) <= 1 else "branch"
                drawn.streets.append(Street(place.line, kind, drawn.streets[place.near].continues, carries=True))
                left -= 1


def _rank(drawn: Plan, place: _Place) -> int:
    ends = [place.near] if place.opposite is None else [place.near, place.opposite]
    return min(RANK[drawn.streets[number].kind] for number in ends)


def _standing(lines: list[LineString], land: Terrain, tree: STRtree) -> dict[int, list[float]]:
    """Metres along each water at which it is crossed already."""
    found: dict[int, list[float]] = {}
    for number, water in enumerate(land.waters):
        for street in tree.query(water.course, predicate="intersects"):
            for part in get_parts(lines[street].intersection(water.course)):
                found.setdefault(number, []).append(water.course.project(part.centroid))
    return found


def _places(drawn: Plan, land: Terrain, tree: STRtree) -> list[_Place]:
    """From every street that ends near the water: straight across to the other bank's street."""
    prepare(drawn.ring)
    ends = [
        (Point(street.line.coords[i]), number)
        for number, street in enumerate(drawn.streets)
        for i in (0, -1)
        if street.kind != "arterial" and drawn.ring.contains(Point(street.line.coords[i]))
    ]
    points = STRtree([point for point, _ in ends])
    shore = {number: water for number, water in enumerate(land.waters) if water.kind != "lake"}
    found = []
    for number, water in shore.items():
        reach = water.width / 2 + (48.0 if number == 0 else 18.0)
        for end in points.query(water.course, predicate="dwithin", distance=reach):
            place = _across(ends[end][0], ends[end][1], number, water, land, tree, points, [n for _, n in ends])
            if place is not None:
                found.append(place)
    return found


def _across(
    start: Point, near: int, number: int, water: Water, land: Terrain, tree: STRtree, points: STRtree, owner: list[int]
) -> _Place | None:
    at = water.course.project(start)
    foot = water.course.interpolate(at)
    over = np.array([foot.x - start.x, foot.y - start.y])
    width = float(np.hypot(*over))
    if width < water.width / 2 + 5:
        return None
    beyond = Point(*(np.array(foot.coords[0]) + over))
    opposite = None
    for other in points.query(beyond, predicate="dwithin", distance=SNAP_M if number else 1.6 * SNAP_M):
        end = points.geometries[other]
        there = (end.x - foot.x) * over[0] + (end.y - foot.y) * over[1] > 0 and abs(
            water.course.distance(end) - width
        ) < 12
        if there and (opposite is None or end.distance(beyond) < points.geometries[opposite].distance(beyond)):
            opposite = int(other)
    target = points.geometries[opposite] if opposite is not None else beyond
    along = np.array([target.x - start.x, target.y - start.y])
    along = along / max(1e-9, float(np.hypot(*along))) * (0.5 if opposite is not None else 2.0)
    line = LineString([start, (target.x + along[0], target.y + along[1])])
    if not _clear(line, land, tree):
        return None
    return _Place(line, number, at, near, None if opposite is None else owner[opposite])


def _clear(line: LineString, land: Terrain, tree: STRtree) -> bool:
    """Whether it crosses water once, starts and ends on dry land and meets no street on its way."""
    wet = [part for part in get_parts(line.intersection(land.wet)) if part.length > 3]
    ends_dry = not any(land.wet.contains(Point(line.coords[i])) for i in (0, -1))
    inner = LineString([line.interpolate(3.0), line.interpolate(line.length - 4.5)])
    return len(wet) == 1 and ends_dry and len(tree.query(inner, predicate="intersects")) == 0
