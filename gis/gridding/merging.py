"""Joining faces that are too small to be a unit grid of their own to a neighbour. Pure."""

from __future__ import annotations

import heapq

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.gridding.mesh import Shapes, Shared

THIN_M = 20.0
"""A face narrower than this on average (2 × area ÷ perimeter) is a median strip or a gap between two surveys' lines."""

SAME_SIDE = 1.2
"""A neighbour to the south or west counts this much more, so that the strips of one long avenue all fall to one side."""

OTHER_GROUND = 0.2
"""Water joins land, and land water, only where nothing else is near."""

OVERFULL = 0.5
"""How much less a neighbour counts that would become too large."""


class _Groups:
    """Faces joined so far. A group is known by its first face's number."""

    def __init__(self, shapes: Shapes, borders: Shared, wet: NDArray[np.bool_]) -> None:
        self.area = shapely.area(shapes).tolist()
        self.perimeter = shapely.length(shapes).tolist()
        self.centre = shapely.get_coordinates(shapely.centroid(shapes)).tolist()
        self.wet = wet.tolist()
        self.members = [[number] for number in range(len(shapes))]
        self.links: list[dict[int, tuple[float, float]]] = [{} for _ in range(len(shapes))]
        for one, other, length, pull in zip(
            borders.one.tolist(), borders.other.tolist(), borders.length.tolist(), borders.pull.tolist(), strict=True
        ):
            self.links[one][other] = self.links[other][one] = (length, pull)

    def width(self, number: int) -> float:
        return float(2 * self.area[number] / self.perimeter[number])

    def compactness(self, number: int) -> float:
        return float(4 * np.pi * self.area[number] / self.perimeter[number] ** 2)

    def best(self, number: int, most: float) -> int | None:
        """The neighbour to join: the longest shared border, weighed by what lies on it and what would come of it."""

        def worth(other: int) -> tuple[float, int]:
            pull = self.links[number][other][1]
            aside = self.centre[other][0] + self.centre[other][1] < self.centre[number][0] + self.centre[number][1]
            value = pull * (SAME_SIDE if aside else 1.0)
            value *= OTHER_GROUND if self.wet[other] != self.wet[number] else 1.0
            return value * (OVERFULL if self.area[number] + self.area[other] > most else 1.0), -other

        return max(self.links[number], key=worth, default=None)

    def join(self, gone: int, into: int) -> None:
        length = self.links[gone].pop(into)[0]
        del self.links[into][gone]
        whole = self.area[gone] + self.area[into]
        self.wet[into] = self.wet[into if self.area[into] >= self.area[gone] else gone]
        for axis in (0, 1):
            both = self.centre[gone][axis] * self.area[gone] + self.centre[into][axis] * self.area[into]
            self.centre[into][axis] = both / whole
        self.area[into] = whole
        self.perimeter[into] += self.perimeter[gone] - 2 * length
        self.members[into] += self.members[gone]
        self.members[gone] = []
        for other, (metres, pull) in self.links[gone].items():
            del self.links[other][gone]
            known = self.links[into].get(other, (0.0, 0.0))
            self.links[into][other] = self.links[other][into] = (known[0] + metres, known[1] + pull)
        self.links[gone] = {}


def groups(
    shapes: Shapes,
    borders: Shared,
    wet: NDArray[np.bool_],
    least: float,
    most: float,
    least_round: float = 0.0,
    least_width: float = THIN_M,
) -> list[list[int]]:
    """Numbers of the faces that become one piece.

    None that has a neighbour is smaller than `least` m², thinner than `least_width` m, or less compact than `least_round`. `most` m² is
    what a joined piece should not exceed where there is a choice.
    """
    made = _Groups(shapes, borders, wet)
    queue = [(made.area[number], number) for number in range(len(shapes))]
    heapq.heapify(queue)
    while queue:
        area, number = heapq.heappop(queue)
        if not made.members[number] or area != made.area[number]:
            continue  # joined meanwhile; what it became is in the queue with its own area
        if area >= least and made.width(number) >= least_width and made.compactness(number) >= least_round:
            continue
        into = made.best(number, most)
        if into is not None:
            made.join(number, into)
            heapq.heappush(queue, (made.area[into], into))
    return [sorted(members) for members in made.members if members]


def joined(shapes: Shapes, members: list[list[int]]) -> Shapes:
    """One polygon for each group; borders between its members vanish, all other vertices stay."""
    result = np.empty(len(members), dtype=object)
    for place, numbers in enumerate(members):
        result[place] = shapes[numbers[0]] if len(numbers) == 1 else shapely.coverage_union_all(shapes[numbers])
    return result
