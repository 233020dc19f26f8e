"""Another system's files: times across a daylight-saving change, positions that locate nothing, rows that contradict themselves."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from config.errors import InvalidInput, UnmappedForm, UnreadableFile
from dispatch.importing.past_mapping import read_mapping
from dispatch.importing.past_reports import PastReports, instant, read
from gis.importing.runs import load_mapping

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
PATTERN = "%m/%d/%Y %I:%M:%S %p"
BOSTON = ZoneInfo("America/New_York")

HEADINGS = (
    "CASE_ENQUIRY_ID", "OPEN_DT", "TARGET_DT", "CLOSED_DT", "CLOSURE_REASON", "TYPE", "CASE_TITLE", "Department", "Source",
    "Location", "LONGITUDE", "LATITUDE",
)  # fmt: skip
GOOD = {
    "CASE_ENQUIRY_ID": "101", "OPEN_DT": "07/01/2015 08:00:00 AM", "TYPE": "Street Light Outages", "CASE_TITLE": "PRINTED",
    "Department": "PWDx", "Source": "Constituent Call", "LONGITUDE": "-71.0944", "LATITUDE": "42.3474",
}  # fmt: skip


def parse(tmp_path: Path, *rows: dict[str, str], **changes: Any) -> PastReports:
    path = tmp_path / "requests.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, HEADINGS)
        writer.writeheader()
        writer.writerows(rows)
    return read([path], read_mapping(load_mapping("boston-311") | changes), NOW)


@pytest.mark.parametrize(
    ("local", "utc"),
    [
        ("07/01/2015 08:00:00 AM", datetime(2015, 7, 1, 12, tzinfo=UTC)),
        ("01/01/2015 12:25:23 AM", datetime(2015, 1, 1, 5, 25, 23, tzinfo=UTC)),
        ("03/08/2015 01:59:59 AM", datetime(2015, 3, 8, 6, 59, 59, tzinfo=UTC)),
        ("03/08/2015 02:30:00 AM", datetime(2015, 3, 8, 7, 30, tzinfo=UTC)),
        ("03/08/2015 03:00:00 AM", datetime(2015, 3, 8, 7, tzinfo=UTC)),
        ("11/01/2015 01:30:00 AM", datetime(2015, 11, 1, 5, 30, tzinfo=UTC)),
        ("11/01/2015 02:00:00 AM", datetime(2015, 11, 1, 7, tzinfo=UTC)),
    ],
)
def test_local_times_across_both_changes_of_the_clock(local: str, utc: datetime) -> None:
    assert instant(local, PATTERN, BOSTON) == utc


def test_a_good_row(tmp_path: Path) -> None:
    (report,) = parse(tmp_path, GOOD | {"CLOSED_DT": "07/01/2015 10:00:00 AM", "Location": "1  Main St "}).reports
    assert (report.ref, report.source, report.quality, report.address) == ("101", "hotline", "exact", "1 Main St")
    assert report.description == "Street Light Outages"
    assert report.rule.class_code == "C0137"
    assert report.closed_at == datetime(2015, 7, 1, 14, tzinfo=UTC)
    assert report.due_at is None


@pytest.mark.parametrize(
    ("lon", "lat", "quality"),
    [
        ("-71.0587", "42.3594", "default_point"),
        ("-71.0587", "42.3595", "exact"),
        ("0", "0", "unlocated"),
        ("", "", "unlocated"),
        ("nan", "42.3", "unlocated"),
        ("-971", "42.3", "unlocated"),
    ],
)
def test_a_position_is_only_trusted_where_it_says_something(tmp_path: Path, lon: str, lat: str, quality: str) -> None:
    (report,) = parse(tmp_path, GOOD | {"LONGITUDE": lon, "LATITUDE": lat}).reports
    assert report.quality == quality


def test_closed_before_opened_is_never_a_negative_time(tmp_path: Path) -> None:
    row = GOOD | {"CLOSED_DT": "07/01/2015 07:59:18 AM"}
    (report,) = parse(tmp_path, row).reports
    assert report.closed_at == report.opened_at
    assert report.closed_as_written == "07/01/2015 07:59:18 AM"
    refused = parse(tmp_path, row, flaws={"closed_before_opened": "refuse"})
    assert [reject.reason for reject in refused.rejects] == ["closed_before_opened"]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"OPEN_DT": ""}, "time_unreadable"),
        ({"OPEN_DT": "2015-07-01"}, "time_unreadable"),
        ({"CLOSED_DT": "soon"}, "time_unreadable"),
        ({"OPEN_DT": "07/01/2099 08:00:00 AM"}, "in_future"),
        ({"CASE_ENQUIRY_ID": ""}, "no_reference"),
    ],
)
def test_rows_that_cannot_be_used_have_a_reason(tmp_path: Path, changes: dict[str, str], reason: str) -> None:
    result = parse(tmp_path, GOOD, GOOD | {"CASE_ENQUIRY_ID": "102"} | changes)
    assert len(result.reports) == 1
    assert [(reject.row, reject.reason) for reject in result.rejects] == [("requests.csv:3", reason)]


def test_the_same_reference_twice_comes_in_once(tmp_path: Path) -> None:
    result = parse(tmp_path, GOOD, GOOD)
    assert (len(result.reports), [reject.reason for reject in result.rejects]) == (1, ["twice"])


def test_what_the_mapping_does_not_know_is_named_with_its_rows(tmp_path: Path) -> None:
    with pytest.raises(UnmappedForm) as stopped:
        parse(
            tmp_path, GOOD | {"TYPE": "Noise"}, GOOD | {"TYPE": "Noise", "Source": "Fax"}, GOOD | {"Department": "XYZ"}
        )
    said = str(stopped.value)
    for words in (
        "type 'Noise' (2 rows)",
        "channel 'Fax' (1 rows)",
        "department 'XYZ' (1 rows)",
        "nothing has been changed",
    ):
        assert words in said


def test_files_that_do_not_fit_are_named(tmp_path: Path) -> None:
    mapping = read_mapping(load_mapping("boston-311"))
    other = tmp_path / "other.csv"
    other.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(InvalidInput, match="no column CASE_ENQUIRY_ID"):
        read([other], mapping, NOW)
    other.write_bytes(b"\xff\xfe\x00CASE")
    with pytest.raises(UnreadableFile, match=r"other\.csv"):
        read([other], mapping, NOW)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"time": {"format": PATTERN, "zone": "Boston"}}, "time zone 'Boston'"),
        ({"channels": {"Fax": "telepathy"}}, "telepathy"),
        ({"columns": {"ref": "id"}}, "opened"),
        ({"position": {"system": "nad27"}}, "nad27"),
    ],
)
def test_a_mapping_that_does_not_fit_is_named(change: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        read_mapping(load_mapping("boston-311") | change)
