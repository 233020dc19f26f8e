"""How a street network is built, in the figures that city planners compare: junctions, orientation, segments, circuity.

Pure: lines in metres in, numbers out. The same code measures real and generated streets, so that the one can be held
against the other. After Boeing, "Urban spatial order: street network orientation, configuration, and entropy" (2019).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields

import numpy as np
from shapely import LineString, get_coordinates

NODE_M = 0.05
"""Vertices this close together are one."""

SECTORS = 36
"""Compass sectors of 10°, the first centred on north, in which bearings are counted."""


@dataclass(frozen=True)
class Metrics:
    """Figures of one network. Shares are of all nodes; lengths in metres; entropy in nats, 0 (one direction) to ln 36."""

    three_way: float
    four_way: float
    dead_ends: float
    orientation_entropy: float
    mean_segment_m: float
    median_segment_m: float
    circuity: float
    segments: int
    nodes: int


COMPARED = (
    "three_way",
    "four_way",
    "orientation_entropy",
    "mean_segment_m",
    "median_segment_m",
    "circuity",
)
"""The figures that make a city look like a city."""


@dataclass(frozen=True)
class Segment:
    """A stretch of street between two junctions or dead ends, with the lengths along it and straight."""

    start: int
    end: int
    length: float
    chord: float
    bearing: float
    """Direction of the chord in degrees clockwise from north, 0 to 360."""


def segments(lines: Iterable[LineString]) -> list[Segment]:
    """Node lines where they share a vertex and join them where only two meet, so that bends and names do not count.

    Lines in metres. They must share a vertex where they meet, as in OpenStreetMap; crossing without one is a bridge.
    """
    links, places = _links(lines)
    ends = {node for node, arms in links.items() if len(arms) != 2}
    found: list[Segment] = []
    walked: set[tuple[int, int]] = set()
    for node in sorted(ends):
        found.extend(
            _walk(node, first, links, ends, places, walked) for first in links[node] if (node, first) not in walked
        )
    return found


def measure(lines: Iterable[LineString]) -> Metrics:
    """All figures of a network. Raises ValueError where it has no junction."""
    found = segments(lines)
    if not found:
        raise ValueError("a street network without a junction cannot be measured")
    arms = np.bincount([node for segment in found for node in (segment.start, segment.end)])
    arms = arms[arms > 0]
    length = np.array([segment.length for segment in found])
    chord = np.array([segment.chord for segment in found])
    open_ended = chord > NODE_M
    return Metrics(
        three_way=float(np.mean(arms == 3)),
        four_way=float(np.mean(arms == 4)),
        dead_ends=float(np.mean(arms == 1)),
        orientation_entropy=_entropy(np.array([segment.bearing for segment in found])[open_ended]),
        mean_segment_m=float(length.mean()),
        median_segment_m=float(np.median(length)),
        circuity=float(length[open_ended].sum() / chord[open_ended].sum()),
        segments=len(found),
        nodes=len(arms),
    )


def deviation(value: float, references: Iterable[float]) -> float:
    """How far `value` lies from the nearest of some references, as a share of that reference."""
    return min(abs(value - reference) / reference for reference in references)


def names() -> list[str]:
    """Names of all figures, in order."""
    return [each.name for each in fields(Metrics)]


def _links(lines: Iterable[LineString]) -> tuple[dict[int, list[int]], np.ndarray]:
    """Neighbours of every vertex, by number, and the places of the vertices."""
    numbers: dict[tuple[int, int], int] = {}
    places: list[tuple[float, float]] = []
    links: dict[int, list[int]] = {}
    for line in lines:
        previous = -1
        for x, y in get_coordinates(line):
            number = numbers.setdefault((round(x / NODE_M), round(y / NODE_M)), len(numbers))
            if number == len(places):
                places.append((float(x), float(y)))
                links[number] = []
            if previous not in (-1, number) and previous not in links[number]:
                links[number].append(previous)
                links[previous].append(number)
            previous = number
    return links, np.array(places)


def _walk(
    start: int,
    first: int,
    links: dict[int, list[int]],
    ends: set[int],
    places: np.ndarray,
    walked: set[tuple[int, int]],
) -> Segment:
    before, node = start, first
    length = float(np.hypot(*(places[node] - places[before])))
    while node not in ends:
        one, other = links[node]
        before, node = node, other if one == before else one
        length += float(np.hypot(*(places[node] - places[before])))
    walked.update(((start, first), (node, before)))
    east, north = places[node] - places[start]
    return Segment(start, node, length, float(np.hypot(east, north)), float(np.degrees(np.arctan2(east, north)) % 360))


def _entropy(bearings: np.ndarray) -> float:
    """Shannon entropy of the directions of segments, each counted both ways."""
    both = np.concatenate([bearings, bearings + 180])
    width = 360 / SECTORS
    counts = np.bincount((((both + width / 2) % 360) // width).astype(int), minlength=SECTORS)
    share = counts[counts > 0] / counts.sum()
    return float(-(share * np.log(share)).sum())
