"""Gauss-Krüger zones of China's national systems: their EPSG codes, and what a pair of metres may be. Pure.

A zone has two writings: eastings with the zone's number before them (39 428,000: zone 39) and without (428,000), told apart by
code. 500 km are added to every easting; both the zone's number and the 500 km may have been cut off. In Chinese survey
documents X is north and Y is east. What cannot be known from the numbers is asked for, never guessed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

FALSE_EASTING_M = 500_000.0
NORTHINGS_M = (1_850_000.0, 5_960_000.0)
"""From the south of Hainan to the north of Heilongjiang; the South China Sea reaches farther south."""

WIDEST_M = {3: 170_000.0, 6: 345_000.0}
"""Half the width of a zone in the far south, with a little of its neighbour."""

Width = Literal[3, 6]
FIRST: dict[tuple[str, Width, bool], int] = {
    ("cgcs2000", 6, True): 4491,
    ("cgcs2000", 6, False): 4502,
    ("cgcs2000", 3, True): 4513,
    ("cgcs2000", 3, False): 4534,
    ("xian1980", 6, True): 2327,
    ("xian1980", 6, False): 2338,
    ("xian1980", 3, True): 2349,
    ("xian1980", 3, False): 2370,
    ("beijing1954", 6, True): 21413,
    ("beijing1954", 6, False): 21453,
    ("beijing1954", 3, True): 2401,
    ("beijing1954", 3, False): 2422,
}
"""EPSG code of the westernmost zone, by datum, width in degrees, and whether eastings begin with the zone's number."""

NUMBERS: dict[Width, range] = {3: range(25, 46), 6: range(13, 24)}
"""Zones that reach into China: 3-degree 25 (75° E) to 45 (135° E), 6-degree 13 (75° E) to 23 (135° E)."""


@dataclass(frozen=True)
class Zone:
    """One zone: its width in degrees and number."""

    width: Width
    number: int

    @property
    def meridian(self) -> int:
        """Its central meridian in degrees east."""
        return self.number * 3 if self.width == 3 else self.number * 6 - 3

    def code(self, datum: str = "cgcs2000", prefixed: bool = False) -> int:
        """The EPSG code, for eastings that begin with the zone's number or not."""
        return FIRST[datum, self.width, prefixed] + self.number - NUMBERS[self.width].start


def zones(lon: float) -> list[Zone]:
    """The zones in which a longitude lies, 3-degree first; none outside China's."""
    found = [Zone(3, round(lon / 3)), Zone(6, int(lon // 6) + 1)]
    return [zone for zone in found if zone.number in NUMBERS[zone.width]]


@dataclass(frozen=True)
class Metres:
    """What a pair of metres may be: north, east with its 500 km, the zone if the easting names it, and what was cut off."""

    easting: float
    northing: float
    zone: Zone | None
    swapped: bool = False
    without_false_easting: bool = False


def metres(x: float, y: float) -> list[Metres]:
    """The readings of two numbers as Gauss-Krüger metres, x meant as east: as they stand, and the other way round."""
    found = []
    for east, north, swapped in ((x, y, False), (y, x, True)):
        if not NORTHINGS_M[0] <= north <= NORTHINGS_M[1]:
            continue
        named = re.fullmatch(r"(\d{2})(\d{6})", str(int(abs(east)))) if east > 0 else None
        if named:
            width: Width = 3 if int(named[1]) >= NUMBERS[3].start else 6
            if int(named[1]) in NUMBERS[width]:
                found.append(Metres(east - int(named[1]) * 1e6, north, Zone(width, int(named[1])), swapped))
        elif abs(east - FALSE_EASTING_M) <= WIDEST_M[6]:
            found.append(Metres(east, north, None, swapped))
        if abs(east) <= WIDEST_M[6]:
            found.append(Metres(east + FALSE_EASTING_M, north, None, swapped, True))
    return found


def other_writing(code: int, easting: float) -> int | None:
    """The EPSG code in which an easting can lie that cannot lie in the zone of `code`; None where it can, or `code` is no zone.

    Told apart are eastings with and without the zone's number, and another zone's number.
    """
    for (datum, width, prefixed), first in FIRST.items():
        number = code - first + NUMBERS[width].start
        if number in NUMBERS[width]:
            named = re.fullmatch(r"(\d{2})\d{6}", str(int(abs(easting))))
            if named is None:
                near = abs(easting - FALSE_EASTING_M) <= WIDEST_M[6]
                return Zone(width, number).code(datum) if prefixed and near else None
            meant = int(named[1])
            if meant not in NUMBERS[width] or (prefixed and meant == number):
                return None
            return Zone(width, meant).code(datum, prefixed=True)
    return None
