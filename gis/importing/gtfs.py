"""`import gtfs`: stops and bus lines as assets, and the whole timetable in tables of its own, edition by edition (C5, S4, C3)."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from sqlalchemy import Connection, select

from config.errors import InvalidInput
from gis import assets
from gis.assets import AssetRow
from gis.importing import gtfs_patterns, gtfs_store, instance, runs
from gis.importing.gtfs_checks import Feed, records
from gis.importing.gtfs_files import GtfsFiles
from gis.importing.gtfs_patterns import Pattern, Timetable
from gis.importing.notes import Note
from gis.importing.runs import Outcome
from gis.transit_tables import transit_feed

STOP_CLASS = "C0204"
"""Component class of a bus stop (公交站亭)."""

FAR_M = 50.0
"""A stop farther than this from the line of a pattern that calls there is worth a look."""


def import_gtfs(db: Connection, path: Path, feed_name: str = "", time_zone: str = "") -> Outcome:
    """Load a feed. The same feed again changes nothing; another one of the same name replaces it whole, as its next version.

    `feed_name` tells feeds of several operators apart; without it the first agency's id or name does. `time_zone` is the
    instance's, to say so where the feed keeps another. Raises UnreadableFile for
    what is no feed, InvalidInput where no trip can be used; nothing is changed then.
    """
    run_id = runs.start(db, "gtfs", [path])
    files = GtfsFiles(path)
    name = feed_name or _name(files)
    known = db.execute(select(transit_feed).where(transit_feed.c.name == name, transit_feed.c.current)).first()
    if known and known.sha256 == files.sha256:
        stored = gtfs_store.counts(db, known.id)
        counts = {"feed": name, "version": known.version, "new": False, "stored": stored}
        return runs.finish(
            db, Outcome(run_id, counts, notes=[Note("This edition is in force already; nothing was changed.")])
        )
    feed = Feed(files, instance.centre(db))
    if feed.trips.empty:
        raise InvalidInput(
            "No trip of {file} can be used: {reasons}. It begins with {first}.",
            "Correct the feed and import it again; nothing has been changed.",
            file=path.name,
            first=_first(feed),
            reasons=", ".join(f"{reason} ({n})" for reason, n in _reasons(feed).most_common(3)) or "it has none",
        )
    west, south, east, north = shapely.total_bounds(list(feed.places.values()))
    srid = instance.widen(db, (float(west), float(south), float(east), float(north)))
    instance.credit(db, ", ".join(_agencies(feed)))
    found = gtfs_patterns.patterns(feed, srid)
    source, why = f"gtfs:{name}", f"import gtfs {path.name}"
    changes = assets.upsert(db, source, [*_stops(feed, found), *_lines(feed, found)], run_id, why)
    removed = assets.follow(db, source, "line/", run_id, why)
    version = gtfs_store.store(db, name, feed, found, assets.ids(db, source), run_id)
    counts = {
        "feed": name,
        "version": version.number,
        "new": True,
        "read": {table: len(rows) for table, rows in files.tables.items()},
        "stored": gtfs_store.counts(db, version.id),
        "assets": vars(changes) | {"lines_removed": removed},
        "kinds": assets.count_by_kind(db, source),
        "stops_beside_their_line_m": beside(found),
        "work_srid": srid,
    }
    rejected = runs.keep_rejects(db, run_id, feed.rejects)
    notes = _notes(feed, found, changes.absent - removed, time_zone)
    return runs.finish(db, Outcome(run_id, counts, rejected, notes, source))


def beside(found: list[Pattern]) -> dict[str, float | int]:
    """How far stops lie from the lines of the patterns that call there, over all calls: metres, and how many are far.

    `out_of_order` are those of them that lie beside the line, but not where the order of the stops would have them.
    """
    drawn = [pattern.where for pattern in found if pattern.shape_id]
    if not drawn:
        return {"calls": 0}
    offsets, nearest = (np.concatenate([where[column] for where in drawn]) for column in (1, 2))
    figures = {"median": np.median(offsets), "p95": np.percentile(offsets, 95), "max": offsets.max()}
    rounded: dict[str, float | int] = {name: round(float(value), 1) for name, value in figures.items()}
    over = offsets > FAR_M
    return (
        {"calls": len(offsets)}
        | rounded
        | {
            f"over_{FAR_M:g}": int(over.sum()),
            "out_of_order": int((over & (nearest <= FAR_M)).sum()),
        }
    )


def _stops(feed: Feed, found: list[Pattern]) -> Iterator[AssetRow]:
    """Stops as the public sees them, with the lines that call there; stations that group stops as their own kind."""
    short = dict(zip(feed.routes["route_id"], feed.routes["route_short_name"], strict=True))
    lines: dict[str, set[str]] = {}
    for pattern in found:
        for stop in pattern.stop_ids:
            lines.setdefault(stop, set()).add(short[pattern.route_id] or pattern.route_id)
    for row in records(feed.stops):
        stop_id, station = row["stop_id"], row["location_type"] == "1"
        kept = {"code": row.get("stop_code"), "description": row.get("stop_desc"), "station": row.get("parent_station")}
        kept |= {"wheelchair": row.get("wheelchair_boarding"), "lines": sorted(lines.get(stop_id, ()))}
        yield AssetRow(
            f"stop/{stop_id}",
            "bus_station" if station else "bus_stop",
            None if station else STOP_CLASS,
            row["stop_name"],
            "",
            feed.places[stop_id].wkb_hex,
            _json(kept),
        )


def _lines(feed: Feed, found: list[Pattern]) -> Iterator[AssetRow]:
    """One line for each route and direction, drawn by its most used pattern, with its stops in order."""
    routes = feed.routes.set_index("route_id").to_dict("index")
    names = dict(zip(feed.stops["stop_id"], feed.stops["stop_name"], strict=True))
    signs = dict(zip(feed.trips["trip_id"], feed.trips["trip_headsign"], strict=True))
    timetable = Timetable(feed)
    for reference, group in gtfs_patterns.by_line(found).items():
        main, route = group[0], routes[group[0].route_id]
        trips = [trip for pattern in group for trip in pattern.trips]
        summary = timetable.summary(trips)
        calls = [
            {"stop": f"stop/{stop}", "name": names[stop], "at_m": round(float(metres), 1)}
            for stop, metres in zip(main.stop_ids, main.where.along_m, strict=True)
        ]
        kept = {
            "number": route["route_short_name"] or main.route_id,
            "route": main.route_id,
            "direction": main.direction,
            "headsign": signs[main.trips[0]] or names[main.stop_ids[-1]],
            "colour": route.get("route_color"),
            "length_m": round(main.length_m),
            "drawn_through_stops": not main.shape_id or None,
            "stops": calls,
            "patterns": len(group),
            "trips": len(trips),
            "headway_s": summary.get("headway_s"),
            "timetable": summary,
        }
        kind = "bus_line" if route["route_type"] in gtfs_patterns.BUS_TYPES else "transit_line"
        name = " ".join(part for part in (route["route_short_name"], route["route_long_name"]) if part) or main.route_id
        yield AssetRow(reference, kind, None, name, "", gtfs_patterns.drawn(main).wkb_hex, _json(kept))


def _json(kept: dict[str, Any]) -> str:
    return json.dumps({name: value for name, value in kept.items() if value not in (None, "", {})}, ensure_ascii=False)


def _name(files: GtfsFiles) -> str:
    """A name for the feed that nobody named: its first agency's id, else its name, in letters and digits."""
    agency = files.table("agency")
    first: dict[str, Any] = (records(agency) or [{}])[0]
    found = first.get("agency_id") or first.get("agency_name") or "gtfs"
    return re.sub(r"\W+", "-", str(found)).strip("-") or "gtfs"


