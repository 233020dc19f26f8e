"""Coordinate systems that a client of the standard doors may name, with the order of their axes."""

from __future__ import annotations

from dataclasses import dataclass

from config.errors import InvalidInput

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"


@dataclass(frozen=True)
class System:
    """EPSG number, and whether its first axis is latitude, or northing."""

    srid: int
    north_first: bool

    def geometry(self, sql: str) -> str:
        """`sql`, a geometry in WGS 84, in this system and axis order."""
        found = sql if self.srid == 4326 else f"st_transform({sql}, {self.srid})"
        return f"st_flipcoordinates({found})" if self.north_first else found


def _epsg(number: int) -> str:
    return f"http://www.opengis.net/def/crs/EPSG/0/{number}"


SYSTEMS: dict[str, System] = {
    CRS84: System(4326, False),
    _epsg(4326): System(4326, True),
    _epsg(3857): System(3857, False),
    _epsg(4490): System(4490, True),
    **{_epsg(32600 + zone): System(32600 + zone, False) for zone in range(1, 61)},
    **{_epsg(32700 + zone): System(32700 + zone, False) for zone in range(1, 61)},
    **{_epsg(4534 + number): System(4534 + number, True) for number in range(21)},
}
"""WGS 84, Web Mercator, CGCS2000 geographic and in 3° Gauss-Krüger zones by central meridian (75° to 135°), UTM."""


def system(uri: str) -> System:
    """The system of that name. Raises InvalidInput naming those there are."""
    if uri not in SYSTEMS:
        raise InvalidInput(
            "The coordinate system {uri} is not served here.",
            "Choose one of those that the collection lists.",
            uri=uri[:200],
        )
    return SYSTEMS[uri]
