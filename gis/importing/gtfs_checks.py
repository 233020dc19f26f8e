"""What is wrong with a feed, row by row: each rule takes rows away and says why. What remains hangs together.

A row is refused alone where it can be; a trip whose times cannot be used is refused with all its stop times.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas
import shapely
from pandas import DataFrame, Series

from gis.importing import elsewhere, gtfs_times, placing, systems
from gis.importing.gtfs_files import LINE, GtfsFiles
from gis.importing.runs import Reject

NOT_WHERE_PASSENGERS_BOARD = ("2", "3", "4")
"""location_type of entrances, nodes and boarding areas of a station."""


class Feed:
    """The rows of a feed that can be used, as typed tables, and the rejects.

    `near` is the middle of the city in degrees, where it is known. `places` are the stops' points in WGS 84 by stop_id.
    """

    def __init__(self, files: GtfsFiles, near: tuple[float, float] | None = None) -> None:
        self.files = files
        self.near = near
        self.rejects = list(files.rejects)
        self.places: dict[str, shapely.Point] = {}
        self.agencies = files.table("agency")
        self.stops = self._stops()
        self.routes = self._routes()
        self.calendar = self._calendar()
        self.exceptions = self._exceptions()
        self.shapes = self._shapes()
        self.trips = self._trips()
        self.stop_times = self._stop_times()
        self._refuse_trips()
        self.frequencies = self._frequencies()

    def refuse(self, name: str, rows: DataFrame, reason: str, words: str | Callable[[Any], str]) -> None:
        """Keep rows of a file as rejects."""
        for row in records(rows):
            raw = {str(key): value for key, value in row.items() if isinstance(value, str)}
            detail = words(row) if callable(words) else words
            self.rejects.append(Reject(f"{name}.txt:{row[LINE]}", reason, detail, raw))

    def _keep(
        self, name: str, rows: DataFrame, bad: Series[bool], reason: str, words: str | Callable[[Any], str]
    ) -> DataFrame:
        """The rows without the bad ones, which are refused."""
        if not bad.any():
            return rows
        self.refuse(name, rows[bad], reason, words)
        return rows[~bad]

    def _unique(self, name: str, rows: DataFrame, *columns: str) -> DataFrame:
        """Rows with a filled and unrepeated key; of several the first counts."""
        blank = (rows[list(columns)] == "").any(axis=1)
        rows = self._keep(name, rows, blank, "no_reference", f"{', '.join(columns)} is blank")
        again = rows.duplicated(list(columns))
        return self._keep(name, rows, again, "twice", lambda row: f"{_key(row, columns)} stands in an earlier row")

    def _stops(self) -> DataFrame:
        stops = _with(self.files.table("stops"), "stop_name", "stop_lat", "stop_lon", "location_type")
        inner = stops["location_type"].isin(NOT_WHERE_PASSENGERS_BOARD)
        stops = self._keep("stops", stops, inner, "not_boarding", "an entrance, node or boarding area, not a stop")
        stops = self._unique("stops", stops, "stop_id")
        places = np.column_stack([pandas.to_numeric(stops[name], errors="coerce") for name in ("stop_lon", "stop_lat")])
        points = np.asarray(shapely.points(places.astype(np.float64)), dtype=object)
        placed = placing.place(points, systems.system_of("wgs84"), self.near)
        elsewhere.refuse(placed, points, systems.system_of("wgs84"), self.near)
        reasons = Series([placed.faults.get(n) for n in range(len(stops))], stops.index, dtype=object)
        for fault in sorted(set(placed.faults.values())):
            self.refuse("stops", stops[reasons == fault], fault.reason, fault.detail)
        stops = stops[reasons.isna()]
        good = [point for point in placed.shapes if point is not None]
        self.places = dict(zip(stops["stop_id"], good, strict=True))
        return stops

    def _routes(self) -> DataFrame:
        routes = _with(
            self._unique("routes", self.files.table("routes"), "route_id"), "route_short_name", "route_long_name"
        )
        bad = ~routes["route_type"].str.fullmatch(r"\d{1,4}")
        routes = self._keep("routes", routes, bad, "unreadable_value", lambda row: f"route_type '{row['route_type']}'")
        return routes.assign(route_type=routes["route_type"].astype(int))

    def _calendar(self) -> DataFrame:
        table = self._unique("calendar", self.files.table("calendar"), "service_id")
        weekdays = table[list(table.columns[table.columns.isin(DAYS)])]
        table = table.assign(
            weekdays=weekdays.reindex(columns=DAYS).agg("".join, axis=1) if len(table) else "",
            first=table["start_date"].map(gtfs_times.day),
            last=table["end_date"].map(gtfs_times.day),
        )
        bad = ~table["weekdays"].astype(str).str.fullmatch("[01]{7}") | table["first"].isna() | table["last"].isna()
        table = self._keep("calendar", table, bad, "unreadable_value", "a weekday is not 0 or 1, or a date is none")
        turned = Series([_turned(a, b) for a, b in zip(table["first"], table["last"], strict=True)], table.index, bool)
        return self._keep("calendar", table, turned, "runs_back", "it ends before it begins, or after twenty years")

    def _exceptions(self) -> DataFrame:
        table = self._unique("calendar_dates", self.files.table("calendar_dates"), "service_id", "date")
        table = table.assign(day=table["date"].map(gtfs_times.day))
        bad = table["day"].isna() | ~table["exception_type"].isin(["1", "2"])
        words = "the date is none, or the exception type is not 1 or 2"
        return self._keep("calendar_dates", table, bad, "unreadable_value", words)

    def _shapes(self) -> DataFrame:
        table = self.files.table("shapes")
        numbers = {
            "lon": pandas.to_numeric(table["shape_pt_lon"], errors="coerce"),
            "lat": pandas.to_numeric(table["shape_pt_lat"], errors="coerce"),
            "sequence": pandas.to_numeric(table["shape_pt_sequence"], errors="coerce"),
        }
        table = table.assign(**numbers)
        off = table[list(numbers)].isna().any(axis=1) | (table["lon"].abs() > 180) | (table["lat"].abs() > 90)
        off |= (table["lon"] == 0) & (table["lat"] == 0)
        table = self._keep("shapes", table, off, "unreadable_value", "a coordinate or its number is none")
        table = table.sort_values(["shape_id", "sequence"], kind="stable")
        moves = (table[["shape_id", "lon", "lat"]].shift() != table[["shape_id", "lon", "lat"]]).any(axis=1)
        size = table[moves].groupby("shape_id")["lon"].size()
        short = table["shape_id"].isin(size.index[size < 2])
        return self._keep("shapes", table, short, "no_geometry", "a shape of one place is no line")

    def _trips(self) -> DataFrame:
        trips = self._unique("trips", self.files.table("trips"), "trip_id")
        trips = _with(trips, "direction_id", "trip_headsign", "shape_id", "block_id")
        services = {*self.calendar["service_id"], *self.exceptions["service_id"]}
        trips = self._known("trips", trips, "route_id", {*self.routes["route_id"]}, "unknown_route")
        trips = self._known("trips", trips, "service_id", services, "unknown_service")
        shapeless = (trips["shape_id"] != "") & ~trips["shape_id"].isin(self.shapes["shape_id"])
        if (
            shapeless.any() and "shapes" in self.files.tables
        ):  # a feed without any shapes says so once, not for each trip
            self.refuse(
                "trips",
                trips[shapeless],
                "unknown_shape",
                lambda row: f"there is no shape '{row['shape_id']}': the trip was taken and drawn through its stops",
            )
        return trips.assign(shape_id=trips["shape_id"].where(~shapeless, ""))

    def _stop_times(self) -> DataFrame:
        table = _with(self.files.table("stop_times"), "arrival_time", "departure_time")
        table = self._of_trips("stop_times", table)
        table = self._known("stop_times", table, "stop_id", {*self.stops["stop_id"]}, "unknown_stop")
        bad = ~table["stop_sequence"].str.fullmatch(r"\d{1,9}")
        table = self._keep("stop_times", table, bad, "unreadable_value", "stop_sequence is no number")
        table = table.assign(sequence=table["stop_sequence"].astype(int))
        again = table.duplicated(["trip_id", "sequence"])
        table = self._keep("stop_times", table, again, "twice", "the trip has this stop_sequence in an earlier row")
        arrival, departure = table["arrival_time"], table["departure_time"]
        table = table.assign(
            arrival_s=_seconds(arrival.where(arrival != "", departure)),
            departure_s=_seconds(departure.where(departure != "", arrival)),
        )
        bad = (table["arrival_s"].isna() | table["departure_s"].isna()) & ((arrival != "") | (departure != ""))
        table = self._keep("stop_times", table, bad, "time_unreadable", _times)
        return table.sort_values(["trip_id", "sequence"], kind="stable")

    def _refuse_trips(self) -> None:
        """Trips that call nowhere twice, whose first or last time is open, or whose times run back."""
        groups = self.stop_times.groupby("trip_id", sort=False)
        calls = groups.size().reindex(self.trips["trip_id"], fill_value=0).to_numpy()
        self.drop(self.trips[calls < 2], "too_few_stops", "it calls at fewer than two stops")
        edge = self.stop_times.drop_duplicates("trip_id"), self.stop_times.drop_duplicates("trip_id", keep="last")
        open_ended = {
            *edge[0].loc[edge[0]["arrival_s"].isna(), "trip_id"],
            *edge[1].loc[edge[1]["arrival_s"].isna(), "trip_id"],
        }
        self.drop(self.of(open_ended), "no_times", "the time at its first or last stop is not given")
        given = self.stop_times.dropna(subset=["arrival_s", "departure_s"])
        before = given.groupby("trip_id", sort=False)["departure_s"].shift()
        back = {*given.loc[(given["arrival_s"] < before) | (given["departure_s"] < given["arrival_s"]), "trip_id"]}
        self.drop(self.of(back), "runs_back", "it leaves a stop before it has come there")

    def of(self, trip_ids: set[str]) -> DataFrame:
        """The trips with these ids."""
        return self.trips[self.trips["trip_id"].isin(trip_ids)]

    def drop(self, trips: DataFrame, reason: str, words: str) -> None:
        """Refuse trips with their stop times."""
        if trips.empty:
            return
        self.refuse("trips", trips, reason, words)
        self.trips = self.trips.drop(trips.index)
        self.stop_times = self.stop_times[~self.stop_times["trip_id"].isin(trips["trip_id"])]

    def _frequencies(self) -> DataFrame:
        table = self._of_trips("frequencies", _with(self.files.table("frequencies"), "exact_times"))
        table = table.assign(
            start_s=_seconds(table["start_time"]),
            end_s=_seconds(table["end_time"]),
            headway_s=pandas.to_numeric(table["headway_secs"], errors="coerce"),
        )
        bad = table[["start_s", "end_s", "headway_s"]].isna().any(axis=1)
        bad |= (table["headway_s"] < 1) | (table["end_s"] <= table["start_s"])
        table = self._keep("frequencies", table, bad, "unreadable_value", "its times or its headway are none")
        return self._unique("frequencies", table, "trip_id", "start_time")

    def _of_trips(self, name: str, rows: DataFrame) -> DataFrame:
        """Rows of trips that are taken. A refused trip takes its rows along without a word on each."""
        rows = self._known(name, rows, "trip_id", {*self.files.table("trips")["trip_id"]}, "unknown_trip")
        return rows[rows["trip_id"].isin(self.trips["trip_id"])]

    def _known(self, name: str, rows: DataFrame, column: str, known: set[str], reason: str) -> DataFrame:
        missing = ~rows[column].isin(known)
        return self._keep(
            name, rows, missing, reason, lambda row: f"{column} '{row[column]}' is not in the feed, or was refused"
        )


DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


def records(rows: DataFrame) -> list[dict[str, Any]]:
    """The rows one by one, as columns and values."""
    return [{str(name): value for name, value in row.items()} for row in rows.to_dict("records")]


def _with(rows: DataFrame, *columns: str) -> DataFrame:
    """The rows with these columns, blank where the file has none."""
    return rows.assign(**{column: "" for column in columns if column not in rows})


def _seconds(texts: Series[str]) -> Series[float]:
    known = {each: gtfs_times.seconds(each) for each in texts.unique()}
    return texts.map(known).astype(float)


def _turned(first: Any, last: Any) -> bool:
    return not 0 <= (last - first).days <= gtfs_times.MOST_DAYS


def _key(row: Mapping[str, Any], columns: tuple[str, ...]) -> str:
    return ", ".join(f"{column} '{row[column]}'" for column in columns)


def _times(row: Mapping[str, Any]) -> str:
    return f"'{row['arrival_time']}', '{row['departure_time']}' are no times (hours:minutes:seconds)"