def _agencies(feed: Feed) -> list[str]:
    return [str(name) for name in feed.agencies["agency_name"] if name]


def _reasons(feed: Feed) -> Counter[str]:
    return Counter(reject.reason for reject in feed.rejects)


def _first(feed: Feed) -> str:
    """The first row that was refused: what follows from it is refused later."""
    return next((f"{reject.row}: {reject.detail}" for reject in feed.rejects), "trips.txt, which is empty")


def _notes(feed: Feed, found: list[Pattern], absent: int, time_zone: str) -> list[str]:
    notes: list[str] = []
    zones = {str(zone) for zone in feed.agencies["agency_timezone"]} - {time_zone} if time_zone else set()
    if zones:
        notes.append(
            Note(
                "The timetable is in {zones}, this instance keeps {time_zone}.",
                zones=", ".join(sorted(zones)),
                time_zone=time_zone,
            )
        )
    through_stops = sum(not pattern.shape_id for pattern in found)
    if through_stops:
        notes.append(
            Note(
                "{count} of {all} patterns have no shape: drawn from stop to stop.", count=through_stops, all=len(found)
            )
        )
    far = {stop for p in found for stop, m in zip(p.stop_ids, p.where.beside_m, strict=True) if m > FAR_M}
    if far:
        notes.append(
            Note(
                "{count} stops lie more than {metres:g} m from a line that calls there, or not in its order.",
                count=len(far),
                metres=FAR_M,
            )
        )
    if absent > 0:
        notes.append(
            Note("{count} stops of an earlier edition are not in this one; they stay as they are.", count=absent)
        )
    if feed.files.others:
        notes.append(Note("Not read: {files}.", files=", ".join(feed.files.others)))
    return notes
