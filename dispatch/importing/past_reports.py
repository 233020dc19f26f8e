"""Another system's reports as their files hold them: rows read, checked, times made UTC. No database here."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from config.errors import InvalidInput, UnmappedForm, UnreadableFile
from dispatch.importing.past_mapping import PastMapping, TypeRule
from gis.importing.runs import Reject

Row = dict[str, str]


class PastReport(NamedTuple):
    """One report of the other system, in our terms. `quality` is exact, default_point or unlocated; instants are UTC.

    `closed_at` is never before `opened_at`; where the source said so, `closed_as_written` keeps its words.
    """

    ref: str
    rule: TypeRule
    source: str
    department: str
    description: str
    opened_at: datetime
    due_at: datetime | None
    closed_at: datetime | None
    closed_as_written: str
    closing_note: str
    lon: float | None
    lat: float | None
    quality: str
    address: str
    raw: Row


@dataclass
class PastReports:
    """What the files gave: usable reports, rows that are not, and the files' own count of rows."""

    reports: list[PastReport] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    rows: int = 0


def read(paths: Sequence[Path], mapping: PastMapping, now: datetime) -> PastReports:
    """Read CSV files.

    Raises UnreadableFile for a file that is no CSV in UTF-8, InvalidInput for one without the columns of the mapping, and
    UnmappedForm naming every type, department or channel that the mapping does not know, with its number of rows.
    """
    result = PastReports()
    unmapped: Counter[str] = Counter()
    seen: set[str] = set()
    for path in paths:
        for line, row in _rows(path, mapping):
            result.rows += 1
            missing = _unmapped(row, mapping)
            unmapped.update(missing)
            if not missing:
                _take(result, seen, f"{path.name}:{line}", row, mapping, now)
    if unmapped:
        raise UnmappedForm(
            "The mapping does not know: {forms}.",
            forms=", ".join(f"{form} ({count} rows)" for form, count in unmapped.most_common()),
        )
    return result


def instant(text: str, pattern: str, zone: ZoneInfo) -> datetime:
    """A written local time as UTC. Of a repeated hour the first is meant; in a hour that was skipped the clock is put forward.

    Raises ValueError for text that does not fit the pattern.
    """
    return datetime.strptime(text, pattern).replace(tzinfo=zone).astimezone(UTC)


def _rows(path: Path, mapping: PastMapping) -> Iterator[tuple[int, Row]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            _check_columns(path, reader.fieldnames or [], mapping)
            for row in reader:
                yield (
                    reader.line_num,
                    {key: (value or "").strip() for key, value in row.items() if isinstance(value, str)},
                )
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UnreadableFile(
            "The file {file} is no readable CSV in UTF-8: {problem}.", file=path.name, problem=error
        ) from error


def _check_columns(path: Path, headings: Sequence[str], mapping: PastMapping) -> None:
    missing = [heading for heading in (*mapping.columns.values(), *mapping.description) if heading not in headings]
    if missing:
        raise InvalidInput(
            "The file {file} has no column {missing}.",
            "Correct [columns] in the mapping; the file's headings are: {headings}.",
            file=path.name,
            missing=", ".join(dict.fromkeys(missing)),
            headings=", ".join(headings) or "none",
        )


def _unmapped(row: Row, mapping: PastMapping) -> list[str]:
    columns, found = mapping.columns, []
    if row.get(columns["type"], "") not in mapping.types:
        found.append(f"type '{row.get(columns['type'], '')}'")
    if "department" in columns and (name := row.get(columns["department"], "")) and name not in mapping.departments:
        found.append(f"department '{name}'")
    if "channel" in columns and (name := row.get(columns["channel"], "")) and name not in mapping.channels:
        found.append(f"channel '{name}'")
    return found


def _take(result: PastReports, seen: set[str], where: str, row: Row, mapping: PastMapping, now: datetime) -> None:
    """Add the row to the reports, or to the rejects with its reason."""
    try:
        report = _report(row, mapping)
    except ValueError as error:
        result.rejects.append(Reject(where, "time_unreadable", str(error), row))
        return
    reason = _refusal(report, seen, mapping, now)
    if reason:
        result.rejects.append(Reject(where, *reason, row))
        return
    seen.add(report.ref)
    result.reports.append(report)


def _refusal(report: PastReport, seen: set[str], mapping: PastMapping, now: datetime) -> tuple[str, str] | None:
    if not report.ref:
        return "no_reference", "the row has no reference of its own, so it could come in twice"
    if report.ref in seen:
        return "twice", f"reference {report.ref} stands in these files already"
    if report.opened_at > now:
        return "in_future", f"opened at {report.opened_at.isoformat()}, which is still to come"
    if report.closed_as_written and mapping.refuse_closed_before_opened:
        return "closed_before_opened", f"closed {report.closed_as_written}, before it was opened"
    return None


def _report(row: Row, mapping: PastMapping) -> PastReport:
    def value(name: str) -> str:
        return row.get(mapping.columns.get(name, ""), "")

    def time(name: str) -> datetime | None:
        return instant(value(name), mapping.time_format, mapping.zone) if value(name) else None

    opened_at, closed_at = time("opened"), time("closed")
    if opened_at is None:
        raise ValueError("the time of opening is empty")
    early = closed_at is not None and closed_at < opened_at
    lon, lat, quality = _position(value("lon"), value("lat"), mapping)
    return PastReport(
        ref=value("ref"),
        rule=mapping.types[value("type")],
        source=mapping.channels.get(value("channel"), "other"),
        department=value("department"),
        description=_description(row, mapping),
        opened_at=opened_at,
        due_at=time("due"),
        closed_at=opened_at if early else closed_at,
        closed_as_written=value("closed") if early else "",
        closing_note=value("closing_note"),
        lon=lon,
        lat=lat,
        quality=quality,
        address=" ".join(value("address").split()),
        raw={key: text for key, text in row.items() if text},
    )


def _position(lon: str, lat: str, mapping: PastMapping) -> tuple[float | None, float | None, str]:
    """Degrees as written and how far to trust them. (0, 0) and anything off the Earth is no position."""
    try:
        x, y = float(lon), float(lat)
    except ValueError:
        return None, None, "unlocated"
    if not (abs(x) <= 180 and abs(y) <= 90) or (x == 0 and y == 0):
        return None, None, "unlocated"
    return x, y, "default_point" if mapping.is_default_point(x, y) else "exact"


def _description(row: Row, mapping: PastMapping) -> str:
    words = [row.get(heading, "") for heading in mapping.description]
    return " · ".join(dict.fromkeys(word for word in words if word and word not in mapping.meaningless))
