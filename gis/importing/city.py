"""`import osm`: a city from an OpenStreetMap file, in one transaction: assets, areas, unit grids, where it lies, whom to credit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import shapely
from sqlalchemy import Connection

from config.errors import InvalidInput
from gis import area_plan, areas, assets, coordinates, divisions
from gis.area_plan import LEVEL_NAMES, LEVELS, Found, Level, Plan
from gis.importing import elsewhere, instance, reach, runs
from gis.importing.instance import Extent
from gis.importing.notes import Note
from gis.importing.osm import OsmFile
from gis.importing.osm_objects import Boundary
from gis.importing.osm_rules import read_rules
from gis.importing.runs import Outcome, Reject

EXTENT = "extent"
"""Reference of the city area that is made from the file's extent where it has no city boundary."""


def import_osm(
    db: Connection,
    path: Path,
    *,
    name: str = "",
    mapping: Mapping[str, Any] | None = None,
    admin_levels: str | None = None,
) -> Outcome:
    """Read `path` into the register. The same file again changes nothing.

    `name` names the city where the file has no boundary for it; `admin_levels` chooses a table of the mapping. Raises
    UnreadableFile for a broken file and InvalidInput where the instance holds another city; the transaction is the
    caller's, so that either leaves everything as it was.
    """
    mapping = runs.load_mapping("osm") if mapping is None else mapping
    rules = read_rules(mapping)
    run_id = runs.start(db, "osm", [path], mapping)
    file = OsmFile(path, rules)
    elsewhere.refuse_osm(db, file)
    changes = assets.upsert(db, rules.source, file.assets(), run_id, f"import osm {path.name}")
    extent = reach.extent(db, path, file)
    srid = instance.widen(db, extent)
    instance.credit(db, rules.attribution)
    levels = _levels(rules.admin_levels, admin_levels, extent)
    official = divisions.codes_by_name(db, {each.name for each in file.reading.boundaries})
    known = areas.codes(db, rules.source)
    plan, notes = _plan(file.reading.boundaries, levels, extent, name or city_name(path), known, official)
    planned, compared = divisions.named(db, plan.areas)
    area_changes = areas.load(db, rules.source, planned, run_id)
    grids = areas.make_grids(db, srid)
    rejected = runs.keep_rejects(db, run_id, [*file.reading.rejects, *_outside(plan)])
    counts = {
        "read": dict(file.reading.seen),
        "assets": vars(changes),
        "kinds": assets.count_by_kind(db, rules.source),
        "areas": vars(area_changes) | dict(Counter(area.level for area in plan.areas)),
        "grids": vars(grids),
        "work_srid": srid,
        "extent": list(extent),
        "no_kind": dict(file.reading.not_kept.most_common(40)),
    }
    notes += compared + areas.notes(area_changes, grids)
    return runs.finish(db, Outcome(run_id, counts, rejected, notes, rules.source))


def city_name(path: Path) -> str:
    """A name for a city that nobody named: the file's, in words."""
    return path.name.split(".")[0].replace("_", " ").replace("-", " ").strip().title()


def _levels(tables: Mapping[str, Mapping[str, str]], wanted: str | None, extent: Extent) -> Mapping[str, str]:
    """The admin_level table asked for; without a wish CN inside China, else default."""
    middle = (extent[0] + extent[2]) / 2, (extent[1] + extent[3]) / 2
    chosen = wanted or ("CN" if coordinates.inside_china(*middle) and "CN" in tables else "default")
    if chosen not in tables:
        raise InvalidInput(
            "The mapping has no admin levels '{chosen}'.",
            "It has: {tables}.",
            chosen=chosen,
            tables=", ".join(sorted(tables)),
        )
    return tables[chosen]


def _plan(
    boundaries: list[Boundary],
    levels: Mapping[str, str],
    extent: Extent,
    name: str,
    codes: Mapping[str, str],
    official: Mapping[tuple[str, str], str],
) -> tuple[Plan, list[str]]:
    """Areas for the boundaries of the file, under a city made from the extent where no city boundary is complete."""
    found = [_found(each, level) for each in boundaries for level in LEVELS if levels.get(each.admin_level) == level]
    notes: list[str] = []
    if not any(each.level == "city" for each in found):
        box = shapely.MultiPolygon([shapely.box(*extent)])
        found.append(Found(EXTENT, "city", name, box, name))
        notes.append(
            Note("The file holds no complete city boundary: the area '{name}' was made from its extent.", name=name)
        )
    plan = area_plan.plan(found, codes, official)
    filled = Counter(area.level for area in plan.areas if area.ref.endswith("/all"))
    notes += [
        Note(
            "No boundary of this level was complete: {level_word}; {count} made from the area above.",
            level_word=LEVEL_NAMES[level],
            count=count,
        )
        for level, count in filled.items()
    ]
    rests = [area.name for area in plan.areas if area.ref.endswith("/rest")]
    if rests:
        notes.append(Note("Ground that no boundary covers became areas of its own: {names}.", names=", ".join(rests)))
    return plan, notes


def _found(each: Boundary, level: Level) -> Found:
    return Found(each.ref, level, each.name, each.shape, each.name_en, each.code, each.population)


def _outside(plan: Plan) -> list[Reject]:
    return [Reject(each.ref, "outside_city", f"{each.name}: lies in none of the cities", {}) for each in plan.outside]
