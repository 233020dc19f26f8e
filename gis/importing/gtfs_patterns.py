"""From trips to bus lines: which trips run alike, along which line, where their stops lie on it, how often they run. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from statistics import median
from typing import Any

import numpy as np
import shapely
from pandas import DataFrame

from gis import linear
from gis.importing import gtfs_times
from gis.importing.gtfs_checks import Feed, records
from gis.linear import Along, Numbers

PEAK = (7 * 3600, 9 * 3600)
"""The morning peak by which headways are told beside those of the whole day."""

BUS_TYPES = {3, 11, *range(200, 210), *range(700, 717), 800}
"""route_type of buses, coaches and trolleybuses, the extended ones included; others are lines of another kind."""


@dataclass
class Pattern:
    """Trips with the same stops in the same order along the same line. `line` in degrees; `trips` are their ids."""

    number: int
    route_id: str
    direction: str
    shape_id: str
    stop_ids: tuple[str, ...]
    line: Numbers
    where: Along
    length_m: float
    trips: list[str] = field(default_factory=list)

    @property
    def reference(self) -> str:
        """Of the bus line that it belongs to."""
        return f"line/{self.route_id}/{self.direction}"


def patterns(feed: Feed, work_srid: int) -> list[Pattern]:
    """All patterns. Trips whose stops all lie at one place and that have no shape are dropped from the feed with the reason."""
    calls = feed.stop_times.groupby("trip_id", sort=False)["stop_id"].agg(tuple)
    shapes = _lines(feed.shapes)
    found: dict[tuple[str, str, str, tuple[str, ...]], Pattern] = {}
    pointless: set[str] = set()
    for trip in records(feed.trips):
        trip_id, stop_ids = trip["trip_id"], calls[trip["trip_id"]]
        key = (trip["route_id"], direction(trip), trip["shape_id"], stop_ids)
        if key not in found:
            stops = np.array([feed.places[stop].coords[0] for stop in stop_ids])
            line = shapes[key[2]] if key[2] else _without_repeats(stops)
            if len(line) < 2:
                pointless.add(trip_id)
                continue
            where = linear.along(line, stops, work_srid)
            found[key] = Pattern(len(found) + 1, *key, line, where, linear.length_m(line))
        found[key].trips.append(trip_id)
    feed.drop(feed.of(pointless), "no_geometry", "all its stops lie at one place and it has no shape")
    return list(found.values())


def direction(trip: Mapping[str, Any]) -> str:
    """0 or 1 where the feed says so, else what stands on the front of the bus: many feeds tell directions by that alone."""
    return str(trip["direction_id"] or trip["trip_headsign"])


def by_line(found: Iterable[Pattern]) -> dict[str, list[Pattern]]:
    """The patterns of each line and direction, the one with most trips first (the longest of equals): it draws the line."""
    lines: dict[str, list[Pattern]] = defaultdict(list)
    for pattern in found:
        lines[pattern.reference].append(pattern)
    return {ref: sorted(group, key=lambda each: (-len(each.trips), -each.length_m)) for ref, group in lines.items()}


def drawn(pattern: Pattern) -> shapely.LineString:
    """Its line in WGS 84."""
    return shapely.LineString(pattern.line)


def _lines(shapes: DataFrame) -> dict[str, Numbers]:
    return {
        str(shape_id): _without_repeats(group[["lon", "lat"]].to_numpy(dtype=np.float64))
        for shape_id, group in shapes.groupby("shape_id", sort=False)
    }


def _without_repeats(points: Numbers) -> Numbers:
    fresh = np.concatenate([[True], (np.diff(points, axis=0) != 0).any(axis=1)])
    return np.asarray(points[fresh], dtype=np.float64)


class Timetable:
    """Who runs when: service days, and departures of any set of trips on a day."""

    def __init__(self, feed: Feed) -> None:
        self.days = service_days(feed)
        self.service = dict(zip(feed.trips["trip_id"], feed.trips["service_id"], strict=True))
        first = feed.stop_times.drop_duplicates("trip_id")
        self.start = dict(zip(first["trip_id"], first["departure_s"].astype(int), strict=True))
        self.again: dict[str, list[range]] = defaultdict(list)
        for row in records(feed.frequencies):
            span = gtfs_times.repeated(int(row["start_s"]), int(row["end_s"]), int(row["headway_s"]))
            self.again[row["trip_id"]].append(span)

    def departures(self, trips: Sequence[str], day: date) -> list[int]:
        """Seconds at which trips leave their first stop on a service day, in order."""
        today = [trip for trip in trips if day in self.days[self.service[trip]]]
        found: list[int] = []
        for trip in today:
            found += [at for span in self.again[trip] for at in span] if trip in self.again else [self.start[trip]]
        return sorted(found)

    def busiest(self, trips: Sequence[str]) -> date | None:
        """The first of the days on which most of the trips run."""
        services = Counter(self.service[trip] for trip in trips)
        load: Counter[date] = Counter()
        for service, number in services.items():
            for day in self.days[service]:
                load[day] += number
        return min(load, key=lambda day: (-load[day], day)) if load else None

    def summary(self, trips: Sequence[str]) -> dict[str, Any]:
        """Of the busiest day: trips, first and last departure, headways in seconds (median; of the morning peak as well)."""
        day = self.busiest(trips)
        if day is None:
            return {}
        departures = self.departures(trips, day)
        peak = [at for at in departures if PEAK[0] <= at < PEAK[1]]
        said = {"day": day.isoformat(), "trips": len(departures)}
        said |= {"first": gtfs_times.clock(departures[0]), "last": gtfs_times.clock(departures[-1])}
        gaps, peak_gaps = gtfs_times.headways(departures), gtfs_times.headways(peak)
        said |= {"headway_s": int(median(gaps))} if gaps else {}
        return said | ({"peak_headway_s": int(median(peak_gaps))} if peak_gaps else {})


def service_days(feed: Feed) -> Mapping[str, dict[date, int | None]]:
    """The days on which each service runs, with the exception (1) by which it does so, or None where its weekdays say it."""
    found: dict[str, dict[date, int | None]] = defaultdict(dict)
    for row in records(feed.calendar):
        found[row["service_id"]].update(dict.fromkeys(gtfs_times.days(row["weekdays"], row["first"], row["last"])))
    for row in records(feed.exceptions):
        if row["exception_type"] == "1":
            found[row["service_id"]][row["day"]] = 1
        else:
            found[row["service_id"]].pop(row["day"], None)
    return found
