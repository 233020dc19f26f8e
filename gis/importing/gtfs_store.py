"""A checked feed into the timetable's tables, as the next version of its name (gis/transit_tables.py)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import shapely
from pandas import DataFrame
from sqlalchemy import Connection, func, insert, select, update

from gis import transit_tables as tables
from gis.copying import copy_rows
from gis.importing import gtfs_patterns, gtfs_times
from gis.importing.gtfs_checks import Feed, records
from gis.importing.gtfs_files import LINE
from gis.importing.gtfs_patterns import Pattern

HEADERS = "#headers"
"""The row of gis.transit_row that keeps each file's columns in their order."""

TABLES = {
    "routes": tables.transit_route,
    "services": tables.transit_service,
    "service_days": tables.transit_service_day,
    "patterns": tables.transit_pattern,
    "pattern_stops": tables.transit_pattern_stop,
    "trips": tables.transit_trip,
    "stop_times": tables.transit_stop_time,
    "frequencies": tables.transit_frequency,
    "shapes": tables.transit_shape,
    "rows": tables.transit_row,
}
"""In the order in which they are filled."""


class Version(NamedTuple):
    """A stored edition."""

    id: int
    number: int


def store(
    db: Connection, name: str, feed: Feed, found: Sequence[Pattern], asset_ids: Mapping[str, int], run_id: int
) -> Version:
    """Write everything and make it the edition in force."""
    version = _open(db, name, feed, run_id)
    patterns = {trip: pattern for pattern in found for trip in pattern.trips}
    numbers = {str(trip): number for number, trip in enumerate(feed.trips["trip_id"], start=1)}
    rows: dict[str, Iterable[Iterable[Any]]] = {
        "routes": _routes(feed),
        "services": _services(feed),
        "service_days": _service_days(feed),
        "patterns": _patterns(found, asset_ids),
        "pattern_stops": _pattern_stops(found, asset_ids),
        "trips": _trips(feed, patterns, numbers),
        "stop_times": _stop_times(feed, patterns, numbers),
        "frequencies": _frequencies(feed, numbers),
        "shapes": _shapes(feed),
        "rows": _rest(feed),
    }
    for label, table in TABLES.items():
        columns = [column.name for column in table.columns]
        copy_rows(db, table.fullname, columns, ((version.id, *row) for row in rows[label]))
    db.execute(select(func.gis.analyse_timetables()))
    return version


def counts(db: Connection, feed_id: int) -> dict[str, int]:
    """How many rows an edition has in each table."""
    return {
        label: int(db.execute(select(func.count()).where(table.c.feed_id == feed_id)).scalar_one())
        for label, table in TABLES.items()
    }


def _open(db: Connection, name: str, feed: Feed, run_id: int) -> Version:
    table = tables.transit_feed
    last = db.execute(select(func.max(table.c.version)).where(table.c.name == name)).scalar() or 0
    db.execute(update(table).where(table.c.name == name, table.c.current).values(current=False))
    days = [day for service in gtfs_patterns.service_days(feed).values() for day in service]
    info = feed.files.table("feed_info").drop(columns=LINE, errors="ignore").to_dict("records")
    agencies = feed.agencies.drop(columns=LINE).to_dict("records")
    values = {
        "name": name,
        "version": last + 1,
        "sha256": feed.files.sha256,
        "time_zone": agencies[0]["agency_timezone"] if agencies else "",
        "first_day": min(days, default=None),
        "last_day": max(days, default=None),
        "agencies": agencies,
        "info": info[0] if info else {},
        "import_run_id": run_id,
    }
    row = db.execute(insert(table).values(**values).returning(table.c.id)).scalar_one()
    return Version(int(row), last + 1)


def _routes(feed: Feed) -> Iterator[tuple[Any, ...]]:
    own = ("route_id", "route_type", "route_short_name", "route_long_name")
    for row, other in _with_others(feed.routes, own):
        yield *(row[name] for name in own), other


def _services(feed: Feed) -> Iterator[tuple[Any, ...]]:
    for row in records(feed.calendar):
        yield row["service_id"], row["weekdays"], row["first"], row["last"]
    for service in sorted({*feed.exceptions["service_id"]} - {*feed.calendar["service_id"]}):
        yield service, None, None, None


def _service_days(feed: Feed) -> Iterator[tuple[Any, ...]]:
    for service, days in gtfs_patterns.service_days(feed).items():
        for day, exception in days.items():
            yield day, service, True, exception
    for row in records(feed.exceptions[feed.exceptions["exception_type"] == "2"]):
        yield row["day"], row["service_id"], False, 2


def _patterns(found: Sequence[Pattern], asset_ids: Mapping[str, int]) -> Iterator[tuple[Any, ...]]:
    for each in found:
        line = shapely.to_wkb(shapely.set_srid(gtfs_patterns.drawn(each), 4326), hex=True, include_srid=True)
        asset = asset_ids[each.reference]
        yield each.number, each.route_id, each.direction, each.shape_id or None, asset, each.length_m, line


def _pattern_stops(found: Sequence[Pattern], asset_ids: Mapping[str, int]) -> Iterator[tuple[Any, ...]]:
    for each in found:
        for position, stop in enumerate(each.stop_ids):
            asset = asset_ids[f"stop/{stop}"]
            yield each.number, position, stop, asset, each.where.along_m[position], each.where.beside_m[position]


