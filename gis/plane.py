"""A flat metre frame for a community or a line, in which straight lines stay straight. Pure.

Degrees are only stretched and moved, so borders that two communities share keep their shape to the last bit; a real projection
would bend them by millimetres to centimetres between vertices. Over a few kilometres metres are true to some 0.1 %.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Plane:
    """Metres east and north of (lon, lat) in degrees. Remembers the vertices that came in, to give them back unchanged."""

    lon: float
    lat: float
    east_m: float
    north_m: float
    known: dict[bytes, Numbers] = field(default_factory=dict, repr=False, compare=False)

    def to_metres(self, shapes: Any, keep: bool = False) -> Any:
        """Geometry or array of geometries in degrees → metres. With `keep` their vertices go back exactly as they came."""

        def flat(degrees: Numbers) -> Numbers:
            metres = (degrees - (self.lon, self.lat)) * (self.east_m, self.north_m)
            if keep:
                self.known.update(zip(map(np.ndarray.tobytes, metres), degrees, strict=True))
            return np.asarray(metres)

        return shapely.transform(shapes, flat)

    def to_degrees(self, shapes: Any) -> Any:
        """Geometry or array of geometries in metres → degrees."""

        def round_again(metres: Numbers) -> Numbers:
            degrees = metres / (self.east_m, self.north_m) + (self.lon, self.lat)
            for row, key in enumerate(map(np.ndarray.tobytes, metres)):
                if key in self.known:
                    degrees[row] = self.known[key]
            return np.asarray(degrees)

        return shapely.transform(shapes, round_again)


def plane_of(shape: shapely.Geometry) -> Plane:
    """The frame around the middle of a shape in WGS 84 degrees (metres of a degree: series of the WGS 84 ellipsoid)."""
    west, south, east, north = shape.bounds
    lon, lat = (west + east) / 2, (south + north) / 2
    angle = np.radians(lat)
    north_m = 111132.92 - 559.82 * np.cos(2 * angle) + 1.175 * np.cos(4 * angle)
    east_m = 111412.84 * np.cos(angle) - 93.5 * np.cos(3 * angle) + 0.118 * np.cos(5 * angle)
    return Plane(lon, lat, float(east_m), float(north_m))
