"""From boundaries of whatever levels a source has to areas that tile the city at all four levels. Pure.

A report must be located at every level, so what a source lacks is filled: a level that is missing altogether repeats its
parent, and ground that belongs to no mapped child becomes one area of the rest. Both say so in their reference.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

import shapely
from shapely.geometry.base import BaseGeometry

from config.i18n import _

Level = Literal["city", "district", "subdistrict", "community"]
LEVELS: tuple[Level, ...] = ("city", "district", "subdistrict", "community")
DIGITS: dict[str, int] = {"city": 4, "district": 2, "subdistrict": 3, "community": 3}
"""How many digits each level adds to its parent's code (county 6 = city 4 + 2, sub-district 3, community 3)."""

LEVEL_NAMES = {
    "province": _("Province"),
    "city": _("City"),
    "district": _("District"),
    "subdistrict": _("Sub-district"),
    "community": _("Community"),
}
"""Levels of areas and of the official list in words."""

FIRST_OWN_CITY = 9900
"""Cities whose source has no code are numbered from here; no administrative division code begins with 99."""

CHINESE = re.compile(r"[\u3400-\u9fff]")
"""A letter that shows a name to be Chinese."""

REST_SHARE = 0.01
"""A rest below this share of its parent is the gap between two surveys, not ground without an area."""


@dataclass(frozen=True)
class Found:
    """A boundary of the source, its level already translated into ours. `code` is the source's own, digits or empty."""

    ref: str
    level: Level
    name: str
    shape: shapely.MultiPolygon
    name_en: str = ""
    code: str = ""
    population: int | None = None


@dataclass(frozen=True)
class Planned:
    """An area to be. `ref` ends in /rest for the ground no child covers and in /all for a level the source lacks."""

    ref: str
    level: Level
    code: str
    name: str
    name_en: str
    parent_code: str | None
    population: int | None
    shape: shapely.MultiPolygon
    raw_position: str | None = None
    """What came in, with its coordinate system (JSON), where the area is one shape of its source."""


@dataclass(frozen=True)
class Plan:
    """Areas, parents before children, and the boundaries that lie in none of the cities."""

    areas: list[Planned]
    outside: list[Found]


def plan(
    found: Iterable[Found], codes: Mapping[str, str], official: Mapping[tuple[str, str], str] | None = None
) -> Plan:
    """Areas at all four levels under each city in `found`. `codes` (reference → code) are those given before and stay.

    `official` ((code above, name) → code, see gis/divisions.py) gives a code to boundaries whose source has none.
    """
    official = official or {}
    boundaries = sorted(found, key=lambda each: (LEVELS.index(each.level), len(each.ref), each.ref))
    cities = [each for each in boundaries if each.level == "city"]
    left = [each for each in boundaries if each.level != "city"]
    areas: list[Planned] = []
    for city in cities:
        mine = [each for each in left if _lies_in(each, city.shape)]
        left = [each for each in left if each not in mine]
        taken = {area.code for area in areas if area.level == "city"} | {codes[ref] for ref in codes}
        by_name = official.get(("", city.name), "")
        own = codes.get(city.ref) or _own_code(city, "") or ("" if by_name in taken else by_name)
        code = own or _next_code("", FIRST_OWN_CITY, "city", taken)
        root = _planned(city, code, None)
        areas += [root, *_below(root, mine, codes, official)]
    return Plan(areas, left)


def _below(
    parent: Planned, inside: list[Found], codes: Mapping[str, str], official: Mapping[tuple[str, str], str]
) -> list[Planned]:
    """Everything under `parent`: its children at the next level, a rest where they leave ground, and their children."""
    if parent.level == "community":
        return []
    level = LEVELS[LEVELS.index(parent.level) + 1]
    children = [each for each in inside if each.level == level]
    deeper = [each for each in inside if each.level != level]
    rest = _rest(parent, children, level)
    areas: list[Planned] = []
    taken = {code for code in codes.values() if code.startswith(parent.code)}
    reserved = taken | {code for (above, _), code in official.items() if above == parent.code}
    for number, child in enumerate([*children, *([rest] if rest else [])], start=1):
        by_name = official.get((parent.code, child.name), "")
        own = codes.get(child.ref) or _own_code(child, parent.code) or ("" if by_name in taken else by_name)
        code = own or _next_code(parent.code, number, level, reserved)
        taken.add(code)
        reserved.add(code)
        area = _planned(child, code, parent.code)
        mine = [each for each in deeper if _lies_in(each, area.shape)]
        deeper = [each for each in deeper if each not in mine]
        areas += [area, *_below(area, mine, codes, official)]
    return areas


def _rest(parent: Planned, children: list[Found], level: Level) -> Found | None:
    if not children:
        return Found(f"{parent.ref}/all", level, parent.name, parent.shape, parent.name_en)
    left = parent.shape.difference(shapely.union_all([child.shape for child in children]))
    if left.area < REST_SHARE * parent.shape.area:
        return None
    name_en = f"{parent.name_en or parent.name} (rest)"
    name = f"{parent.name}其余" if CHINESE.search(parent.name) else f"{parent.name} (rest)"
    return Found(f"{parent.ref}/rest", level, name, multipolygon(left), name_en)


def multipolygon(shape: BaseGeometry) -> shapely.MultiPolygon:
    """The polygons of any geometry; lines and points that a repair or a cut left behind are dropped."""
    parts = [part for part in shapely.get_parts(shape, return_index=False) if not part.is_empty]
    polygons: list[shapely.Polygon] = []
    for part in parts:
        if part.geom_type == "Polygon":
            polygons.append(part)
        elif part.geom_type in ("MultiPolygon", "GeometryCollection"):
            polygons.extend(multipolygon(part).geoms)
    return shapely.MultiPolygon(polygons)


def _lies_in(each: Found, shape: shapely.MultiPolygon) -> bool:
    return bool(shape.covers(each.shape.representative_point()))


def _planned(found: Found, code: str, parent_code: str | None) -> Planned:
    return Planned(
        found.ref,
        found.level,
        code,
        found.name,
        found.name_en,
        parent_code,
        found.population,
        multipolygon(found.shape),
    )


def _own_code(found: Found, parent_code: str) -> str:
    """The source's code cut to the width of the level, where it continues the parent's; else empty."""
    width = sum(DIGITS[level] for level in LEVELS[: LEVELS.index(found.level) + 1])
    code = found.code[:width]
    return code if len(code) == width and code.startswith(parent_code) and not code.endswith("0" * 3) else ""


def _next_code(parent_code: str, number: int, level: Level, taken: set[str]) -> str:
    code = f"{parent_code}{number:0{DIGITS[level]}}"
    while code in taken:
        number += 1
        code = f"{parent_code}{number:0{DIGITS[level]}}"
    return code
