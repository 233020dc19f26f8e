"""`import reports`: another system's past becomes cases with honest histories, and nobody is told."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection, text

from config.settings import Settings
from dispatch import timers
from dispatch.evaluation import counting, figures
from dispatch.evaluation.counting import Query
from dispatch.importing.reports import import_reports
from gis import clock
from gis.db import make_engine
from gis.importing.area_files import import_areas
from gis.importing.runs import Outcome, load_mapping
from tests.support.databases import Database
from tests.support.real_data import real
from tests.unit.test_past_reports import GOOD, HEADINGS

TOWN = {
    "type": "Polygon",
    "coordinates": [[[-71.10, 42.34], [-71.09, 42.34], [-71.09, 42.35], [-71.10, 42.35], [-71.10, 42.34]]],
}
LEVELS = [
    {"level": level, "code": code, "name": "Fenway"}
    for level, code in (("city", "25"), ("district", "2501"), ("subdistrict", "2501001"), ("community", "2501001001"))
]
ROWS = [
    GOOD,  # open, located
    GOOD | {"CASE_ENQUIRY_ID": "102", "OPEN_DT": "07/01/2015 11:00:00 AM", "CLOSED_DT": "07/03/2015 11:00:00 AM",
            "TARGET_DT": "07/02/2015 05:00:00 PM", "CLOSURE_REASON": "Lamp replaced"},
    GOOD | {"CASE_ENQUIRY_ID": "103", "CLOSED_DT": "07/01/2015 07:59:30 AM"},
    GOOD | {"CASE_ENQUIRY_ID": "104", "LONGITUDE": "-71.0587", "LATITUDE": "42.3594"},
    GOOD | {"CASE_ENQUIRY_ID": "105", "LONGITUDE": "-70.5", "Department": "", "TYPE": "Misc. Snow Complaint"},
    GOOD | {"CASE_ENQUIRY_ID": "106", "OPEN_DT": "yesterday"},
]  # fmt: skip


def write(directory: Path, rows: list[dict[str, str]]) -> Path:
    path = directory / "requests.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, HEADINGS)
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.fixture
def boston(settings: Settings) -> Settings:
    return replace(settings, time_zone=ZoneInfo("America/New_York"))


@pytest.fixture
def db(database: Database, tmp_path: Path) -> Iterator[Connection]:
    """A town of one community, in a transaction of which nothing stays."""
    path = tmp_path / "town.geojson"
    path.write_text(
        json.dumps(
            {"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"id": 1}, "geometry": TOWN}]}
        ),
        encoding="utf-8",
    )
    mapping: dict[str, Any] = {"source": "town", "system": "wgs84", "reference": "{id}", "level": LEVELS}
    with make_engine(database.app_url, pool_size=1).connect() as connection, connection.begin() as outer:
        import_areas(connection, path, mapping)
        yield connection
        outer.rollback()


@pytest.fixture
def outcome(db: Connection, boston: Settings, tmp_path: Path) -> Outcome:
    return import_reports(db, boston, [write(tmp_path, ROWS)], load_mapping("boston-311"))


def case(db: Connection, ref: str) -> Any:
    return db.execute(
        text("""
            select c.*, r.raw_position, r.raw, r.duplicates, d.reason, d.facts, u.code as unit
            from dispatch.report r join dispatch.cases c on c.id = r.case_id join dispatch.routing_decision d on d.case_id = c.id
            join gis.unit u on u.id = c.unit_id where r.source_ref = :ref
        """),
        {"ref": ref},
    ).one()


def history(db: Connection, ref: str) -> list[Any]:
    return list(
        db.execute(
            text("""
                select e.* from dispatch.case_event e join dispatch.report r on r.case_id = e.case_id
                where r.source_ref = :ref order by e.seq
            """),
            {"ref": ref},
        )
    )


def test_the_summary_says_what_became_of_each_row(outcome: Outcome) -> None:
    counts = outcome.counts
    assert (counts["rows"], counts["cases"], counts["closed"], counts["open"]) == (6, 5, 2, 3)
    assert counts["located"] == {"exact": 3, "default_point": 1, "outside": 1}
    assert counts["routed"] == {"imported": 4, "fallback": 1}
    assert outcome.rejected == {"time_unreadable": 1}
    assert len(outcome.notes) == 4


def test_an_open_report_waits_for_acceptance_on_its_own_time(db: Connection, outcome: Outcome) -> None:
    found = case(db, "101")
    assert (found.state, found.stage, found.imported, found.location_quality) == (
        "reported",
        "acceptance",
        True,
        "exact",
    )
    assert found.grid_code.startswith("2501001001")
    assert (found.unit, found.reason, found.facts["department"]) == ("PWD", "imported", "PWDx")
    assert found.occurred_at == datetime(2015, 7, 1, 12, tzinfo=UTC)
    assert found.due_at is not None
    (opening,) = history(db, "101")
    assert (opening.move, opening.imported, opening.occurred_at) == ("report", True, found.occurred_at)
    assert "boston-311" in opening.note
    assert opening.recorded_at > opening.occurred_at


def test_a_closed_report_keeps_its_own_times(db: Connection, outcome: Outcome) -> None:
    found = case(db, "102")
    assert (found.state, found.stage) == ("closed", None)
    assert found.closed_at == datetime(2015, 7, 3, 15, tzinfo=UTC)
    assert found.due_at == datetime(2015, 7, 2, 21, tzinfo=UTC)
    assert [(event.move, event.note) for event in history(db, "102")][1] == ("import_close", "Lamp replaced")
    assert found.duplicates == [case(db, "101").id]


def test_a_close_before_the_opening_is_told_not_hidden(db: Connection, outcome: Outcome) -> None:
    found = case(db, "103")
    assert found.closed_at == found.occurred_at
    assert "07/01/2015 07:59:30 AM" in history(db, "103")[1].note
    assert found.raw["CLOSED_DT"] == "07/01/2015 07:59:30 AM"


def test_a_default_point_places_nothing_but_is_kept(db: Connection, outcome: Outcome) -> None:
    found = case(db, "104")
    assert (found.location_quality, found.geom, found.grid_id, found.area_code) == ("default_point", None, None, None)
    assert found.raw_position == {"lon": "-71.0587", "lat": "42.3594", "system": "wgs84"}
    assert db.execute(text("select value from gis.setting where name = 'default_points'")).scalar() == [
        [-71.0587, 42.3594]
    ]


def test_without_a_department_the_rules_decide(db: Connection, outcome: Outcome) -> None:
    found = case(db, "105")
    assert (found.location_quality, found.unit, found.reason) == ("outside", "INFO", "fallback")


def test_nobody_is_told(db: Connection, boston: Settings, outcome: Outcome) -> None:
    assert timers.fire(db, boston.time_zone, clock.now(db)) == 0
    assert db.execute(text("select count(*) from gis.event")).scalar() == 0
    assert (
        db.execute(
            text("select count(*) from dispatch.clock where breached_at = due_at and warned_at = warn_at")
        ).scalar()
        == 3
    )


def test_the_evaluation_counts_them(db: Connection, outcome: Outcome) -> None:
    assert counting.ready(db) == 0
    rows = figures.table(db, "unit", Query(datetime(2015, 1, 1, tzinfo=UTC), datetime(2016, 1, 1, tzinfo=UTC)), "en")
    works = next(row for row in rows if row["name"] == "Public Works Department")
    assert (works["reported"], works["closed"]) == (4, 2)


def test_the_second_run_adds_nothing(db: Connection, boston: Settings, outcome: Outcome, tmp_path: Path) -> None:
    again = import_reports(db, boston, [write(tmp_path, ROWS)], load_mapping("boston-311"))
    assert (again.counts["cases"], again.counts["already_here"]) == (0, 5)
    assert db.execute(text("select count(*) from dispatch.cases")).scalar() == 5
    assert db.execute(text("select count(*) from dispatch.filing_condition")).scalar() == 28


def test_a_newer_file_closes_what_was_closed_there_since(
    db: Connection, boston: Settings, outcome: Outcome, tmp_path: Path
) -> None:
    newer = [ROWS[0] | {"CLOSED_DT": "07/09/2015 09:00:00 AM", "CLOSURE_REASON": "Done"}, *ROWS[1:]]
    again = import_reports(db, boston, [write(tmp_path, newer)], load_mapping("boston-311"))
    assert (again.counts["cases"], again.counts["closed_since"]) == (0, 1)
    found = case(db, "101")
    assert (found.state, found.version, found.stage) == ("closed", 2, None)
    assert [(event.move, event.note, event.imported) for event in history(db, "101")][1:] == [
        ("import_close", "Done", True)
    ]
    running = db.execute(
        text("select count(*) from dispatch.clock where case_id = :id and stopped_at is null"), {"id": found.id}
    )
    assert running.scalar() == 0


def test_a_year_of_boston(db: Connection, boston: Settings) -> None:
    """Figures of SOURCES.md: 34,323 requests, 31,325 closed, 2,125 at the default point, 141 closed before they were opened."""
    folder = real("boston-311")
    import_areas(
        db, real("boston-tracts/mpo_tracts_2012_with_2014_demographics_2_PCT.topojson"), load_mapping("boston-tracts")
    )
    outcome = import_reports(db, boston, sorted(folder.glob("*.csv")), load_mapping("boston-311"))
    counts = outcome.counts
    assert (counts["rows"], counts["cases"], counts["closed"], counts["open"]) == (34_323, 34_323, 31_325, 2_998)
    assert counts["located"] == {"exact": 32_156, "default_point": 2_125, "outside": 42}
    assert counts["closed_before_opened"] == 141
    assert counts["due_from_source"] == 25_315
    assert (len(counts["routed"]), counts["routed"]["imported"]) == (1, 34_323)
    assert db.execute(text("select count(*) from dispatch.cases where closed_at < occurred_at")).scalar() == 0
    assert db.execute(text("select count(*) from dispatch.report where raw is not null")).scalar() == 34_323
