"""A timetable back as a GTFS zip: the rows that came in, with what has been corrected here since (C3, S4).

Stops take name and place from the register where somebody changed them. Rows that the import refused are not in it; they
stand in gis.import_reject with their reasons.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, select, text

from config.errors import NotFound
from gis import transit_tables as tables
from gis.importing.gtfs_checks import DAYS
from gis.importing.gtfs_store import HEADERS
from gis.importing.gtfs_times import written

Rows = Iterable[Mapping[str, Any]]
SAME_PLACE = 1e-7
"""Degrees, about a centimetre: what differs by more was moved here."""

ORDER = (
    "agency",
    "feed_info",
    "stops",
    "routes",
    "calendar",
    "calendar_dates",
    "shapes",
    "trips",
    "stop_times",
    "frequencies",
)


def export_gtfs(db: Connection, feed_name: str, path: Path) -> dict[str, int]:
    """Write the edition in force of a feed to `path`; returns how many rows each file has.

    Raises NotFound where there is no such feed, or where it was imported before its rows were kept.
    """
    feed = db.execute(
        select(tables.transit_feed).where(tables.transit_feed.c.name == feed_name, tables.transit_feed.c.current)
    ).first()
    if feed is None:
        known = ", ".join(db.execute(select(tables.transit_feed.c.name).where(tables.transit_feed.c.current)).scalars())
        raise NotFound(
            "There is no timetable {feed}.", "The timetables here: {known}.", feed=feed_name, known=known or "none"
        )
    headers = _kept(db, feed.id, HEADERS)
    if not headers:
        raise NotFound(
            "The timetable {feed} came in before its rows were kept.",
            "Import the feed again, then export it.",
            feed=feed_name,
        )
    columns: dict[str, list[str]] = headers[0]
    names = sorted(columns, key=lambda name: (ORDER.index(name) if name in ORDER else len(ORDER), name))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        return {name: _write(archive, name, columns[name], _rows(db, feed, name)) for name in names}


def _write(archive: zipfile.ZipFile, name: str, columns: list[str], rows: Rows) -> int:
    total = 0
    with archive.open(f"{name}.txt", "w", force_zip64=True) as file, io.TextIOWrapper(file, "utf-8", newline="") as out:
        table = csv.writer(out)
        table.writerow(columns)
        for row in rows:
            table.writerow(["" if row.get(column) is None else row[column] for column in columns])
            total += 1
    return total


def _rows(db: Connection, feed: Row[Any], name: str) -> Rows:
    makers: dict[str, Callable[[], Rows]] = {
        "agency": lambda: feed.agencies,
        "feed_info": lambda: [feed.info] if feed.info else [],
        "stops": lambda: _stops(db, feed),
        "routes": lambda: map(_route, _of(db, feed.id, tables.transit_route)),
        "calendar": lambda: map(_service, filter(lambda row: row.weekdays, _of(db, feed.id, tables.transit_service))),
        "calendar_dates": lambda: map(
            _exception, filter(lambda row: row.exception, _of(db, feed.id, tables.transit_service_day))
        ),
        "shapes": lambda: (point for row in _of(db, feed.id, tables.transit_shape) for point in row.points),
        "trips": lambda: map(_trip, db.execute(_TRIPS, {"feed": feed.id})),
        "stop_times": lambda: map(
            _stop_time, db.execute(_STOP_TIMES.execution_options(stream_results=True), {"feed": feed.id})
        ),
        "frequencies": lambda: map(_frequency, db.execute(_FREQUENCIES, {"feed": feed.id})),
    }
    return makers[name]() if name in makers else _kept(db, feed.id, name)


def _of(db: Connection, feed_id: int, table: Any) -> Iterator[Row[Any]]:
    keys = [column for column in table.primary_key.columns if column.name != "feed_id"]
    yield from db.execute(select(table).where(table.c.feed_id == feed_id).order_by(*keys))


def _kept(db: Connection, feed_id: int, name: str) -> list[dict[str, Any]]:
    table = tables.transit_row
    chosen = select(table.c["values"]).where(table.c.feed_id == feed_id, table.c.file == name)
    return list(db.execute(chosen.order_by(table.c.line)).scalars())


def _stops(db: Connection, feed: Row[Any]) -> Iterator[dict[str, Any]]:
    """As they came, with name and place from the register where they were changed there."""
    here = db.execute(_STOPS, {"source": f"gtfs:{feed.name}"})
    now = {row.ref: row for row in here}
    for values in _kept(db, feed.id, "stops"):
        asset = now.get(values["stop_id"])
        if asset is None:
            yield values
            continue
        changed: dict[str, Any] = {"stop_name": asset.name} if asset.name != values.get("stop_name") else {}
        if (
            abs(asset.lon - float(values["stop_lon"])) > SAME_PLACE
            or abs(asset.lat - float(values["stop_lat"])) > SAME_PLACE
        ):
            changed |= {"stop_lon": repr(asset.lon), "stop_lat": repr(asset.lat)}
        yield values | changed


def _route(row: Row[Any]) -> Mapping[str, Any]:
    own = {
        "route_id": row.route_id,
        "route_type": row.route_type,
        "route_short_name": row.short_name,
        "route_long_name": row.long_name,
    }
    return {**row.other, **own}


def _service(row: Row[Any]) -> dict[str, Any]:
    runs = dict(zip(DAYS, row.weekdays, strict=True))
    return {
        "service_id": row.service_id,
        **runs,
        "start_date": f"{row.first_day:%Y%m%d}",
        "end_date": f"{row.last_day:%Y%m%d}",
    }


def _exception(row: Row[Any]) -> dict[str, Any]:
    return {"service_id": row.service_id, "date": f"{row.day:%Y%m%d}", "exception_type": row.exception}


def _trip(row: Row[Any]) -> dict[str, Any]:
    own = {"trip_id": row.trip_id, "route_id": row.route_id, "service_id": row.service_id, "shape_id": row.shape_id}
    return {**row.other, **own, "trip_headsign": row.headsign, "block_id": row.block_id}


def _stop_time(row: Row[Any]) -> dict[str, Any]:
    other = row.other or {}
    own = {"trip_id": row.trip_id, "stop_id": row.stop_id, "stop_sequence": row.sequence}
    if row.given:
        for name, seconds in (("arrival", row.arrival_s), ("departure", row.departure_s)):
            own[f"{name}_time"] = "" if other.get("blank") == name else other.get(f"raw_{name}") or written(seconds)
    return other | own


def _frequency(row: Row[Any]) -> dict[str, Any]:
    times = {"start_time": written(row.start_s), "end_time": written(row.end_s), "headway_secs": row.headway_s}
    return {"trip_id": row.trip_id, **times, "exact_times": int(row.exact)}


_STOPS = text("""
    select substr(source_ref, 6) as ref, name, st_x(geom) as lon, st_y(geom) as lat
    from gis.asset where source = :source and starts_with(source_ref, 'stop/')
""")
_TRIPS = text("""
    select t.trip_id, p.route_id, t.service_id, p.shape_id, t.headsign, t.block_id, t.other
    from gis.transit_trip t join gis.transit_pattern p on p.feed_id = t.feed_id and p.number = t.pattern
    where t.feed_id = :feed order by t.number
""")
_STOP_TIMES = text("""
    select t.trip_id, s.stop_id, x.sequence, x.arrival_s, x.departure_s, x.given, x.other
    from gis.transit_stop_time x
    join gis.transit_trip t on t.feed_id = x.feed_id and t.number = x.trip
    join gis.transit_pattern_stop s on s.feed_id = x.feed_id and s.pattern = t.pattern and s.position = x.position
    where x.feed_id = :feed order by x.trip, x.position
""")
_FREQUENCIES = text("""
    select t.trip_id, f.start_s, f.end_s, f.headway_s, f.exact
    from gis.transit_frequency f join gis.transit_trip t on t.feed_id = f.feed_id and t.number = f.trip
    where f.feed_id = :feed order by f.trip, f.start_s
""")
