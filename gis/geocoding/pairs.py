"""A pair of coordinates in the search box: 38.43, 115.62; 115.62 38.43; 38°25'48"N 115°37'12"E; 东经115度37分，北纬38度26分. Pure."""

from __future__ import annotations

import re
import unicodedata

from gis.importing.written_numbers import coordinate

Extent = tuple[float, float, float, float]
"""West, south, east, north in degrees."""

_MARGIN = 0.05
_EAST = re.compile(r"[EWew]|[东西]经")
_NORTH = re.compile(r"[NSns]|[南北]纬")
_WORDS = re.compile(r"[\d.+\-\s°º˚度分秒'′’‘\"″”“EWNSewns东西南北经纬,，;；、:()（）]+")


def points(text: str, city: Extent | None) -> list[tuple[float, float]]:
    """The WGS 84 points (longitude, latitude) that a text may mean, none where it is no pair of coordinates.

    Sides that are written decide; else both orders are tried and the one that lies in the city is meant. Where neither does, both
    stand, the usual order of the map (latitude first) before the other: nothing is guessed.
    """
    parts = _parts(text)
    if len(parts) != 2:
        return []
    try:
        first, second = (coordinate(part) for part in parts)
    except (ValueError, TypeError):
        return []
    orders = [(second, first), (first, second)]
    if _EAST.search(parts[0]) or _NORTH.search(parts[1]):
        orders = [(first, second)]
    elif _NORTH.search(parts[0]) or _EAST.search(parts[1]):
        orders = [(second, first)]
    possible = [(lon, lat) for lon, lat in dict.fromkeys(orders) if abs(lon) <= 180 and abs(lat) < 90]
    return [point for point in possible if city and _inside(point, city)] or possible


def _parts(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKC", text).strip(" ()")
    if not _WORDS.fullmatch(plain) or not re.search(r"\d", plain):
        return []
    parts = [part for part in re.split(r"\s*[,;、]\s*", plain) if part]
    if len(parts) == 1:
        parts = re.split(r"(?<=[\d°'\"][EWNSewns])\s*(?=\d)|\s+(?=[EWNSewns]\s*\d)|(?<=[分秒度])(?=[东西南北])", plain)
    if len(parts) == 1:
        parts = plain.split()
    return parts if all(re.search(r"\d[.°度]|\d\s*[EWNS]", part, re.IGNORECASE) for part in parts) else []


def _inside(point: tuple[float, float], city: Extent) -> bool:
    west, south, east, north = city
    return west - _MARGIN <= point[0] <= east + _MARGIN and south - _MARGIN <= point[1] <= north + _MARGIN
