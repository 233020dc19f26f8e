"""Opening a GTFS zip: its tables as text, each row with its line, whatever the writer did about BOM, quotes, spaces and columns."""

from __future__ import annotations

import csv
import hashlib
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import pandas

from config.errors import UnreadableFile
from gis.importing.runs import Reject

REQUIRED = {
    "agency": ("agency_name", "agency_timezone"),
    "stops": ("stop_id",),
    "routes": ("route_id", "route_type"),
    "trips": ("route_id", "service_id", "trip_id"),
    "stop_times": ("trip_id", "stop_id", "stop_sequence"),
}
OPTIONAL = {
    "calendar": ("service_id", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "start_date", "end_date"),
    "calendar_dates": ("service_id", "date", "exception_type"),
    "shapes": ("shape_id", "shape_pt_lat", "shape_pt_lon", "shape_pt_sequence"),
    "frequencies": ("trip_id", "start_time", "end_time", "headway_secs"),
    "feed_info": (),
}  # fmt: skip
"""Tables that are read, with the columns each must have. Other files of the zip are counted and left."""

LINE = "#line"
"""Column of every table: the line of the file on which the row stands, for whoever mends it."""

MOST_BYTES = 2_000_000_000
"""Unpacked size beyond which a zip is taken for a bomb: the largest countries' feeds stay below."""


class GtfsFiles:
    """The tables of one feed: `tables[name]` has the file's columns as text, blank where it says nothing.

    `sha256` is over names and contents of the files, so that the same feed zipped again is the same. Raises UnreadableFile for
    what is no zip, no feed, or far too large.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rejects: list[Reject] = []
        self.tables: dict[str, pandas.DataFrame] = {}
        self.others: list[str] = []
        self.rest: dict[str, pandas.DataFrame] = {}
        """Files of the zip that are not read, kept row by row; those that are no tables are only named in `others`."""
        self.sha256 = ""
        try:
            with zipfile.ZipFile(path) as archive:
                self._read(archive)
        except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError, EOFError) as error:
            raise self._unreadable(str(error)) from error
        if not {"calendar", "calendar_dates"} & self.tables.keys():
            raise self._unreadable("it has neither calendar.txt nor calendar_dates.txt")

    def table(self, name: str) -> pandas.DataFrame:
        """The rows of a table, none where the feed has no such file."""
        return self.tables.get(name, pandas.DataFrame(columns=[*OPTIONAL.get(name, ()), LINE]))

    def _read(self, archive: zipfile.ZipFile) -> None:
        members = self._members(archive)
        if sum(entry.file_size for entry in members.values()) > MOST_BYTES:
            raise self._unreadable("it would unpack to more than 2 GB")
        digest = hashlib.sha256()
        for name in sorted(members):
            content = archive.read(members[name])
            digest.update(f"{name}:{len(content)}:".encode() + content)
            if name in REQUIRED or name in OPTIONAL:
                self.tables[name] = self._rows(name, content)
            else:
                self.others.append(f"{name}.txt")
                self._keep(name, content)
        self.sha256 = digest.hexdigest()
        missing = [f"{name}.txt" for name in REQUIRED if name not in self.tables]
        if missing:
            raise self._unreadable(f"it has no {', '.join(missing)}")

    def _members(self, archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
        """The tables by name. They may lie in a folder, but all in one: two feeds in a zip would be mixed."""
        found: dict[str, dict[str, zipfile.ZipInfo]] = {}
        inner = []
        for entry in archive.infolist():
            folder, name = _name(entry.filename)
            if name:
                found.setdefault(folder, {})[name] = entry
            elif entry.filename.lower().endswith(".zip"):
                inner.append(entry.filename)
        feeds = sorted(folder for folder, tables in found.items() if "stops" in tables) or [*found][:1]
        if len(feeds) > 1:
            raise self._unreadable(
                f"it holds {len(feeds)} feeds, in the folders {', '.join(feeds)}; zip them one by one"
            )
        if not feeds and inner:
            raise self._unreadable(f"the feed is in the zip {inner[0]} inside it; unpack the outer one")
        return found[feeds[0]] if feeds else {}

    def _keep(self, name: str, content: bytes) -> None:
        try:
            self.rest[name] = self._rows(name, content)
        except UnreadableFile:
            return

    def _rows(self, name: str, content: bytes) -> pandas.DataFrame:
        try:
            stream = io.StringIO(content.decode("utf-8-sig"), newline="")
            lines = _lines(csv.reader(stream, skipinitialspace=True))
            header = _header(next(lines, (0, []))[1])
            rows = [row for number, cells in lines if (row := self._row(name, number, cells, header))]
            _refuse_open_quote(stream.getvalue(), [0, *(int(str(row[-1])) for row in rows)])
        except (UnicodeDecodeError, csv.Error) as error:
            raise self._unreadable(f"{name}.txt is no table in UTF-8: {error}") from error
        missing = [column for column in (REQUIRED.get(name) or OPTIONAL.get(name, ())) if column not in header]
        if missing:
            has = ", ".join(header)
            parted = "; it is parted by ';' where a feed has commas" if len(header) == 1 and ";" in has else ""
            raise self._unreadable(f"{name}.txt has no column {', '.join(missing)}, only {has or 'none'}{parted}")
        table = pandas.DataFrame(rows, columns=[*header, LINE], dtype=object)
        return table.loc[:, ~table.columns.duplicated()]

    def _row(self, name: str, number: int, cells: list[str], header: list[str]) -> list[object] | None:
        """The cells under the header, missing ones blank; a row with more values than columns is refused."""
        values = [cell.strip() for cell in cells]
        if any(values[len(header) :]):
            words = f"{len(values)} values under {len(header)} columns"
            self.rejects.append(Reject(f"{name}.txt:{number}", "too_many_values", words, {"values": values}))
            return None
        values = values[: len(header)]
        return [*values, *[""] * (len(header) - len(values)), number]

    def _unreadable(self, problem: str) -> UnreadableFile:
        return UnreadableFile(
            "The file {file} is no readable GTFS feed: {problem}.",
            "A feed is a zip of agency.txt, stops.txt, routes.txt, trips.txt, stop_times.txt and a calendar, in UTF-8.",
            file=self.path.name,
            problem=problem.rstrip("."),
        )


def _name(member: str) -> tuple[str, str]:
    """Folder and name of the table that a file of the zip holds; feeds zipped with their folders are read as well."""
    path = PurePosixPath(member.replace("\\", "/"))
    hidden = any(part.startswith(("__MACOSX", ".")) for part in path.parts)
    return (str(path.parent), path.stem) if path.suffix.lower() == ".txt" and not hidden else ("", "")


def _header(cells: list[str]) -> list[str]:
    """Names of the columns; those in capitals are the standard's own, which are small."""
    names = [cell.strip() for cell in cells]
    return [name.lower() if name.isupper() else name for name in names]


def _refuse_open_quote(content: str, ends: list[int]) -> None:
    """A quotation mark that is never closed makes one value of all rows after it. `ends` are the last lines of the rows."""
    if ends[-1] - max((end for end in ends if end < ends[-1]), default=0) < 2:
        return
    try:
        for _ in csv.reader(io.StringIO(content, newline=""), skipinitialspace=True, strict=True):
            pass
    except csv.Error as error:
        if "unexpected end of data" in str(error):
            raise csv.Error(f"a quotation mark is not closed up to its last line, {ends[-1]}") from error


def _lines(reader: Iterator[list[str]]) -> Iterator[tuple[int, list[str]]]:
    """Rows with the number of their last line; empty lines are passed over."""
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield reader.line_num, cells  # type: ignore[attr-defined]
