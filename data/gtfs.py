"""`python -m data.gtfs OUT.zip`: the bus lines of the loaded city as a GTFS feed, as trip planners and other systems take it.

It stands in data/ because it reads what only demonstration lines carry: stops with their metres along the line and a timetable
by periods. With `--scale` the feed is made from a freshly generated city instead, without a database.
Times and distances follow https://gtfs.org/schedule/reference/; shape_dist_traveled is in metres.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import sys
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from pyproj import Geod
from sqlalchemy import text

from config.errors import CityCommandError, NotFound
from config.settings import from_environment
from data.generator import DEFAULT_SEED, generate
from data.loading import SOURCE
from gis.db import make_engine, transaction

AGENCY = "yunlan-bus"
SERVICE = "daily"
BUS = 3
"""GTFS route type."""

DAYS = 365
DIRECTIONS = ("0", "1")
Row = tuple[Any, ...]
_EARTH = Geod(ellps="WGS84")


@dataclass(frozen=True)
class Thing:
    """A bus line or stop: reference, names, attributes, and shape in WGS 84 degrees."""

    ref: str
    name: str
    name_en: str
    facts: dict[str, Any]
    shape: Any


@dataclass(frozen=True)
class Way:
    """One direction of a line: its points with metres from its start, and (stop, metres) in order."""

    points: np.ndarray
    metres: np.ndarray
    stops: list[tuple[str, float]]


def feed(lines: list[Thing], stops: list[Thing], zone: str, first_day: date) -> dict[str, list[Row]]:
    """All files of the feed as rows, the header first. Only stops that a line serves are in it."""
    served = {call["stop"] for line in lines for call in line.facts["stops"]}
    ways = {line.ref: directions(line) for line in lines}
    return {
        "agency.txt": [
            ("agency_id", "agency_name", "agency_url", "agency_timezone", "agency_lang"),
            (AGENCY, "云澜公交 Yunlan Bus (fictional)", "https://bus.example", zone, "zh"),
        ],
        "stops.txt": [
            ("stop_id", "stop_name", "stop_lat", "stop_lon"),
            *((stop.ref, stop.name, f"{stop.shape.y:.6f}", f"{stop.shape.x:.6f}") for stop in stops if stop.ref in served),
        ],
        "routes.txt": [
            ("route_id", "agency_id", "route_short_name", "route_long_name", "route_type"),
            *((line.ref, AGENCY, line.name, _long_name(line), BUS) for line in lines),
        ],
        "calendar.txt": [
            ("service_id", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "start_date", "end_date"),
            (SERVICE, *[1] * 7, f"{first_day:%Y%m%d}", f"{first_day + timedelta(days=DAYS - 1):%Y%m%d}"),
        ],
        "shapes.txt": [
            ("shape_id", "shape_pt_lat", "shape_pt_lon", "shape_pt_sequence", "shape_dist_traveled"),
            *(row for line in lines for row in _shapes(line, ways[line.ref])),
        ],
        "trips.txt": [
            ("route_id", "service_id", "trip_id", "trip_headsign", "direction_id", "shape_id"),
            *(row for line in lines for row in _trips(line)),
        ],
        "stop_times.txt": [
            ("trip_id", "arrival_time", "departure_time", "stop_id", "stop_sequence", "shape_dist_traveled", "timepoint"),
            *(row for line in lines for row in _stop_times(line, ways[line.ref])),
        ],
    }  # fmt: skip


def directions(line: Thing) -> tuple[Way, Way]:
    """The way there and the way back of a line that is drawn as one round."""
    points = shapely.get_coordinates(line.shape)
    step = np.array(_EARTH.line_lengths(points[:, 0], points[:, 1]))
    metres = np.concatenate([[0.0], np.cumsum(step)])
    metres *= line.facts["length_m"] / metres[-1]
    turn = float(line.facts["turn_m"])
    calls = [(call["stop"], float(call["at_m"])) for call in line.facts["stops"]]
    there = [call for call in calls if call[1] < turn]
    back = [(stop, at - turn) for stop, at in calls if at >= turn]
    middle = np.array([np.interp(turn, metres, points[:, 0]), np.interp(turn, metres, points[:, 1])])
    low, high = metres < turn - 0.5, metres > turn + 0.5
    return (
        Way(np.vstack([points[low], middle]), np.append(metres[low], turn), there),
        Way(np.vstack([middle, points[high]]), np.insert(metres[high] - turn, 0, 0.0), back),
    )


def departures(timetable: dict[str, Any]) -> list[int]:
    """Seconds after midnight at which buses leave each end: from each period's beginning at its headway."""
    found: list[int] = []
    at = 0
    for period in timetable["periods"]:
        at, until = max(at, _seconds(period["from"])), _seconds(period["to"])
        while at < until:
            found.append(at)
            at += int(period["headway_s"])
    return found


