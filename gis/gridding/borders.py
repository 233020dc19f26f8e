"""Which lines of a city part unit grids, and how strongly. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

Shapes = NDArray[np.object_]

MINOR = 0
"""Paths and yards' drives: they divide a block that is too large, but part no others."""

STREET, COLLECTOR, ARTERIAL, BANK = 1, 2, 3, 4
RANKS: dict[str, int] = {
    **dict.fromkeys(("motorway", "trunk", "primary", "expressway", "arterial"), ARTERIAL),
    **dict.fromkeys(("secondary", "tertiary", "collector"), COLLECTOR),
    **dict.fromkeys(("residential", "unclassified", "living_street", "pedestrian", "road", "branch", "lane"), STREET),
    **dict.fromkeys(("service", "track", "footway", "path", "cycleway", "steps", "bridleway", "busway"), MINOR),
}
"""Classes of road, OpenStreetMap's and the demonstration's. Ramps are left out: their loops part nothing that people know."""

RESISTANCE = {MINOR: 0.7, STREET: 1.0, COLLECTOR: 2.0, ARTERIAL: 5.0, BANK: 8.0}
"""How unwillingly a small piece is joined to a neighbour across a line of this rank, as a multiple of an ordinary street."""


@dataclass(frozen=True)
class Borders:
    """Lines with their ranks, waters and buildings around what is to be divided; all in one plane."""

    lines: Shapes
    ranks: NDArray[np.int64]
    waters: Shapes = field(default_factory=lambda: np.array([], dtype=object))
    buildings: Shapes = field(default_factory=lambda: np.array([], dtype=object))


def rank(attributes: Mapping[str, Any]) -> int | None:
    """The rank of a road by its class; a road of no known class is a street. None for what parts nothing: ramps, tunnels."""
    kind = str(attributes.get("class") or "road")
    if attributes.get("tunnel") not in (None, "", "no", False) or kind.endswith("_link"):
        return None
    return RANKS.get(kind, STREET)


def with_banks(lines: Shapes, ranks: NDArray[np.int64], waters: Shapes, buildings: Shapes) -> Borders:
    """Borders with the banks of waters (polygons) and the course of streams (lines) among their lines."""
    areas = waters[shapely.get_dimensions(waters) == 2] if len(waters) else waters
    courses = waters[shapely.get_dimensions(waters) == 1] if len(waters) else waters
    banks = np.concatenate([shapely.boundary(areas), courses]) if len(waters) else waters
    all_lines = np.concatenate([lines, banks])
    all_ranks = np.concatenate([ranks, np.full(len(banks), BANK, dtype=np.int64)])
    return Borders(all_lines, all_ranks, areas, buildings)
