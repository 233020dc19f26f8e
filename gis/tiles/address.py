"""Where a tile lies: addresses of the web (z/x/y from the north-west), Web Mercator metres, degrees, and the tiles of a box."""

from __future__ import annotations

import math
from typing import NamedTuple

from config.errors import InvalidInput

LAST_ZOOM = 20
HALF_M = 20_037_508.342789244
"""Half the width of the Web Mercator world, in its metres (EPSG:3857)."""

EXTENT = 4096
BUFFER = 64
"""Units of a tile's own grid: its width, and how far geometry reaches over its edge, so that a broad line has both its sides."""

STEEPEST = 85.0511287798066
"""Degrees of latitude at which the Web Mercator world ends."""


class Box(NamedTuple):
    """West, south, east, north; degrees of WGS 84 or Web Mercator metres, as the caller says."""

    west: float
    south: float
    east: float
    north: float


class Address(NamedTuple):
    """Zoom, column from the west, row from the north."""

    z: int
    x: int
    y: int

    @classmethod
    def of(cls, z: int, x: int, y: int) -> Address:
        """Raises InvalidInput for an address off the world."""
        if not (0 <= z <= LAST_ZOOM and 0 <= x < 2**z and 0 <= y < 2**z):
            raise InvalidInput("There is no tile {z}/{x}/{y}.", z=z, x=x, y=y)
        return cls(z, x, y)

    def mercator(self, margin: float = 0.0) -> Box:
        """The tile's box in Web Mercator metres, wider by `margin` tile widths on every side."""
        width = 2 * HALF_M / 2**self.z
        west, north = self.x * width - HALF_M, HALF_M - self.y * width
        over = margin * width
        return Box(west - over, north - width - over, west + width + over, north + over)

    def degrees(self, margin: float = 0.0) -> Box:
        """The same in degrees of longitude and latitude."""
        west, south, east, north = self.mercator(margin)
        return Box(_longitude(west), _latitude(south), _longitude(east), _latitude(north))


def tiles_of(box: Box, z: int) -> tuple[range, range]:
    """Columns and rows of the tiles at zoom `z` that may show something of a box in degrees, buffers included."""
    columns = 2**z
    over = BUFFER / EXTENT + 1e-6
    first_x, last_x = (((lon + 180) / 360) * columns for lon in (box.west, box.east))
    first_y, last_y = (_row(lat) * columns for lat in (box.north, box.south))
    return (
        range(max(math.floor(first_x - over), 0), min(math.floor(last_x + over), columns - 1) + 1),
        range(max(math.floor(first_y - over), 0), min(math.floor(last_y + over), columns - 1) + 1),
    )


def _row(latitude: float) -> float:
    """0 at the northern end of the world, 1 at the southern."""
    bounded = max(-STEEPEST, min(STEEPEST, latitude))
    return (1 - math.asinh(math.tan(math.radians(bounded))) / math.pi) / 2


def _longitude(metres: float) -> float:
    return metres / HALF_M * 180


def _latitude(metres: float) -> float:
    return math.degrees(math.atan(math.sinh(metres / HALF_M * math.pi)))
