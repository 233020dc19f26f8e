"""Reading OpenStreetMap files (PBF or XML) with pyosmium: one pass for assets and boundaries, a short one before it for what they need.

Nothing here touches the database. What is read comes out as a stream, so that memory does not grow with the file; only what others
need is kept: node positions (by pyosmium, outside Python), the member ways of bus routes, the tags of the end nodes of ways along doors.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import osmium
import shapely
from osmium.filter import EmptyTagFilter, KeyFilter

from config.errors import UnreadableFile
from gis.assets import AssetRow
from gis.importing import osm_places, runs
from gis.importing.osm_objects import Reading, asset_row, boundary, is_boundary
from gis.importing.osm_rules import INTERPOLATION, Rules, Shape, Tags, numbered
from gis.importing.runs import Reject

AREA_KEYS_ALWAYS = ("boundary",)

MAP_OBJECTS = osmium.osm.NODE | osmium.osm.WAY | osmium.osm.RELATION | osmium.osm.AREA
"""What is read; changesets, which some files hold beside them, are not."""

HISTORY = "history or change file"
"""What the reader's remark on a file of several versions of its objects holds."""

INCOMPLETE = ("incomplete", "nodes are not all in the file")

TELL_EVERY = 1000
"""Objects between two signs of progress."""


class OsmFile:
    """One file to read. Iterate `assets()` to its end, then look at `reading`. References are n123, w123 or r123."""

    def __init__(self, path: Path, rules: Rules) -> None:
        self.path = path
        self.rules = rules
        self.reading = Reading()
        self.extent = osm_places.stated_extent(path)
        self._wkb = osmium.geom.WKBFactory()
        self._route_members: dict[int, str | None] = {}
        self._ends: dict[int, Tags] = {}
        self._open_relations: dict[int, str] = {}
        self._rings: dict[int, Tags] = {}

    def assets(self) -> Iterator[AssetRow]:
        """Every asset of the file. Raises UnreadableFile where the file is broken or holds nothing."""
        try:
            yield from self._read()
        except (RuntimeError, OSError, ValueError) as error:
            if HISTORY in str(error):
                raise UnreadableFile(
                    "The file {file} holds several versions of its objects: {problem}.",
                    "Take the state of one day out of it (osmium time-filter), and import that.",
                    file=self.path.name,
                    problem=str(error).rstrip("."),
                ) from error
            raise UnreadableFile(
                "The file {file} is no readable OpenStreetMap file: {problem}.",
                "Fetch it again and check its size; PBF (.osm.pbf) and XML (.osm, .osm.gz, .osm.bz2) are read.",
                file=self.path.name,
                problem=str(error).rstrip("."),
            ) from error
        if not self.reading.seen:
            raise UnreadableFile("The file {file} holds no map objects.", file=self.path.name)

    def _read(self) -> Iterator[AssetRow]:
        self._look_ahead()
        area_keys = sorted({*self.rules.keys("area"), *AREA_KEYS_ALWAYS})
        tagged = EmptyTagFilter()
        tagged.enable_for(osmium.osm.NODE)
        processor = (
            osmium.FileProcessor(str(self.path), MAP_OBJECTS).with_areas(KeyFilter(*area_keys)).with_filter(tagged)
        )
        entity: Any
        for number, entity in enumerate(processor):
            if number % TELL_EVERY == 0:
                runs.progress("reading", number)
            if entity.is_node():
                yield from self._node(entity)
            elif entity.is_way():
                yield from self._way(entity)
            elif entity.is_area():
                yield from self._area(entity)
            else:
                yield from self._relation(entity)
        self._reject_open_relations()

    def _look_ahead(self) -> None:
        """Find the member ways of routes, and the end nodes of ways along doors: nodes come before ways."""
        along_doors = KeyFilter(INTERPOLATION)
        along_doors.enable_for(osmium.osm.WAY)
        entity: Any
        for entity in osmium.FileProcessor(str(self.path), osmium.osm.WAY | osmium.osm.RELATION).with_filter(
            along_doors
        ):
            tags = dict(entity.tags)
            if entity.is_way():
                if len(entity.nodes) and self.rules.fitting("line", tags):
                    self._ends.update({entity.nodes[place].ref: {} for place in (0, -1)})
            elif tags.get("type") == "route" and self.rules.fitting("route", tags):
                self._route_members.update((member.ref, None) for member in entity.members if member.type == "w")

    def _node(self, node: Any) -> Iterator[AssetRow]:
        self.reading.seen["tagged nodes"] += 1
        tags = dict(node.tags)
        if node.id in self._ends:
            self._ends[node.id] = tags
        if node.location.valid() and node.location.x == node.location.y == 0:
            self._reject(f"n{node.id}", "at_zero", "it lies at 0, 0: a place that nobody entered", tags)
            return
        yield from self._matched(f"n{node.id}", "point", tags, lambda: self._wkb.create_point(node))

    def _way(self, way: Any) -> Iterator[AssetRow]:
        self.reading.seen["ways"] += 1
        if way.id in self._route_members:
            self._remember_member(way)
        tags = dict(way.tags)
        if not tags:
            return
        as_area = self.rules.fitting("area", tags)
        if as_area and not way.is_closed():
            self._reject(f"w{way.id}", "not_closed", f"a {as_area[0].kind} must be a closed way", tags)
        elif as_area and tags.get("area") != "no":
            self._rings[way.id] = tags  # until its area comes by
        if INTERPOLATION in tags:
            tags = self._with_numbers(way, tags)
        yield from self._matched(
            f"w{way.id}", "line", tags, lambda: self._wkb.create_linestring(way), known=bool(as_area)
        )

    def _with_numbers(self, way: Any, tags: dict[str, str]) -> dict[str, str]:
        """The way's tags with its range of house numbers; without it where its ends give none, which is kept as a reject."""
        if not any(INTERPOLATION in rule.match for rule in self.rules.fitting("line", tags)):
            return tags
        ends = [self._ends.get(way.nodes[place].ref, {}) for place in (0, -1)] if len(way.nodes) else [{}, {}]
        found = numbered(tags, *ends)
        if isinstance(found, dict):
            return found
        self._reject(f"w{way.id}", *found, tags)
        return {key: value for key, value in tags.items() if key != INTERPOLATION}

    def _area(self, area: Any) -> Iterator[AssetRow]:
        ref = f"{'w' if area.from_way() else 'r'}{area.orig_id()}"
        tags: Tags | None = None
        if area.from_way():
            tags = self._rings.pop(area.orig_id(), None)  # read when its way came by
        else:
            self._open_relations.pop(area.orig_id(), None)
        tags = dict(area.tags) if tags is None else tags
        if tags.get("boundary") == "administrative" and "admin_level" in tags:
            self._boundary(ref, tags, area)
            return
        if area.from_way() and any(not rule.suffix for rule in self.rules.fitting("line", tags)):
            ref += "#area"  # a closed way may be a path and the garden it runs around: two assets
        yield from self._matched(ref, "area", tags, lambda: self._wkb.create_multipolygon(area), known=True)

    def _relation(self, relation: Any) -> Iterator[AssetRow]:
        self.reading.seen["relations"] += 1
        tags = dict(relation.tags)
        ref = f"r{relation.id}"
        if tags.get("type") in ("multipolygon", "boundary"):
            if self.rules.fitting("area", tags) or is_boundary(tags):
                self._open_relations[relation.id] = json.dumps(tags, ensure_ascii=False)
            elif "highway" in tags:
                self._reject(
                    ref, "area_of_traffic", "a traffic area mapped as a relation; roads are taken from ways", tags
                )
        elif is_boundary(tags):
            self._reject(
                ref, "boundary_no_area", f"a boundary of type {tags.get('type', 'none')}, which encloses nothing", tags
            )
        elif tags.get("type") == "route":
            ways = [
                member.ref
                for member in relation.members
                if member.type == "w" and not member.role.startswith("platform")
            ]
            yield from self._route(ref, tags, ways)

    def _route(self, ref: str, tags: dict[str, str], ways: list[int]) -> Iterator[AssetRow]:
        rules = self.rules.fitting("route", tags)
        lines = [line for way in ways if (line := self._route_members.get(way))]
        if rules and not lines:
            self._reject(ref, "no_geometry", "none of its member ways is in the file", tags)
            return
        for rule in rules:
            shape = shapely.MultiLineString([shapely.from_wkb(line) for line in lines])
            kept = rule.kept(tags) | {"members": len(ways), "members_missing": len(ways) - len(lines)}
            yield asset_row(ref, rule, tags, shape.wkb_hex, kept)

    def _matched(
        self, ref: str, shape: Shape, tags: Tags, draw: Callable[[], str], known: bool = False
    ) -> Iterator[AssetRow]:
        """The assets that one object makes. `known`: some other shape of it is kept, so it is not missed."""
        rules = self.rules.fitting(shape, tags)
        if not rules and not known:
            self.reading.miss(ref, tags)
        for rule in rules:
            refusal = rule.refusal(tags)
            if refusal:
                self._reject(ref, *refusal, tags)
                continue
            try:
                wkb = draw()
            except (osmium.InvalidLocationError, RuntimeError) as error:
                reason, words = ("invalid_area", "outline encloses nothing") if shape == "area" else INCOMPLETE
                self._reject(ref, reason, f"a {rule.kind} whose {words}: {error}", tags)
                continue
            yield asset_row(ref + rule.suffix, rule, tags, wkb, rule.kept(tags))

    def _remember_member(self, way: Any) -> None:
        try:
            self._route_members[way.id] = self._wkb.create_linestring(way)
        except (osmium.InvalidLocationError, RuntimeError):
            return  # the route that misses it says so in `members_missing`

    def _boundary(self, ref: str, tags: Tags, area: Any) -> None:
        try:
            shape = shapely.from_wkb(self._wkb.create_multipolygon(area))
        except (osmium.InvalidLocationError, RuntimeError) as error:
            self._reject(ref, "boundary_no_area", f"its rings enclose nothing: {error}", tags)
            return
        self.reading.boundaries.append(boundary(ref, tags, shape))

    def _reject_open_relations(self) -> None:
        for number, tags in self._rings.items():
            self._reject(f"w{number}", "invalid_area", "its outline encloses nothing", tags)
        for number, raw in self._open_relations.items():
            tags = json.loads(raw)
            what = "boundary" if is_boundary(tags) else "area"
            self._reject(f"r{number}", f"{what}_incomplete", "its rings do not close within this file", tags)

    def _reject(self, ref: str, reason: str, detail: str, tags: Tags) -> None:
        self.reading.rejects.append(Reject(ref, reason, detail, dict(tags)))
