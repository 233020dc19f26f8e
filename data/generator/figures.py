"""How much of everything a city of a given scale has.

Scale 1 is the reference city of the requirements (724 km of municipal roads, 35,000 lamps, …);
the everyday demonstration is 1:50. Counts never fall below what a story on the map needs.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

REFERENCE_ROADS_KM = 724.0
REFERENCE_WATER_KM = 1133.0
REFERENCE_SEWER_KM = 833.56
REFERENCE_LAMPS = 35_000
REFERENCE_CABINETS = 500
"""At most; each is a gateway that many lamps speak through."""

REFERENCE_BUSES = 2_110
REFERENCE_BUS_LINES = 100
REFERENCE_BUS_LINES_KM = 1_302.7
REFERENCE_WATER_PLANTS = 8
REFERENCE_BRIDGES = 159
REFERENCE_AREA_KM2 = 95.0


@dataclass(frozen=True)
class Figures:
    """Targets in metres, square metres and counts."""

    scale: float
    area_m2: float
    roads_m: float
    lanes_m: float
    water_m: float
    sewer_m: float
    bridges: int
    lamps: int
    buses: int
    bus_lines: int
    bus_m: float
    water_plants: int
    sub_districts: int
    communities: int

    @property
    def radius_m(self) -> float:
        """Radius of a disc of the city's area."""
        return math.sqrt(self.area_m2 / math.pi)


def figures(scale: float) -> Figures:
    """Targets of a city at `scale`; 0 < scale <= 1, otherwise ValueError."""
    if not 0 < scale <= 1:
        raise ValueError(f"scale must be above 0 and at most 1, not {scale}")
    bus_lines = max(2, round(REFERENCE_BUS_LINES * scale))
    line_m = REFERENCE_BUS_LINES_KM * 1000 / REFERENCE_BUS_LINES
    return Figures(
        scale=scale,
        area_m2=REFERENCE_AREA_KM2 * 1e6 * scale,
        roads_m=REFERENCE_ROADS_KM * 1000 * scale,
        # Lanes inside the blocks are nobody's municipal road, but mains run under them.
        lanes_m=(REFERENCE_WATER_KM - REFERENCE_ROADS_KM + 75) * 1000 * scale,
        water_m=REFERENCE_WATER_KM * 1000 * scale,
        sewer_m=REFERENCE_SEWER_KM * 1000 * scale,
        bridges=max(2, round(REFERENCE_BRIDGES * scale)),
        lamps=round(REFERENCE_LAMPS * scale),
        buses=round(REFERENCE_BUSES * scale),
        bus_lines=bus_lines,
        # One way. A small city has few lines and short ones: they grow with its diameter.
        bus_m=bus_lines * line_m * max(0.25, math.sqrt(scale)),
        water_plants=max(1, round(REFERENCE_WATER_PLANTS * scale)),
        sub_districts=round(3 + 7 * scale),
        communities=round(7 + 60 * scale),
    )