def times(way: Way, timetable: dict[str, Any]) -> list[tuple[int, int]]:
    """Arrival and departure at each stop of a way, in seconds after the trip's start."""
    found: list[tuple[int, int]] = []
    clock, before = 0.0, way.stops[0][1]
    for number, (_, at) in enumerate(way.stops):
        arrival = clock + (at - before) / float(timetable["cruise_m_s"])
        clock = arrival + (timetable["dwell_s"] if 0 < number < len(way.stops) - 1 else 0)
        found.append((round(arrival), round(clock)))
        before = at
    return found


def write(files: dict[str, list[Row]], path: Path) -> None:
    """The feed as a zip file, equal bytes for equal rows."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, rows in files.items():
            stream = io.StringIO()
            csv.writer(stream, lineterminator="\r\n").writerows(rows)
            entry = zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0))
            archive.writestr(entry, stream.getvalue(), zipfile.ZIP_DEFLATED)


def _long_name(line: Thing) -> str:
    calls = line.facts["stops"]
    there = [call["name"] for call in calls if call["at_m"] < line.facts["turn_m"]]
    return f"{there[0]}—{there[-1]}"


def _shapes(line: Thing, ways: tuple[Way, Way]) -> Iterator[Row]:
    for direction, way in zip(DIRECTIONS, ways, strict=True):
        for number, ((lon, lat), at) in enumerate(zip(way.points, way.metres, strict=True), 1):
            yield f"{line.ref}-{direction}", f"{lat:.6f}", f"{lon:.6f}", number, f"{at:.1f}"


def _trips(line: Thing) -> Iterator[Row]:
    turn = line.facts["turn_m"]
    there, back = ([c["name"] for c in line.facts["stops"] if (c["at_m"] < turn) is first] for first in (True, False))
    for direction, headsign in zip(DIRECTIONS, (there[-1], back[-1]), strict=True):
        for number, _ in enumerate(departures(line.facts["timetable"]), 1):
            shape = f"{line.ref}-{direction}"
            yield line.ref, SERVICE, f"{shape}-{number:03d}", headsign, direction, shape


def _stop_times(line: Thing, ways: tuple[Way, Way]) -> Iterator[Row]:
    timetable = line.facts["timetable"]
    for direction, way in zip(DIRECTIONS, ways, strict=True):
        offsets = times(way, timetable)
        for number, start in enumerate(departures(timetable), 1):
            trip = f"{line.ref}-{direction}-{number:03d}"
            for place, ((stop, at), (arrival, departure)) in enumerate(zip(way.stops, offsets, strict=True), 1):
                yield (
                    trip,
                    _clock(start + arrival),
                    _clock(start + departure),
                    stop,
                    place,
                    f"{at:.1f}",
                    1 - bool(place > 1),
                )


def _seconds(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 3600 + int(minutes) * 60


def _clock(seconds: int) -> str:
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


City = tuple[list[Thing], list[Thing], str]
"""Lines, stops, and the city's time zone."""


def generated(scale: float, seed: int) -> City:
    """What a generated city has."""
    city = generate(seed, scale)
    lines, stops = (_things(city.assets[kind].itertuples()) for kind in ("bus_line", "bus_stop"))
    return lines, stops, "Asia/Shanghai"


def _things(rows: Iterable[Any]) -> list[Thing]:
    return [Thing(row.ref, row.name, row.name_en, json.loads(row.attributes), row.geometry) for row in rows]


def loaded() -> City:
    """What the instance has that the CITYCOMMAND_* variables name. Raises NotFound where it has no lines."""
    settings = from_environment()
    query = text("""
        select source_ref, name, name_en, attributes, st_asbinary(geom) as wkb from gis.asset
        where kind = :kind and source = :source order by source_ref
    """)
    with transaction(make_engine(settings.database_url, pool_size=1)) as db:
        lines, stops = (
            [
                Thing(row.source_ref, row.name, row.name_en, row.attributes, shapely.from_wkb(bytes(row.wkb)))
                for row in db.execute(query, {"kind": kind, "source": SOURCE})
            ]
            for kind in ("bus_line", "bus_stop")
        )
    if not lines:
        raise NotFound("This instance holds no bus lines of the demonstration city.", "Use --scale to generate one.")
    return lines, stops, str(settings.time_zone)


def main(arguments: list[str] | None = None) -> int:
    """Command line; 0 when the file is written, 1 with one sentence when it cannot."""
    parser = argparse.ArgumentParser(prog="python -m data.gtfs", description=__doc__)
    parser.add_argument("out", type=Path, metavar="OUT.zip")
    parser.add_argument("--scale", type=float, help="from a generated city of this size instead of the loaded one")
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED)
    parser.add_argument(
        "--from", dest="first_day", type=date.fromisoformat, default=date(2026, 1, 1), help="first day of service"
    )
    chosen = parser.parse_args(arguments)
    try:
        lines, stops, zone = loaded() if chosen.scale is None else generated(chosen.scale, chosen.seed)
        files = feed(lines, stops, zone, chosen.first_day)
        write(files, chosen.out)
    except (CityCommandError, ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{chosen.out}: " + ", ".join(f"{len(rows) - 1} {name.removesuffix('.txt')}" for name, rows in files.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