def _trips(feed: Feed, patterns: Mapping[str, Pattern], numbers: Mapping[str, int]) -> Iterator[tuple[Any, ...]]:
    starts = feed.stop_times.drop_duplicates("trip_id").set_index("trip_id")["departure_s"].astype(int)
    ends = feed.stop_times.drop_duplicates("trip_id", keep="last").set_index("trip_id")["arrival_s"].astype(int)
    own = ("trip_id", "route_id", "service_id", "shape_id", "trip_headsign", "block_id")
    for row, other in _with_others(feed.trips, own):
        trip = row["trip_id"]
        block = row["block_id"] or None
        yield (
            numbers[trip], trip, patterns[trip].number, row["service_id"], row["trip_headsign"], block, starts[trip], ends[trip],
            other,
        )  # fmt: skip


def _stop_times(feed: Feed, patterns: Mapping[str, Pattern], numbers: Mapping[str, int]) -> Iterator[tuple[Any, ...]]:
    """The rows lie trip by trip and in order (gtfs_checks), so each trip is a slice."""
    table = feed.stop_times
    own = (
        "trip_id",
        "stop_id",
        "stop_sequence",
        "arrival_time",
        "departure_time",
        "sequence",
        "arrival_s",
        "departure_s",
    )
    table = table.assign(**_unusual_times(table))
    others = [name for name in table.columns if name not in own and name != LINE]
    trips, sequences = table["trip_id"].to_numpy(), table["sequence"].tolist()
    arrivals, departures = (table[name].to_numpy(dtype=np.float64) for name in ("arrival_s", "departure_s"))
    said = [json.dumps(found, ensure_ascii=False) if found else None for found in _filled(table[others])]
    starts = np.flatnonzero(np.concatenate([[True], trips[1:] != trips[:-1]])).tolist()
    for start, end in pairwise([*starts, len(trips)]):
        arrival = arrivals[start:end]
        given = ~np.isnan(arrival)
        between = gtfs_times.fill(arrival, patterns[trips[start]].where.along_m)
        leaves = np.where(given, departures[start:end], between)
        number = numbers[trips[start]]
        for at in range(end - start):
            place = start + at
            yield number, at, sequences[place], between[at], int(leaves[at]), given[at], said[place]


def _unusual_times(table: DataFrame) -> dict[str, list[str]]:
    """Times that the feed writes in another way than we would ("7:05:00"), as `raw_…`; `blank` says which of the two it leaves open."""
    arrival, departure = table["arrival_time"].to_numpy(), table["departure_time"].to_numpy()
    blank = [
        "arrival" if not a and d else "departure" if a and not d else ""
        for a, d in zip(arrival, departure, strict=True)
    ]
    found = {"blank": blank}
    for name in ("arrival", "departure"):
        known: dict[str, str] = {}
        for said in table[f"{name}_time"].unique():
            seconds = gtfs_times.seconds(said)
            known[said] = "" if seconds is None or gtfs_times.written(seconds) == said else said
        found[f"raw_{name}"] = [known[said] for said in table[f"{name}_time"]]
    return found


def _shapes(feed: Feed) -> Iterator[tuple[Any, ...]]:
    names = [name for name in feed.shapes.columns if name not in ("lon", "lat", "sequence", LINE)]
    for shape_id, group in feed.shapes.sort_values(LINE).groupby("shape_id", sort=False):
        yield (
            shape_id,
            json.dumps([dict(zip(names, values, strict=True)) for values in group[names].to_numpy().tolist()]),
        )


def _rest(feed: Feed) -> Iterator[tuple[Any, ...]]:
    """Stops with all their columns, those of no use for boarding too, and the rows of files that are not read."""
    headers = {
        name: [c for c in rows.columns if c != LINE] for name, rows in {**feed.files.tables, **feed.files.rest}.items()
    }
    yield HEADERS, 0, json.dumps(headers, ensure_ascii=False)
    for name, rows in {"stops": feed.files.table("stops"), **feed.files.rest}.items():
        for row in records(rows):
            line = row.pop(LINE)
            yield name, line, json.dumps(row, ensure_ascii=False)


def _filled(rows: DataFrame) -> Iterator[dict[str, str]]:
    """Of each row the columns that say something."""
    names = [str(name) for name in rows.columns]
    for values in rows.to_numpy(dtype=object) if names else [()] * len(rows):
        yield {name: value for name, value in zip(names, values, strict=True) if value}


def _frequencies(feed: Feed, numbers: Mapping[str, int]) -> Iterator[tuple[Any, ...]]:
    for row in records(feed.frequencies):
        times = (int(row[name]) for name in ("start_s", "end_s", "headway_s"))
        yield numbers[row["trip_id"]], *times, row["exact_times"] == "1"


def _with_others(rows: DataFrame, own: Sequence[str]) -> Iterator[tuple[dict[str, Any], str]]:
    """Each row, and as JSON text what its columns beside `own` say."""
    for row in records(rows):
        other = {name: value for name, value in row.items() if name not in own and name != LINE and value != ""}
        yield row, json.dumps(other, ensure_ascii=False)
