"""What an OpenStreetMap object becomes: an asset row, a boundary, or a count of what the mapping does not keep. Pure."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import msgspec
import shapely

from gis.assets import AssetRow
from gis.importing.osm_rules import Rule, Tags
from gis.importing.runs import Reject

MAIN_KEYS = (
    "highway",
    "man_made",
    "railway",
    "power",
    "emergency",
    "amenity",
    "natural",
    "landuse",
    "leisure",
    "waterway",
    "barrier",
)


class Boundary(NamedTuple):
    """One administrative boundary that is complete in the file."""

    ref: str
    admin_level: str
    name: str
    name_en: str
    code: str
    population: int | None
    shape: shapely.MultiPolygon


@dataclass
class Reading:
    """What a pass collects beside the stream: boundaries, what could not be used, and how many objects of each sort it saw."""

    boundaries: list[Boundary] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    seen: Counter[str] = field(default_factory=Counter)
    not_kept: Counter[str] = field(default_factory=Counter)
    """Tagged objects for which the mapping has no kind, by main tag."""

    def miss(self, ref: str, tags: Tags) -> None:
        """Count an object for which the mapping has no kind."""
        main = next((key for key in MAIN_KEYS if key in tags), None)
        if main:
            self.not_kept[f"{ref[0]} {main}={tags[main]}"] += 1


def asset_row(ref: str, rule: Rule, tags: Tags, wkb: str, kept: dict[str, Any]) -> AssetRow:
    """An object as an asset of the kind of its rule."""
    attributes = msgspec.json.encode(kept).decode()
    return AssetRow(ref, rule.kind, rule.class_code, _name(tags), tags.get("name:en", ""), wkb, attributes)


def _name(tags: Tags) -> str:
    return (tags.get("name") or tags.get("name:zh") or "").strip()


def is_boundary(tags: Tags) -> bool:
    """Whether the tags are those of an administrative boundary of some level."""
    return tags.get("boundary") == "administrative" and "admin_level" in tags


def boundary(ref: str, tags: Tags, shape: shapely.MultiPolygon) -> Boundary:
    """An area with the tags of a boundary; a code or population that is no number is left out."""
    code = tags.get("division_code") or tags.get("ref:GB2260") or tags.get("ref") or ""
    population = tags.get("population", "")
    people = int(population) if population.isdecimal() else None
    own_code = code if code.isdecimal() else ""
    return Boundary(ref, tags["admin_level"], _name(tags), tags.get("name:en", ""), own_code, people, shape)
